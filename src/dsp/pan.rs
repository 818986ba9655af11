//! Balance: the gains of left and right.

use crate::dsp::math::{clamp, sine};

/// The gains of both channels for a mono signal at `pan` from -1 (left) to 1 (right): equal power, and exactly 1 at the
/// centre, so that a signal in the middle is as loud as one that was never panned.
///
/// `left = sqrt(2) cos(a)`, `right = sqrt(2) sin(a)` with `a` from 0 to a quarter turn.
#[inline(always)]
pub fn equal_power(pan: f32) -> [f32; 2] {
    const EIGHTH: f32 = 536_870_912.0;
    const QUARTER: u32 = 1 << 30;
    if pan == 0.0 {
        return [1.0, 1.0];
    }
    let angle = ((clamp(pan, -1.0, 1.0) + 1.0) * EIGHTH) as u32;
    [angle.wrapping_add(QUARTER), angle].map(|phase| sine(phase) * std::f32::consts::SQRT_2)
}

/// The gains of both channels for a stereo signal at `pan` from -1 to 1: the far side is turned down.
#[inline(always)]
pub fn balance(pan: f32) -> [f32; 2] {
    let pan = clamp(pan, -1.0, 1.0);
    [if pan > 0.0 { 1.0 - pan } else { 1.0 }, if pan < 0.0 { 1.0 + pan } else { 1.0 }]
}

#[cfg(test)]
mod tests {
    use super::{balance, equal_power};

    #[test]
    fn power_is_equal_everywhere() {
        for i in -100..=100 {
            let [left, right] = equal_power(i as f32 / 100.0);
            assert!((left * left + right * right - 2.0).abs() < 1e-5, "{i}: {left} {right}");
        }
    }

    #[test]
    fn the_sides_are_silent_at_the_ends() {
        let [left, right] = equal_power(1.0);
        assert!(left.abs() < 1e-6 && (right - std::f32::consts::SQRT_2).abs() < 1e-6);
        assert_eq!(balance(-1.0), [1.0, 0.0]);
        assert_eq!(balance(0.0), [1.0, 1.0]);
    }
}
