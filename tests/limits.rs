//! Small texts that would come to much: each is refused by its limit, before it takes the memory.

#![allow(unsafe_code, reason = "an allocator that counts must be one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use chronus::check::song::check_with;
use chronus::check::song_files::MemoryFiles;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::model::highest::Highest;
use chronus::model::song::Song;
use chronus::modules::TABLE;
use chronus::plan::compile::{Refusal, compile, playable};
use chronus::plan::memory_use::Reach;

/// Bytes that are allocated now, and the most that have been.
static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One song at a time, so that the peak is its own.
static ONE: Mutex<()> = Mutex::new(());

/// While it is held, no other test takes memory.
fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The most that a refused text may take. Most take far less; the bound is that of the program as a whole.
const MOST: usize = 64 << 20;
/// Far more than any of them takes even in a build without optimisation on a busy machine; 100 ms is the bound of a release.
const LONGEST: Duration = Duration::from_secs(30);

/// Checks `text`, which must be refused with `code` inside its bounds.
fn refused(name: &str, text: &str, others: &[(&str, &str)], code: &str) {
    let _one = alone();
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let (before, start) = (NOW.load(Ordering::Relaxed), Instant::now());
    PEAK.store(before, Ordering::Relaxed);
    let checked = check_with(&mut sources, id, &mut MemoryFiles(others));
    let (took, peak) = (start.elapsed(), PEAK.load(Ordering::Relaxed) - before);
    println!("{name}: {} KiB, {took:?}", peak >> 10);
    assert!(peak < MOST, "{name} took {} MiB", peak >> 20);
    assert!(took < LONGEST, "{name} took {took:?}");
    assert!(checked.song.is_none(), "{name} is refused by nothing");
    let said: Vec<&str> = checked.diagnostics.iter().map(|one| one.code.id).take(20).collect();
    assert!(checked.diagnostics.iter().any(|one| one.code.id == code), "{name}: {said:?}");
}

/// A song with one instrument and some lines.
fn song(lines: &str) -> String {
    format!(
        "song bars=1\ninstrument a voices=8 {{ sine o; ladder f; knob k 0.5; route o -> f -> out; route k -> f.cutoff by=\"1oct\"; }}\n{lines}\n"
    )
}

/// `count` lines, each with its number in place of `#`.
fn lines(count: usize, line: &str) -> String {
    (0..count).fold(String::new(), |text, number| text + &line.replace('#', &number.to_string()) + "\n")
}

fn words(count: usize, word: &str) -> String {
    vec![word; count].join(" ")
}

#[test]
fn every_lane_is_counted_before_it_is_written_out() {
    let many = words(5_000, "300");
    let notes = words(10_000, "a4");
    let chord = vec!["a4"; 64].join("/");
    for (name, line) in [
        ("locks", format!("track a x {{ lock f.cutoff \"{{6000 <{many} >}}\"; }}")),
        ("locks of knobs", format!("track a x {{ lock k \"{{60000 <{}>}}\"; }}", words(5_000, "0.5"))),
        ("notes by turns", format!("track a x notes=\"{{60000 <{notes}>}}\"")),
        ("notes by fewer turns", format!("track a x notes=\"{{6000 <{}>}}\"", words(5_000, "a4"))),
        ("chords", format!("track a x notes=\"{{60000 {chord}}}\"")),
        ("named chords", "track a x notes=\"{60000 a3:min7}\"".to_owned()),
        ("melody", format!("track a melody=\"{{60000 {chord}}}\"")),
        ("vel", format!("track a x vel=\"{{60000 <{}>}}\"", words(10_000, "9"))),
        ("nudge", format!("track a x nudge=\"{{60000 <{}>}}\"", words(10_000, "9"))),
        ("turns of steps", format!("track a \"{{60000 <{}>}}\"", words(10_000, "x"))),
        ("turns in turns", format!("track a \"{{60000 <{}>}}\"", words(2_000, "<x .>"))),
        ("groups", format!("track a \"{{60000 [{}]}}\"", words(10_000, "x"))),
        ("rhythms", "track a \"{300 [x(3,256)](3,256)}\"".to_owned()),
        ("rhythms of rhythms", format!("track a \"{}x{}\"", "[".repeat(60), "](256,256)".repeat(60))),
        ("repeats in turns", "track a x notes=\"<{65536 a4}> <{65536 a4}> <{65536 a4}>\"".to_owned()),
        (
            "repeats in turns at every level",
            format!("track a x vel=\"{}9{}\"", "{1 <{65536 9}> ".repeat(30), "}".repeat(30)),
        ),
        ("repeats at every level", format!("track a \"{}x{}\"", "{1 {65000 .} ".repeat(60), "}".repeat(60))),
        ("conditions", "track a \"{60000 <x:1/256 x:2/256>}\"".to_owned()),
    ] {
        refused(name, &song(&line), &[], "too-many-steps");
    }
    let late = "pattern p \"{60000 <x:1/256 x:2/256>}\"\ntrack a pattern=p";
    refused("a pattern", &song(late), &[], "too-many-steps");
}

#[test]
fn all_tracks_are_counted_before_they_are_written_out() {
    let notes = "{65000 a4}";
    for (name, text, code) in [
        ("tracks", lines(1_000, "track t# play=a \"{65536 x}\""), "too-many-events"),
        ("sixteen tracks", lines(16, "track t# play=a \"{65536 x}\""), "too-many-events"),
        ("rests", lines(1_000, "track t# play=a \"{65535 .}x\""), "too-many-steps"),
        (
            "patterns",
            format!("pattern p \"{{65535 .}}x\"\n{}", lines(1_000, "track t# play=a pattern=p")),
            "too-many-steps",
        ),
        ("notes", lines(1_000, &format!("track t# play=a x notes=\"{notes}\"")), "too-many-steps"),
        ("vel", lines(1_000, "track t# play=a x vel=\"{65000 9}\""), "too-many-steps"),
        ("nudge", lines(1_000, "track t# play=a x nudge=\"{65000 9}\""), "too-many-steps"),
        ("locks", lines(1_000, "track t# play=a x { lock f.cutoff \"{65000 300}\"; }"), "too-many-steps"),
        (
            "ratchets of rests",
            "track a \"[[[[[[[[.]*64]*64]*64]*64]*64]*64]*64]*64x\"".to_owned(),
            "too-many-events",
        ),
        ("ratchets", "track a \"[[[[[[[[x]*64]*64]*64]*64]*64]*64]*64]*64\"".to_owned(), "too-many-events"),
    ] {
        refused(name, &song(&text), &[], code);
    }
    let mut sections = String::new();
    for section in 0..40 {
        let _ = writeln!(sections, "section s{section} bars=1 {{ track a \"{{65535 .}}x\" }}");
    }
    let text = song(&sections).replace("song bars=1\n", "") + "arrange s0\n";
    refused("sections", &text, &[], "too-many-steps");
    let text = "song bars=59000 tempo=999\ninstrument a { sine o; route o -> out; }\n".to_owned()
        + &lines(900, "track t# play=a \"...............x\" grid=\"1/128\"");
    refused("slow tracks", &text, &[], "too-many-events");
    let locks: String = (0..900).fold(String::new(), |text, n| text + &format!("knob k{n} 0.5;"));
    let set: String = (0..900).fold(String::new(), |text, n| text + &format!("lock k{n} \"0.5\";"));
    let text = format!(
        "song bars=600\ninstrument a {{ sine o; route o -> out; {locks} }}\ntrack a \"[xxxx]\" {{ {set} }}\n"
    );
    refused("locks of many notes", &text, &[], "too-many-events");
}

#[test]
fn instruments_are_counted_before_they_are_built() {
    let modules: String = (0..1_000).fold(String::new(), |text, n| text + &format!("sine s{n};"));
    let base = format!("instrument base {{ {modules} route s0 -> out; }}\n");
    let like = base.clone() + &lines(9_000, "instrument i# like=base { }");
    refused("like", &like, &[], "too-many-modules");
    let names: String = (0..9_000).fold(String::new(), |text, n| text + &format!(" i{n}=base"));
    let used = format!("song bars=1\nuse \"./kit.kdl\"{names}\n");
    refused("use", &used, &[("kit.kdl", &base)], "too-many-modules");
    let wide = format!("instrument base {{ sine o; knob k {} }}\n", words(9_000, "1"));
    let like = wide + &lines(9_000, "instrument i# like=base { }");
    refused("words", &like, &[], "too-many-modules");
    let (from, to) = (
        (0..200).fold(String::new(), |text, n| text + &format!("s{n} ")),
        (0..200).fold(String::new(), |text, n| text + &format!("s{n}.tune ")),
    );
    let modules: String = (0..200).fold(String::new(), |text, n| text + &format!("sine s{n};"));
    let meshed =
        format!("instrument base {{ {modules} route {from}-> {to}by=1 feedback=#true; route s0 -> out; }}\n");
    let like = format!("song bars=1\n{meshed}{}", lines(300, "instrument i# like=base { }"));
    refused("cables", &like, &[], "too-many-cables");
}

/// An instrument of so many voices with a delay of half a minute: 8 MiB a voice at 48 kHz.
fn delay(name: &str, voices: usize) -> String {
    format!(
        "instrument {name} voices={voices} {{ saw o; delay d time=30; route o -> d -> out; }}\ntrack {name} X...\n"
    )
}

#[test]
fn what_modules_keep_is_counted_before_it_is_made() {
    let many: String = (0..16).map(|n| delay(&format!("i{n}"), 64)).collect();
    // So many lanes as 57 voices take are as many as 64.
    let just = delay("a", 64) + &delay("b", 57);
    let moved = "song bars=1\ninstrument a voices=64 { saw o; lfo l rate=1; delay d time=1; delay e time=1; delay f time=1; \
                 route o -> d -> e -> f -> out; route l -> d.time e.time f.time by=29; }\ntrack a X...\n";
    let set = "song bars=1\ninstrument a voices=64 { saw o; delay d time=1; delay e time=1; delay f time=1; \
               route o -> d -> e -> f -> out; }\ntrack a X... { lock d.time \"30\"; lock e.time \"30\"; lock f.time \"30\"; }\n";
    let automated = "song bars=1\ninstrument a voices=64 { saw o; delay d time=1; delay e time=1; delay f time=1; \
                     route o -> d -> e -> f -> out; }\ntrack a X...\nautomate a.d.time to=30\nautomate a.e.time to=30\n\
                     automate a.f.time to=30\n";
    let slow = "song bars=1 tempo=20\ninstrument a voices=64 { saw o; delay d time=\"2/1\"; delay e time=\"2/1\"; \
                delay f time=\"2/1\"; route o -> d -> e -> f -> out; }\ntrack a X...\n";
    let top =
        "song bars=1\nsaw o freq=100\n".to_owned() + &lines(80, "pingpong d# time=30\nroute o -> d# -> out");
    let stereo = "song bars=1\ninstrument a voices=64 { supersaw o; delay d time=30; delay e time=0.1; route o -> d -> e -> out; }\n\
                  track a X...\n";
    let reverbs: String =
        (0..400).fold(String::new(), |text, n| text + &format!("reverb r{n} size=1; route r{n} -> out;"));
    let reverbs = format!("instrument a voices=64 {{ saw o; {reverbs} }}\ntrack a X...\n");
    let names: String = (0..950).fold(String::new(), |text, n| text + &format!("v{n} "));
    let sines: String = (0..1_014).fold(String::new(), |text, n| match n {
        0..950 => text + &format!("lowpass v{n};"),
        _ => text + &format!("sine s{n};"),
    });
    let sources: String = (950..1_014).fold(String::new(), |text, n| text + &format!("s{n} "));
    let cables = format!(
        "song bars=1\ninstrument a voices=64 {{ {sines} route {sources} -> {names}; route {names} -> out; }}\n"
    );
    let cuts: String = (1..5_000).fold(String::new(), |text, n| {
        text + &format!(
            "sampler s{n} freq=100 file=\"std/break.flac\" loop=#true loop-from={}\n",
            f64::from(n) * 1e-4
        )
    });
    let cuts = format!("song bars=1\n{cuts}");
    for (name, text) in [
        ("delays", many.as_str()),
        ("a voice too many", &just),
        ("moved by a route", moved),
        ("set by locks", set),
        ("moved by automation", automated),
        ("note lengths", slow),
        ("at the top level", &top),
        ("in stereo", stereo),
        ("reverbs", &reverbs),
        ("cuts of a sound", &cuts),
        ("cables", &cables),
    ] {
        refused(name, text, &[], "too-much-memory");
    }
    let still = moved.replace("by=29", "by=0.5");
    for text in [delay("a", 64) + &delay("b", 56), still, set.replace("30", "3"), slow.replace("20", "60")] {
        taken(&text);
    }
}

#[test]
fn moves_of_controls_are_counted_with_all_playings() {
    let song = |automations: usize, playings: usize| {
        let moves: String = (1..=automations).fold(String::new(), |text, bar| {
            text + &format!("automate a.gain from=1 to=0.5 bars={bar} shape=sine cycles=2\n")
        });
        format!(
            "instrument a {{ saw o; route o -> out; }}\nsection s bars={automations} tempo=999 meter=\"1/16\" {{\n{moves}\
             track a \"X...\" grid=\"1/1\"\n}}\narrange s*{playings}\n"
        )
    };
    // Each playing has 1,000 automations, 1,001 rests between them, and the one piece of its tempo.
    refused("automation", &song(1_000, 500), &[], "too-many-events");
    taken(&song(1_000, 499));
    let followers = lines(2_000, "delay d# time=\"1/8\"; route a -> d# -> out");
    let paces =
        "section s bars=1 tempo=900 { track a X...; }\nsection t bars=1 tempo=901 { track a X...; }\n";
    let text = |times: usize| {
        format!(
            "instrument a {{ saw o; route o -> out; }}\n{followers}{paces}arrange {}\n",
            words(times, "s t")
        )
    };
    refused("what follows the tempo", &text(251), &[], "too-many-events");
    taken(&text(250));
}

/// Where lanes share what the longest of them needs, only the plan knows what that comes to.
#[test]
fn a_plan_is_refused_before_it_takes_its_memory() {
    let pairs = (0..100).fold(String::from("song bars=1\n"), |text, n| {
        let short = delay(&format!("b{n}"), 7).replace("time=30", "time=0.01");
        text + &delay(&format!("a{n}"), 1) + &short
    });
    let full = taken(&(delay("a", 64) + &delay("b", 56)));
    let short = delay("a", 64).replace("time=30", "time=0.1");
    let both = short.clone() + &short.replace("instrument a", "instrument b").replace("track a", "track b");
    let (song, short, both) = (taken(&pairs), taken(&short), taken(&both));
    let _one = alone();
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let refusal = compile(&song, 48_000).expect_err("eight times as much as is counted");
    assert!(matches!(refusal, Refusal::TooMuchMemory { .. }), "{refusal}");
    assert_eq!(refusal.diagnostic().code.id, "too-much-memory");
    assert!(PEAK.load(Ordering::Relaxed) - before < MOST);
    assert!(compile(&song, 8_000).is_ok());
    // What the check takes at its rate is taken at every rate.
    assert!(compile(&full, 48_000).is_ok_and(|plan| plan.bytes(Reach::OfSong) < (1 << 30)));
    assert!(compile(&full, 192_000).is_ok());
    // Played, few delays have room for any time at all; many have room for what the song itself makes of them.
    let reach = |song: &Song| playable(song, 48_000, &BTreeSet::new()).map(|playable| playable.plan.reach);
    assert_eq!(reach(&short), Ok(Reach::OfKind));
    assert_eq!(reach(&both), Ok(Reach::OfSong));
}

/// What is counted from the text is a bound for what the plan asks for, in every song and example there is.
#[test]
fn no_parameter_goes_beyond_what_is_counted() {
    let mut compared = 0;
    let mut texts: Vec<String> = TABLE.iter().map(|spec| spec.example.to_owned()).collect();
    texts.extend(
        ["delay d time=\"1/4\"\nlfo l rate=\"1/2\"\nroute l -> d.time by=0.2\nroute a -> d -> out\n\
        automate d.time to=0.9 bars=1\nautomate tempo to=80 bars=2\n"]
        .map(|lines| {
            song(&format!("{lines}track a x {{ lock f.cutoff \"900 12000\"; }}")).replace("bars=1", "bars=2")
        }),
    );
    for text in texts {
        let song = taken(&text);
        let _one = alone();
        let highest = Highest::of(&song);
        let plan = compile(&song, 48_000).expect("an example");
        let mut paths = BTreeMap::new();
        for (instrument, patch) in
            song.instruments.iter().map(|one| (Some(one), &one.patch)).chain([(None, &song.patch)])
        {
            let index = instrument.and_then(|it| song.instruments.iter().position(|one| one.id == it.id));
            for (module, one) in patch.modules.iter().enumerate() {
                let path = instrument.map_or_else(|| one.id.clone(), |it| format!("{}.{}", it.id, one.id));
                paths.insert(path, highest.of_module(index, module));
            }
        }
        for lane in plan.kernels.iter().flat_map(|kernel| &kernel.lanes) {
            let bound = &paths[&plan.paths[lane.path]];
            assert_eq!(bound.len(), lane.highest.len());
            assert!(
                lane.highest.iter().zip(bound).all(|(has, bound)| has <= bound),
                "{}: {text}",
                plan.paths[lane.path]
            );
            compared += 1;
        }
    }
    assert!(compared > 100);
}

/// However much is warned of, the song is read to its end, with its sounds.
#[test]
fn a_song_with_thousands_of_warnings_plays() {
    let unheard = lines(3_000, "sine s# freq=100");
    let song = taken(&format!(
        "song bars=1\n{unheard}sampler it file=\"std/break.flac\" freq=100\nroute it -> out\n"
    ));
    assert_eq!((song.patch.modules.len(), song.sounds.len()), (3_001, 1));
    let _one = alone();
    assert!(compile(&song, 48_000).is_ok());
}

/// What fits is still taken: the limits are those that the documentation names.
#[test]
fn what_fits_is_taken() {
    for line in [
        "track a \"{65536 .}\" mute=#true".to_owned(),
        "track a x notes=\"{16384 <a3 a4 a5 c4>}\"".to_owned(),
        "track a x notes=\"{16384 a3:min7}\"".to_owned(),
        lines(15, "track t# play=a \"{65000 x}\""),
    ] {
        taken(&song(&line));
    }
}

/// Checks `text`, in which nothing may be wrong.
fn taken(text: &str) -> Song {
    let _one = alone();
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let checked = check_with(&mut sources, id, &mut MemoryFiles(&[]));
    let errors: Vec<&str> =
        checked.diagnostics.iter().filter(|one| one.is_error()).map(|one| one.message.as_str()).collect();
    assert!(errors.is_empty(), "{}: {errors:?}", &text[..text.len().min(200)]);
    checked.song.unwrap_or_else(|| panic!("no song and no errors"))
}
