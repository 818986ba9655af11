//! What a render costs, module by module: the engine is watched by a clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::engine::observer::{BlockObserver, BlockPhase};
use crate::plan::compiled_plan::{Plan, Step};

/// How often the clock is read to find out what a reading costs.
const TRIALS: usize = 1_000;

/// Where the time of a render went. All times are in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// The costliest first; equals in the order of the plan.
    pub modules: Vec<ModuleCost>,
    /// Sums, mixes, and controls on their way.
    pub mixing: f64,
    /// Writing events, putting voices to sleep.
    pub notes: f64,
    /// Measuring and writing the sound.
    pub output: f64,
}

/// What one module costs, all its voices together.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleCost {
    /// Its path: `bass.filter`.
    pub path: String,
    /// Its kind.
    pub kind: &'static str,
    /// Lanes in which it runs: one for each voice and channel.
    pub lanes: usize,
    /// Its time. A kernel's time is split evenly over the lanes in use.
    pub time: f64,
}

impl Costs {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.modules.iter().map(|module| module.time).sum::<f64>() + self.mixing + self.notes + self.output
    }
}

/// A clock that watches an engine. It is read when a block begins and after each part; what a reading costs is found out
/// first and taken off.
pub(super) struct Profile {
    steps: Vec<Duration>,
    notes: Duration,
    output: Duration,
    last: Instant,
    reading: Duration,
}

impl Profile {
    /// A clock for an engine that runs `plan`.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut last = Instant::now();
        let readings = (0..TRIALS).map(|_| {
            let before = std::mem::replace(&mut last, Instant::now());
            last - before
        });
        let reading = readings.min().unwrap_or_default();
        Self {
            steps: vec![Duration::ZERO; plan.steps.len()],
            notes: Duration::ZERO,
            output: Duration::ZERO,
            last,
            reading,
        }
    }

    /// What was spent, with `writing` in another place than the engine.
    pub(super) fn costs(&self, plan: &Plan, writing: Duration) -> Costs {
        let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9;
        let mut mixing = 0.0;
        let mut modules: Vec<ModuleCost> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (step, time) in plan.steps.iter().zip(&self.steps) {
            let Step::Kernel(index) = step else {
                mixing += nanoseconds(*time);
                continue;
            };
            let kernel = &plan.kernels[*index];
            for lane in &kernel.lanes {
                let path = plan.paths[lane.path].as_str();
                let place = *places.entry(path).or_insert(modules.len());
                if place == modules.len() {
                    modules.push(ModuleCost {
                        path: path.to_owned(),
                        kind: kernel.spec.kind,
                        lanes: 0,
                        time: 0.0,
                    });
                }
                modules[place].lanes += 1;
                modules[place].time += nanoseconds(*time) / kernel.lanes.len() as f64;
            }
        }
        modules.sort_by(|a, b| b.time.total_cmp(&a.time));
        Costs { modules, mixing, notes: nanoseconds(self.notes), output: nanoseconds(self.output + writing) }
    }
}

impl BlockObserver for Profile {
    fn begins(&mut self) {
        self.last = Instant::now();
    }

    fn ends(&mut self, part: BlockPhase) {
        let now = Instant::now();
        let spent = (now - self.last).saturating_sub(self.reading);
        self.last = now;
        match part {
            BlockPhase::Notes => self.notes += spent,
            BlockPhase::Step(step) => self.steps[step] += spent,
            BlockPhase::Output => self.output += spent,
        }
    }

    fn of_steps(&mut self) -> Option<&mut dyn BlockObserver> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Profile;
    use crate::check::song::check;
    use crate::diagnostic::span::SourceId;
    use crate::engine::observer::{BlockObserver, BlockPhase};
    use crate::plan::compile::compile;
    use crate::plan::compiled_plan::{Plan, Step};

    fn plan() -> Plan {
        let text = "song bars=1\ninstrument a voices=3 {\nsine osc\nadsr env\nroute osc -> out vca=env\n}\n\
                    instrument b {\nsine osc\nadsr env\nroute osc -> out vca=env\n}\n\
                    reverb hall\nroute a b -> hall -> out\ntrack a x notes=\"c4/e4/g4\"\ntrack b x\n";
        let checked = check(SourceId::default(), text);
        compile(&checked.song.unwrap(), 48_000).unwrap()
    }

    #[test]
    fn lanes_share_the_cost_of_their_kernel() {
        let plan = plan();
        let mut profile = Profile::new(&plan);
        for (step, time) in plan.steps.iter().zip(&mut profile.steps) {
            *time = Duration::from_nanos(match step {
                Step::Kernel(index) => plan.kernels[*index].lanes.len() as u64 * 100,
                _ => 0,
            });
        }
        profile.notes = Duration::from_nanos(7);
        profile.output = Duration::from_nanos(20);
        let costs = profile.costs(&plan, Duration::from_nanos(3));
        let rows: Vec<(&str, &str, usize, f64)> = costs
            .modules
            .iter()
            .map(|module| (module.path.as_str(), module.kind, module.lanes, module.time.round()))
            .collect();
        assert_eq!(rows.len(), 5, "{rows:?}");
        assert!(rows.contains(&("a.osc", "sine", 3, 300.0)), "{rows:?}");
        assert!(rows.contains(&("b.env", "adsr", 1, 100.0)), "{rows:?}");
        assert!(rows.windows(2).all(|pair| pair[0].3 >= pair[1].3), "{rows:?}");
        assert_eq!((costs.mixing, costs.notes.round(), costs.output.round()), (0.0, 7.0, 23.0));
        let all: f64 = rows.iter().map(|row| row.3).sum();
        assert_eq!(costs.total().round(), all + 30.0);
    }

    #[test]
    fn time_goes_to_the_part_that_took_it() {
        let plan = plan();
        let mut profile = Profile::new(&plan);
        profile.begins();
        profile.ends(BlockPhase::Notes);
        std::thread::sleep(Duration::from_millis(5));
        profile.ends(BlockPhase::Step(1));
        profile.ends(BlockPhase::Output);
        assert!(profile.steps[1] >= Duration::from_millis(4), "{:?}", profile.steps[1]);
        assert_eq!(profile.steps[0], Duration::ZERO);
    }
}
