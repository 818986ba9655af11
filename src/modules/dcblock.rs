//! The DC blocker.

use std::f32::consts::TAU;

use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Param, Port};
use crate::modules::state::{Passes, State};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "dcblock",
    family: Family::Utility,
    about: "DC blocker: removes the constant part of a signal.",
    notes: "A high-pass filter of 6 dB per octave with an inaudibly low cutoff. Use it after anything asymmetric: a \
            folded wave with an offset, a control used as sound.",
    inputs: &[Port::audio("in", "Signal with DC.")],
    outputs: &[Port::audio("out", "The signal without DC.")],
    params: &[Param::hertz("cutoff", 1.0, 100.0, 10.0, "Cutoff frequency.")],
    settings: &[],
    channels: Channels::Each,
    example: r#"song "dcblock" tempo=120 bars=1
instrument organ {
    lfo     tone rate="220Hz" shape="triangle"
    dcblock centre
    adsr    env
    route tone -> centre -> out vca=env gain="-9dB"
}
track organ "X_.. X_.. X___ _..."
"#,
    state: State { rows: 1, passes: |_| Passes::still(0.0), ..State::NONE },
    kernel: kernel!(dcblock),
};

const CUTOFF: usize = SPEC.port("cutoff");

#[inline(always)]
fn dcblock<const W: usize>(call: &mut Call<'_, W>) {
    let mut spare = [[[0.0; W]; BLOCK]; 2];
    let [input, cutoff] = &mut spare;
    let (input, cutoff) = (call.ins[0].rows(input), call.ins[CUTOFF].rows(cutoff));
    let turn = TAU * call.clock.period;
    let mut low = call.rows[0];
    let out = call.outs[0].rows::<W>();
    for i in 0..BLOCK {
        for l in 0..W {
            let share = cutoff[i][l] * turn;
            low[l] = low[l] * (1.0 - share) + input[i][l] * share;
            out[i][l] = input[i][l] - low[l];
        }
    }
    call.rows[0] = low;
}
