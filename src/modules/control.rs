//! Controls turned into what kernels compute with: once a block where they stand still, frame by frame where they move.

use std::f32::consts::LOG2_E;

use crate::dsp::math::exp2;
use crate::modules::buffer::{In, Rows};

/// `map` of a control in each frame.
#[inline(always)]
pub(crate) fn mapped<const W: usize>(control: &In<'_, W>, out: &mut Rows<W>, map: impl Fn(f32) -> f32) {
    match control {
        In::Constant(row) => {
            let mut once = [0.0; W];
            for l in 0..W {
                once[l] = map(row[l]);
            }
            out.fill(once);
        }
        In::Varying(rows) => {
            for (out, x) in out.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
                *out = map(*x);
            }
        }
    }
}

/// What is left after a frame of something that falls to 37 % in `seconds`.
#[inline(always)]
pub(crate) fn keep(seconds: f32, rate: f32) -> f32 {
    exp2(-LOG2_E / (seconds * rate))
}

/// What is left after a frame of something that falls by 60 dB in `seconds`.
#[inline(always)]
pub(crate) fn fall(seconds: f32, rate: f32) -> f32 {
    exp2(-9.965_784_3 / (seconds * rate))
}

/// The louder of two channels, at least `floor`; NaN gives `floor`.
#[inline(always)]
pub(crate) fn louder(left: f32, right: f32, floor: f32) -> f32 {
    let (left, right) = (left.abs(), right.abs());
    let peak = if left > right { left } else { right };
    if peak > floor { peak } else { floor }
}
