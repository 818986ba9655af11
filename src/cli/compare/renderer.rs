//! Songs as sounds: rendered to be compared, or had from the cache.

use std::sync::Arc;

use crate::compare::compared_sound::ComparedSound;
use crate::diagnostic::report::Diagnostic;
use crate::engine::optimize::lean;
use crate::io::cache::Cache;
use crate::io::finished::{self, Finished, finished};
use crate::model::song::Song;
use crate::plan::compile::compile;
use crate::plan::compiled_plan::Plan;
use crate::plan::content::Content;

/// What renders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renderer<'a> {
    /// Threads at the most.
    pub(crate) jobs: usize,
    /// Where renders are kept.
    pub(crate) cache: Option<&'a Cache>,
}

/// A song rendered to be compared.
pub(crate) struct RenderedSong {
    /// Its sound.
    pub(crate) sound: ComparedSound,
    /// What has blown up in it and was held, in sentences. Such a sound is nothing to hold others against.
    pub(crate) blow_ups: Vec<String>,
}

/// A song compiled to be compared.
pub(crate) struct CompiledSong {
    /// What is rendered.
    pub(crate) plan: Arc<Plan>,
    /// Equal ones sound the same.
    pub(crate) content: blake3::Hash,
}

/// Compiles a song.
///
/// # Errors
/// If it can't be compiled.
pub(crate) fn compiled(song: &Song, rate: u32) -> Result<CompiledSong, Diagnostic> {
    let plan = compile(song, rate).map_err(|refusal| refusal.diagnostic())?;
    let content = Content::settled(&plan).frames(&plan);
    Ok(CompiledSong { plan: Arc::new(lean(plan)), content })
}

impl Renderer<'_> {
    /// All of a song, or no more than up to a frame, behind which it may go on.
    pub(crate) fn sound(&self, plan: &Arc<Plan>, to: Option<u64>) -> RenderedSong {
        let Finished { frames, faults, .. } = finished(plan, to, self.jobs, self.cache);
        let blow_ups = faults.iter().map(|fault| fault.told(plan)).collect();
        RenderedSong { sound: ComparedSound { rate: plan.rate, frames }, blow_ups }
    }

    /// The hash of all samples of a song.
    pub(crate) fn hash(&self, plan: &Arc<Plan>) -> blake3::Hash {
        finished::hash(plan, self.jobs, self.cache)
    }
}
