//! Properties that hold for all inputs, tried on random ones.

#[allow(unreachable_pub, reason = "it is a crate of its own for libFuzzer")]
#[path = "../../fuzz/src/fmt.rs"]
mod fmt_target;
#[path = "../common/skip.rs"]
mod skip;

mod arrangement;

mod check;

mod engine;

mod fixes;

#[path = "../common/fixes.rs"]
mod fixes_applied;

mod format;
mod osc;
mod suite;
mod syntax;
