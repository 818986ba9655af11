//! The files that a song uses are followed while it is played, and a take gives what was heard whatever has become of them.

use std::fs;
use std::path::{Path, PathBuf};

use chronus::engine::block_loop::Frame;
use chronus::live::audio::ends;
use chronus::live::control_thread::{ThreadHandle, ThreadOptions, start};
use chronus::live::session::{Session, SessionConfig};
use chronus::live::take::Take;

use crate::disk::{Player, await_it, await_log};
use crate::rig::{RATE, config};
use crate::takes::replayed;

const SONG: &str = "song bars=400 tempo=240 tail=0 tuning=\"scale.scl\"\nuse \"drums.kdl\" hat\ninstrument kick {\n sampler hit file=\"kick.wav\"\n route hit -> out\n}\n\
                    instrument lead {\n saw o\n adsr e\n route o -> out gain=0.2 vca=e\n}\nroute kick hat lead -> out gain=0.5\ntrack kick X.X.\ntrack hat .X.X\n\
                    track lead \"XX\" notes=\"1 2\"\n";

/// A sound file of a decaying tone.
fn sound(path: &Path, hertz: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..4_800_u16 {
        let time = f32::from(n) / RATE as f32;
        wav.write_sample(libm::sinf(time * hertz * std::f32::consts::TAU) * libm::expf(-time * 20.0))
            .unwrap();
    }
    wav.finalize().unwrap();
}

fn drums(folder: &Path, cutoff: u32) {
    let text = format!(
        "instrument hat {{\n noise o\n highpass f cutoff={cutoff}\n decay e time=0.05\n route o -> f -> out gain=0.3 vca=e\n}}\n"
    );
    fs::write(folder.join("drums.kdl"), text).unwrap();
}

/// Waits until as many songs have come in.
fn await_songs(thread: &ThreadHandle, songs: u64) {
    await_it(thread, &format!("{songs} songs"), |view| view.songs >= songs);
}

/// What a take gives, and the files that it can't have any more as they were.
fn render(take: &Path, song: &Path) -> (Vec<Frame>, Vec<String>) {
    let read = Take::read(&fs::read_to_string(take).unwrap()).unwrap();
    replayed(read, take, SessionConfig { path: song.to_owned(), ..config() })
}

#[test]
fn what_a_song_uses_is_followed() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session-following");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join("song.kdl");
    let scale = |cents: u32| {
        fs::write(folder.join("scale.scl"), format!("! scale.scl\n!\nOne\n 3\n!\n {cents}.0\n 700.0\n 2/1\n"))
    };
    fs::write(&path, SONG).unwrap();
    sound(&folder.join("kick.wav"), 60.0);
    drums(&folder, 3_000);
    scale(300).unwrap();
    let config = SessionConfig { path: path.clone(), keeps: true, ..config() };
    let (session, performance) =
        Session::begin(config, SONG).unwrap_or_else(|why| panic!("{:?}", why.diagnostics));
    let (audio, control) = ends(performance, RATE);
    let (take, record) = (folder.join("night.take.kdl"), folder.join("night.wav"));
    let file = fs::File::create(&take).unwrap();
    let running = ThreadOptions {
        watch: true,
        take: Some((take.clone(), file)),
        record: Some(record.clone()),
        ..ThreadOptions::default()
    };
    let thread = start(session, control, running);
    let player = Player::of(audio);
    let before = chronus::io::folder::stamp(&folder.join("kick.wav"));
    sound(&folder.join("kick.wav"), 90.0);
    assert_ne!(before, chronus::io::folder::stamp(&folder.join("kick.wav")));
    await_songs(&thread, 1);
    drums(&folder, 6_000);
    await_songs(&thread, 2);
    scale(310).unwrap();
    await_songs(&thread, 3);
    // What is missing is told, the song plays on, and once it is back it is heard.
    fs::remove_file(folder.join("kick.wav")).unwrap();
    await_log(&thread, "the edit has errors: the song before plays on");
    let told = thread.view(|view| view.unplayable.as_ref().map(|one| one.diagnostics[0].message.clone()));
    assert!(told.is_some_and(|told| told.contains("kick.wav")), "it isn't told what is missing");
    sound(&folder.join("kick.wav"), 120.0);
    await_songs(&thread, 4);
    assert!(thread.view(|view| view.unplayable.is_none()));
    // The same text with the same files anew: nothing changes.
    fs::write(&path, SONG).unwrap();
    await_log(&thread, "song.kdl comes in at the next bar");
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert_eq!(thread.view(|view| view.songs), 4);
    // A typo in a name that is taken back: the song's own files are followed as before.
    let told = |thread: &ThreadHandle| thread.view(|view| (view.songs, view.errors));
    let before = told(&thread);
    fs::write(&path, SONG.replace("kick.wav", "kik.wav")).unwrap();
    await_it(&thread, "an error", |view| view.errors > before.1);
    fs::write(&path, SONG).unwrap();
    await_it(&thread, "no error", |view| !view.flawed);
    sound(&folder.join("kick.wav"), 130.0);
    await_songs(&thread, 5);
    // What changes while the song is gone comes in once it is back.
    fs::remove_file(&path).unwrap();
    await_it(&thread, "a song that is gone", |view| view.flawed);
    drums(&folder, 4_000);
    std::thread::sleep(std::time::Duration::from_millis(700));
    fs::write(&path, SONG).unwrap();
    await_songs(&thread, 6);
    // The last change is no edit any more.
    sound(&folder.join("kick.wav"), 140.0);
    assert!(player.end() > 0, "nothing is heard");
    thread.end();

    let text = fs::read_to_string(&take).unwrap();
    let kept = fs::read_dir(folder.join("night.take.kdl.files")).unwrap().count();
    assert_eq!(kept, 7, "four kicks, two hats and a scale: {text}");
    let heard: Vec<f32> =
        hound::WavReader::open(&record).unwrap().samples::<f32>().map(Result::unwrap).collect();
    let (frames, others) = render(&take, &path);
    assert_eq!(others, Vec::<String>::new());
    assert!(
        heard.len() / 2 > frames.len() / 2,
        "{} of {} frames were recorded",
        heard.len() / 2,
        frames.len()
    );
    let apart = heard.chunks_exact(2).zip(&frames).position(|(heard, frame)| heard != frame);
    assert_eq!(apart, None, "the take isn't what was heard from that frame on");
    // Changed after the end, it can't be what was heard.
    drums(&folder, 2_000);
    assert_eq!(render(&take, &path).1, ["drums.kdl"]);
}
