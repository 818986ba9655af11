//! The one module table: each kind stands in one file, in one `SPEC`, and from it everything else is derived.

pub mod spec;

pub mod state;

pub mod kernel;

pub mod buffer;

pub mod call;

pub mod dispatch;

pub mod solo;

mod oscillator;

mod sine;

mod wave;

mod supersaw;

mod noise;

mod fm;

mod pluck;

mod glide;

mod ladder;

mod svf;

mod dirty;

mod envelope;

mod adsr;

mod decay;

mod slow;

mod lfo;

mod random;

mod slew;

mod line;

mod delay;

mod wander;

mod damping;

mod reverb;

mod chorus;

mod oversample;

mod distortion;

mod crush;

mod limiter;

mod dcblock;

mod level;

use spec::ModuleSpec;

/// Every kind there is, in the order of the reference.
pub static TABLE: &[&ModuleSpec] = &[
    &sine::SPEC,
    &wave::SAW,
    &wave::SQUARE,
    &wave::PULSE,
    &wave::TRIANGLE,
    &supersaw::SPEC,
    &noise::SPEC,
    &fm::SPEC,
    &pluck::SPEC,
    &ladder::SPEC,
    &svf::LOWPASS,
    &svf::HIGHPASS,
    &svf::BANDPASS,
    &svf::NOTCH,
    &svf::PEAK,
    &dirty::SPEC,
    &adsr::SPEC,
    &decay::SPEC,
    &lfo::SPEC,
    &random::SPEC,
    &slew::SPEC,
    &delay::DELAY,
    &delay::PINGPONG,
    &reverb::SPEC,
    &chorus::SPEC,
    &distortion::SPEC,
    &crush::SPEC,
    &limiter::SPEC,
    &dcblock::SPEC,
    &level::VCA,
    &level::SUM,
    &level::PAN,
];

/// The spec of `kind`, if there is such a kind.
pub fn find(kind: &str) -> Option<&'static ModuleSpec> {
    TABLE.iter().copied().find(|spec| spec.kind == kind)
}
