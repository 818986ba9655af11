//! A sound beside what a golden file keeps of it: as much as hashes, levels and coarse bars can tell.

use crate::compare::bar_grid::BarGrid;
use crate::compare::golden::{GoldenBar, GoldenPart};
use crate::compare::pair::SILENCE;
use crate::compare::wording::{aside, level};
use crate::model::tolerance::Tolerance;

/// What of a sound isn't as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The bars that differ as far as their coarse picture tells, by their places.
    pub bars: Vec<usize>,
    /// What will be heard, the plainest words first.
    pub effects: Vec<String>,
    /// The greatest change of a bar's level, in dB; infinite where one of them is silent.
    pub loudness: f64,
    /// The greatest distance of a bar's colour, in dB.
    pub bands: f64,
    /// By how many frames it is longer or shorter.
    pub length: u64,
}

/// A change of level that is worth saying, in dB: the last place counts twice.
const LOUDER: f64 = 0.15;
/// A change of the centre of energy that is worth saying, in bands.
const BRIGHTER: f64 = 0.05;
/// A change of balance that is worth saying, in dB.
const ASIDE: f64 = 0.25;

impl Drift {
    /// Compares what was kept with what is now. `None` if all samples are the same.
    pub fn of(kept: &GoldenPart, now: &GoldenPart, grid: &BarGrid) -> Option<Self> {
        if kept.hash == now.hash && kept.frames == now.frames {
            return None;
        }
        let silence = GoldenBar { level: SILENCE, balance: 0.0, bands: [0; crate::compare::golden::COARSE] };
        let count = kept.bars.len().max(now.bars.len());
        let bar = |part: &GoldenPart, index: usize| part.bars.get(index).copied().unwrap_or(silence);
        let pairs: Vec<(usize, GoldenBar, GoldenBar)> = (0..count)
            .map(|index| (index, bar(kept, index), bar(now, index)))
            .filter(|(_, before, after)| before != after)
            .collect();
        let mut effects = shades(&pairs);
        let length = kept.frames.abs_diff(now.frames);
        if length > 0 {
            let how = if now.frames < kept.frames { "earlier" } else { "later" };
            effects.push(format!("ends {:.3} s {how}", length as f64 / f64::from(grid.rate)));
        }
        if effects.is_empty() {
            effects.push("less than its golden file tells of levels and bands".to_owned());
        }
        let worst = |of: &dyn Fn(&GoldenBar, &GoldenBar) -> f64| {
            let apart = pairs.iter().map(|(_, before, after)| of(before, after));
            // What can't be told from levels that are none is no small change.
            apart.map(|apart| if apart.is_nan() { f64::INFINITY } else { apart }).fold(0.0, f64::max)
        };
        Some(Self {
            bars: pairs.iter().map(|(index, ..)| *index).collect(),
            effects,
            loudness: worst(&|before, after| (before.level - after.level).abs()),
            bands: worst(&GoldenBar::distance),
            length,
        })
    }

    /// Whether everything that is limited is within its limit, and a golden file can tell so.
    pub fn is_within(&self, tolerance: &Tolerance, rate: u32) -> bool {
        let told = tolerance.residual.is_none() && tolerance.onsets.is_none();
        let length = |most: f64| self.length as f64 <= most * f64::from(rate);
        tolerance.is_given()
            && told
            && tolerance.loudness.is_none_or(|most| self.loudness <= most)
            && tolerance.bands.is_none_or(|most| self.bands <= most)
            && tolerance.length.is_none_or(length)
    }
}

fn shades(pairs: &[(usize, GoldenBar, GoldenBar)]) -> Vec<String> {
    let mut said = Vec::new();
    let energy = |level: f64| if level > SILENCE { libm::pow(10.0, level / 10.0) } else { 0.0 };
    let (before, after) = pairs
        .iter()
        .fold((0.0, 0.0), |(before, after), (_, a, b)| (before + energy(a.level), after + energy(b.level)));
    if before > 0.0 && after <= 0.0 {
        return vec!["silent there now".to_owned()];
    }
    if after > 0.0 && before <= 0.0 {
        return vec!["sounds where it was silent".to_owned()];
    }
    let louder = 10.0 * libm::log10(after / before);
    if louder.abs() >= LOUDER {
        said.push(level(louder));
    }
    let mean = |of: &dyn Fn(&GoldenBar, &GoldenBar) -> Option<f64>| {
        let moved: Vec<f64> = pairs.iter().filter_map(|(_, before, after)| of(before, after)).collect();
        moved.iter().sum::<f64>() / moved.len().max(1) as f64
    };
    let brighter = mean(&|before, after| Some(after.centre()? - before.centre()?));
    if brighter.abs() >= BRIGHTER {
        said.push(if brighter > 0.0 { "brighter" } else { "duller" }.to_owned());
    }
    let right = mean(&|before, after| Some(after.balance - before.balance));
    if right.abs() >= ASIDE {
        said.push(aside(right));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::Drift;
    use crate::compare::bar_grid::BarGrid;
    use crate::compare::golden::{GoldenBar, GoldenPart};
    use crate::model::tolerance::Tolerance;

    fn part(levels: [f64; 3], low: u8, hash: &str) -> GoldenPart {
        let bar = |level| GoldenBar { level, balance: 0.0, bands: [low, 40, 0, 0, 0, 0, 0, 0, 0, 0] };
        GoldenPart {
            id: "bass".into(),
            frames: 24_000,
            hash: hash.into(),
            loudness: -20.0,
            peak: -6.0,
            bars: levels.map(bar).to_vec(),
        }
    }

    #[test]
    fn bars_tell_what_changed() {
        let grid = BarGrid::of_seconds(8_000, 24_000);
        let kept = part([-20.0, -20.0, -20.0], 120, "a");
        assert_eq!(Drift::of(&kept, &kept.clone(), &grid), None);
        let drift = Drift::of(&kept, &part([-20.0, -23.0, -20.0], 120, "b"), &grid).unwrap();
        assert_eq!((drift.bars, drift.effects), (vec![1], vec!["3.0 dB quieter".to_owned()]));
        let drift = Drift::of(&kept, &part([-20.0; 3], 45, "b"), &grid).unwrap();
        assert_eq!(drift.effects, ["brighter"]);
        let drift = Drift::of(&kept, &part([-20.0; 3], 120, "b"), &grid).unwrap();
        assert!(drift.bars.is_empty() && drift.effects[0].contains("less than"), "{:?}", drift.effects);
        let short =
            GoldenPart { frames: 12_000, bars: kept.bars[..2].to_vec(), ..part([-20.0; 3], 120, "b") };
        let drift = Drift::of(&kept, &short, &grid).unwrap();
        assert_eq!(drift.effects, ["silent there now", "ends 1.500 s earlier"]);
    }

    #[test]
    fn limits_hold_for_what_can_be_told() {
        let grid = BarGrid::of_seconds(8_000, 24_000);
        let kept = part([-20.0; 3], 120, "a");
        let drift = Drift::of(&kept, &part([-20.4, -20.0, -20.0], 120, "b"), &grid).unwrap();
        let loud = |most| Tolerance { loudness: Some(most), ..Tolerance::default() };
        assert!(drift.is_within(&loud(0.5), 8_000) && !drift.is_within(&loud(0.3), 8_000));
        assert!(!drift.is_within(&Tolerance::default(), 8_000));
        assert!(!drift.is_within(&Tolerance { residual: Some(0.0), ..loud(0.5) }, 8_000));
    }
}
