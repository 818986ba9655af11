//! A low-pass filter that overdrives inside, out of fundsp.
//!
//! fundsp's `dlowpass`: a biquad in transposed direct form II whose two states pass through a softsign (Jatin
//! Chowdhury, "Complex Nonlinearities Episode 4: Nonlinear Biquad Filters", 2019). Softsign never expands, which keeps
//! the filter stable at any resonance.

use fundsp::prelude32::{An, DirtyBiquad, LowpassBiquad, Softsign, dlowpass};

use crate::modules::call::Call;
use crate::modules::kernel::{Foreign, Kernel};
use crate::modules::rates::{REFERENCE, fold, folded};
use crate::modules::spec::{Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Setup, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "dirty",
    family: Family::Filter,
    about: "Two-pole low-pass filter with overdrive inside: the louder the input, the more it growls.",
    notes: "Loud signals are saturated before the resonance, so the peak sags instead of growing. `drive` lowers \
            the level at which that begins. It computes one voice at a time and costs more than `lowpass`.",
    inputs: &[Port::audio("in", "Signal to filter.")],
    outputs: &[Port::audio("out", "Filtered signal.")],
    params: &[
        Param::hertz("cutoff", 20.0, 20_000.0, 1_000.0, "Cutoff frequency."),
        Param::number(
            "q",
            0.1,
            20.0,
            std::f64::consts::FRAC_1_SQRT_2,
            "Resonance: gain at the cutoff for quiet signals. Above 0.71 there is a peak.",
        ),
        Param::gain("drive", 0.1, 63.095_734_448_019_33, 1.0, "Gain into the filter."),
    ],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "dirty" tempo=124 bars=1
instrument bass {
    saw   osc
    dirty tone cutoff="300Hz" q=6 drive="9dB"
    decay env time="300ms"
    route env -> tone.cutoff by="2oct"
    route osc -> tone -> out vca=env gain="-9dB"
}
track bass notes="a1" "X.x. x.X. .xx. X..x"
"#,
    state: State { raises: |highest| highest[1].max(1.0) * highest[2].max(1.0), ..State::NONE },
    kernel: Kernel::Foreign(new),
};

const IN: usize = SPEC.port("in");
const CUTOFF: usize = SPEC.port("cutoff");
const Q: usize = SPEC.port("q");
const DRIVE: usize = SPEC.port("drive");

/// The share of the rate up to which the filter's corner can go.
const HIGHEST: f32 = 0.45;

type DirtyFilter = An<DirtyBiquad<f32, LowpassBiquad<f32>, Softsign>>;

/// How much its states bend depends on how fast it runs: so it hears every so many frames, and there are as many.
struct Dirty {
    filters: Vec<DirtyFilter>,
    /// Which of them hears the next frame.
    next: usize,
    highest: f32,
    /// The gain before it, and the loss after it, by which it bends at this rate as much as at the reference.
    bend: f32,
}

fn new(setup: &Setup<'_>) -> Box<dyn Foreign> {
    let rate = folded(setup.rate);
    let mut filter = dlowpass(Softsign(1.0));
    filter.set_sample_rate(f64::from(rate));
    Box::new(Dirty {
        filters: vec![filter; fold(setup.rate)],
        next: 0,
        highest: HIGHEST * rate,
        bend: REFERENCE / rate,
    })
}

impl Foreign for Dirty {
    fn run(&mut self, call: &mut Call<'_, 1>) {
        let (signal, cutoff, q, drive) = (call.ins[IN], call.ins[CUTOFF], call.ins[Q], call.ins[DRIVE]);
        for (frame, out) in call.out(0).iter_mut().enumerate() {
            let &[x] = signal.at(frame);
            let &[cutoff] = cutoff.at(frame);
            let &[q] = q.at(frame);
            let &[drive] = drive.at(frame);
            let filter = &mut self.filters[self.next];
            let x = x * drive * self.bend;
            *out = [filter.tick(&[x, cutoff.min(self.highest), q].into())[0] / self.bend];
            self.next = if self.next + 1 < self.filters.len() { self.next + 1 } else { 0 };
        }
    }

    fn reset(&mut self) {
        self.filters.iter_mut().for_each(DirtyFilter::reset);
    }

    fn adopt(&mut self, other: &dyn Foreign) {
        if let Some(other) = other.as_any().downcast_ref::<Self>() {
            self.filters.clone_from_slice(&other.filters);
            self.next = other.next;
        }
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
