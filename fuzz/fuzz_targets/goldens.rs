//! The target `goldens` for libFuzzer: `.ci/fuzz goldens`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("goldens", data));
