//! The block loop allocates nothing.

#![allow(unsafe_code, reason = "an allocator that counts must be one")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chronus::check::song::check_with;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::block_loop::{Engine, Frame};
use chronus::engine::commands::{EngineReport, TimedCommand};
use chronus::io::audio_callback::{AudioCallback, StreamStatus};
use chronus::io::folder::Folder;
use chronus::io::player::Player;
use chronus::io::samples::Samples;
use chronus::live::session::{Session, SessionConfig};
use chronus::modules::dispatch::Compilation;
use chronus::modules::spec::BLOCK;
use chronus::osc::message::{Arg, Message};
use chronus::plan::compile::compile;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more, and nothing to prove.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(path: &Path, text: &str) -> u64 {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("test", text));
    let song =
        check_with(&mut sources, id, &mut Folder::of(path, false)).song.expect("a song without errors");
    let plan = Arc::new(compile(&song, 48_000).expect("a song that compiles"));
    let mut engine = Engine::new(Arc::clone(&plan), Compilation::best());
    let before = ALLOCATIONS.with(Cell::get);
    while engine.frame() < plan.timeline.end_frame() {
        engine.block();
    }
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn blocks_allocate_nothing_in_any_song_or_example() {
    let root = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for folder in ["songs", "examples"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "kdl") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(allocations(&path, &text), 0, "{}", path.display());
        }
    }
}

#[test]
fn blocks_allocate_nothing_in_any_kind() {
    for spec in chronus::modules::TABLE {
        assert_eq!(allocations(Path::new("song.kdl"), spec.example), 0, "{}", spec.kind);
    }
}

/// Modules that are reset again and again, voices among them, and an output that stands still.
const WILD: &str = "song bars=2 tail=2\nsine a freq=220\nsum r\ndelay d time=\"3s\"\nroute a -> r -> out\nroute r -> r d gain=16 \
    feedback=#true\nroute d -> r\ndistortion s drive=\"24dB\"\nroute a -> s -> out\nroute s -> s gain=4 feedback=#true\n\
    instrument v voices=3 {\n saw o\n sum w\n route o -> w -> out\n route w -> w gain=3 feedback=#true\n}\nroute v -> out\n\
    track v notes=\"c3/e3/g3\" \"X.x_\"\n";

#[test]
fn blow_ups_allocate_nothing() {
    assert_eq!(allocations(Path::new("song.kdl"), WILD), 0);
    let config = SessionConfig {
        path: "song.kdl".into(),
        outside: false,
        rate: 48_000,
        ends: false,
        ..SessionConfig::default()
    };
    let Ok((_, mut performance)) = Session::begin(config, WILD) else { panic!("a song") };
    let mut block = [[0.0; 2]; BLOCK];
    let before = ALLOCATIONS.with(Cell::get);
    (0..1_000).for_each(|_| performance.block(&mut block));
    assert_eq!(ALLOCATIONS.with(Cell::get), before);
    let faults = performance.reports().filter(|report| matches!(report, EngineReport::Fault { .. })).count();
    assert!(faults >= 2, "{faults}");
}

/// A song as a device asks for it: callbacks of changing length, in every format.
#[test]
fn callbacks_allocate_nothing() {
    struct Song(Engine, [Frame; BLOCK], usize);
    impl Player for Song {
        fn play(&mut self, frames: &mut [Frame]) {
            for frame in frames {
                if self.2 == BLOCK {
                    self.0.block();
                    self.0.read(&mut self.1);
                    self.2 = 0;
                }
                *frame = self.1[self.2];
                self.2 += 1;
            }
        }
    }
    let text = "saw osc freq=110\nroute osc -> out gain=\"-6dB\"\nsong bars=4\n";
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("test", text));
    let song = check_with(&mut sources, id, &mut Folder::of(Path::new("song.kdl"), false)).song;
    let plan = compile(&song.expect("a song without errors"), 48_000).expect("a song that compiles");
    let engine = Engine::new(Arc::new(plan), Compilation::best());
    let player: Box<dyn Player> = Box::new(Song(engine, [[0.0; 2]; BLOCK], BLOCK));
    let mut feed = AudioCallback::new(
        Arc::new(Mutex::new(player)),
        Arc::new(StreamStatus::default()),
        Arc::default(),
        2,
        48_000,
    );
    let (mut floats, mut shorts) = (vec![0.0_f32; 2_000], vec![0_i16; 2_000]);
    let mut loudest = 0.0_f32;
    let before = ALLOCATIONS.with(Cell::get);
    for length in (2..2_000).step_by(62) {
        feed.fill(&mut Samples::F32(&mut floats[..length]), Duration::ZERO);
        feed.fill(&mut Samples::I16(&mut shorts[..length]), Duration::ZERO);
        loudest = floats.iter().fold(loudest, |loudest, sample| loudest.max(*sample));
    }
    assert_eq!(ALLOCATIONS.with(Cell::get), before);
    assert!(loudest > 0.1, "{loudest}");
}

/// A performance under everything that can be ordered, on a thread of its own as it is: what arrives was made elsewhere, and
/// what is done with goes back.
#[test]
fn performances_allocate_nothing_whatever_is_ordered() {
    let song = |cutoff: u32| {
        format!(
            "song bars=2 tempo=120\ninstrument a voices=4 {{\n saw osc\n lowpass tone cutoff={cutoff}\n adsr env\n knob bite 0.5\n \
             route osc -> tone -> out vca=env\n route bite -> tone.cutoff by=\"1oct\"\n}}\ndelay echo time=\"1/8\"\nreverb hall\nroute a -> out\n\
             route a -> echo -> hall -> out\ntrack a notes=\"c3/e3/g3 g3\" \"X.x~ x.x.\" {{\n lock tone.cutoff \"800 . 900\"\n}}\n\
             automate hall.mix from=0.2 to=0.8 bars=1\n"
        )
    };
    let config = SessionConfig {
        path: "song.kdl".into(),
        outside: false,
        rate: 48_000,
        ends: false,
        ..SessionConfig::default()
    };
    let Ok((mut session, mut performance)) = Session::begin(config, &song(1_000)) else { panic!("a song") };
    let mut said: Vec<(&str, Vec<Arg>)> = Vec::new();
    for number in 0..60 {
        said.push(("/mod/a/tone/cutoff", vec![Arg::Float(300.0 + 40.0 * number as f32)]));
        said.push(("/note/a", vec![Arg::Int(40 + number), Arg::Float(0.7), Arg::Float(0.1)]));
        said.push(("/gate/a", vec![Arg::Bool(number % 3 != 0), Arg::Int(60)]));
        said.push(match number % 12 {
            0 => ("/seq/bpm", vec![Arg::Int(100 + number)]),
            1 => ("/seq/goto", vec![Arg::Int(2)]),
            2 => ("/seq/add", vec![Arg::from("t"), Arg::from("a"), Arg::from("XxX.")]),
            3 => ("/seq/stop", vec![]),
            4 => ("/seq/start", vec![]),
            5 => ("/mod/a/*/auto", vec![]),
            6 => ("/mod/a/pan", vec![Arg::Float(0.3)]),
            7 => ("/seq/loop", vec![Arg::Int(1)]),
            8 => ("/engine/panic", vec![]),
            9 => ("/seq/solo", vec![Arg::from("a"), Arg::Bool(number % 2 == 0)]),
            10 => ("/engine/auto", vec![]),
            _ => ("/seq/clear", vec![]),
        });
    }
    let mut allocated = 0;
    let mut block = [[0.0; 2]; BLOCK];
    let mut loudest = 0.0_f32;
    for (turn, (address, args)) in said.into_iter().enumerate() {
        let mut commands = session.hear(&Message::new(address, args)).commands;
        if turn % 40 == 17 {
            let Ok(reload) = session.reload(&song(900 + turn as u32), turn % 80 == 17) else {
                panic!("a song")
            };
            commands.extend(reload);
        }
        let commands: Vec<TimedCommand> = commands
            .into_iter()
            .map(|command| TimedCommand { frame: 0, number: turn as u64, command })
            .collect();
        let before = ALLOCATIONS.with(Cell::get);
        let mut commands = commands.into_iter();
        for command in commands.by_ref() {
            performance.enqueue(command);
        }
        for _ in 0..40 {
            performance.block(&mut block);
            loudest = block.iter().flatten().fold(loudest, |loudest, sample| loudest.max(sample.abs()));
        }
        allocated += ALLOCATIONS.with(Cell::get) - before;
        // What isn't needed any more is dropped where there is time for it.
        performance.reports().for_each(drop);
        drop(commands);
    }
    assert_eq!(allocated, 0);
    assert!(loudest > 0.1, "{loudest}");
}

#[test]
fn the_counter_counts() {
    let before = ALLOCATIONS.with(Cell::get);
    drop(std::hint::black_box(vec![1, 2, 3]));
    assert!(ALLOCATIONS.with(Cell::get) >= before + 2);
}
