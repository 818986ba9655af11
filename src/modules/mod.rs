//! The one module table: each kind stands in one file, in one `SPEC`, and from it everything else is derived.

pub mod sample_use;

pub mod spec;

pub mod synonyms;

pub mod state;

pub mod kernel;

pub mod buffer;

pub mod call;

pub mod dispatch;

pub mod solo;

mod oscillator;

mod sine;

mod wave;

mod sync;

mod supersaw;

mod noise;

mod osc;

mod fm;

mod pluck;

mod modal;

mod sampler;

mod glide;

mod ladder;

mod svf;

mod multimode;

mod shelf;

mod comb;

mod formant;

mod dirty;

mod envelope;

mod adsr;

mod decay;

mod slow;

mod lfo;

mod random;

mod slew;

mod rates;

mod line;

mod heads;

mod delay;

mod wander;

mod damping;

mod reverb;

mod chorus;

mod phaser;

mod flanger;

mod oversample;

mod distortion;

mod crush;

mod fold;

mod ring;

mod shift;

mod control;

mod compressor;

mod noisegate;

mod follower;

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
    &sync::SPEC,
    &supersaw::SPEC,
    &noise::SPEC,
    &osc::SPEC,
    &fm::SPEC,
    &pluck::SPEC,
    &modal::SPEC,
    &sampler::SPEC,
    &ladder::SPEC,
    &svf::LOWPASS,
    &svf::HIGHPASS,
    &svf::BANDPASS,
    &svf::NOTCH,
    &svf::PEAK,
    &multimode::SPEC,
    &shelf::LOWSHELF,
    &shelf::HIGHSHELF,
    &shelf::EQ3,
    &comb::SPEC,
    &formant::SPEC,
    &dirty::SPEC,
    &adsr::SPEC,
    &decay::SPEC,
    &lfo::SPEC,
    &random::SPEC,
    &slew::SPEC,
    &follower::SPEC,
    &delay::DELAY,
    &delay::PINGPONG,
    &reverb::SPEC,
    &chorus::SPEC,
    &phaser::SPEC,
    &flanger::SPEC,
    &distortion::SPEC,
    &fold::SPEC,
    &crush::SPEC,
    &ring::RING,
    &shift::SPEC,
    &compressor::SPEC,
    &noisegate::SPEC,
    &limiter::SPEC,
    &dcblock::SPEC,
    &level::VCA,
    &level::SUM,
    &level::PAN,
    &ring::WIDTH,
];

/// The spec of `kind`, if there is such a kind.
pub fn find(kind: &str) -> Option<&'static ModuleSpec> {
    TABLE.iter().copied().find(|spec| spec.kind == kind)
}
