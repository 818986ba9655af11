//! What was measured of two sounds as a list of figures, in the order in which they are reported.

use crate::compare::measures::Measures;
use crate::compare::pair::{SoundPair, level};
use crate::compare::residual::Residual;

/// A figure of both sounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// What programs call it.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Its values; NaN for none. What is of both together has only the second.
    pub values: [f64; 2],
}

impl Measurement {
    /// Whether there is nothing to tell.
    pub fn is_none(&self) -> bool {
        self.values.iter().all(|value| value.is_nan())
    }
}

/// The figures of two sounds: all of them, always in this order.
pub fn figures(pair: &SoundPair) -> Vec<Measurement> {
    let both = |key, name, unit, of: &dyn Fn(&Measures) -> f64| {
        let values = pair.measures.each_ref().map(of);
        Measurement { key, name, unit, values }
    };
    let mut figures = vec![
        both("seconds", "length", "s", &|m| m.levels.frames as f64 / f64::from(pair.rate)),
        both("loudness", "loudness", "LUFS", &|m| m.levels.loudness),
        both("short_term", "loudest 3 s", "LUFS", &|m| m.short_term),
        both("loudness_range", "loudness range", "LU", &|m| m.range),
        both("true_peak", "true peak", "dBTP", &|m| m.levels.true_peak),
        both("centroid", "centroid", "Hz", &|m| m.colour.centroid),
        both("tilt", "tilt", "dB/octave", &|m| m.colour.tilt),
        both("correlation", "correlation", "", &|m| m.correlation),
    ];
    let of = |value: &dyn Fn(&Residual) -> f64| [f64::NAN, pair.residual.as_ref().map_or(f64::NAN, value)];
    let mut one = |key, name, unit, values| figures.push(Measurement { key, name, unit, values });
    one("residual", "difference", "dBFS", of(&|residual| level(residual.rms)));
    one("loudest_residual", "loudest of it", "dBFS", [f64::NAN, pair.loudest()]);
    one("residual_peak", "peak of it", "dBFS", of(&|residual| level(residual.peak)));
    one("snr", "SNR", "dB", of(&|residual| residual.snr()));
    figures
}
