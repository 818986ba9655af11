//! The sine oscillator.

use crate::dsp::math::sine as sine_of;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{self, PhaseParams, motion};
use crate::modules::spec::{Channels, Family, ModuleSpec, Port};

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
track tone "X___ ____ x___ ____" notes="a4 e4"
"#,
    state: oscillator::STATE,
    kernel: kernel!(sine, pays 3),
};

const AT: PhaseParams = PhaseParams::of(&SPEC);

#[inline(always)]
fn sine<const W: usize>(call: &mut Call<'_, W>) {
    motion(call, &AT);
    for out in call.out(0).as_flattened_mut() {
        *out = sine_of(out.to_bits());
    }
}
