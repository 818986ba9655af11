//! A whole song, offline: from its first frame until its tail has rung out.

use std::ops::Range;
use std::sync::Arc;

use crate::engine::block_hook::{BlockHook, NoHook};
use crate::engine::block_loop::{Engine, Frame};
use crate::engine::guard::Fault;
use crate::engine::observer::{BlockObserver, BlockPhase, NoObserver};
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::Plan;
use crate::plan::voices::SILENCE;

/// Seconds in which a tail that is still heard at its limit is faded.
const LAST_FADE: f64 = 0.02;

/// Which frames of a song are output. They are the same as in the whole: what comes before is rendered too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The first frame.
    pub from: u64,
    /// The frame after the last one; `None` for all until the tail has rung out.
    pub to: Option<u64>,
    /// Whether a tail that is still heard at its limit is faded there though `to` says where it ends: so a stem ends as its mix did.
    pub fades: bool,
}

/// A song being rendered.
pub struct Rendering {
    engine: Engine,
    block: [Frame; BLOCK],
    excerpt: Excerpt,
    /// The next frame of the song.
    done: u64,
    /// Frames still to be dropped: what comes before the excerpt, and those by which the output lags.
    skip: u64,
    /// Frames since `out` was last heard, counted from the end of the music.
    quiet: u64,
    finished: bool,
}

impl Rendering {
    /// A rendering of `plan`, before its first frame.
    pub fn new(plan: Arc<Plan>, compilation: Compilation) -> Self {
        Self::of(plan, compilation, Excerpt::default())
    }

    /// A rendering of a part of `plan`.
    pub fn of(plan: Arc<Plan>, compilation: Compilation, excerpt: Excerpt) -> Self {
        let skip = plan.latency + excerpt.from;
        Self {
            engine: Engine::new(plan, compilation),
            block: [[0.0; 2]; BLOCK],
            excerpt,
            done: excerpt.from,
            skip,
            quiet: 0,
            finished: false,
        }
    }

    /// The next frames, at most a block; `None` when the song is over.
    pub fn next_frames(&mut self) -> Option<&[Frame]> {
        let mut frames = 0..0;
        while frames.is_empty() {
            frames = self.next_block(0, &mut NoHook, &mut NoObserver)?;
        }
        Some(&self.block[frames])
    }

    /// Writes the frames of the next `blocks` blocks to `chunk`, of fewer if the song is over, which it tells. For each
    /// block, `hook` brings what other engines play in it, and `watch` is reported its parts.
    pub fn next_chunk(
        &mut self,
        chunk: &mut Vec<Frame>,
        blocks: usize,
        hook: &mut impl BlockHook,
        watch: &mut impl BlockObserver,
    ) -> bool {
        chunk.clear();
        for block in 0..blocks {
            let Some(frames) = self.next_block(block, hook, watch) else { return true };
            chunk.extend_from_slice(&self.block[frames]);
            watch.ends(BlockPhase::Output);
        }
        false
    }

    /// Runs one block, the one of that number in its chunk, and tells which of its frames are to be heard; none while the
    /// output lags. `None` when the song is over.
    fn next_block(
        &mut self,
        block: usize,
        hook: &mut impl BlockHook,
        watch: &mut impl BlockObserver,
    ) -> Option<Range<usize>> {
        if self.finished {
            return None;
        }
        self.engine.block_beside(block, hook, watch);
        let from = self.skip.min(BLOCK as u64) as usize;
        self.skip -= from as u64;
        self.engine.read(&mut self.block);
        let plan = self.engine.plan();
        let music = plan.timeline.end_frame();
        let limit = music + plan.tail;
        let fade = (LAST_FADE * f64::from(plan.rate)) as u64;
        let fades = plan.tail > 0 && (self.excerpt.to.is_none() || self.excerpt.fades);
        let quiet_enough = plan.quiet;
        let mut to = from;
        let plain = music.min(self.excerpt.to.unwrap_or(music));
        if self.done + BLOCK as u64 <= plain {
            self.done += (BLOCK - from) as u64;
            to = BLOCK;
        }
        while to < BLOCK {
            if self.excerpt.to.is_some_and(|end| self.done >= end) {
                self.finished = true;
                break;
            }
            let left = limit.saturating_sub(self.done);
            if fades && self.done >= music && left < fade {
                let gain = left as f32 / fade as f32;
                self.block[to] = self.block[to].map(|x| x * gain);
            }
            if self.done >= music && self.excerpt.to.is_none() {
                if self.done >= limit || self.quiet >= quiet_enough {
                    self.finished = true;
                    break;
                }
                let heard = self.block[to].iter().any(|x| x.abs() > SILENCE);
                self.quiet = if heard { 0 } else { self.quiet + 1 };
            }
            self.done += 1;
            to += 1;
        }
        if to == from && self.finished { None } else { Some(from..to) }
    }

    /// Frames output so far.
    pub fn frames(&self) -> u64 {
        self.done - self.excerpt.from
    }

    /// The frame of the song that comes next.
    pub(super) fn next_frame(&self) -> u64 {
        self.done
    }

    /// The plan that is rendered.
    pub fn plan(&self) -> &Arc<Plan> {
        self.engine.shared_plan()
    }

    /// What has broken down: each culprit once, in the order of frames.
    pub fn faults(&self) -> &[Fault] {
        self.engine.faults()
    }
}
