//! Renders songs for the tests, with a cache and without.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chronus::check::song::check_with;
use chronus::diagnostic::code::Severity;
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::engine::block_loop::Frame;
use chronus::engine::guard::Fault;
use chronus::engine::offline_render::Excerpt;
use chronus::engine::optimize::{folded, lean};
use chronus::engine::worker_pool;
use chronus::io::cache::Cache;
use chronus::io::cached::{CacheReport, Cached};
use chronus::io::folder::Folder;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;
use chronus::plan::compiled_plan::Plan;

/// Low, so that whole songs take no time.
pub(crate) const RATE: u32 = 8_000;
pub(crate) const WHOLE: Excerpt = Excerpt { from: 0, to: None, fades: false };

/// Three instruments of equal shape, which share lanes, one with many voices, one that hears the top level, one that never plays,
/// and one that glides by a control that moves.
pub(crate) const BAND: &str = "song \"t\" tempo=140 bars=8 seed=4 tail=2\n\
    instrument low voices=2 {\n saw osc\n ladder tone cutoff=\"400Hz\"\n decay env time=\"200ms\"\n \
    route osc -> tone -> out vca=env gain=0.3\n}\n\
    instrument mid voices=3 {\n saw osc\n ladder tone cutoff=\"900Hz\"\n decay env time=\"300ms\"\n \
    route osc -> tone -> out vca=env gain=0.2\n}\n\
    instrument high {\n saw osc\n ladder tone cutoff=\"2kHz\"\n decay env time=\"100ms\"\n \
    route osc -> tone -> out vca=env gain=0.2\n}\n\
    instrument wide voices=9 {\n supersaw osc\n lfo sway rate=\"3Hz\"\n lowpass tone cutoff=\"900Hz\"\n \
    adsr env release=\"300ms\"\n route sway -> tone.cutoff by=\"1oct\"\n route osc -> tone -> out vca=env gain=0.1\n}\n\
    instrument swept {\n noise hiss\n bandpass tone freq=\"2kHz\"\n decay env time=\"90ms\"\n \
    route hiss -> tone -> out vca=env gain=0.3\n}\n\
    instrument mute voices=2 {\n sine osc\n adsr env\n route osc -> out vca=env\n}\n\
    instrument slide glide=\"40ms\" {\n sine osc\n adsr env\n route osc -> out vca=env gain=0.2\n}\n\
    lfo slow rate=\"0.3Hz\"\n\
    route slow -> swept.tone.freq by=\"2oct\"\n\
    reverb room time=\"1s\"\n\
    route low mid high swept slide mute -> out\n\
    route wide -> out pan=-0.3\n\
    route mid wide -> room gain=0.2\n\
    route room -> out\n\
    track low notes=\"a1 a2 c2\" \"X~x. x.X~ x.x. X...\"\n\
    track mid notes=\"a2 e3\" \"x.x. ..x. x... x.x.\"\n\
    track high notes=\"a3\" \"..x. ..x. ..x. .xxx\"\n\
    track wide notes=\"a3/c4/e4 g3/b3/d4\" \"X___ ..x. X__. x..x\"\n\
    track swept \"x.xX\" {\n lock tone.q \". 4 . <2 8>\"\n}\n\
    track slide notes=\"a3 e4\" \"X~X~\"\n\
    automate slide.glide from=\"10ms\" to=\"80ms\" bars=\"1..8\"\n\
    automate wide.tone.cutoff to=\"3kHz\" bars=\"1..4\" curve=exp\n";

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) frames: u64,
    pub(crate) hash: blake3::Hash,
    pub(crate) faults: Vec<Fault>,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of all songs in a folder, by path.
pub(crate) fn songs(folder: &str) -> Vec<(PathBuf, String)> {
    let files =
        std::fs::read_dir(root().join(folder)).expect("a folder").map(|file| file.expect("a file").path());
    let mut paths: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|is| is == "kdl")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).expect("a text"))).collect()
}

/// The plan of a text, unless it has errors.
pub(crate) fn compiled(path: &Path, text: &str) -> Option<Plan> {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("test", text));
    let checked = check_with(&mut sources, id, &mut Folder::of(path, false));
    let wrong = checked.diagnostics.iter().any(|said| said.code.severity == Severity::Error);
    compile(&checked.song.filter(|_| !wrong)?, RATE).ok()
}

/// The plan of a text without errors.
pub(crate) fn plan(text: &str) -> Plan {
    compiled(&root().join("song.kdl"), text).expect("a song without errors")
}

/// A cache for one test.
pub(crate) fn cache() -> (tempfile::TempDir, Arc<Cache>) {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Arc::new(Cache::at(folder.path(), 1 << 30).expect("a cache"));
    (folder, cache)
}

struct Ear {
    frames: u64,
    hasher: blake3::Hasher,
}

impl Ear {
    fn new() -> Self {
        Self { frames: 0, hasher: blake3::Hasher::new() }
    }

    fn hear(&mut self, frames: &[Frame]) {
        self.frames += frames.len() as u64;
        let bytes: Vec<u8> = frames.as_flattened().iter().flat_map(|x| x.to_bits().to_le_bytes()).collect();
        self.hasher.update(&bytes);
    }

    fn done(self, frames: u64, faults: Vec<Fault>) -> Heard {
        assert_eq!(self.frames, frames);
        Heard { frames, hash: self.hasher.finalize(), faults }
    }
}

/// As it is rendered without a cache.
pub(crate) fn plain(plan: &Plan, excerpt: Excerpt) -> Heard {
    let mut ear = Ear::new();
    let mut take = |frames: &[Frame]| {
        ear.hear(frames);
        Ok(())
    };
    let lean = Arc::new(lean(plan.clone()));
    let (frames, faults) =
        worker_pool::render(&lean, Compilation::best(), 1, excerpt, &mut take).expect("all of it");
    ear.done(frames, faults)
}

/// With a cache, instruments as sums where they can be.
pub(crate) fn cached(plan: &Plan, excerpt: Excerpt, cache: &Arc<Cache>, jobs: usize) -> (Heard, CacheReport) {
    cached_as(true, plan, excerpt, cache, jobs)
}

/// With a cache, as sums or voice by voice.
pub(crate) fn cached_as(
    sums: bool,
    plan: &Plan,
    excerpt: Excerpt,
    cache: &Arc<Cache>,
    jobs: usize,
) -> (Heard, CacheReport) {
    let mut ear = Ear::new();
    let mut take = |frames: &[Frame]| {
        ear.hear(frames);
        Ok(())
    };
    let how = Cached { cache, compilation: Compilation::best(), jobs, excerpt, sums };
    let (frames, faults, report) = how.render(&folded(plan.clone()), &mut take).expect("all of it");
    (ear.done(frames, faults), report)
}
