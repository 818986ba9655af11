//! The target `osc` for libFuzzer: `.ci/fuzz osc`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chronus_fuzz::run("osc", data));
