//! Elementary functions as polynomials, with stated and tested error bounds.

/// The frequency of c4 where a4 is 440 Hz: `440 * 2^(-9/12)`.
pub const C4: f64 = 261.625_565_300_598_6;

/// `x` held between `low` and `high`; NaN gives `low`.
#[inline(always)]
pub fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > low { x } else { low };
    if x < high { x } else { high }
}

/// The sine of a phase that counts 2^32 to a turn. Error at most 3e-7.
///
/// Odd minimax polynomial (Lawson's iteration) in the signed phase, its zeros at 0 and half a turn factored out.
#[inline(always)]
pub fn sine(phase: u32) -> f32 {
    let x = phase.cast_signed() as f32 * (1.0 / 4_294_967_296.0);
    let y = x * x;
    let p = -3.193_369_75_f32;
    let p = p * y + 14.065_503;
    let p = p * y + -38.498_418_6;
    let p = p * y + 67.076_758_7;
    let p = p * y + -64.835_822_6;
    let p = p * y + 25.132_741_1;
    p * (x * (0.25 - y))
}

/// `2^x` for -126 <= x <= 127 (held there). Relative error at most 1.5e-7.
///
/// The integer part goes into the exponent's bits, the rest (-1/2 to 1/2) through a minimax polynomial of degree six.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    let x = clamp(x, -126.0, 127.0);
    let shifted = x + MAGIC;
    let f = x - (shifted - MAGIC);
    let p = 1.535_336_09e-4_f32;
    let p = p * f + 1.339_887_48e-3;
    let p = p * f + 9.618_437_37e-3;
    let p = p * f + 5.550_332_47e-2;
    let p = p * f + 0.240_226_479;
    let p = p * f + 0.693_147_203;
    let p = p * f + 1.0;
    // The low bits of `shifted` are the integer part; the sign and exponent bits of the constant shift out.
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000))
}

/// The binary logarithm of a positive normal `x`. Error at most 1e-7, plus rounding where the result is large.
///
/// The exponent's bits, and a minimax polynomial of degree nine in the mantissa between 1/sqrt 2 and sqrt 2.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    // Subtracting the bits of 1/sqrt 2 makes the exponent field step where the mantissa passes it.
    let above = x.to_bits().wrapping_sub(0x3f35_04f3);
    let exponent = above.cast_signed() >> 23;
    let f = f32::from_bits((above & 0x007f_ffff).wrapping_add(0x3f35_04f3)) - 1.0;
    let p = 0.125_411_228_f32;
    let p = p * f + -0.210_302_919;
    let p = p * f + 0.217_379_652;
    let p = p * f + -0.238_519_511;
    let p = p * f + 0.287_656_652;
    let p = p * f + -0.360_721_192;
    let p = p * f + 0.480_922_53;
    let p = p * f + -0.721_347_129;
    let p = p * f + 1.442_694_87;
    p * f + exponent as f32
}

/// `x^p` for x > 0; 0 where x is not above the least normal number. Relative error about 1e-7 (1 + |p log2 x|).
#[inline(always)]
pub fn power(x: f32, p: f32) -> f32 {
    let y = exp2(p * log2(x));
    if x > f32::MIN_POSITIVE { y } else { 0.0 }
}

/// The hyperbolic tangent. Error at most 1e-6, and never beyond -1 or 1.
///
/// Odd rational minimax approximation (nine over six) between -9 and 9, held outside.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let x = clamp(x, -9.0, 9.0);
    let y = x * x;
    let p = -4.934_097_55e-9_f32;
    let p = p * y + 6.429_516_88e-6;
    let p = p * y + 2.592_334_69e-3;
    let p = p * y + 0.126_068_517;
    let p = p * y + 0.999_997_63;
    let q = 1.837_509_87e-4_f32;
    let q = q * y + 2.239_837_73e-2;
    let q = q * y + 0.459_393_776;
    let q = q * y + 1.0;
    clamp(x * p / q, -1.0, 1.0)
}

/// Numerator and denominator of the tangent of `x` radians, 0 <= x <= 0.45 pi. Relative error of the quotient at most 3e-5.
///
/// The Padé approximant of order five over four: a filter divides once, by a sum of its own.
#[inline(always)]
pub fn tangent(x: f32) -> (f32, f32) {
    let y = x * x;
    (x * (1.0 + y * (-1.0 / 9.0 + y * (1.0 / 945.0))), 1.0 + y * (-4.0 / 9.0 + y * (1.0 / 63.0)))
}

/// The gain of `decibels`. Computed once for each value in a song, so libm's accuracy is worth its time.
pub fn gain(decibels: f64) -> f64 {
    libm::exp10(decibels / 20.0)
}

/// The decibels of a linear `gain`; minus infinity for 0.
pub fn decibels(gain: f64) -> f64 {
    20.0 * libm::log10(gain)
}

#[cfg(test)]
mod tests {
    use super::{exp2, log2, power, sine, tangent, tanh};

    fn worst(errors: impl Iterator<Item = f64>) -> f64 {
        errors.fold(0.0, |worst, error| if error.abs() > worst { error.abs() } else { worst })
    }

    #[test]
    fn sine_is_within_its_bound() {
        let worst = worst((0..=1_000_000u32).map(|i| {
            let phase = i.wrapping_mul(429_497_003);
            f64::from(sine(phase)) - libm::sin(f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU)
        }));
        assert!(worst < 3e-7, "{worst:e}");
    }

    #[test]
    fn exp2_is_within_its_bound() {
        let worst = worst((-1_200_000..=1_200_000).map(|i| {
            let x = i as f32 * 1e-4;
            f64::from(exp2(x)) / libm::exp2(f64::from(x)) - 1.0
        }));
        assert!(worst < 1.5e-7, "{worst:e}");
        assert_eq!((exp2(0.0), exp2(3.0), exp2(-3.0)), (1.0, 8.0, 0.125));
    }

    #[test]
    fn log2_is_within_its_bound() {
        let worst = worst((1..=1_000_000).map(|i| {
            let x = i as f32 * 4e-6;
            let exact = libm::log2(f64::from(x));
            (f64::from(log2(x)) - exact) / if exact.abs() > 1.0 { exact.abs() } else { 1.0 }
        }));
        assert!(worst < 1e-7, "{worst:e}");
        assert_eq!((log2(1.0), log2(8.0), log2(0.25)), (0.0, 3.0, -2.0));
    }

    #[test]
    fn power_is_within_its_bound() {
        for p in [0.5_f32, 1.0, 2.5, 3.0, 8.0] {
            let worst = worst((1..=10_000).map(|i| {
                let x = i as f32 * 1e-4;
                let error = f64::from(power(x, p)) / libm::pow(f64::from(x), f64::from(p)) - 1.0;
                error / (1.0 + (libm::log2(f64::from(x)) * f64::from(p)).abs())
            }));
            assert!(worst < 1.5e-7, "{p}: {worst:e}");
        }
        assert_eq!(power(0.0, 3.0), 0.0);
    }

    #[test]
    fn tanh_is_within_its_bound() {
        let worst = worst((-1_000_000..=1_000_000).map(|i| {
            let x = i as f32 * 2e-5;
            f64::from(tanh(x)) - libm::tanh(f64::from(x))
        }));
        assert!(worst < 1e-6, "{worst:e}");
        assert_eq!(tanh(0.0), 0.0);
    }

    #[test]
    fn tangent_is_within_its_bound() {
        let worst = worst((1..=100_000).map(|i| {
            let x = i as f32 * (0.45e-5 * std::f32::consts::PI);
            let (n, d) = tangent(x);
            f64::from(n / d) / libm::tan(f64::from(x)) - 1.0
        }));
        assert!(worst < 3e-5, "{worst:e}");
    }
}
