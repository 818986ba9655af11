//! Songs that are heard twice, and pages that are opened from disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chronus::check::song::check_with;
use chronus::compare::measurements::Measurement;
use chronus::compare::verdict::Verdict;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::dsp::math::decibels;
use chronus::engine::block_loop::Frame;
use chronus::engine::offline_render::{Excerpt, Rendering};
use chronus::io::folder::Folder;
use chronus::model::song::Song;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;
use chronus::report::facts::{
    BarStart, Limits, ReportCause, ReportComparison, ReportData, ReportPart, SourcePlace,
};
use chronus::report::page::page;
use serde_json::json;

use crate::browser::Browser;

pub(crate) const RATE: u32 = 48_000;

/// What is heard of a song.
pub(crate) struct Heard {
    /// The mix, then the stems.
    pub(crate) sounds: Vec<(String, Vec<Frame>)>,
    pub(crate) bars: Vec<BarStart>,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("songs/{name}.kdl"))).unwrap()
}

fn render(song: &Song, seconds: u64) -> Vec<Frame> {
    let plan = Arc::new(compile(song, RATE).unwrap());
    let excerpt = Excerpt { from: 0, to: Some(seconds * u64::from(RATE)), fades: false };
    let mut rendering = Rendering::of(plan, Compilation::best(), excerpt);
    let mut frames = Vec::new();
    while let Some(next) = rendering.next_frames() {
        frames.extend_from_slice(next);
    }
    frames
}

/// The first `seconds` of a song: its mix and those of its stems that are among `stems`, or all if there are none.
pub(crate) fn hear(text: &str, seconds: u64, stems: &[&str]) -> Heard {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song.kdl", text));
    let checked = check_with(&mut sources, id, &mut Folder::of(&root().join("songs/song.kdl"), false));
    let song = checked.song.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let timeline = compile(&song, RATE).unwrap().timeline;
    let bars = (1..=timeline.bars()).map(|bar| {
        let second = timeline.bar(bar).unwrap();
        let span = &timeline.spans[timeline.span_at(second + 1e-6).unwrap()];
        BarStart {
            frame: timeline.frame(second) as usize,
            name: bar.to_string(),
            section: song.sections[span.section].id.clone(),
        }
    });
    let bars = bars.filter(|bar| (bar.frame as u64) < seconds * u64::from(RATE)).collect();
    let mut sounds = vec![("mix".to_owned(), render(&song, seconds))];
    let wanted =
        song.stems().into_iter().filter(|stem| stems.is_empty() || stems.contains(&stem.id.as_str()));
    sounds.extend(wanted.map(|stem| (stem.id, render(&stem.song, seconds))));
    Heard { sounds, bars, text: text.to_owned() }
}

fn levels(sound: &[Frame]) -> [f64; 3] {
    let samples = || sound.iter().flatten().map(|x| f64::from(*x));
    let count = (2 * sound.len()).max(1) as f64;
    let squares: f64 = samples().map(|x| x * x).sum();
    let steps: f64 =
        sound.windows(2).map(|pair| f64::from(pair[1][0] - pair[0][0])).map(|x| 2.0 * x * x).sum();
    let bright =
        if squares > 0.0 { (steps / squares).sqrt() * f64::from(RATE) / std::f64::consts::TAU } else { 0.0 };
    [decibels((squares / count).sqrt()), decibels(samples().fold(0.0, |peak, x| x.abs().max(peak))), bright]
}

/// A part of which `a` and `b` are the sounds.
pub(crate) fn part<'a>(id: &str, a: &'a [Frame], b: &'a [Frame]) -> ReportPart<'a> {
    let [one, other] = [levels(a), levels(b)];
    let figure =
        |name, place: usize, unit| Measurement { key: name, name, values: [one[place], other[place]], unit };
    let by = other[0] - one[0];
    let louder = if by < 0.0 { "quieter" } else { "louder" };
    ReportPart {
        id: id.to_owned(),
        verdict: if a == b { Verdict::Identical } else { Verdict::Different },
        sentences: vec![
            format!("{:.1} dB {louder}", by.abs()),
            format!("brightness {:.0} Hz -> {:.0} Hz", one[2], other[2]),
        ],
        figures: vec![figure("Level", 0, "dBFS"), figure("Peak", 1, "dBFS"), figure("Brightness", 2, "Hz")],
        severity: Vec::new(),
        sounds: [Some(a), Some(b)],
        kept: [None, None],
        causes: Vec::new(),
    }
}

/// A comparison of what was heard.
pub(crate) fn compare<'a>(title: &str, a: &'a Heard, b: &'a Heard) -> ReportComparison<'a> {
    let mut parts: Vec<ReportPart> =
        a.sounds.iter().zip(&b.sounds).map(|(one, other)| part(&one.0, &one.1, &other.1)).collect();
    let identical = parts.iter().skip(1).filter(|part| part.verdict == Verdict::Identical);
    let identical = identical.map(|part| part.id.clone()).collect();
    parts.retain(|part| part.id == "mix" || part.verdict != Verdict::Identical);
    let mut causes = Vec::new();
    let lines = a.text.lines().zip(b.text.lines()).enumerate().filter(|(_, (one, other))| one != other);
    for (line, (one, other)) in lines {
        let place = |text: &str, against: &str| {
            let same = text.bytes().zip(against.bytes()).take_while(|(x, y)| x == y).count();
            let end = text.bytes().rev().zip(against.bytes().rev()).take_while(|(x, y)| x == y).count();
            let start = text[..same].rfind(' ').map_or(0, |space| space + 1);
            let end = (text.len() - end).max(start + 1);
            let end = text[end..].find(' ').map_or(text.len(), |space| end + space);
            let file = format!("songs/{title}.kdl");
            SourcePlace {
                file,
                line: line + 1,
                column: start + 1,
                text: text.trim_end().to_owned(),
                underline: start..end,
            }
        };
        let places = [place(one, other), place(other, one)];
        let [old, new] =
            [0, 1].map(|side: usize| places[side].text[places[side].underline.clone()].to_owned());
        causes.push(ReportCause { sentence: format!("{old} -> {new}"), places: places.map(Some) });
    }
    for part in &mut parts {
        part.causes = (0..causes.len()).collect();
    }
    let verdict = Some(parts[0].verdict);
    ReportComparison {
        title: title.to_owned(),
        names: [format!("HEAD~1:songs/{title}.kdl"), format!("songs/{title}.kdl")],
        verdict,
        sentences: vec![format!("{} of {} stems differ", parts.len() - 1, a.sounds.len() - 1)],
        rate: RATE,
        bars: [a.bars.clone(), b.bars.clone()],
        parts,
        identical,
        causes,
    }
}

/// A song of which a bass has become duller and a snare louder.
pub(crate) fn lever() -> &'static [Heard; 2] {
    static HEARD: OnceLock<[Heard; 2]> = OnceLock::new();
    HEARD.get_or_init(|| {
        let old = text("lever");
        let new = old
            .replace("ladder filter cutoff=\"90Hz\"", "ladder filter cutoff=\"55Hz\"")
            .replace("route snare -> mix gain=\"-2dB\"", "route snare -> mix gain=\"-1dB\"");
        assert_ne!(old, new);
        [hear(&old, 22, &["kick", "bass", "snare"]), hear(&new, 22, &["kick", "bass", "snare"])]
    })
}

/// A page with one comparison.
pub(crate) fn one(comparison: ReportComparison) -> String {
    let title = comparison.title.clone();
    page(&ReportData { title, sentences: Vec::new(), comparisons: vec![comparison] }, Limits::default())
}

/// A page as a file.
pub(crate) fn kept(name: &str, page: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    path
}

/// A browser that has opened a page from disk; `None` where there is no browser.
pub(crate) fn opened(name: &str, page: &str) -> Option<Browser> {
    let path = kept(name, page);
    let mut browser = Browser::start(&format!("report-{name}"))?;
    browser.size(1280, 900, false);
    open(&mut browser, &path);
    Some(browser)
}

fn open(browser: &mut Browser, path: &Path) {
    browser.call("Page.navigate", &json!({ "url": format!("file://{}", path.display()) }));
    // The last thing that its script does.
    browser
        .wait("document.readyState === 'complete' && document.querySelector('.keys[data-ready]') !== null");
}

/// Nothing was complained about, and nothing but the page itself was asked for.
pub(crate) fn sound(browser: &Browser, name: &str) {
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{name}");
    let requests = browser.requests();
    let foreign = |url: &&String| !url.starts_with("data:") && !url.ends_with(&format!("/{name}.html"));
    assert_eq!(requests.iter().filter(foreign).count(), 0, "{requests:?}");
}

/// The page isn't wider than its window, in any window and in dark and light.
pub(crate) fn fits(browser: &mut Browser, name: &str) {
    for (width, height) in [(360, 740), (768, 1000), (1280, 900)] {
        for dark in [false, true] {
            browser.size(width, height, dark);
            browser.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
            // A phone would make its window wider than it is.
            let wide = browser.ask(&format!("document.documentElement.scrollWidth - {width}"));
            assert!(wide.as_i64().unwrap() <= 0, "{name} at {width}: {wide} too wide");
            browser.picture(&format!("{name}-{width}-{}", if dark { "dark" } else { "light" }));
        }
    }
    browser.size(1280, 900, false);
}
