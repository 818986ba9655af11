//! Songs as sounds: rendered to be compared.

use std::sync::Arc;

use crate::cli::render::plan;
use crate::compare::sound::Sound;
use crate::diagnostic::report::Diagnostic;
use crate::engine::block_loop::Frame;
use crate::engine::crew;
use crate::engine::render::{Excerpt, Rendering};
use crate::engine::watch::Unwatched;
use crate::model::song::Song;
use crate::modules::dispatch::Compilation;
use crate::plan::compile::compile;
use crate::plan::content::Content;
use crate::plan::steps::Plan;

/// Blocks that are rendered together.
const BLOCKS: usize = 256;

/// A song compiled to be compared.
pub(crate) struct Compiled {
    /// What is rendered.
    pub(crate) plan: Arc<Plan>,
    /// Equal ones sound the same.
    pub(crate) content: blake3::Hash,
}

/// Compiles a song.
///
/// # Errors
/// If it can't be compiled.
pub(crate) fn compiled(song: &Song, rate: u32) -> Result<Compiled, Diagnostic> {
    let plan = plan(song, rate)?;
    let content = match compile(song, rate) {
        Ok(plan) => Content::new(&plan).song(&plan),
        Err(_) => Content::new(&plan).song(&plan),
    };
    Ok(Compiled { plan, content })
}

/// Renders all of `plan`, or no more than up to a frame, on at most `jobs` threads.
pub(crate) fn sound(plan: &Arc<Plan>, to: Option<u64>, jobs: usize) -> Sound {
    let excerpt = Excerpt { from: 0, to };
    let mut frames: Vec<Frame> = Vec::with_capacity(plan.timeline.end_frame() as usize);
    if jobs > 1 {
        let mut take = |chunk: &[Frame]| {
            frames.extend_from_slice(chunk);
            Ok(())
        };
        // It never has enough.
        drop(crew::render(plan, Compilation::best(), jobs, excerpt, &mut take));
    } else {
        let mut rendering = Rendering::of(Arc::clone(plan), Compilation::best(), excerpt);
        let mut chunk = Vec::with_capacity(BLOCKS * crate::modules::spec::BLOCK);
        let mut over = false;
        while !over {
            over = rendering.next_chunk(&mut chunk, BLOCKS, |_, _| {}, &mut Unwatched);
            frames.extend_from_slice(&chunk);
        }
    }
    Sound { rate: plan.rate, frames }
}
