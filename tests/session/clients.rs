//! Clients of the program that chronus replaces: their songs and demos, message by message, against how loud that program was.

use std::path::{Path, PathBuf};

use chronus::check::library::RIGS;
use chronus::engine::commands::EngineCommand;
use chronus::live::audio::ends;
use chronus::live::control_thread::{ThreadOptions, start};
use chronus::live::outcome::HostRequest;
use chronus::live::session::{Session, SessionConfig};
use chronus::osc::message::{Arg, Message};
use realfft::RealFftPlanner;

use crate::disk::{Player, ask, await_it};
use crate::rig::{RATE, Rig, config, f, s};

/// Levels below count as this, in dBFS.
const FLOOR: f64 = -60.0;
/// How far levels may be apart, in dB.
const APART: f64 = 6.0;

fn rig() -> Rig {
    let config = SessionConfig { path: PathBuf::from("rig.kdl"), ends: false, ..config() };
    Rig::on(config, RIGS[0].text)
}

/// The levels of the octave bands around 31.25 Hz to 16 kHz in a second, in dBFS.
fn bands(second: &[f32]) -> Vec<f64> {
    let count = second.len();
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(count);
    let window = |n: usize| 0.5 - 0.5 * libm::cosf(std::f32::consts::TAU * n as f32 / count as f32);
    let mut windowed: Vec<f32> = second.iter().enumerate().map(|(n, x)| x * window(n)).collect();
    let mut spectrum = fft.make_output_vec();
    fft.process(&mut windowed, &mut spectrum).unwrap();
    let scale = 2.0 / (count as f64 * count as f64) / 0.375;
    let power = |centre: f64| {
        let edges = [centre / std::f64::consts::SQRT_2, centre * std::f64::consts::SQRT_2];
        let bins = edges.map(|edge| libm::ceil(edge * count as f64 / f64::from(RATE)) as usize);
        let bins = bins[0]..bins[1].min(spectrum.len());
        spectrum[bins].iter().map(|bin| f64::from(bin.norm_sqr())).sum::<f64>() * scale
    };
    (0..10).map(|band| 10.0 * libm::log10(power(31.25 * f64::from(1 << band)) + 1e-12)).collect()
}

fn args(text: &str) -> Vec<Arg> {
    let words: Vec<serde_json::Value> = serde_json::Deserializer::from_str(text)
        .into_iter::<serde_json::Value>()
        .map(|word| word.expect("a number or a text"))
        .collect();
    let arg = |word: serde_json::Value| match word {
        serde_json::Value::String(text) => Arg::Text(text),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Arg::Int(i32::try_from(whole).unwrap()),
            None => Arg::Float(number.as_f64().unwrap() as f32),
        },
        other => panic!("{other}"),
    };
    words.into_iter().map(arg).collect()
}

/// Plays a client's messages, and gives the share of all bands of all seconds that are as loud as the program before was. What is
/// softer than [`FLOOR`] in both, and seconds in which that program was stuck, count for nothing.
fn alike(name: &str) -> f64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let read = |end: &str| std::fs::read_to_string(folder.join(format!("{name}.{end}"))).unwrap();
    let (messages, levels) = (read("messages"), read("levels"));
    let seconds = levels.lines().count();
    let mut rig = rig();
    for line in messages.lines() {
        let mut words = line.splitn(3, ' ');
        let time: f64 = words.next().unwrap().parse().unwrap();
        let address = words.next().unwrap();
        if time >= seconds as f64 {
            break;
        }
        rig.play_to((time * f64::from(RATE)) as u64);
        rig.say(address, &args(words.next().unwrap_or_default()));
    }
    rig.play_to(seconds as u64 * u64::from(RATE));
    assert_eq!(rig.errors, Vec::<String>::new(), "{name}: refused");
    let (mut all, mut fine) = (0, 0);
    for (second, line) in levels.lines().enumerate().filter(|(_, line)| *line != "stuck") {
        let heard = &rig.heard[second * RATE as usize..(second + 1) * RATE as usize];
        let mono: Vec<f32> = heard.iter().map(|frame| f32::midpoint(frame[0], frame[1])).collect();
        for (now, then) in bands(&mono).into_iter().zip(line.split(' ')) {
            let then: f64 = then.parse().unwrap();
            if now.max(then) > FLOOR {
                all += 1;
                fine += usize::from((now.max(FLOOR) - then.max(FLOOR)).abs() <= APART + 0.5);
            }
        }
    }
    let share = f64::from(fine as u32) / f64::from(all.max(1) as u32);
    println!("{name}: {:.1} % of {all} levels", share * 100.0);
    share
}

macro_rules! alike {
    ($($name:ident $least:literal),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let share = alike(stringify!($name));
                assert!(share >= $least, "only {:.1} % of the levels are as they were", share * 100.0);
            }
        )*
    };
}

alike! {
    techno_journey 0.9,
    digital_heartbeat 0.9,
    industrial_nightmare 0.9,
    phoenix_scars 0.9,
    progressive_darkness 0.9,
    demo_acid_bass 0.9,
    musical_demo 0.9,
    test_polyphony 0.9,
    poly_sequencer 0.9,
    // The program before didn't open the acid box's envelope at the hits of tracks.
    acid_dreams 0.8,
}

/// The level of some frames of the left channel, in dBFS.
fn level(rig: &Rig, frames: std::ops::Range<usize>) -> f64 {
    let left = rig.left(frames);
    let power = left.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / left.len() as f64;
    10.0 * libm::log10(power)
}

/// How often a second the left channel rises through 0 in some frames.
fn pitch(rig: &Rig, frames: std::ops::Range<usize>) -> f64 {
    let left = rig.left(frames);
    let rises: Vec<usize> = left
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(n, _)| n)
        .collect();
    (rises.len() - 1) as f64 * f64::from(RATE) / (rises[rises.len() - 1] - rises[0]) as f64
}

#[test]
fn hits_and_messages_have_the_last_word_in_turn() {
    let mut rig = rig();
    rig.say("/mod/voice1/filter/freq", &[f(8_000.0)]);
    rig.say("/mod/voice1/amp", &[f(0.1)]);
    rig.say("/mod/voice1/freq", &[f(47.0)]);
    rig.say("/mod/voice1/adsr/sustain", &[f(1.0)]);
    // At 120 a step lasts 6,000 frames and a bar 96,000.
    rig.say("/seq/add", &[s("t"), s("voice1"), s("X...x..........."), f(1_000.0), f(8_000.0)]);
    rig.play_to(96_000 + 48_000);
    let hit = |n: usize| 96_000 + n * 6_000 + 2_000..96_000 + n * 6_000 + 5_500;
    assert!((pitch(&rig, hit(0)) - 1_000.0).abs() < 3.0, "{}", pitch(&rig, hit(0)));
    // An accent is 0.3, a hit 0.6 of that.
    let [accent, plain] = [level(&rig, hit(0)), level(&rig, hit(4))];
    assert!((accent - plain - 4.44).abs() < 0.1, "{accent} and {plain} dB");
    // A message between two hits holds until the next.
    rig.say("/mod/voice1/amp", &[f(0.05)]);
    rig.say("/mod/voice1/freq", &[f(500.0)]);
    rig.say("/gate/voice1", &[Arg::Int(1)]);
    rig.play_to(192_000);
    let between = 96_000 + 60_000..96_000 + 90_000;
    assert!((pitch(&rig, between.clone()) - 500.0).abs() < 2.0, "{}", pitch(&rig, between.clone()));
    let held = level(&rig, between);
    assert!((held - accent + 15.56).abs() < 0.1, "{held} and {accent} dB");
    rig.play_to(192_000 + 96_000);
    let next = 96_000 + 96_000 + 2_000..96_000 + 96_000 + 5_500;
    assert!((pitch(&rig, next.clone()) - 1_000.0).abs() < 3.0, "{}", pitch(&rig, next));
}

#[test]
fn gates_of_tracks_last_the_step_and_releases_bulge() {
    let mut rig = rig();
    rig.say("/mod/voice1/adsr/sustain", &[f(1.0)]);
    rig.say("/mod/voice1/adsr/release", &[f(0.4)]);
    rig.say("/seq/add", &[s("t"), s("voice1"), s("X..............."), f(1_000.0), f(8_000.0)]);
    rig.play_to(48_000);
    let full = level(&rig, 3_000..5_900);
    assert!((full - level(&rig, 4_500..5_990)).abs() < 0.1, "the gate closes before the step ends");
    // Half of the release later it is 4.5 dB down.
    let half = level(&rig, 6_000 + 9_100..6_000 + 10_100);
    assert!((half - full + 4.5).abs() < 0.4, "{half} and {full} dB");
}

#[test]
fn a_held_gate_glides() {
    let mut rig = rig();
    rig.say("/mod/voice1/filter/freq", &[f(8_000.0)]);
    rig.say("/mod/voice1/slide_time", &[f(0.5)]);
    rig.say("/mod/voice1/freq", &[f(220.0)]);
    rig.play_to(96_000);
    rig.say("/gate/1", &[Arg::Int(1)]);
    rig.play_to(144_000);
    rig.say("/mod/voice1/freq", &[f(880.0)]);
    rig.play_to(480_000);
    // 63 % of the way after the time.
    let after = pitch(&rig, 144_000 + 23_000..144_000 + 25_000);
    assert!((after - 637.0).abs() < 25.0, "{after}");
    assert!((pitch(&rig, 440_000..480_000) - 880.0).abs() < 1.0);
}

#[test]
fn what_the_program_before_obeyed_is_obeyed() {
    let mut rig = rig();
    for (address, args) in [
        ("/gate/acid1", vec![Arg::Int(1)]),
        ("/gate/1", vec![Arg::Int(1)]),
        ("/engine/list", vec![Arg::Int(1)]),
        ("/engine/schema", vec![s("json")]),
        ("/engine/start", vec![Arg::Int(1)]),
        ("/engine/record/start", vec![s("take.wav")]),
        ("/mod/acid1/env_amount", vec![f(5_000.0)]),
        ("/mod/acid1/cutoff_offset", vec![f(1_000.0)]),
        ("/mod/delay1/lowcut", vec![f(1_000.0)]),
        ("/mod/delay1/highcut", vec![f(10_000.0)]),
        ("/gate/voice16", vec![Arg::Int(1)]),
        ("/seq/add", vec![s("odd"), s("voice3"), s("X-o#x---"), f(60.0), f(200.0)]),
    ] {
        rig.say(address, &args);
    }
    assert_eq!(rig.errors, Vec::<String>::new());
    assert!(
        rig.host_requests
            .iter()
            .any(|wish| matches!(wish, HostRequest::Record(Some(name)) if name == "take"))
    );
    let range = |path: &str| rig.session.controls().at(path).unwrap().facts.range;
    assert_eq!(range("acid1.env_amount"), (0.0, 5_000.0));
    assert_eq!(range("acid1.cutoff_offset"), (0.0, 1_000.0));
    assert_eq!(range("delay1.lowcut"), (20.0, 1_000.0));
    assert_eq!(range("delay1.highcut"), (1_000.0, 10_000.0));
    // A path is still none, and a pattern of the language is read as one.
    rig.say("/engine/record/start", &[s("../take.wav")]);
    rig.say("/seq/add", &[s("odd"), s("voice3"), s("x?a ..")]);
    assert_eq!(rig.errors.len(), 2, "{:?}", rig.errors);
}

#[test]
fn all_voices_stand_where_they_did() {
    let rig = rig();
    let stands = |path: &str| {
        let named = rig.session.controls().at(path).unwrap_or_else(|| panic!("no {path}"));
        (rig.session.value(named).unwrap(), named.facts.range)
    };
    for voice in 1..=16 {
        for (path, value, range) in [
            ("freq", 440.0, (20.0, 5_000.0)),
            ("amp", 0.3, (0.0, 1.0)),
            ("osc.type", 0.0, (0.0, 5.0)),
            ("filter.freq", 1_000.0, (50.0, 8_000.0)),
            ("filter.q", 2.0, (0.5, 10.0)),
            ("adsr.attack", 0.01, (0.001, 2.0)),
            ("adsr.decay", 0.1, (0.0, 2.0)),
            ("adsr.sustain", 0.7, (0.0, 1.0)),
            ("adsr.release", 0.5, (0.01, 3.0)),
            ("slide_time", 0.0, (0.0, 1.5)),
            ("send.reverb", 0.0, (0.0, 1.0)),
            ("send.delay", 0.0, (0.0, 1.0)),
        ] {
            assert_eq!(stands(&format!("voice{voice}.{path}")), (value, range), "voice{voice}.{path}");
        }
    }
    for (path, value) in [
        ("acid1.cutoff", 1_500.0),
        ("acid1.res", 0.45),
        ("acid1.env_amount", 2_500.0),
        ("acid1.decay", 0.25),
        ("acid1.drive", 0.2),
        ("acid1.mix", 1.0),
        ("reverb1.mix", 0.3),
        ("reverb1.room", 0.5),
        ("delay1.time", 0.25),
        ("delay1.feedback", 0.4),
        ("delay1.lowcut", 100.0),
        ("delay1.highcut", 5_000.0),
        ("lfo1.rate", 0.25),
        ("lfo2.rate", 4.0),
    ] {
        assert_eq!(stands(path).0, value, "{path}");
    }
}

/// A slot of the program before is read: its parameters and tracks, with a note of what has no place.
#[test]
fn slots_of_the_program_before_are_read() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session-old-slots");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("patterns/slots")).unwrap();
    let slot = r#"{"chronus_version": "1.0.0", "schema_version": "1.0", "sequencer": {"bpm": 174.0, "swing": 0.05000000074505806,
        "running": true, "global_step": 6697, "tracks": {"acid": {"name": "acid", "voice_id": "voice2", "pattern": "x.x.X...",
        "notes": [49.0, 41.20000076293945], "base_freq": 41.20000076293945, "base_amp": 0.3, "filter_freq": 800.0,
        "accent_boost": 1500.0, "reverb_send": 0.25, "delay_send": 0.0, "gate_frac": 0.5, "note_index": 1}}},
        "modules": {"voice1": {"voice_id": "voice1", "freq": 440.0, "amp": 0.18, "filter_freq": 1150.0, "filter_q": 5.0,
        "reverb_send": 0.1, "adsr": {"attack": 0.0010000000474974513, "decay": 0.05}, "waveform": 2, "slide_time": 0.5},
        "lfo1": {"module_id": "lfo1", "rate": 0.5, "shape": 3.0}}}"#;
    std::fs::write(folder.join("patterns/slots/slot_001.json"), slot).unwrap();
    let config = SessionConfig { path: folder.join("rig.kdl"), ends: false, ..config() };
    let (session, performance) = Session::begin(config, RIGS[0].text).unwrap_or_else(|_| panic!("a rig"));
    let (audio, control) = ends(performance, RATE);
    let thread = start(session, control, ThreadOptions::default());
    let player = Player::of(audio);
    let told = ask(&thread, Message::new("/pattern/load", [Arg::Int(1)]));
    assert_eq!(told[0].address, "/done", "{told:?}");
    let said = told[0].args[1].text().unwrap();
    assert!(said.ends_with("left out, as there is no such thing here: /mod/lfo1/shape"), "{said}");
    let put = |path: &str| {
        let (path, wanted) = (path.to_owned(), format!("/mod/{}", path.replace('.', "/")));
        let answers = ask(&thread, Message::new(wanted, []));
        answers[0].args[0].number().unwrap_or_else(|| panic!("{path}")) as f32
    };
    for (path, value) in [
        ("voice1.amp", 0.18),
        ("voice1.filter.freq", 1_150.0),
        ("voice1.adsr.attack", 0.001),
        ("voice1.osc.type", 2.0),
        ("voice1.send.reverb", 0.1),
        ("voice2.send.reverb", 0.25),
        ("lfo1.rate", 0.5),
    ] {
        assert_eq!(put(path), value, "{path}");
    }
    await_it(&thread, "the track", |view| view.tracks.iter().filter(|row| row.added).count() == 1);
    std::fs::write(folder.join("slot_002.json"), "[]").unwrap();
    let told = ask(&thread, Message::new("/pattern/load", [Arg::Int(2)]));
    assert!(
        told[0].address == "/error" && told[0].args[1].text().unwrap().contains("is no slot"),
        "{told:?}"
    );
    let told = ask(&thread, Message::new("/pattern/load", [Arg::Int(3)]));
    assert_eq!(told[0].args[1].text(), Some("nothing is saved as `3`"));
    player.end();
    thread.end();
}

/// What has no end isn't shown as something with one.
#[test]
fn a_rig_has_no_last_bar() {
    let config = SessionConfig { path: PathBuf::from("rig.kdl"), ends: false, ..config() };
    let (session, performance) = Session::begin(config, RIGS[0].text).unwrap_or_else(|_| panic!("a rig"));
    let (_audio, control) = ends(performance, RATE);
    let thread = start(session, control, ThreadOptions::default());
    let seen = thread.view(|view| (view.bars, view.sections.len(), view.over));
    assert_eq!(seen, (0, 0, false));
    thread.end();
}

/// What was added to a rig is saved with it, though a song without end has no tracks.
#[test]
fn a_rig_with_tracks_is_saved_and_loaded() {
    let mut rig = rig();
    rig.say("/seq/add", &[s("kick"), s("voice1"), s("X...X...X...X..."), f(60.0), f(200.0)]);
    rig.say("/mod/voice1/amp", &[f(0.9)]);
    let saved = rig.session.saved(None).unwrap();
    assert!(!saved.contains("\ntrack ") && saved.contains("kick"), "{saved}");
    let commands = rig.session.load(&saved, true).unwrap_or_else(|why| panic!("{:?}", why.diagnostics));
    assert!(commands.iter().any(|command| matches!(command, EngineCommand::Track { track: Some(_), .. })));
    rig.say("/seq/update/pattern", &[s("kick"), s("X...")]);
    assert_eq!(rig.errors, Vec::<String>::new());
}
