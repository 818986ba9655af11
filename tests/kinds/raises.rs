//! By how much each kind raises a quiet sound: what it says is enough, so that no voice before it sleeps too soon.

use chronus::modules::TABLE;
use chronus::modules::kernel::Kernel;
use chronus::modules::spec::ModuleSpec;

use crate::measure::{Rig, peak, sine};

/// Those that add up what came long before.
const ECHOES: [&str; 4] = ["delay", "pingpong", "reverb", "chorus"];

/// -100 dBFS: far under what any kind holds its level by.
const QUIET: f64 = 1e-5;

#[test]
fn no_kind_raises_a_quiet_sound_by_more_than_it_says() {
    let mut tried = 0;
    let raises = |spec: &&&ModuleSpec| {
        let lanes = matches!(spec.kernel, Kernel::Lanes { .. });
        spec.has_main_input() && lanes && !ECHOES.contains(&spec.kind)
    };
    for spec in TABLE.iter().filter(raises) {
        let defaults: Vec<f32> = spec.params.iter().map(|param| param.default as f32).collect();
        let loud = |(param, default): (&chronus::modules::spec::Param, f32)| match param.name {
            "drive" | "gain" | "makeup" | "low" | "mid" | "high" | "folds" => param.max as f32,
            "resonance" => 0.9,
            "feedback" => 0.8,
            "q" => 4.0,
            "ceiling" | "threshold" => 1.0,
            _ => default,
        };
        let extreme: Vec<f32> = spec.params.iter().zip(defaults.iter().copied()).map(loud).collect();
        for values in [defaults, extreme] {
            let says = (spec.state.raises)(&values);
            for hertz in [55.0, 146.0, 261.626, 700.0, 1_000.0, 2_750.0, 6_000.0] {
                let mut rig = Rig::new(spec.kind);
                for (param, value) in spec.params.iter().zip(&values) {
                    rig = rig.set(param.name, *value);
                }
                let heard = rig.feed("in", sine(hertz, QUIET, 96_000)).run(96_000);
                let raised = peak(&heard[48_000..]) / QUIET;
                assert!(
                    raised <= f64::from(says) * 1.15 + 0.05,
                    "{} raises {hertz} Hz by {raised}, but says {says} at {values:?}",
                    spec.kind
                );
            }
            tried += 1;
        }
    }
    assert!(tried >= 36, "{tried}");
}
