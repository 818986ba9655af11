//! The predictors of FLAC: what a block of samples is foretold by, and what is left of it.

/// The highest order of a linear predictor.
const ORDERS: usize = 12;
/// Bits of a coefficient, with its sign.
const PRECISION: u32 = 13;
/// The most bits that coefficients are shifted by.
const MOST_SHIFT: i32 = 15;

/// How a block is foretold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Predictor {
    /// Every sample is the first one.
    Constant,
    /// A polynomial through the last samples, of order 0 to 4.
    Fixed(usize),
    /// A sum of the last samples.
    Linear {
        /// For the last sample, the one before and so on.
        weights: Vec<i32>,
        /// The sum is shifted down by so many bits.
        shift: u32,
    },
}

impl Predictor {
    /// Samples that have to be known before the first can be foretold.
    pub(crate) fn order(&self) -> usize {
        match self {
            Self::Constant => 0,
            Self::Fixed(order) => *order,
            Self::Linear { weights, .. } => weights.len(),
        }
    }

    /// Bits that tell of the predictor itself, for samples of `width` bits.
    pub(crate) fn bits(&self, width: u32) -> u64 {
        let warm = self.order() as u64 * u64::from(width);
        match self {
            Self::Constant => 8 + u64::from(width),
            Self::Fixed(_) => 8 + warm,
            Self::Linear { weights, .. } => 17 + warm + weights.len() as u64 * u64::from(PRECISION),
        }
    }

    /// Bits of a coefficient.
    pub(crate) const fn precision() -> u32 {
        PRECISION
    }

    /// What is left of the block; `None` where it doesn't fit into 30 bits.
    pub(crate) fn rest(&self, block: &[i32]) -> Option<Vec<i32>> {
        const ROWS: [&[i32]; 5] = [&[], &[1], &[2, -1], &[3, -3, 1], &[4, -6, 4, -1]];
        let (weights, shift) = match self {
            Self::Constant => return Some(Vec::new()),
            Self::Fixed(order) => (ROWS[*order], 0),
            Self::Linear { weights, shift } => (weights.as_slice(), *shift),
        };
        let order = weights.len();
        let mut rest = Vec::with_capacity(block.len().saturating_sub(order));
        for now in order..block.len() {
            let before = block[now - order..now].iter().rev();
            let sum: i64 = before.zip(weights).map(|(x, weight)| i64::from(*x) * i64::from(*weight)).sum();
            let left = i64::from(block[now]) - (sum >> shift);
            if left.abs() >= 1 << 29 {
                return None;
            }
            rest.push(left as i32);
        }
        Some(rest)
    }

    /// The polynomial that leaves least.
    pub(crate) fn fixed(block: &[i32]) -> Self {
        let mut row: Vec<i64> = block.iter().map(|x| i64::from(*x)).collect();
        let (mut best, mut least) = (0, i64::MAX);
        for order in 0..=4.min(block.len().saturating_sub(1)) {
            // All orders are measured over the same samples.
            let sum = row.iter().skip(4_usize.saturating_sub(order)).map(|x| x.abs()).sum::<i64>();
            if sum < least {
                (best, least) = (order, sum);
            }
            row = row.windows(2).map(|pair| pair[1] - pair[0]).collect();
        }
        Self::Fixed(best)
    }

    /// The linear predictor that is likely to take the fewest bits; `None` where there is none.
    ///
    /// The method of autocorrelation with Levinson's and Durbin's recursion, under a Welch window: a parabola, which has no
    /// functions that machines differ in.
    pub(crate) fn linear(block: &[i32]) -> Option<Self> {
        if block.len() <= 4 * ORDERS {
            return None;
        }
        let half = (block.len() - 1) as f64 / 2.0;
        let windowed: Vec<f64> = block
            .iter()
            .enumerate()
            .map(|(n, x)| {
                let place = (n as f64 - half) / (half + 1.0);
                f64::from(*x) * (1.0 - place * place)
            })
            .collect();
        let lag = |lag: usize| -> f64 {
            let (early, late) = (&windowed[..windowed.len() - lag], &windowed[lag..]);
            // Eight sums side by side, so that they can be computed side by side.
            let mut sums = [0.0_f64; 8];
            let (early, late) = (early.as_chunks::<8>(), late.as_chunks::<8>());
            for (one, other) in early.0.iter().zip(late.0) {
                for n in 0..8 {
                    sums[n] += one[n] * other[n];
                }
            }
            let last: f64 = early.1.iter().zip(late.1).map(|(one, other)| one * other).sum();
            sums.iter().sum::<f64>() + last
        };
        let lags: Vec<f64> = (0..=ORDERS).map(lag).collect();
        if lags[0] <= 0.0 {
            return None;
        }
        let (mut weights, mut left) = (Vec::<f64>::new(), lags[0] * (1.0 + 1e-9));
        let (mut best, mut fewest) = (None, f64::INFINITY);
        for order in 1..=ORDERS {
            let told: f64 = weights.iter().enumerate().map(|(n, weight)| weight * lags[order - 1 - n]).sum();
            let mirror = (lags[order] - told) / left;
            let before = weights.clone();
            for (weight, other) in weights.iter_mut().zip(before.iter().rev()) {
                *weight -= mirror * other;
            }
            weights.push(mirror);
            left *= 1.0 - mirror * mirror;
            // Also where the sum is no number.
            if left.is_nan() || left <= 0.0 {
                break;
            }
            let count = block.len() as f64;
            let bits =
                count * 0.5 * libm::log2((left / count).max(0.05)) + f64::from(PRECISION + 16) * order as f64;
            if bits < fewest {
                (best, fewest) = (Some(weights.clone()), bits);
            }
        }
        Self::rounded(&best?)
    }

    /// Weights as whole numbers. What rounding takes from one is given to the next.
    fn rounded(weights: &[f64]) -> Option<Self> {
        let greatest = weights.iter().fold(0.0_f64, |most, weight| most.max(weight.abs()));
        if greatest.is_nan() || greatest <= 1e-6 {
            return None;
        }
        let top = (1 << (PRECISION - 1)) - 1;
        let mut shift = MOST_SHIFT;
        while shift > 0 && greatest * f64::from(1 << shift) > f64::from(top) {
            shift -= 1;
        }
        if greatest * f64::from(1 << shift) > f64::from(top) {
            return None;
        }
        let mut carried = 0.0;
        let round = |weight: &f64| {
            let exact = weight * f64::from(1 << shift) + carried;
            let whole = ((exact + 0.5).floor() as i32).clamp(-top - 1, top);
            carried = exact - f64::from(whole);
            whole
        };
        Some(Self::Linear { weights: weights.iter().map(round).collect(), shift: shift as u32 })
    }
}

#[cfg(test)]
mod tests {
    use super::Predictor;

    #[test]
    fn a_sine_is_foretold_and_a_parabola_is_exact() {
        let sine: Vec<i32> = (0..4_096).map(|n| (20_000.0 * libm::sin(0.05 * f64::from(n))) as i32).collect();
        let predictor = Predictor::linear(&sine).unwrap();
        let rest = predictor.rest(&sine).unwrap();
        assert!(rest.iter().all(|x| x.abs() < 40), "{predictor:?}");
        let parabola: Vec<i32> = (0..100).map(|n| n * n - 40 * n).collect();
        assert_eq!(Predictor::fixed(&parabola), Predictor::Fixed(3));
        assert!(Predictor::Fixed(3).rest(&parabola).unwrap().iter().all(|x| *x == 0));
    }

    #[test]
    fn silence_and_little_have_no_linear_predictor() {
        assert!(Predictor::linear(&[0; 4_096]).is_none() && Predictor::linear(&[5; 10]).is_none());
    }
}
