//! What the inputs of each target are made from: the repository's own songs, goldens and sounds, and what tests send.

use std::fs;
use std::io::Cursor;

use chronus::live::take::{Take, TakeEvent, TakeLine};
use chronus::live::versions::Version;
use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{write, write_bundle};
use chronus::osc::time::Time;

use crate::root;

/// The longest seed, in bytes; longer ones make long runs and find little more.
const LONGEST: usize = 8 << 10;

/// The seeds of a target.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "check" | "fmt" => songs().into_iter().map(String::into_bytes).collect(),
        "goldens" => files("songs", "golden"),
        "lanes" => lanes(),
        "osc" => packets(),
        "scl" => scales(),
        "sounds" => sounds(),
        "takes" => takes(),
        other => panic!("{other} has no seeds"),
    }
}

/// The files of a folder that end in `.end`, in the order of their names.
fn files(folder: &str, end: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|is| is == end)).collect();
    paths.sort();
    let read = paths.iter().map(|path| fs::read(path).unwrap());
    read.map(|bytes| bytes[..bytes.len().min(LONGEST)].to_vec()).collect()
}

fn songs() -> Vec<String> {
    let whole = fs::read(root().join("tests/whole_song.kdl")).unwrap();
    let all = [files("examples", "kdl"), files("library", "kdl"), vec![whole]].concat();
    all.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// Whatever stands between quotes in the songs, as each of the lanes.
fn lanes() -> Vec<Vec<u8>> {
    let mut lanes = vec![Vec::new()];
    for song in songs() {
        for line in song.lines().filter(|line| line.contains("track") || line.contains("lock")) {
            for text in line.split('"').skip(1).step_by(2) {
                for before in ["", "\n", "\n\n", "\n\n\n\n\n"] {
                    // What stands before stays as usual only where nothing is written; a rest is short.
                    let before = before.replace('\n', "x.\n");
                    lanes.push(format!("{before}{text}").into_bytes());
                }
            }
        }
    }
    lanes
}

fn packets() -> Vec<Vec<u8>> {
    let float = |value: f32| Arg::Float(value);
    let text = |text: &str| Arg::Text(text.to_owned());
    let messages: Vec<(&str, Vec<Arg>)> = vec![
        ("/mod/a/tone/cutoff", vec![float(900.0)]),
        ("/mod/a/*/cutoff", vec![float(-1.0)]),
        ("/mod/echo/mix", vec![Arg::Double(0.5)]),
        ("/mod/level", vec![Arg::Int(1)]),
        ("/mod//[a-z]{one,two}?", vec![Arg::Nil]),
        ("/gate/a", vec![Arg::Int(1), float(0.5)]),
        ("/gate/swell", vec![Arg::Bool(true)]),
        ("/note/a", vec![Arg::Int(60), float(0.7), float(0.25)]),
        ("/seq/start", vec![]),
        ("/seq/stop", vec![]),
        ("/seq/bpm", vec![float(133.0)]),
        ("/seq/position", vec![Arg::Int(3)]),
        ("/seq/loop", vec![Arg::Int(0), Arg::Int(4)]),
        ("/seq/mute", vec![text("a"), Arg::Int(1)]),
        ("/pattern/save", vec![text("1")]),
        ("/pattern/load", vec![text("../x")]),
        ("/pattern/add", vec![text("a"), text("x.x.")]),
        ("/subscribe", vec![text("/beat"), Arg::Int(9000)]),
        ("/engine/list", vec![Arg::Blob(vec![1, 2, 3])]),
        ("/engine/schema", vec![]),
        ("/ping", vec![Arg::Long(1), Arg::Impulse, text("x"), Arg::Bool(false)]),
        ("/record/start", vec![text("night")]),
        ("/song/load", vec![text("song bars=1")]),
    ];
    let messages: Vec<Message> =
        messages.into_iter().map(|(address, args)| Message::new(address, args)).collect();
    let mut packets: Vec<Vec<u8>> = messages.iter().map(write).collect();
    packets.push(write_bundle(Time::Now, &messages[..4]));
    packets.push(write_bundle(Time::of_tag(u64::MAX / 3), &messages));
    packets
}

fn scales() -> Vec<Vec<u8>> {
    let twelve: Vec<String> = (1..=12).map(|step| format!(" {}.0\n", step * 100)).collect();
    let texts = [
        "! meanquar.scl\n!\n1/4-comma meantone scale\n 12\n!\n 76.04900\n 193.15686\n 310.26471\n 5/4\n 503.42157\n 579.47057\n \
         696.57843\n 25/16\n 889.73529\n 1006.84314\n 1082.89214\n 2/1\n"
            .to_owned(),
        "\u{feff}\r\n2 notes\r\n  \t408. low third\r\n! a comment\r\n2 the octave\r\n".to_owned(),
        "pentatonic\n5\n9/8\n5/4\n3/2\n5/3\n2\n".to_owned(),
        "thirds\n3\n1/1 cents\n-5.0\n81/64\n".to_owned(),
        format!("equal\n12\n{}", twelve.concat()),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

fn sounds() -> Vec<Vec<u8>> {
    let mut all = [files("tests/sounds", "flac"), files("tests/sounds", "mp3")].concat();
    for (channels, bits, float) in [(1, 16, false), (2, 24, false), (2, 32, true), (1, 8, false)] {
        let format = if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int };
        let spec =
            hound::WavSpec { channels, sample_rate: 44_100, bits_per_sample: bits, sample_format: format };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for frame in 0..300_i32 * i32::from(channels) {
            if float {
                writer.write_sample((frame % 20) as f32 / 20.0).unwrap();
            } else {
                writer.write_sample(frame % 20 - 10).unwrap();
            }
        }
        writer.finalize().unwrap();
        all.push(bytes.into_inner());
    }
    all
}

fn takes() -> Vec<Vec<u8>> {
    let songs = songs();
    let mut takes = Vec::new();
    for (number, text) in songs.iter().enumerate().filter(|(_, text)| text.len() < 2_000).step_by(3) {
        let what = |address: &str, args: Vec<Arg>| TakeEvent::Message(Message::new(address, args));
        let whats = [
            what("/seq/bpm", vec![Arg::Int(90)]),
            what("/mod/*/*/cutoff", vec![Arg::Double(333.3)]),
            what("/gate/a", vec![Arg::Bool(true), Arg::Text("a \"b\" \\ \n\u{7}".to_owned()), Arg::Nil]),
            TakeEvent::Song {
                text: songs[(number + 3) % songs.len()].clone(),
                at_bar: false,
                fresh: number % 2 == 0,
            },
            what("/seq/stop", vec![]),
        ];
        let lines: Vec<TakeLine> = (1..)
            .zip(whats)
            .map(|(number, what)| TakeLine { frame: 200 * number, number, told: None, what })
            .collect();
        let kept = (number % 2 == 0).then(|| "x.files/00ff.wav".into());
        let used = vec![Version { name: "kick.wav".to_owned(), from: 0, content: "00ff".to_owned(), kept }];
        let take = Take {
            rate: 8_000,
            used,
            song: "song.kdl".to_owned(),
            text: text.clone(),
            from: [0, 1_000][number % 2],
            ends: number % 4 < 2,
            lines,
            end: (number % 3 > 0).then_some(1_500),
        };
        takes.push(take.written().into_bytes());
    }
    takes
}
