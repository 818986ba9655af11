//! Chance without a sequence: the same number and the same seed always give the same draw.

/// Mixes all bits of `x` (Wellons' `lowbias32`, whose bias is within 0.18 of ideal).
#[inline(always)]
pub fn hash(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// The draw number `count` of `seed`.
#[inline(always)]
pub fn draw(seed: u32, count: u32) -> u32 {
    hash(count.wrapping_mul(0x9e37_79b9) ^ seed)
}

/// A draw as a number from -1 to 1, evenly spread.
#[inline(always)]
pub fn bipolar(draw: u32) -> f32 {
    draw.cast_signed() as f32 * (1.0 / 2_147_483_648.0)
}

#[cfg(test)]
mod tests {
    use super::{bipolar, draw};

    #[test]
    fn draws_are_evenly_spread_and_unrelated() {
        let n = 200_000;
        let x: Vec<f64> = (0..n).map(|i| f64::from(bipolar(draw(7, i)))).collect();
        let mean = x.iter().sum::<f64>() / f64::from(n);
        let square = x.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        let next = x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / f64::from(n);
        let other: f64 =
            (0..n).map(|i| x[i as usize] * f64::from(bipolar(draw(8, i)))).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.006, "{mean}");
        assert!((square - 1.0 / 3.0).abs() < 0.004, "{square}");
        assert!(next.abs() < 0.004, "{next}");
        assert!(other.abs() < 0.004, "{other}");
    }
}
