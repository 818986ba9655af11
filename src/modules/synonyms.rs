//! Words of other programs for kinds, parameters and places of this one.

/// Parameters that are called differently from kind to kind and from program to program. Of each row a kind has at most one.
const PARAMS: &[&[&str]] = &[
    &["freq", "cutoff", "frequency", "hz", "fc", "center", "centre"],
    &["resonance", "q", "res", "reso", "rq", "emphasis"],
    &["attack", "a", "att"],
    &["decay", "d", "dec"],
    &["sustain", "s", "sus"],
    &["release", "r", "rel"],
    &["rate", "speed", "freq"],
    &["time", "length", "duration", "decay", "delaytime"],
    &["mix", "wet", "drywet", "dry-wet", "blend"],
    &["feedback", "fb", "regen"],
    &["size", "room", "roomsize"],
    &["drive", "gain", "distortion", "saturation", "amount"],
    &["threshold", "thresh", "thr"],
    &["detune", "tune", "cents", "fine", "spread"],
    &["width", "pw", "duty", "pulsewidth"],
    &["wave", "shape", "waveform"],
    &["file", "sample", "buffer", "path", "src"],
];

/// Kinds by what other programs call them, in lower case.
const KINDS: &[(&str, &[&str])] = &[
    ("sine", &["sinosc", "sin", "sineosc", "cycle~"]),
    ("saw", &["sawosc", "lfsaw", "sawtooth", "vco"]),
    ("pulse", &["lfpulse", "pwm"]),
    ("triangle", &["lftri", "tri"]),
    ("noise", &["whitenoise", "pinknoise", "brownnoise", "noise~"]),
    ("lowpass", &["lpf", "filter", "lp", "vcf", "rlpf", "lowpassfilter", "biquadfilter"]),
    ("highpass", &["hpf", "hp", "rhpf"]),
    ("bandpass", &["bpf", "bp", "resonz"]),
    ("ladder", &["moogff", "moog"]),
    ("adsr", &["env", "envelope", "envgen", "eg", "asr"]),
    ("decay", &["perc", "ad"]),
    ("reverb", &["freeverb", "verb", "jcrev", "plate", "hall", "room"]),
    ("delay", &["echo", "delayn", "combn", "delayl"]),
    ("distortion", &["overdrive", "saturator", "waveshaper", "clip"]),
    ("compressor", &["compander", "comp"]),
    ("eq3", &["eq", "equalizer", "equaliser"]),
    ("sampler", &["sample", "playbuf", "buffer", "simpler", "player"]),
    ("sum", &["mixer", "bus", "mix", "master", "group", "aux"]),
    ("crush", &["bitcrusher", "bitcrush", "decimator", "redux"]),
    ("pan", &["pan2", "panner"]),
    ("vca", &["amp", "gain"]),
];

/// The one of `known` parameters that `word` means.
pub fn param<'k>(word: &str, known: &(impl Iterator<Item = &'k str> + Clone)) -> Option<&'k str> {
    let rows = PARAMS.iter().filter(|row| row.contains(&word));
    rows.flat_map(|row| row.iter()).find_map(|name| known.clone().find(|known| known == name))
}

/// The kind that `word`, which is none, means.
pub fn kind(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    KINDS.iter().find(|(_, words)| words.contains(&lower.as_str())).map(|(kind, _)| *kind)
}

/// Whether `word` is where the sound leaves in other programs.
pub fn is_out(word: &str) -> bool {
    matches!(
        word,
        "master"
            | "main"
            | "output"
            | "dac"
            | "dac~"
            | "speaker"
            | "speakers"
            | "outs"
            | "destination"
            | "audio"
    )
}

#[cfg(test)]
mod tests {
    use super::{KINDS, PARAMS, kind, param};
    use crate::modules::{self, TABLE};

    #[test]
    fn words_stand_for_what_there_is() {
        for (kind, words) in KINDS {
            assert!(modules::find(kind).is_some(), "{kind}");
            for word in *words {
                assert!(modules::find(word).is_none(), "{word} is a kind");
                let rows = KINDS.iter().filter(|(_, words)| words.contains(word)).count();
                assert_eq!(rows, 1, "{word}");
            }
        }
        for row in PARAMS {
            let of = |name: &&&str| {
                TABLE.iter().any(|spec| {
                    spec.params.iter().any(|param| param.name == **name)
                        || spec.settings.iter().any(|setting| setting.name == **name)
                })
            };
            assert!(row.iter().any(|name| of(&name)), "{row:?}");
        }
        assert_eq!(kind("SinOsc"), Some("sine"));
        assert_eq!(kind("saw"), None);
        assert_eq!(param("freq", &["cutoff", "q"].into_iter()), Some("cutoff"));
        assert_eq!(param("res", &["cutoff", "q"].into_iter()), Some("q"));
        assert_eq!(param("a", &["attack", "decay"].into_iter()), Some("attack"));
    }
}
