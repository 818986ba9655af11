//! The target `lanes` for libFuzzer: `.ci/fuzz lanes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("lanes", data));
