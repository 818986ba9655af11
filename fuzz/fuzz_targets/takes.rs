//! The target `takes` for libFuzzer: `.ci/fuzz takes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("takes", data));
