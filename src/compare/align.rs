//! By how much one sound comes later than another: the peak of their cross-correlation.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// How two sounds lie to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Frames by which the second comes later; less than 0 if it comes earlier.
    pub lag: i64,
    /// How alike they are there: 1 or -1 for the same but for a gain, 0 for nothing in common. Less than 0 is of
    /// opposite polarity.
    pub similarity: f64,
}

/// Finds the lag of at most `most` frames at which two signals are most alike, of either polarity. Silence has none: 0 and a
/// similarity of 0.
///
/// Correlates in blocks by FFT (overlap-save) and adds up their spectra, so that memory doesn't grow with the length.
pub fn align(first: &[f32], second: &[f32], most: usize) -> Alignment {
    let most = most.min(first.len().max(second.len()));
    let size = (4 * most + 2).next_power_of_two().max(1 << 12);
    let step = size - 2 * most;
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, backward) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let mut scratch = forward.make_scratch_vec();
    let mut spectra = [forward.make_output_vec(), forward.make_output_vec()];
    let mut sum = vec![Complex::<f32>::default(); spectra[0].len()];
    let mut rows = [forward.make_input_vec(), forward.make_input_vec()];
    let mut start = 0;
    while start < first.len() {
        let [one, other] = &mut rows;
        one.fill(0.0);
        let count = step.min(first.len() - start);
        one[most..most + count].copy_from_slice(&first[start..start + count]);
        for (place, sample) in other.iter_mut().enumerate() {
            let at = (start + place).checked_sub(most);
            *sample = at.and_then(|at| second.get(at)).copied().unwrap_or(0.0);
        }
        for (row, spectrum) in rows.iter_mut().zip(&mut spectra) {
            // The lengths are those that the plan made.
            drop(forward.process_with_scratch(row, spectrum, &mut scratch));
        }
        for (total, (one, other)) in sum.iter_mut().zip(spectra[0].iter().zip(&spectra[1])) {
            *total += one.conj() * other;
        }
        start += step;
    }
    let mut lags = backward.make_output_vec();
    drop(backward.process(&mut sum, &mut lags));
    let at = |lag: i64| lags[lag.rem_euclid(size as i64) as usize];
    // Of equal ones the shortest.
    let best = (0..=most as i64)
        .flat_map(|lag| [lag, -lag])
        .fold(0, |best, lag| if at(lag).abs() > at(best).abs() { lag } else { best });
    // The sum of rounded spectra tells where; how alike they are is summed up exactly.
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (place, a) in first.iter().enumerate() {
        let there = usize::try_from(place as i64 + best).ok();
        let Some(b) = there.and_then(|there| second.get(there)) else { continue };
        let (a, b) = (f64::from(*a), f64::from(*b));
        both += a * b;
        one += a * a;
        other += b * b;
    }
    let scale = (one * other).sqrt();
    if scale > 0.0 {
        Alignment { lag: best, similarity: both / scale }
    } else {
        Alignment { lag: 0, similarity: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::align;

    fn noise(count: usize, mut seed: u32) -> Vec<f32> {
        (0..count)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn lags_are_found_to_the_frame() {
        let first = noise(30_000, 1);
        for lag in [0_i64, 1, -1, 7, 480, -999, 1_000] {
            let second: Vec<f32> = (0..31_000_i64)
                .map(|i| usize::try_from(i - lag).ok().and_then(|i| first.get(i)).map_or(0.0, |x| -0.5 * x))
                .collect();
            let found = align(&first, &second, 1_000);
            assert_eq!(found.lag, lag);
            assert!((found.similarity + 1.0).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn what_has_nothing_in_common_is_not_alike() {
        let found = align(&noise(48_000, 1), &noise(48_000, 99), 500);
        assert!(found.similarity.abs() < 0.05, "{found:?}");
        assert_eq!(align(&[0.0; 100], &noise(100, 3), 10).similarity, 0.0);
        assert_eq!(align(&[], &[], 10).lag, 0);
    }

    #[test]
    fn other_noise_hides_no_lag() {
        let (first, other) = (noise(48_000, 5), noise(48_000, 6));
        let second: Vec<f32> =
            (0..48_000).map(|i| if i < 37 { 0.0 } else { first[i - 37] } + 0.5 * other[i]).collect();
        let found = align(&first, &second, 4_800);
        assert_eq!(found.lag, 37);
        assert!((found.similarity - 1.0 / 1.25_f64.sqrt()).abs() < 0.02, "{found:?}");
    }
}
