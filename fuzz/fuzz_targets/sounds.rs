//! The target `sounds` for libFuzzer: `.ci/fuzz sounds`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("sounds", data));
