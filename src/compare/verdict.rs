//! The ladder of verdicts: from the same bits to something else.

use crate::compare::pair::SoundPair;
use crate::model::tolerance::Tolerance;

/// How one sound stands to another. Later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The same samples.
    Identical,
    /// What differs can't be heard.
    Inaudible,
    /// What differs is within limits that were given.
    Within,
    /// Something else.
    Different,
}

/// A difference under this level can't be heard: -90 dBFS over a tenth of a second, about what dither to 16 bits leaves.
pub const INAUDIBLE: f64 = -90.0;
/// The peak up to which it can't: dither has peaks of 1.5 steps of 16 bits, -86.8 dBFS.
const INAUDIBLE_PEAK: f64 = -80.0;
/// Changes of loudness that nobody hears, in LU.
const STILL: f64 = 0.05;

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Inaudible => "inaudible",
            Self::Within => "within tolerance",
            Self::Different => "different",
        }
    }

    /// Whether it passes; if it has to be `exact`, only the same samples do.
    pub const fn passes(self, exact: bool) -> bool {
        match self {
            Self::Identical => true,
            Self::Inaudible | Self::Within => !exact,
            Self::Different => false,
        }
    }

    /// The verdict where either sound is of a song that blew up: how it was held is no music, so it is within no tolerance.
    #[must_use]
    pub const fn of_blow_up(self) -> Self {
        match self {
            Self::Identical => Self::Identical,
            Self::Inaudible | Self::Within | Self::Different => Self::Different,
        }
    }

    /// The verdict on two sounds.
    pub fn of(pair: &SoundPair, tolerance: &Tolerance) -> Self {
        // Nothing can be said of what isn't a number, not even that it is the same.
        if pair.measures.iter().any(|measures| !measures.is_finite) {
            return Self::Different;
        }
        if pair.is_identical() {
            return Self::Identical;
        }
        let quiet = pair.residual.is_some_and(|residual| {
            pair.loudest() < INAUDIBLE && crate::dsp::math::decibels(residual.peak) < INAUDIBLE_PEAK
        });
        let [first, second] = &pair.measures;
        let loudness = (first.levels.loudness, second.levels.loudness);
        // Two silences are as loud as each other; a silence and a sound aren't.
        let still = loudness.0 == loudness.1 || (loudness.0 - loudness.1).abs() <= STILL;
        if quiet && still {
            return Self::Inaudible;
        }
        if tolerance.is_given() && within(pair, tolerance) { Self::Within } else { Self::Different }
    }
}

/// Whether everything that is limited is within its limit.
fn within(pair: &SoundPair, tolerance: &Tolerance) -> bool {
    let frames = |seconds: f64| seconds * f64::from(pair.rate);
    let bars = || pair.bars.iter();
    let lengths = pair.measures.each_ref().map(|measures| measures.levels.frames);
    let residual = tolerance.residual.is_none_or(|most| pair.residual.is_some() && pair.loudest() <= most);
    let loudness =
        tolerance.loudness.is_none_or(|most| bars().all(|bar| (bar.levels[0] - bar.levels[1]).abs() <= most));
    let bands = tolerance.bands.is_none_or(|most| bars().all(|bar| bar.distance <= most));
    let onsets = tolerance.onsets.is_none_or(|most| {
        let moved = &pair.onsets;
        moved.missing.is_empty() && moved.new.is_empty() && moved.farthest as f64 <= frames(most)
    });
    let length = tolerance.length.is_none_or(|most| lengths[0].abs_diff(lengths[1]) as f64 <= frames(most));
    residual && loudness && bands && onsets && length
}

#[cfg(test)]
mod tests {
    use super::Verdict;
    use crate::compare::bar_grid::BarGrid;
    use crate::compare::compared_sound::ComparedSound;
    use crate::compare::pair::SoundPair;
    use crate::model::tolerance::Tolerance;

    fn verdict(of: impl Fn(f32) -> f32, tolerance: Tolerance) -> Verdict {
        let sound = |of: &dyn Fn(f32) -> f32| {
            let frames = (0..96_000).map(|i| [of(0.5 * libm::sinf(i as f32 * 0.03)); 2]).collect();
            ComparedSound { rate: 48_000, frames }
        };
        let (first, second) = (sound(&|x| x), sound(&of));
        let grid = BarGrid::of_seconds(48_000, 96_000);
        Verdict::of(&SoundPair::of(&first, &second, [&grid, &grid]), &tolerance)
    }

    #[test]
    fn the_ladder_has_four_rungs() {
        let strict = Tolerance::default();
        assert_eq!(verdict(|x| x, strict), Verdict::Identical);
        assert_eq!(verdict(|x| libm::roundf(x * 32_768.0) / 32_768.0, strict), Verdict::Inaudible);
        assert_eq!(verdict(|x| x * 0.99, strict), Verdict::Different);
        let loose = Tolerance { loudness: Some(0.1), ..strict };
        assert_eq!(verdict(|x| x * 0.99, loose), Verdict::Within);
        assert_eq!(verdict(|x| x * 0.98, loose), Verdict::Different);
        let low = Tolerance { residual: Some(-40.0), ..strict };
        assert_eq!(verdict(|x| x * 0.99, low), Verdict::Within);
        let both = Tolerance { residual: Some(-60.0), loudness: Some(1.0), ..strict };
        assert_eq!(verdict(|x| x * 0.99, both), Verdict::Different);
    }

    #[test]
    fn what_is_not_finite_passes_for_nothing() {
        let loose = Tolerance {
            residual: Some(0.0),
            loudness: Some(200.0),
            bands: Some(200.0),
            onsets: Some(10.0),
            length: Some(10.0),
        };
        for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let breaks = |x: f32| if x > 0.49 { broken } else { x };
            for tolerance in
                [Tolerance::default(), loose, Tolerance { residual: Some(-60.0), ..Tolerance::default() }]
            {
                assert_eq!(verdict(breaks, tolerance), Verdict::Different, "{broken}");
            }
            // Not even for itself.
            let sound = ComparedSound { rate: 48_000, frames: vec![[broken; 2]; 48_000] };
            let grid = BarGrid::of_seconds(48_000, 48_000);
            let pair = SoundPair::of(&sound, &sound, [&grid, &grid]);
            assert_eq!(Verdict::of(&pair, &loose), Verdict::Different, "{broken}");
        }
    }

    #[test]
    fn a_click_is_heard() {
        let frames: Vec<[f32; 2]> = (0..96_000).map(|i| [0.1 * libm::sinf(i as f32 * 0.01); 2]).collect();
        let mut other = frames.clone();
        other[50_000][0] += 0.002;
        let (first, second) =
            (ComparedSound { rate: 48_000, frames }, ComparedSound { rate: 48_000, frames: other });
        let grid = BarGrid::of_seconds(48_000, 96_000);
        let pair = SoundPair::of(&first, &second, [&grid, &grid]);
        assert_eq!(Verdict::of(&pair, &Tolerance::default()), Verdict::Different);
    }
}
