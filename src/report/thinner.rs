//! Sound at fewer frames a second, where it needs less room.

/// Zeros of the kernel on each side, at the lower rate.
const ZEROS: usize = 24;
/// Where the kernel's passband ends, as a share of half the lower rate.
const EDGE: f64 = 0.94;

/// Brings sound from one rate to a lower one, by a windowed sinc for each place that it is read at.
pub(crate) struct Thinner {
    /// The rates, divided by what they have in common.
    from: usize,
    to: usize,
    /// Frames on each side that are read.
    reach: usize,
    /// For each of the `to` places between two frames, the weights of 2 * `reach` frames.
    weights: Vec<f32>,
}

const fn common(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common(b, a % b) }
}

impl Thinner {
    /// From `from` to `to` frames a second, where `to` is no higher.
    pub(crate) fn new(from: u32, to: u32) -> Self {
        let (from, to) = (from.max(1) as usize, to.max(1) as usize);
        let divisor = common(from, to);
        let (from, to) = (from / divisor, to / divisor);
        let ratio = to as f64 / from as f64;
        let reach = (ZEROS as f64 / ratio).ceil() as usize;
        let mut weights = Vec::with_capacity(2 * reach * to);
        for phase in 0..to {
            let row: Vec<f64> = (0..2 * reach)
                .map(|tap| {
                    let away = tap as f64 - (reach as f64 - 1.0) - phase as f64 / to as f64;
                    let place = std::f64::consts::PI * away * ratio * EDGE;
                    let sinc = if place == 0.0 { 1.0 } else { libm::sin(place) / place };
                    let round = std::f64::consts::PI * away / reach as f64;
                    // Blackman's window.
                    sinc * (0.42 + 0.5 * libm::cos(round) + 0.08 * libm::cos(2.0 * round))
                })
                .collect();
            let sum: f64 = row.iter().sum();
            weights.extend(row.iter().map(|weight| (weight / sum) as f32));
        }
        Self { from, to, reach, weights }
    }

    /// A channel at the lower rate. Around it is silence.
    pub(crate) fn thin(&self, channel: &[f32]) -> Vec<f32> {
        if self.from == self.to {
            return channel.to_vec();
        }
        let count = (channel.len() * self.to).div_ceil(self.from);
        let width = 2 * self.reach;
        (0..count)
            .map(|n| {
                let (at, phase) = (n * self.from / self.to, n * self.from % self.to);
                let weights = &self.weights[phase * width..(phase + 1) * width];
                let first = (at + 1).saturating_sub(self.reach);
                let skipped = (first + self.reach) - (at + 1);
                let frames = &channel[first.min(channel.len())..(at + 1 + self.reach).min(channel.len())];
                frames.iter().zip(&weights[skipped..]).map(|(x, weight)| x * weight).sum()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Thinner;

    #[test]
    fn tones_stay_as_they_are_and_what_is_too_high_goes() {
        for (from, to) in
            [(48_000, 32_000), (44_100, 32_000), (96_000, 48_000), (48_000, 48_000), (32_000, 31_999)]
        {
            let tone = |rate: u32, freq: f64| -> Vec<f32> {
                let turn = std::f64::consts::TAU * freq / f64::from(rate);
                (0..rate / 4).map(|n| libm::sin(turn * f64::from(n)) as f32).collect()
            };
            let thinner = Thinner::new(from, to);
            for freq in [100.0, 1_000.0, 12_000.0] {
                let (thin, wanted) = (thinner.thin(&tone(from, freq)), tone(to, freq));
                assert!(thin.len().abs_diff(wanted.len()) <= 1);
                let inner = 200..wanted.len() - 200;
                let worst = inner.map(|n| (thin[n] - wanted[n]).abs()).fold(0.0, f32::max);
                assert!(worst < 2e-3, "{from} {to} {freq} {worst}");
            }
            if from >= 44_100 && from > to {
                let thin = thinner.thin(&tone(from, f64::from(to) * 0.56));
                let worst = thin[200..thin.len() - 200].iter().fold(0.0_f32, |worst, x| worst.max(x.abs()));
                assert!(worst < 2e-3, "{from} {to} {worst}");
            }
        }
        assert!(Thinner::new(48_000, 32_000).thin(&[]).is_empty());
        assert_eq!(Thinner::new(48_000, 32_000).thin(&[1.0]).len(), 1);
    }
}
