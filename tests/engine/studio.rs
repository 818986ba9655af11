//! `songs/studio.kdl`: what its addresses name and what they do, and that nothing in it can be driven to pieces.

use std::fmt::Write;

use chronus::check::song::check;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::model::controls::{Controls, Gated};
use chronus::model::song::Song;
use chronus::units::unit::Unit;

use crate::listen::{RATE, hear, peak, roughness};

const STUDIO: &str = include_str!("../../songs/studio.kdl");

/// What every voice has, with its range and unit.
const OF_VOICE: [(&str, (f64, f64), Unit); 12] = [
    ("freq", (20.0, 5_000.0), Unit::Hertz),
    ("amp", (0.0, 1.0), Unit::Gain),
    ("filter/freq", (50.0, 8_000.0), Unit::Hertz),
    ("filter/q", (0.5, 10.0), Unit::Number),
    ("adsr/attack", (0.0, 1.0), Unit::Seconds),
    ("adsr/decay", (0.0, 1.0), Unit::Seconds),
    ("adsr/sustain", (0.0, 1.0), Unit::Share),
    ("adsr/release", (0.0, 1.0), Unit::Seconds),
    ("send/reverb", (0.0, 1.0), Unit::Gain),
    ("send/delay", (0.0, 1.0), Unit::Gain),
    ("slide_time", (0.0, 1.0), Unit::Seconds),
    ("osc/type", (0.0, 5.0), Unit::Number),
];

/// What stands beside the voices, with its range.
const BESIDE: [(&str, (f64, f64)); 27] = [
    ("acid1/cutoff", (80.0, 5_000.0)),
    ("acid1/res", (0.0, 0.98)),
    ("acid1/env_amount", (0.0, 1.0)),
    ("acid1/decay", (0.0, 1.0)),
    ("acid1/accent", (0.0, 1.0)),
    ("acid1/cutoff_offset", (0.0, 1.0)),
    ("acid1/res_accent_boost", (0.0, 1.0)),
    ("acid1/accent_decay", (0.0, 1.0)),
    ("acid1/drive", (0.0, 1.0)),
    ("acid1/mix", (0.0, 1.0)),
    ("acid1/vol_comp", (0.0, 1.0)),
    ("dist1/drive", (0.0, 1.0)),
    ("dist1/mix", (0.0, 1.0)),
    ("dist1/tone", (0.0, 1.0)),
    ("reverb1/mix", (0.0, 1.0)),
    ("reverb1/room", (0.0, 1.0)),
    ("reverb1/damp", (0.0, 1.0)),
    ("delay1/time", (0.1, 0.6)),
    ("delay1/feedback", (0.0, 0.7)),
    ("delay1/mix", (0.0, 1.0)),
    ("delay1/lowcut", (0.0, 1.0)),
    ("delay1/highcut", (0.0, 1.0)),
    ("lfo1/rate", (0.01, 10.0)),
    ("lfo1/depth", (0.0, 1.0)),
    ("lfo2/rate", (0.01, 10.0)),
    ("lfo2/depth", (0.0, 1.0)),
    ("sine1/freq", (20.0, 5_000.0)),
];

/// What the first clients call parts of voice 1.
const FIRST: [(&str, &str); 8] = [
    ("sine1/freq", "voice1/freq"),
    ("sine1/amp", "voice1/amp"),
    ("filter1/freq", "voice1/filter/freq"),
    ("filter1/q", "voice1/filter/q"),
    ("adsr1/attack", "voice1/adsr/attack"),
    ("adsr1/decay", "voice1/adsr/decay"),
    ("adsr1/sustain", "voice1/adsr/sustain"),
    ("adsr1/release", "voice1/adsr/release"),
];

fn studio() -> Song {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("songs/studio.kdl", STUDIO));
    let checked = check(id, STUDIO);
    assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);
    checked.song.unwrap_or_else(|| panic!("a song without errors"))
}

/// The rig without its piece, with lines of its own, for `bars` bars.
fn rig(bars: u32, lines: &str) -> String {
    let (rig, _) = STUDIO.split_once("// The piece").unwrap_or_default();
    assert!(rig.contains(" tail=\"6s\""));
    format!("{}\n{lines}", rig.replace(" tail=\"6s\"", &format!(" tail=\"6s\" bars={bars}")))
}

/// Lines that set controls for the whole song.
fn set(values: &[(&str, f64)]) -> String {
    let line = |(path, value): &(&str, f64)| format!("automate {path} from={value:?} to={value:?}\n");
    values.iter().map(line).collect()
}

/// The root mean square of each `part` of a second.
fn levels(signal: &[f32], part: f64) -> Vec<f64> {
    let level = |part: &[f32]| {
        (part.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / part.len() as f64).sqrt()
    };
    signal.chunks_exact((f64::from(RATE) * part) as usize).map(level).collect()
}

/// The greatest over the least.
fn swing(levels: &[f64]) -> f64 {
    let fold = |pick: fn(f64, f64) -> f64| levels.iter().copied().reduce(pick).unwrap_or(0.0);
    fold(f64::max) / fold(f64::min)
}

/// How a signal moves from sample to sample: its highs.
fn highs(signal: &[f32]) -> Vec<f32> {
    signal.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn every_address_names_one_control_with_its_range() {
    let controls = Controls::of(&studio());
    let find = |address: &str| {
        let path = address.replace('/', ".");
        let named = controls.all().iter().filter(|named| named.path == path).count();
        assert_eq!(named, 1, "{address}");
        let found = controls.at(&path).unwrap_or_else(|| panic!("{address}"));
        assert_eq!(found.address(), format!("/mod/{address}"));
        let stands = found.facts.default(120.0).unwrap_or_else(|| panic!("{address} stands nowhere"));
        assert!((found.facts.range.0..=found.facts.range.1).contains(&stands), "{address} at {stands}");
        found
    };
    for voice in 1..=8 {
        for (name, range, unit) in OF_VOICE {
            let found = find(&format!("voice{voice}/{name}"));
            assert_eq!((found.facts.range, found.facts.unit), (range, unit), "voice{voice}/{name}");
        }
    }
    for (address, range) in BESIDE {
        assert_eq!(find(address).facts.range, range, "{address}");
    }
    for (old, new) in FIRST {
        let (old, new) = (find(old), find(new));
        assert_eq!((old.control, old.facts), (new.control, new.facts));
    }
    // Different addresses of the rig move different things.
    let others = |head: &str| !["sine1", "filter1", "adsr1"].contains(&head);
    let rig = controls.all().iter().filter(|named| named.alias);
    let rig: Vec<_> = rig.filter(|named| others(named.path.split('.').next().unwrap_or_default())).collect();
    assert_eq!(rig.len(), 8 * OF_VOICE.len() + BESIDE.len() - 1);
    for (i, one) in rig.iter().enumerate() {
        assert!(rig[..i].iter().all(|other| other.control != one.control), "{}", one.path);
    }
}

#[test]
fn gates_open_voices_by_all_their_names() {
    let song = studio();
    for (place, instrument) in song.instruments.iter().enumerate() {
        assert_eq!(song.gate_at(&instrument.id), Some(Gated::Instrument(place)));
    }
    let first = song.instruments.iter().position(|instrument| instrument.id == "voice1");
    for id in ["sine1", "filter1", "adsr1"] {
        assert_eq!(song.gate_at(id), first.map(Gated::Instrument), "{id}");
    }
    // Aliases that lead to no instrument, envelopes that a voice opens, and what has no gate.
    for id in ["acid1", "acid-env", "hall", "nothing"] {
        assert_eq!(song.gate_at(id), None, "{id}");
    }
}

#[test]
fn freq_is_where_c4_sounds_and_slides_take_their_time() {
    let steady = [
        ("voice1.osc.type", 0.0),
        ("voice1.filter.freq", 8_000.0),
        ("voice1.adsr.sustain", 1.0),
        ("voice1.freq", 440.0),
        ("voice1.slide_time", 0.5),
    ];
    let track = "track voice1 \"x~_______x_______\" notes=\"c4 c5\" length=1";
    let (left, _) = hear(&rig(1, &format!("{}{track}", set(&steady))));
    let crossings = |from: f64, to: f64| {
        let part = &left[(from * f64::from(RATE)) as usize..(to * f64::from(RATE)) as usize];
        let count = part.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        count as f64 / (to - from)
    };
    assert!((crossings(0.2, 0.9) - 440.0).abs() < 3.0, "{}", crossings(0.2, 0.9));
    // Half of the slide: half an octave.
    assert!((crossings(1.2, 1.3) - 622.0).abs() < 20.0, "{}", crossings(1.2, 1.3));
    assert!((crossings(1.6, 1.9) - 880.0).abs() < 5.0, "{}", crossings(1.6, 1.9));
}

#[test]
fn sustain_0_does_not_click() {
    for decay in [0.01, 0.1, 0.4] {
        let values = [
            ("voice1.osc.type", 0.0),
            ("voice1.filter.freq", 8_000.0),
            ("voice1.amp", 1.0),
            ("voice1.adsr.attack", 0.005),
            ("voice1.adsr.decay", decay),
            ("voice1.adsr.sustain", 0.0),
            ("voice1.adsr.release", 0.02),
        ];
        // Long notes that have died away when they end, short ones that haven't, and ratchets.
        let track = "track voice1 \"X_______ X.X. xx x*3 X_\" notes=\"a2 e2\" length=0.9";
        let (left, _) = hear(&rig(2, &format!("{}{track}", set(&values))));
        assert!(peak(&left) > 0.3, "{}", peak(&left));
        // A step of a tenth would be one of 0.1; an attack of 5 ms alone bends by 0.01.
        assert!(roughness(&left) < 0.015, "decay {decay}: {}", roughness(&left));
    }
}

#[test]
fn everything_at_its_most_stays_under_full_scale() {
    let mut lines = String::new();
    let controls = Controls::of(&studio());
    let long = ["adsr.attack", "slide_time", "acid1.cutoff", "freq", "osc.type"];
    for named in controls.all().iter().filter(|named| named.alias) {
        let first = ["sine1.", "filter1.", "adsr1."].iter().any(|head| named.path.starts_with(head));
        if !first && !long.iter().any(|tail| named.path.ends_with(tail)) {
            let most = named.facts.range.1;
            lines.push_str(&set(&[(&named.path, most)]));
        }
    }
    for voice in 1..=8 {
        let wave = if voice == 4 { 2 } else { voice % 3 };
        let _ = writeln!(
            lines,
            "automate voice{voice}.filter.freq from=80 to=8000 curve=exp\n\
             automate voice{voice}.osc.type from={wave} to={wave}\n\
             track voice{voice} \"X.X.XX~X\" notes=\"a1 e2 a3 c1\""
        );
    }
    lines += "automate acid1.cutoff from=80 to=5000 curve=exp\n";
    let (left, right) = hear(&rig(4, &lines));
    for side in [&left, &right] {
        assert!(side.iter().all(|x| x.is_finite()));
        assert!(peak(side) < 1.0, "{}", peak(side));
        let levels = levels(&side[..8 * RATE as usize], 0.5);
        assert!(levels.iter().all(|level| *level > 0.02), "something died: {levels:?}");
    }
    // Nothing sings on by itself: what is left 5 s after the notes is the reverb at its longest.
    let rest = &left[13 * RATE as usize..];
    assert!(peak(rest) < 0.1, "{}", peak(rest));
}

#[test]
fn every_wave_of_every_voice_sounds() {
    for voice in 1..=8 {
        let id = format!("voice{voice}");
        let path = |name: &str| format!("{id}.{name}");
        let (amp, cutoff, sustain) = (path("amp"), path("filter.freq"), path("adsr.sustain"));
        let (attack, release) = (path("adsr.attack"), path("adsr.release"));
        let values =
            [(&*amp, 0.5), (&*cutoff, 4_000.0), (&*sustain, 0.8), (&*attack, 0.01), (&*release, 0.02)];
        let track = format!(
            "track {id} \"XXXXXX..\" notes=\"a2\" grid=\"1/4\" length=0.9 {{\n    lock osc.type \"0 1 2 3 4 5 . .\"\n}}"
        );
        let (left, _) = hear(&rig(2, &format!("{}{track}", set(&values))));
        let parts: Vec<&[f32]> = left.chunks_exact(RATE as usize / 2).take(6).collect();
        let shares: Vec<f64> = parts
            .iter()
            .map(|part| {
                let (all, highs) = (levels(part, 0.4)[0], levels(&highs(part), 0.4)[0]);
                assert!(all > 0.01, "{id}: {all}");
                highs / all
            })
            .collect();
        // From the sine to the saw it gets brighter, from white to pink to brown noise darker.
        assert!(shares[0] < 0.8 * shares[1], "{id}: {shares:?}");
        assert!(shares[3] > 1.1 * shares[4] && shares[4] > 1.1 * shares[5], "{id}: {shares:?}");
    }
}

#[test]
fn lfo1_sweeps_the_filter_of_voice_2() {
    let heard = |voice: &str, depth: f64| {
        let (cutoff, sustain) = (format!("{voice}.filter.freq"), format!("{voice}.adsr.sustain"));
        let values = [
            ("lfo1.depth", depth),
            ("lfo1.rate", 1.0),
            ("acid1.mix", 0.0),
            (&*cutoff, 500.0),
            (&*sustain, 1.0),
        ];
        let track = format!("track {voice} \"X_______________\" notes=\"a2\" length=1");
        let (left, _) = hear(&rig(2, &format!("{}{track}", set(&values))));
        swing(&levels(&highs(&left[RATE as usize..3 * RATE as usize]), 0.1))
    };
    let (swept, still, other) = (heard("voice2", 1.0), heard("voice2", 0.0), heard("voice1", 1.0));
    assert!(swept > 4.0 && still < 1.5 && other < 1.5, "{swept} {still} {other}");
}

#[test]
fn lfo2_moves_the_level_of_voice_3() {
    let heard = |voice: &str, depth: f64| {
        let sustain = format!("{voice}.adsr.sustain");
        let (reverb, delay) = (format!("{voice}.send.reverb"), format!("{voice}.send.delay"));
        let values =
            [("lfo2.depth", depth), ("lfo2.rate", 1.0), (&*sustain, 1.0), (&*reverb, 0.0), (&*delay, 0.0)];
        let track = format!("track {voice} \"X_______________\" notes=\"a2\" length=1");
        let (left, _) = hear(&rig(2, &format!("{}{track}", set(&values))));
        swing(&levels(&left[RATE as usize..3 * RATE as usize], 0.1))
    };
    let (moved, still, other) = (heard("voice3", 1.0), heard("voice3", 0.0), heard("voice1", 1.0));
    assert!(moved > 5.0 && still < 1.3 && other < 1.3, "{moved} {still} {other}");
}
