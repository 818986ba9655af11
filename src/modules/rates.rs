//! How kinds that work frame by frame sound the same at any frame rate: as they do at 48 kHz.

use crate::dsp::math::sine;
use crate::dsp::phase::TURN;

/// The frame rate at which they have their sound, in Hz.
pub(crate) const REFERENCE: f32 = 48_000.0;

/// How many frames take the time of one at about the reference: a kind that hears only every so many of its own frames does at higher
/// rates what it does there, up to 20 kHz, several times side by side.
#[inline(always)]
pub(crate) fn fold(rate: f32) -> usize {
    if rate < 1.5 * REFERENCE {
        1
    } else if rate < 3.0 * REFERENCE {
        2
    } else {
        4
    }
}

/// Frames a second of what hears only every `fold`th frame.
#[inline(always)]
pub(crate) fn folded(rate: f32) -> f32 {
    rate / fold(rate) as f32
}

/// Where low-passes are equal at any rate, in Hz.
const EQUAL: f32 = 6_000.0;

/// What a low-pass of one pole keeps of itself at `rate` so that it takes as much from [`EQUAL`] as one that keeps `keep` at the reference.
#[inline(always)]
pub(crate) fn same_lowpass(keep: f32, rate: f32) -> f32 {
    if rate == REFERENCE || keep <= 0.0 {
        return keep;
    }
    // There is little of that at low rates.
    let equal = if rate < 4.0 * EQUAL { 0.25 * rate } else { EQUAL };
    let power = (1.0 - keep) * (1.0 - keep) / (1.0 - 2.0 * keep * cosine(equal / REFERENCE) + keep * keep);
    // (1 - p)^2 = power (1 - 2 p cos w + p^2), solved for the smaller p.
    let (a, b) = (1.0 - power, 1.0 - power * cosine(equal / rate));
    let root = b * b - a * a;
    let root = if root > 0.0 { root.sqrt() } else { 0.0 };
    let kept = (b - root) / a;
    if a > 1e-6 && kept > 0.0 { kept } else { 0.0 }
}

/// The cosine of some turns, at most a quarter.
#[inline(always)]
fn cosine(turns: f32) -> f32 {
    sine(((turns + 0.25) * (TURN * 0.5)) as u32 * 2)
}

#[cfg(test)]
mod tests {
    use super::{REFERENCE, fold, folded, same_lowpass};

    #[test]
    fn frames_are_folded_to_about_the_reference() {
        for (rate, times) in
            [(8_000.0, 1), (44_100.0, 1), (48_000.0, 1), (88_200.0, 2), (96_000.0, 2), (192_000.0, 4)]
        {
            assert_eq!((fold(rate), folded(rate)), (times, rate / times as f32));
        }
    }

    #[test]
    fn low_passes_take_the_same() {
        let level = |keep: f64, hertz: f64, rate: f64| {
            let w = std::f64::consts::TAU * hertz / rate;
            -10.0 * libm::log10((1.0 - keep) * (1.0 - keep) / (1.0 - 2.0 * keep * libm::cos(w) + keep * keep))
        };
        for keep in [0.0f32, 0.05, 0.3, 0.5, 0.8, 0.95] {
            assert_eq!(same_lowpass(keep, REFERENCE), keep);
            for rate in [8_000.0f32, 11_025.0, 22_050.0, 32_000.0] {
                let same = same_lowpass(keep, rate);
                assert!((0.0..=keep).contains(&same), "{keep} {rate}: {same}");
            }
            for rate in [44_100.0f32, 96_000.0, 192_000.0] {
                let same = same_lowpass(keep, rate);
                for hertz in [200.0, 1_000.0, 3_000.0, 6_000.0, 8_000.0] {
                    let wanted = level(keep.into(), hertz, REFERENCE.into());
                    let given = level(same.into(), hertz, rate.into());
                    assert!(
                        (given - wanted).abs() <= 0.06 * wanted + 0.001,
                        "{keep} {rate} {hertz}: {given} {wanted}"
                    );
                }
            }
        }
    }
}
