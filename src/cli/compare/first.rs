//! Where two sides differ first, and nothing more: rendered side by side until they do.

use std::sync::Arc;

use crate::cli::compare::against::{CompareOptions, grids, rate, same_part};
use crate::cli::compare::compare_input::{CompareInput, InputContent};
use crate::cli::compare::compare_result::{CompareResult, ComparedPart, Measured};
use crate::cli::compare::renderer::compiled;
use crate::compare::verdict::Verdict;
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::engine::block_hook::NoHook;
use crate::engine::block_loop::Frame;
use crate::engine::observer::NoObserver;
use crate::engine::offline_render::{Excerpt, Rendering};
use crate::engine::search::named;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;

/// Blocks that are compared at a time.
const BLOCKS: usize = 64;

/// A side that gives its frames one after another.
enum SideStream<'a> {
    Sound(std::slice::Chunks<'a, Frame>),
    Song(Box<Rendering>, bool),
}

impl SideStream<'_> {
    fn next(&mut self, chunk: &mut Vec<Frame>) {
        match self {
            Self::Sound(chunks) => {
                chunk.clear();
                chunk.extend_from_slice(chunks.next().unwrap_or_default());
            }
            Self::Song(_, true) => chunk.clear(),
            Self::Song(rendering, over) => {
                *over = rendering.next_chunk(chunk, BLOCKS, &mut NoHook, &mut NoObserver);
            }
        }
    }
}

/// Compares two sides up to the first frame that differs.
///
/// # Errors
/// If they can't be compared.
pub(crate) fn first(
    sides: [&CompareInput; 2],
    options: &CompareOptions<'_>,
) -> Result<CompareResult, Diagnostic> {
    let rate = rate(sides, options.rate)?;
    let mut streams = Vec::new();
    for side in sides {
        streams.push(match &side.what {
            InputContent::Sound(sound) => SideStream::Sound(sound.frames.chunks(BLOCKS * BLOCK)),
            InputContent::Song { read, .. } => {
                let plan = Arc::clone(&compiled(&read.song, rate)?.plan);
                let rendering = Rendering::of(plan, Compilation::best(), Excerpt::default());
                SideStream::Song(Box::new(rendering), false)
            }
            InputContent::Stems(_) | InputContent::Golden(_) => {
                let message = format!("{} has no frames to stop at", quoted(&side.name));
                let help = "compare songs and sound files with `--stop-at-first`, or leave it out";
                return Err(Diagnostic::of_file(&comparing::CANNOT_COMPARE, message).help(help));
            }
        });
    }
    // Both give chunks of the same length until one ends; a song that lags behind gives its first ones shorter.
    let mut waiting: [Vec<Frame>; 2] = Default::default();
    let mut chunk = Vec::with_capacity(BLOCKS * BLOCK);
    let (mut at, mut found) = (0, None);
    while found.is_none() {
        let mut ended = [false; 2];
        for (side, stream) in streams.iter_mut().enumerate() {
            stream.next(&mut chunk);
            ended[side] = chunk.is_empty();
            waiting[side].extend_from_slice(&chunk);
        }
        let common = waiting[0].len().min(waiting[1].len());
        let [a, b] = &waiting;
        found = a.iter().zip(b).position(|(a, b)| a != b).map(|place| at + place as u64);
        at += common as u64;
        waiting.iter_mut().for_each(|frames| drop(frames.drain(..common)));
        if ended == [true; 2] {
            // What one has more is a difference as well.
            let more = waiting.iter().any(|frames| !frames.is_empty());
            found = found.or(more.then_some(at));
            break;
        }
    }
    let grids = grids(sides, rate, [at, at]);
    let mut blow_ups = Vec::new();
    for stream in &streams {
        if let SideStream::Song(rendering, _) = stream {
            let plan = rendering.plan();
            let faults = named(plan, Compilation::best(), rendering.faults().to_vec());
            blow_ups.extend(faults.iter().map(|fault| fault.told(plan)));
        }
    }
    let part = found.map_or_else(
        || same_part(String::new()),
        |frame| {
            let grid = &grids[1];
            let place = grid.at(frame);
            let clock = grid.clock(frame);
            ComparedPart {
                id: String::new(),
                verdict: Verdict::Different,
                places: String::new(),
                effects: vec![if grid.has_bars() {
                    format!("first in {}, at {clock} (frame {frame})", grid.name(place))
                } else {
                    format!("first at {clock} (frame {frame})")
                }],
                events: Vec::new(),
                causes: Vec::new(),
                measured: Measured::Same,
            }
        },
    );
    Ok(CompareResult {
        names: sides.map(|side| side.name.clone()),
        verdict: part.verdict,
        grids,
        parts: vec![part],
        same: Vec::new(),
        only: Default::default(),
        causes: Vec::new(),
        aligned: None,
        blow_ups,
    })
}
