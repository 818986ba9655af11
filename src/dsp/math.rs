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
/// Odd minimax polynomial in the signed phase with its zeros at 0 and half a turn factored out.
#[inline(always)]
pub fn sine(phase: u32) -> f32 {
    let x = phase.cast_signed() as f32 * (1.0 / 4_294_967_296.0);
    let y = x * x;
    let p = 12.071_281_8_f32;
    let p = p * y + -38.062_436_9;
    let p = p * y + 67.037_847_1;
    let p = p * y + -64.834_607_5;
    let p = p * y + 25.132_735_1;
    p * (x * (0.25 - y))
}

/// `2^x` for -126 <= x <= 127 (held there). Relative error at most 2e-7.
///
/// The integer part goes into the exponent's bits, the rest (-1/2 to 1/2) through a polynomial of degree six.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    let x = clamp(x, -126.0, 127.0);
    let shifted = x + MAGIC;
    let f = x - (shifted - MAGIC);
    let p = 1.540_353_04e-4_f32;
    let p = p * f + 1.333_355_8e-3;
    let p = p * f + 9.618_129e-3;
    let p = p * f + 5.550_410_9e-2;
    let p = p * f + 0.240_226_507;
    let p = p * f + std::f32::consts::LN_2;
    let p = p * f + 1.0;
    // The low bits of `shifted` are the integer part; the sign and exponent bits of the constant shift out.
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000))
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
    use super::{exp2, sine};

    #[test]
    fn sine_is_within_its_bound() {
        let worst = (0..=1_000_000u32)
            .map(|i| {
                let phase = i.wrapping_mul(4295);
                let exact = libm::sin(f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU);
                (f64::from(sine(phase)) - exact).abs()
            })
            .fold(0.0, f64::max);
        assert!(worst < 3e-7, "{worst:e}");
    }

    #[test]
    fn exp2_is_within_its_bound() {
        let worst = (-1_200_000..=1_200_000)
            .map(|i| {
                let x = i as f32 * 1e-4;
                let exact = libm::exp2(f64::from(x));
                ((f64::from(exp2(x)) - exact) / exact).abs()
            })
            .fold(0.0, f64::max);
        assert!(worst < 2e-7, "{worst:e}");
        assert_eq!(exp2(0.0), 1.0);
        assert_eq!(exp2(3.0), 8.0);
        assert_eq!(exp2(-3.0), 0.125);
    }
}
