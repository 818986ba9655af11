//! The target `check` for libFuzzer: `.ci/fuzz check`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("check", data));
