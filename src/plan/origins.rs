//! Which module each lane of a kernel is, and what its noise and chance are drawn from.

use crate::dsp::seed::Seed;
use crate::model::patch::Patch;
use crate::model::song::Song;
use crate::plan::compiled_plan::KernelLane;
use crate::plan::shape::KernelOp;
use crate::plan::voice_batches::BatchMember;

/// The modules of a song by their places among all paths.
pub(super) struct Origins<'a> {
    song: &'a Song,
    /// The index of the first path of each instrument's modules; the top level's come last.
    first_paths: Vec<usize>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(song: &'a Song) -> Self {
        let mut first_paths = Vec::with_capacity(song.instruments.len() + 1);
        let mut next = 0;
        for instrument in &song.instruments {
            first_paths.push(next);
            next += instrument.patch.modules.len();
        }
        first_paths.push(next);
        Self { song, first_paths }
    }

    /// The lane of a kernel operation in a voice, or at the top level.
    pub(super) fn lane(&self, op: &KernelOp, member: Option<BatchMember>, highest: &[f32]) -> KernelLane {
        let song = Seed::new(self.song.seed);
        let id = |patch: &'a Patch| patch.modules[op.module].id.as_str();
        let (seed, first_path) = match member {
            Some(BatchMember { instrument, voice }) => {
                let owner = &self.song.instruments[instrument];
                let seed = song.name(&owner.id).name(id(&owner.patch)).number(voice as u64);
                (seed, self.first_paths[instrument])
            }
            None => (song.name(id(&self.song.patch)), self.first_paths[self.song.instruments.len()]),
        };
        KernelLane {
            seed: seed.number(op.channel as u64).word(),
            path: first_path + op.module,
            voice: member.map_or(0, |member| member.voice),
            channel: op.channel,
            highest: highest.to_vec(),
        }
    }
}
