//! The target `fmt` for libFuzzer: `.ci/fuzz fmt`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("fmt", data));
