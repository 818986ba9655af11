//! A render that computes only what isn't in the cache: voices are played from tapes, or taken down as they are computed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::engine::block_loop::{Fault, Frame};
use crate::engine::crew::{Ended, Enough, render_with};
use crate::engine::render::Excerpt;
use crate::engine::tapes::{Recorder, Tape, Tapes};
use crate::io::cache::Cache;
use crate::io::sealed::{FORMAT, Key};
use crate::io::tape::{CHANNELS, Player, Shared, Writer};
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::content::Content;
use crate::plan::prune::prune;
use crate::plan::reuse::reuse;
use crate::plan::steps::Plan;
use crate::plan::taped::taped;

/// What a render took from the cache and gave to it, in voices. Those that never play don't count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Played from tapes.
    pub played: usize,
    /// Computed.
    pub computed: usize,
    /// Taken down and kept.
    pub kept: usize,
}

/// A render with a cache.
pub struct Cached<'a> {
    /// Where tapes are.
    pub cache: &'a Arc<Cache>,
    /// How kernels run. The samples are the same.
    pub compilation: Compilation,
    /// Threads that may be used. The samples are the same for any number.
    pub jobs: usize,
    /// What of the song is put out.
    pub excerpt: Excerpt,
}

/// Which tapes are played.
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
    /// are those of [`crate::engine::crew::render`].
    ///
    /// # Errors
    /// If `take` has had enough.
    pub fn render(
        &self,
        plan: &Plan,
        take: &mut dyn FnMut(&[Frame]) -> Result<(), Enough>,
    ) -> Result<(u64, Vec<Fault>, Report), Enough> {
        let voices = playing(plan);
        let mut given = 0;
        // A tape may turn out to be torn, or to end before the song does. Then the song is rendered anew, without what it has
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
            match self.attempt(plan, &voices, trust, &mut take) {
                Ok(done) => return Ok(done),
                Err(Ended::Enough) => return Err(Enough),
                Err(Ended::Torn) if trust == Trust::All => trust = Trust::Closed,
                Err(Ended::Torn) => trust = Trust::Nobody,
            }
        }
    }

    fn attempt(
        &self,
        plan: &Plan,
        voices: &[Voice],
        trust: Trust,
        take: &mut dyn FnMut(&[Frame]) -> Result<(), Enough>,
    ) -> Result<(u64, Vec<Fault>, Report), Ended> {
        let end = self.excerpt.to.unwrap_or(plan.timeline.end_frame()) + plan.latency;
        let least = end.div_ceil(BLOCK as u64);
        let mut tapes = Tapes::default();
        let (mut played, mut computed, mut bytes) = (Vec::new(), Vec::new(), 0);
        for voice in voices {
            let serves = |player: &Player| match trust {
                Trust::All => player.is_closed() || player.blocks() >= least,
                Trust::Closed => player.is_closed(),
                Trust::Nobody => false,
            };
            match Player::open(self.cache, voice.key).filter(serves) {
                Some(player) => {
                    bytes += player.size();
                    played.push(voice.place);
                    tapes.players.push(Box::new(player) as Box<dyn Tape>);
                }
                None => computed.push(voice),
            }
        }
        // What is played stays, so that the next render has it too.
        let left = AtomicU64::new(self.cache.most().saturating_sub(bytes));
        let shared = Arc::new(Shared { left, kept: AtomicUsize::new(0) });
        for voice in &computed {
            if let Some(writer) = Writer::new(self.cache, &shared, voice.key, voice.last_event) {
                tapes.recorders.push((voice.place, Box::new(writer) as Box<dyn Recorder>));
            }
        }
        let part = Arc::new(reuse(&prune(&taped(plan, &played))));
        let (frames, faults) = render_with(&part, self.compilation, self.jobs, self.excerpt, tapes, take)?;
        let kept = shared.kept.load(Ordering::Relaxed);
        Ok((frames, faults, Report { played: played.len(), computed: computed.len(), kept }))
    }
}

/// A voice that plays.
struct Voice {
    place: usize,
    key: Key,
    last_event: u64,
}

/// The voices of `plan` that play and fit onto tapes.
fn playing(plan: &Plan) -> Vec<Voice> {
    let mut last: Vec<Option<u64>> = vec![None; plan.voices.len()];
    plan.events.iter().for_each(|event| last[event.voice as usize] = Some(event.frame));
    let content = Content::new(plan);
    let voice = |(place, last): (usize, Option<u64>)| {
        let channels = plan.cohorts[plan.voices[place].cohort].outs.len();
        let fits = (1..CHANNELS).contains(&channels);
        let key = key("voice", content.voice(plan, place).as_bytes());
        Some(Voice { place, key, last_event: last.filter(|_| fits)? })
    };
    last.into_iter().enumerate().filter_map(voice).collect()
}

/// The key of what `content` names, in this build of the program.
pub fn key(what: &str, content: &[u8; 32]) -> Key {
    let mut hasher = blake3::Hasher::new();
    // What makes the sound is part of its name, so that no program takes another's for its own.
    for part in [what, env!("CARGO_PKG_VERSION"), env!("CHRONUS_BUILD")] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    *hasher.update(&FORMAT.to_le_bytes()).update(content).finalize().as_bytes()
}
