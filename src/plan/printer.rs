//! The plan in words: one line a step with the hash of what it makes, so that the first changed line names the culprit.

use std::fmt::Write;

use crate::plan::compiled_plan::{KernelPlan, Plan, Signal, Step};
use crate::plan::content::Content;

/// `plan` as text.
pub fn describe(plan: &Plan) -> String {
    let content = Content::new(plan);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "plan  {} Hz  {} frames  {} events  latency {}  quiet {}  tail {}",
        plan.rate,
        plan.timeline.end_frame(),
        plan.events.len(),
        plan.latency,
        plan.quiet,
        plan.tail
    );
    let mut inside = 0_usize;
    for step in &plan.steps {
        let indent = if inside > 0 { "    " } else { "  " };
        inside = inside.saturating_sub(1);
        let line = line(plan, step, &content);
        let _ = writeln!(text, "{indent}{line}");
        if let Step::VoiceBatch { steps, .. } = step {
            inside = *steps;
        }
    }
    let _ = writeln!(text, "out  {}", short(content.song(plan)));
    text
}

fn line(plan: &Plan, step: &Step, content: &Content) -> String {
    let hashes = |buffer: usize, lanes: usize| {
        let lanes = (0..lanes).map(|lane| short(content.signal(Signal { buffer, lane })));
        lanes.collect::<Vec<_>>().join(" ")
    };
    match step {
        Step::Kernel(index) => {
            let kernel = &plan.kernels[*index];
            let outs = kernel.outs.iter().map(|&out| hashes(out, kernel.lanes.len()));
            format!("{} {}  {}", kernel.spec.kind, names(plan, kernel), outs.collect::<Vec<_>>().join(" | "))
        }
        Step::Sum { width, terms, out } => format!("sum of {} x{width}  {}", terms.len(), hashes(*out, 1)),
        Step::Mix { terms, out } => format!("mix of {}  {}", terms.len(), hashes(*out, 1)),
        Step::Move { width, terms, out, .. } => {
            format!("move by {} x{width}  {}", terms.len(), hashes(*out, 1))
        }
        Step::Pan { width, left, .. } => format!("pan x{width}  {}", hashes(*left, 1)),
        Step::Spread { from, outs, .. } => format!("spread  {}", hashes(*from, outs.len())),
        Step::Gather { lanes, out, .. } => format!("gather  {}", hashes(*out, lanes.len())),
        Step::Latch { to, .. } => format!("latch  {}", hashes(*to, 1)),
        Step::Pad { frames, out, .. } => format!("pad {frames}  {}", hashes(*out, 1)),
        Step::Fade { buffers, .. } => {
            let faded = buffers.iter().map(|&buffer| hashes(buffer, 1));
            format!("fade  {}", faded.collect::<Vec<_>>().join(" "))
        }
        Step::VoiceBatch { voice_batch, .. } => {
            let voice_batch = &plan.voice_batches[*voice_batch];
            format!("voices {:?} x{}", voice_batch.voices, voice_batch.width)
        }
    }
}

/// The paths of a kernel's modules, each named once.
fn names(plan: &Plan, kernel: &KernelPlan) -> String {
    let mut paths: Vec<usize> = kernel.lanes.iter().map(|lane| lane.path).collect();
    paths.dedup();
    paths.into_iter().map(|path| plan.paths[path].as_str()).collect::<Vec<_>>().join(",")
}

fn short(hash: blake3::Hash) -> String {
    hash.to_hex()[..8].to_string()
}
