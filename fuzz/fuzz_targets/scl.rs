//! The target `scl` for libFuzzer: `.ci/fuzz scl`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("scl", data));
