//! The sine oscillator.

use crate::dsp::math::sine as sine_of;
use crate::modules::call::Call;
use crate::modules::oscillator::{self, Places, phases};
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Port, kernel};

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "sine",
    family: Family::Source,
    about: "Sine oscillator.",
    notes: "",
    inputs: &[oscillator::GATE],
    outputs: &[Port::audio("out", "The wave, -1 to 1.")],
    params: &[oscillator::FREQ, oscillator::OCTAVE, oscillator::TUNE],
    settings: oscillator::SETTINGS,
    channels: Channels::Each,
    example: r#"song "sine" bars=1
instrument tone {
    sine osc
    route osc -> out gain="-6dB"
}
track tone "X..." notes="a4"
"#,
    state: oscillator::STATE,
    kernel: kernel!(sine),
};

const AT: Places = Places::of(&SPEC);

#[inline(always)]
fn sine<const W: usize>(call: &mut Call<'_, W>) {
    let phases = phases(call, &AT);
    let out = call.out(0);
    for i in 0..BLOCK {
        for l in 0..W {
            out[i][l] = sine_of(phases.phase[i][l]);
        }
    }
}
