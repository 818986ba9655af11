//! Small texts that would come to much: each is refused by its limit, before it takes the memory.

#![allow(unsafe_code, reason = "an allocator that counts must be one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chronus::check::files::Beside;
use chronus::check::song::check_with;
use chronus::diagnostic::source::{Source, Sources};

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

/// The most that a refused text may take. Most take far less; the bound is that of the program as a whole.
const MOST: usize = 64 << 20;
/// Far more than any of them takes even in a build without optimisation on a busy machine; 100 ms is the bound of a release.
const LONGEST: Duration = Duration::from_secs(30);

/// Checks `text`, which must be refused with `code` inside its bounds.
fn refused(name: &str, text: &str, others: &[(&str, &str)], code: &str) {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut sources = Sources::default();
    let id = sources.add(Source::new("song.kdl", text));
    let (before, start) = (NOW.load(Ordering::Relaxed), Instant::now());
    PEAK.store(before, Ordering::Relaxed);
    let checked = check_with(&mut sources, id, &mut Beside(others));
    let (took, peak) = (start.elapsed(), PEAK.load(Ordering::Relaxed) - before);
    println!("{name}: {} KiB, {took:?}", peak >> 10);
    assert!(peak < MOST, "{name} took {} MiB", peak >> 20);
    assert!(took < LONGEST, "{name} took {took:?}");
    assert!(checked.song.is_none(), "{name} is refused by nothing");
    let mut said = checked.diagnostics.iter().map(|one| one.code.id);
    assert!(said.any(|id| id == code), "{name}: {:?}", checked.diagnostics);
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

/// What fits is still taken: the limits are those that the documentation names.
#[test]
fn what_fits_is_taken() {
    for line in [
        "track a \"{65536 .}\" mute=#true".to_owned(),
        "track a x notes=\"{16384 <a3 a4 a5 c4>}\"".to_owned(),
        "track a x notes=\"{16384 a3:min7}\"".to_owned(),
        lines(15, "track t# play=a \"{65000 x}\""),
    ] {
        let text = song(&line);
        let mut sources = Sources::default();
        let id = sources.add(Source::new("song.kdl", text));
        let checked = check_with(&mut sources, id, &mut Beside(&[]));
        let errors: Vec<&str> =
            checked.diagnostics.iter().filter(|one| one.is_error()).map(|one| one.code.id).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", &line[..40]);
    }
}
