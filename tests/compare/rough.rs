//! Sides that are none.

use std::fs;

use super::{SMALL, ends, folder, outcome, wav, write};

fn tone(rate: u32) -> Vec<[f32; 2]> {
    (0..rate).map(|i| [0.5 * libm::sinf(i as f32 * 0.05); 2]).collect()
}

#[test]
fn broken_sounds_are_refused_with_a_reason() {
    let folder = folder();
    let at = folder.path();
    wav(&at.join("a.wav"), 8_000, &tone(8_000));
    let whole = fs::read(at.join("a.wav")).unwrap();
    let mut nan = tone(8_000);
    nan[4_000][1] = f32::NAN;
    wav(&at.join("nan.wav"), 8_000, &nan);
    fs::write(at.join("cut.wav"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at.join("head.wav"), &whole[..20]).unwrap();
    fs::write(at.join("empty.wav"), b"").unwrap();
    fs::write(at.join("text.wav"), "song bars=1\n").unwrap();
    wav(&at.join("nothing.wav"), 8_000, &[]);
    fs::create_dir(at.join("folder.wav")).unwrap();
    fs::create_dir(at.join("none")).unwrap();
    for (name, code) in [
        ("nan.wav", "broken-sound"),
        ("cut.wav", "broken-sound"),
        ("head.wav", "broken-sound"),
        ("empty.wav", "not-a-sound"),
        ("text.wav", "not-a-sound"),
        ("nothing.wav", "broken-sound"),
        ("folder.wav", "cannot-compare"),
        ("none", "cannot-compare"),
        ("gone.wav", "missing-file"),
        ("gone.kdl", "missing-file"),
        ("gone.golden", "missing-file"),
    ] {
        for sides in [["a.wav", name], [name, "a.wav"]] {
            let (out, err) = ends(at, 2, &["diff", sides[0], sides[1]]);
            assert!(err.contains(code) && out.is_empty(), "{name}: {out}{err}");
        }
    }
}

#[test]
fn every_form_of_wav_is_read() {
    let folder = folder();
    let at = folder.path();
    let sound = tone(8_000);
    wav(&at.join("a.wav"), 8_000, &sound);
    for (name, bits, format) in [
        ("8.wav", 8, hound::SampleFormat::Int),
        ("16.wav", 16, hound::SampleFormat::Int),
        ("24.wav", 24, hound::SampleFormat::Int),
        ("32.wav", 32, hound::SampleFormat::Int),
    ] {
        let spec =
            hound::WavSpec { channels: 2, sample_rate: 8_000, bits_per_sample: bits, sample_format: format };
        let mut writer = hound::WavWriter::create(at.join(name), spec).unwrap();
        let scale = f64::from(1_u32 << (bits - 1));
        for sample in sound.as_flattened() {
            writer.write_sample((f64::from(*sample) * scale).round() as i32).unwrap();
        }
        writer.finalize().unwrap();
    }
    // Floats of 64 bits, by hand: nobody else writes them.
    let mut bytes = fs::read(at.join("a.wav")).unwrap();
    let data = bytes.windows(4).position(|word| word == b"data").unwrap();
    let format = bytes.windows(4).position(|word| word == b"fmt ").unwrap() + 8;
    bytes.truncate(data + 4);
    bytes[format + 8..format + 12].copy_from_slice(&128_000_u32.to_le_bytes());
    bytes[format + 12..format + 14].copy_from_slice(&16_u16.to_le_bytes());
    bytes[format + 14..format + 16].copy_from_slice(&64_u16.to_le_bytes());
    if bytes[format - 4] >= 40 {
        bytes[format + 18..format + 20].copy_from_slice(&64_u16.to_le_bytes());
    }
    bytes.extend_from_slice(&(sound.len() as u32 * 16).to_le_bytes());
    for sample in sound.as_flattened() {
        bytes.extend_from_slice(&f64::from(*sample).to_le_bytes());
    }
    let size = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&size);
    fs::write(at.join("64f.wav"), &bytes).unwrap();
    for (name, verdict, code) in [
        ("8.wav", "different", 1),
        ("16.wav", "inaudible", 0),
        ("24.wav", "inaudible", 0),
        ("32.wav", "inaudible", 0),
        ("64f.wav", "identical", 0),
    ] {
        assert_eq!(outcome(at, code, &["diff", "a.wav", name])["verdict"], verdict, "{name}");
    }
    // It is what is in it that counts, not its name.
    fs::copy(at.join("16.wav"), at.join("16.flac")).unwrap();
    assert_eq!(outcome(at, 0, &["diff", "a.wav", "16.flac"])["verdict"], "inaudible");
    // One channel stands on both sides.
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(at.join("mono.wav"), spec).unwrap();
    sound.iter().for_each(|[left, _]| writer.write_sample(*left).unwrap());
    writer.finalize().unwrap();
    assert_eq!(outcome(at, 0, &["diff", "a.wav", "mono.wav"])["verdict"], "identical");
    let spec = hound::WavSpec { channels: 6, ..spec };
    let mut writer = hound::WavWriter::create(at.join("six.wav"), spec).unwrap();
    (0..600).for_each(|_| writer.write_sample(0.25_f32).unwrap());
    writer.finalize().unwrap();
    assert!(ends(at, 2, &["diff", "a.wav", "six.wav"]).1.contains("6 channels"));
}

#[test]
fn other_rates_and_broken_songs_are_refused() {
    let folder = folder();
    let at = folder.path();
    wav(&at.join("a.wav"), 8_000, &tone(8_000));
    wav(&at.join("b.wav"), 16_000, &tone(16_000));
    let code = |args: &[&str]| outcome(at, 2, args)["diagnostics"][0]["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&["diff", "a.wav", "b.wav"]), "different-rates");
    assert_eq!(code(&["diff", "a.wav", "a.wav", "--rate", "16000"]), "different-rates");
    write(at, "a.kdl", SMALL);
    write(at, "b.kdl", &format!("render rate=44100\n{SMALL}"));
    assert_eq!(code(&["diff", "a.kdl", "b.kdl"]), "different-rates");
    assert_eq!(outcome(at, 0, &["diff", "a.kdl", "b.kdl", "--rate", "8000"])["verdict"], "identical");
    write(at, "c.kdl", "song bars=1\nroute x -> out\n");
    let (_, err) = ends(at, 2, &["diff", "a.kdl", "c.kdl"]);
    assert!(err.contains("c.kdl:2:7") && err.contains("unknown"), "{err}");
}
