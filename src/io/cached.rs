//! A render that computes only what isn't in the cache: voices are played from cached voices, or recorded as they are computed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::engine::block_loop::Frame;
use crate::engine::guard::Fault;
use crate::engine::offline_render::Excerpt;
use crate::engine::voice_cache::{CachedVoice, VoiceCache, VoiceRecorder};
use crate::engine::worker_pool::{ConsumerDone, RenderEnd, render_with};
use crate::io::cache::Cache;
use crate::io::sealed::{FORMAT, SealKey};
use crate::io::voice_files::{CHANNELS, SharedRecorder, VoiceReader, VoiceWriter};
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::cached_voices::{cached_voice, heard, sum, taped};
use crate::plan::compiled_plan::{CachedVoicePlan, Plan};
use crate::plan::content::Content;
use crate::plan::prune::prune;
use crate::plan::reuse::reuse;

/// What a render took from the cache and gave to it, in voices. Those that nobody hears don't count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheReport {
    /// Played from cached voices.
    pub played: usize,
    /// Computed.
    pub computed: usize,
    /// Recorded and kept.
    pub kept: usize,
}

/// A render with a cache.
pub struct Cached<'a> {
    /// Where cached voices are.
    pub cache: &'a Arc<Cache>,
    /// How kernels run. The samples are the same.
    pub compilation: Compilation,
    /// Threads that may be used. The samples are the same for any number.
    pub jobs: usize,
    /// What of the song is output.
    pub excerpt: Excerpt,
    /// Whether instruments that are mixed by themselves are recorded as sums: fewer files, which other songs of the same voices,
    /// such as stems, have no use for.
    pub sums: bool,
}

/// Which cached voices are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// All that are long enough.
    All,
    /// Those that go on for ever.
    Closed,
    /// None.
    Nobody,
}

impl Cached<'_> {
    /// Renders `plan`, whose buffers must not have been used again yet, and gives its frames to `take`, in order. The samples
    /// are those of [`crate::engine::worker_pool::render`].
    ///
    /// # Errors
    /// If `take` has had enough.
    pub fn render(
        &self,
        plan: &Plan,
        take: &mut dyn FnMut(&[Frame]) -> Result<(), ConsumerDone>,
    ) -> Result<(u64, Vec<Fault>, CacheReport), ConsumerDone> {
        let instruments = playing(plan);
        let mut given = 0;
        // A cached voice may turn out to be corrupt, or to end before the song does. Then the song is rendered anew, without what it has
        // given already.
        let mut trust = Trust::All;
        loop {
            let mut at = 0;
            let mut take = |frames: &[Frame]| {
                let from = given - at.min(given);
                at += frames.len();
                let new = frames.get(from.min(frames.len())..).unwrap_or_default();
                given += new.len();
                if new.is_empty() { Ok(()) } else { take(new) }
            };
            match self.attempt(plan, &instruments, trust, &mut take) {
                Ok(done) => return Ok(done),
                Err(RenderEnd::ConsumerDone) => return Err(ConsumerDone),
                Err(RenderEnd::Corrupt) if trust == Trust::All => trust = Trust::Closed,
                Err(RenderEnd::Corrupt) => trust = Trust::Nobody,
            }
        }
    }

    fn attempt(
        &self,
        plan: &Plan,
        instruments: &[CachedInstrument],
        trust: Trust,
        take: &mut dyn FnMut(&[Frame]) -> Result<(), ConsumerDone>,
    ) -> Result<(u64, Vec<Fault>, CacheReport), RenderEnd> {
        let end = self.excerpt.to.unwrap_or(plan.timeline.end_frame()) + plan.latency;
        let least = end.div_ceil(BLOCK as u64);
        let mut cached_voices = VoiceCache::default();
        let (mut played, mut computed, mut bytes) = (Vec::new(), Vec::new(), 0);
        let open = |part: &CachedPart| {
            VoiceReader::open(self.cache, part.key).filter(|player| match trust {
                Trust::All => player.is_closed() || player.blocks() >= least,
                Trust::Closed => player.is_closed(),
                Trust::Nobody => false,
            })
        };
        let mut play = |part: &CachedPart, player: VoiceReader| {
            bytes += player.size();
            played.push(part.cached_voice.clone());
            cached_voices.players.push(Box::new(player) as Box<dyn CachedVoice>);
        };
        for CachedInstrument { sum, voices } in instruments {
            if let Some((sum, player)) = sum.as_ref().and_then(|sum| Some((sum, open(sum)?))) {
                play(sum, player);
                continue;
            }
            let first = computed.len();
            for voice in voices {
                match open(voice) {
                    Some(player) => play(voice, player),
                    None => computed.push(voice),
                }
            }
            if let (Some(sum), true) = (sum.as_ref().filter(|_| self.sums), computed.len() > first) {
                computed.truncate(first);
                computed.push(sum);
            }
        }
        // What is played stays, so that the next render has it too.
        let left = AtomicU64::new(self.cache.most().saturating_sub(bytes));
        let shared = Arc::new(SharedRecorder { left, kept: AtomicUsize::new(0) });
        let mut sums = Vec::new();
        for CachedPart { cached_voice, key, last_event } in computed {
            let voices = cached_voice.voices.len();
            let Some(writer) = VoiceWriter::new(self.cache, &shared, *key, voices, *last_event) else {
                continue;
            };
            let recorder = Box::new(writer) as Box<dyn VoiceRecorder>;
            if cached_voice.is_sum {
                sums.push(cached_voice.clone());
                cached_voices.sums.push(recorder);
            } else {
                cached_voices.recorders.push((cached_voice.voices[0], recorder));
            }
        }
        let all: usize = instruments.iter().map(|instrument| instrument.voices.len()).sum();
        let is_cached: usize = played.iter().map(|cached_voice| cached_voice.voices.len()).sum();
        let part = Arc::new(reuse(prune(taped(plan, played, sums))));
        let (frames, faults) =
            render_with(&part, self.compilation, self.jobs, self.excerpt, cached_voices, take)?;
        let kept = shared.kept.load(Ordering::Relaxed);
        Ok((frames, faults, CacheReport { played: is_cached, computed: all - is_cached, kept }))
    }
}

/// What may be on a cached voice.
struct CachedPart {
    cached_voice: CachedVoicePlan,
    key: SealKey,
    last_event: u64,
}

/// The voices of an instrument that play and fit onto cached voices, each alone, and together if they are mixed by themselves.
struct CachedInstrument {
    sum: Option<CachedPart>,
    voices: Vec<CachedPart>,
}

/// The instruments of `plan`.
fn playing(plan: &Plan) -> Vec<CachedInstrument> {
    let mut last: Vec<Option<u64>> = vec![None; plan.voices.len()];
    plan.events.iter().for_each(|event| last[event.voice as usize] = Some(event.frame));
    last.iter_mut().zip(heard(plan)).filter(|(_, heard)| !heard).for_each(|(last, _)| *last = None);
    let content = Content::settled(plan);
    let voice = |place: usize| {
        let cached_voice = cached_voice(plan, place);
        let key = key("voice", content.voice(plan, place).as_bytes());
        let fits = (2..=CHANNELS).contains(&cached_voice.channels.len());
        Some(CachedPart { cached_voice, key, last_event: last[place].filter(|_| fits)? })
    };
    let together = |instrument: usize, voices: &[CachedPart]| {
        let mut cached_voice = sum(plan, instrument)?;
        cached_voice.voices = voices.iter().map(|part| part.cached_voice.voices[0]).collect();
        let last_event = voices.iter().map(|part| part.last_event).max()?;
        let key = key("voices", content.together(plan, &cached_voice.channels).as_bytes());
        // One voice alone is better off with its gains left open.
        (voices.len() > 1 && cached_voice.channels.len() <= CHANNELS).then_some(CachedPart {
            cached_voice,
            key,
            last_event,
        })
    };
    let instrument = |instrument: usize| {
        let own = (0..plan.voices.len()).filter(|&place| plan.voices[place].instrument == instrument);
        let voices: Vec<CachedPart> = own.filter_map(voice).collect();
        CachedInstrument { sum: together(instrument, &voices), voices }
    };
    (0..plan.instruments.len()).map(instrument).collect()
}

/// The key of what `content` names, in this build of the program.
pub fn key(what: &str, content: &[u8; 32]) -> SealKey {
    let mut hasher = blake3::Hasher::new();
    // What makes the sound is part of its name, so that no program takes another's for its own.
    for part in [what, env!("CARGO_PKG_VERSION"), env!("CHRONUS_BUILD")] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    *hasher.update(&FORMAT.to_le_bytes()).update(content).finalize().as_bytes()
}
