//! When something begins in a sound: jumps of its energy, by the spectral flux of short stretches.

use realfft::RealFftPlanner;

use crate::dsp::math::log2;
use crate::dsp::window::hann;
use crate::engine::block_loop::Frame;

/// Frames of a stretch, and from one to the next.
const SIZE: usize = 512;
const STEP: usize = 256;
/// The least seconds between two onsets.
const APART: f64 = 0.03;
/// How much more than the median around it the flux of an onset is, as a factor and as a share of the greatest of all.
const OVER: f32 = 2.0;
const LEAST: f32 = 0.1;
/// Stretches on each side over which the median is taken.
const AROUND: usize = 24;

/// An onset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// The frame, to about 3 ms.
    pub frame: usize,
    /// How strong it is, as a share of the strongest.
    pub strength: f32,
}

/// The onsets of the middle of both sides of a signal at `rate` frames a second, in their order.
///
/// The flux is the sum of what each bin of the magnitude spectrum, compressed by a logarithm, has grown since the stretch before
/// (S. Dixon, "Onset Detection Revisited", Digital Audio Effects 2006).
pub fn onsets(signal: &[Frame], rate: u32) -> Vec<Onset> {
    let flux = flux(signal);
    let most = flux.iter().copied().fold(0.0, f32::max);
    if most <= 0.0 {
        return Vec::new();
    }
    let apart = (APART * f64::from(rate)) as usize;
    let mut found: Vec<Onset> = Vec::new();
    let mut around = Vec::with_capacity(2 * AROUND + 1);
    for (place, &value) in flux.iter().enumerate() {
        let from = place.saturating_sub(AROUND);
        let to = (place + AROUND + 1).min(flux.len());
        let highest =
            flux[place.saturating_sub(3)..(place + 4).min(flux.len())].iter().copied().fold(0.0, f32::max);
        if value < highest || value < LEAST * most {
            continue;
        }
        around.clear();
        around.extend_from_slice(&flux[from..to]);
        let middle = around.len() / 2;
        let (_, median, _) = around.select_nth_unstable_by(middle, f32::total_cmp);
        if value < OVER * *median {
            continue;
        }
        // A jump shows first where it enters the end of a stretch.
        let frame = (place * STEP + SIZE).saturating_sub(SIZE / 2 + STEP).saturating_sub(SIZE / 2);
        let onset = Onset { frame, strength: value / most };
        match found.last_mut() {
            Some(last) if frame < last.frame + apart => {
                if onset.strength > last.strength {
                    last.strength = onset.strength;
                }
            }
            _ => found.push(onset),
        }
    }
    found
}

fn flux(signal: &[Frame]) -> Vec<f32> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(SIZE);
    let (mut row, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let mut scratch = fft.make_scratch_vec();
    let window = hann(SIZE);
    let mut before = vec![0.0_f32; SIZE / 2 + 1];
    // The first stretch ends with the first frames, so that what begins at once is seen to begin; none reaches beyond the end,
    // where being cut off would look like a beginning.
    let count = signal.len() / STEP + 1;
    (0..count)
        .map(|place| {
            for (i, (sample, window)) in row.iter_mut().zip(&window).enumerate() {
                let at = (place * STEP + i).checked_sub(SIZE);
                *sample = at
                    .and_then(|at| signal.get(at))
                    .map_or(0.0, |[left, right]| 0.5 * (left + right) * window);
            }
            // The lengths are those that the plan made.
            drop(fft.process_with_scratch(&mut row, &mut spectrum, &mut scratch));
            let mut grown = 0.0;
            for (bin, before) in spectrum.iter().zip(&mut before) {
                // The measure of strength is a share, so any logarithm will do.
                let now = log2(1.0 + 10.0 * bin.norm_sqr().sqrt());
                grown += (now - *before).max(0.0);
                *before = now;
            }
            grown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::onsets;
    use crate::engine::block_loop::Frame;

    /// Sides that have it as their middle.
    fn middle(signal: &[f32]) -> Vec<Frame> {
        signal.iter().map(|x| [1.5 * x, 0.5 * x]).collect()
    }

    #[test]
    fn every_hit_is_found_where_it_is() {
        let rate = 48_000;
        let mut signal = vec![0.0_f32; 2 * rate as usize];
        let places = [0, 6_000, 12_345, 24_000, 30_001, 60_000, 90_000];
        let mut seed = 7_u32;
        for (hit, place) in places.into_iter().enumerate() {
            let gain = if hit % 2 == 0 { 0.8 } else { 0.3 };
            for i in 0..4_000 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
                signal[place + i] += gain * noise * libm::expf(-(i as f32) / 600.0);
            }
        }
        let found = onsets(&middle(&signal), rate);
        assert_eq!(found.len(), places.len(), "{found:?}");
        for (onset, place) in found.iter().zip(places) {
            assert!(onset.frame.abs_diff(place) <= 200, "{} {place}", onset.frame);
        }
    }

    #[test]
    fn what_only_sounds_on_has_one_beginning() {
        let turn = std::f64::consts::TAU * 220.0 / 48_000.0;
        let tone: Vec<f32> = (0..96_000).map(|i| (0.5 * libm::sin(turn * f64::from(i))) as f32).collect();
        assert_eq!(onsets(&middle(&tone), 48_000).len(), 1);
        assert!(onsets(&vec![[0.0; 2]; 48_000], 48_000).is_empty() && onsets(&[], 48_000).is_empty());
    }
}
