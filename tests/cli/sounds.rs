//! Songs that play sound files beside them, and files that can't be played.

use std::fs;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{chronus, chronus_with_input, folder, stderr, stdout};

const SONG: &str = "song bars=1 tail=0\ninstrument hit {\n    sampler hit file=\"hit.wav\"\n    route hit -> out\n}\ntrack hit \"X...\"\n";

/// A folder with the song and `sound` as the file that it plays.
fn with(name: &str, sound: &[u8]) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("song.kdl"), SONG).unwrap();
    fs::write(folder.join("hit.wav"), sound).unwrap();
    folder
}

fn wav(spec: WavSpec, samples: &[f32]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for sample in samples {
        match spec.sample_format {
            SampleFormat::Float => writer.write_sample(*sample).unwrap(),
            SampleFormat::Int => {
                let scale = f64::from(2_u32.pow(u32::from(spec.bits_per_sample) - 1));
                writer.write_sample((f64::from(*sample) * scale) as i32).unwrap();
            }
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn spec(channels: u16, rate: u32, bits: u16) -> WavSpec {
    let sample_format = if bits == 32 { SampleFormat::Float } else { SampleFormat::Int };
    WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format }
}

/// What `chronus check` says of the song with this file.
fn said(name: &str, sound: &[u8]) -> (Option<i32>, String) {
    let output = chronus(&with(name, sound), &["check", "song.kdl"]);
    (output.status.code(), stderr(&output).to_owned())
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds").join(name)).unwrap()
}

/// The left channel of the song with this file, as 32-bit floats.
fn rendered(name: &str, sound: &[u8]) -> Vec<f32> {
    let folder = with(name, sound);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--bits", "32f"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let mut reader = hound::WavReader::open(folder.join("out.wav")).unwrap();
    reader.samples::<f32>().map(Result::unwrap).step_by(2).collect()
}

#[test]
fn wav_flac_and_mp3_sound_alike() {
    let tone: Vec<f32> = (0..24_000)
        .map(|i| (16383.5 * libm::sin(std::f64::consts::TAU * f64::from(i) / 48.0)).round() as f32 / 32768.0)
        .collect();
    let wave = rendered("sound-wav", &wav(spec(1, 48_000, 32), &tone));
    assert_eq!(wave[..24_000], tone[..]);
    for bits in [8, 16, 24] {
        let heard = rendered(&format!("sound-{bits}"), &wav(spec(1, 48_000, bits), &tone));
        let apart = heard.iter().zip(&wave).fold(0.0_f32, |apart, (a, b)| apart.max((a - b).abs()));
        assert!(apart < 1.1 / (1_u32 << (bits - 1)) as f32, "{bits} {apart}");
    }
    assert_eq!(rendered("sound-flac", &fixture("tone.flac")), wave);
    // MP3 is a likeness, and comes a little later: it is the tone, and next to nothing else.
    let heard = &rendered("sound-mp3", &fixture("tone.mp3"))[4_800..14_400];
    let turn = |i: usize| std::f64::consts::TAU * i as f64 / 48.0;
    let part = |wave: fn(f64) -> f64| {
        heard.iter().enumerate().map(|(i, x)| f64::from(*x) * wave(turn(i))).sum::<f64>() / 4_800.0
    };
    let (cosine, sine) = (part(libm::cos), part(libm::sin));
    // LAME turns down by 5 % what it makes small.
    assert!((libm::hypot(cosine, sine) - 0.475).abs() < 0.005, "{cosine} {sine}");
    let rest =
        |(i, x): (usize, &f32)| f64::from(*x) - cosine * libm::cos(turn(i)) - sine * libm::sin(turn(i));
    let worst = heard.iter().enumerate().map(rest).fold(0.0, |worst: f64, x| worst.max(x.abs()));
    assert!(worst < 0.003, "{worst}");
}

#[test]
fn stereo_files_stay_stereo() {
    let folder = with("sound-stereo", &wav(spec(2, 48_000, 32), &[0.5, -0.25].repeat(4_800)));
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--bits", "32f"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let mut reader = hound::WavReader::open(folder.join("out.wav")).unwrap();
    let samples: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).collect();
    assert_eq!(samples[2_000..2_002], [0.5, -0.25]);
}

#[test]
fn files_that_are_no_sound_are_named() {
    let tone = vec![0.5; 9_600];
    let whole = wav(spec(1, 48_000, 16), &tone);
    let flac = fixture("tone.flac");
    let rows: [(&str, Vec<u8>, &str, &str); 9] = [
        ("text", b"not a sound at all".to_vec(), "not-a-sound", "save it as WAV, FLAC or MP3"),
        ("nothing", Vec::new(), "not-a-sound", "save it as WAV"),
        ("no-frames", wav(spec(1, 48_000, 16), &[]), "broken-sound", "is empty"),
        ("cut-wav", whole[..9_000].to_vec(), "broken-sound", "is cut off: it has"),
        ("cut-flac", flac[..flac.len() / 2].to_vec(), "broken-sound", "hit.wav"),
        ("head-only", whole[..20].to_vec(), "broken-sound", "hit.wav"),
        ("32-channels", wav(spec(32, 48_000, 16), &vec![0.1; 3_200]), "unusable-sound", "has 32 channels"),
        ("800-khz", wav(spec(1, 800_000, 16), &tone), "unusable-sound", "800000 frames a second"),
        ("nan", wav(spec(1, 48_000, 32), &[0.5, f32::NAN]), "broken-sound", "from frame 1 on"),
    ];
    for (name, bytes, code, message) in rows {
        let (status, text) = said(&format!("sound-{name}"), &bytes);
        assert_eq!(status, Some(1), "{name}: {text}");
        assert!(text.starts_with(code), "{name}: {text}");
        assert!(text.contains(message), "{name}: {text}");
        // The name of the file is underlined.
        assert!(text.contains("[song.kdl:3:22]"), "{name}: {text}");
    }
}

#[test]
fn odd_rates_are_played() {
    for rate in [1, 11_025, 768_000] {
        let (status, text) = said(&format!("sound-rate-{rate}"), &wav(spec(1, rate, 16), &[0.5; 2_000]));
        assert_eq!((status, text.as_str()), (Some(0), ""));
        let heard = rendered(&format!("sound-rate-{rate}-heard"), &wav(spec(1, rate, 16), &[0.5; 2_000]));
        assert!(heard.iter().all(|x| x.is_finite()) && heard.iter().any(|x| *x > 0.1), "{rate}");
    }
}

/// Whatever is broken in a file, it is said or played, and nothing panics.
#[test]
fn broken_files_never_panic() {
    let tone: Vec<f32> = (0..3_000).map(|i| (i % 48) as f32 / 48.0 - 0.5).collect();
    let files = [wav(spec(1, 48_000, 16), &tone), fixture("tone.flac"), fixture("tone.mp3")];
    let folder = folder("sound-broken");
    let song: Vec<_> =
        (0..60).map(|n| format!("    sampler s{n} file=\"{n}.wav\"\n    route s{n} -> out\n")).collect();
    let song = song.concat();
    fs::write(
        folder.join("song.kdl"),
        format!("song bars=1\ninstrument hit {{\n{song}}}\ntrack hit \"X\"\n"),
    )
    .unwrap();
    let mut state = 1_u32;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for n in 0..60 {
        let mut bytes = files[n % 3].clone();
        for _ in 0..=n / 10 {
            let place = if n % 2 == 0 { draw(64.min(bytes.len())) } else { draw(bytes.len()) };
            bytes[place] = draw(256) as u8;
        }
        bytes.truncate(bytes.len() - if n % 5 == 0 { draw(1_000) } else { 0 });
        fs::write(folder.join(format!("{n}.wav")), bytes).unwrap();
    }
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn paths_are_those_of_the_text_that_names_them() {
    let folder = with("sound-paths", &wav(spec(1, 48_000, 16), &vec![0.5; 4_800]));
    fs::create_dir(folder.join("kits")).unwrap();
    fs::rename(folder.join("hit.wav"), folder.join("kits/hit.wav")).unwrap();
    fs::write(
        folder.join("kits/kit.kdl"),
        &SONG[SONG.find("instrument").unwrap()..SONG.find("track").unwrap()],
    )
    .unwrap();
    fs::write(folder.join("song.kdl"), "song bars=1\nuse \"./kits/kit.kdl\" hit\ntrack hit \"X...\"\n")
        .unwrap();
    let output = chronus(&folder, &["check", "song.kdl"]);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "song.kdl: fine\n", ""));
}

#[test]
fn files_that_cannot_be_had_are_named() {
    let folder = folder("sound-missing");
    fs::create_dir(folder.join("folder")).unwrap();
    fs::write(folder.parent().unwrap().join("outside.wav"), wav(spec(1, 48_000, 16), &[0.5; 48])).unwrap();
    for (file, code, message) in [
        ("\"none.wav\"", "missing-file", "there is no file `none.wav`"),
        ("\"folder\"", "not-a-file", "is a folder, not a sound file"),
        ("\"../outside.wav\"", "outside-folder", "--allow-outside"),
        ("\"/tmp/x.wav\"", "bad-path", "relative to its folder"),
        ("\"std/brake.flac\"", "unknown-library", "did you mean `\"std/break.flac\"`?"),
        ("5", "bad-path", "named by a text"),
    ] {
        fs::write(folder.join("song.kdl"), SONG.replace("\"hit.wav\"", file)).unwrap();
        let output = chronus(&folder, &["check", "song.kdl"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).starts_with(code), "{}", stderr(&output));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
    fs::write(folder.join("song.kdl"), SONG.replace("hit.wav", "../outside.wav")).unwrap();
    let output = chronus(&folder, &["check", "--allow-outside", "song.kdl"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let output = chronus_with_input(&["check", "-"], SONG.as_bytes());
    assert!(stderr(&output).starts_with("no-folder"), "{}", stderr(&output));
}

#[test]
fn tracks_without_notes_play_the_root() {
    let plane: Vec<f32> = (0..6_000).map(|i| (i % 97) as f32 / 97.0 - 0.5).collect();
    let folder = with("sound-root", &wav(spec(1, 48_000, 32), &plane));
    fs::write(
        folder.join("song.kdl"),
        SONG.replace("file=", "root=\"f#2\" file=").replace("tail=0", "tail=0 a4=432"),
    )
    .unwrap();
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--bits", "32f"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
    let mut reader = hound::WavReader::open(folder.join("out.wav")).unwrap();
    let heard: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).step_by(2).take(6_000).collect();
    assert!(heard == plane, "the file doesn't come as it is");
}
