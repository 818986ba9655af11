//! The audio thread's end of a session: commands come in through a ring, frames go out, reports go back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::engine::block_loop::Frame;
use crate::engine::commands::{EngineReport, TimedCommand};
use crate::engine::performance::Performance;
use crate::io::player::Player;
use crate::modules::spec::BLOCK;

/// Commands that can wait for the audio thread.
const COMMANDS: usize = 16_384;
/// Reports that can wait for the control thread.
const REPORTS: usize = 16_384;
/// Seconds of sound that can wait to be recorded.
const RECORDED: usize = 4;
/// Frames that can wait to be looked at.
const SEEN: usize = 16_384;

/// Where the performance is, by the clock of the machine.
#[derive(Debug)]
pub struct PerformanceClock {
    start: Instant,
    rate: f64,
    frame: AtomicU64,
    /// Nanoseconds from the start to when that frame was asked for.
    at: AtomicU64,
    /// Whether frames are wanted for a recording.
    pub(super) recording: AtomicBool,
    /// Frames that a recording has lost, because nobody fetched them in time.
    pub(super) lost: AtomicU64,
}

impl PerformanceClock {
    /// The frame that is asked for by now, were the device to ask for each by itself.
    pub fn now(&self) -> f64 {
        let (frame, at) = (self.frame.load(Ordering::Acquire), self.at.load(Ordering::Acquire));
        let since = self.start.elapsed().as_nanos() as f64 - at as f64;
        frame as f64 + (since * 1e-9).clamp(0.0, 1.0) * self.rate
    }

    /// The frame at which the next block begins.
    pub fn frame(&self) -> u64 {
        self.frame.load(Ordering::Acquire)
    }
}

/// What the audio thread plays.
pub struct AudioEnd {
    performance: Performance,
    commands: Consumer<TimedCommand>,
    reports: Producer<EngineReport>,
    record: Producer<Frame>,
    seen: Producer<Frame>,
    clock: Arc<PerformanceClock>,
    block: [Frame; BLOCK],
    /// Frames of the block that have been given.
    given: usize,
    /// A report for which there was no room.
    unsaid: Option<EngineReport>,
}

/// What the control thread holds of it.
pub struct ControlEnd {
    /// For what is to be done.
    pub commands: Producer<TimedCommand>,
    /// For what has been done.
    pub reports: Consumer<EngineReport>,
    /// What is heard, while it is recorded.
    pub record: Consumer<Frame>,
    /// What is heard, but for what wasn't fetched in time.
    pub seen: Consumer<Frame>,
    /// Where it is.
    pub clock: Arc<PerformanceClock>,
}

/// Both ends of a performance at `rate` frames a second.
pub fn ends(performance: Performance, rate: u32) -> (AudioEnd, ControlEnd) {
    let (commands_in, commands_out) = RingBuffer::new(COMMANDS);
    let (reports_in, reports_out) = RingBuffer::new(REPORTS);
    let (record_in, record_out) = RingBuffer::new(rate as usize * RECORDED);
    let (seen_in, seen_out) = RingBuffer::new(SEEN);
    let clock = Arc::new(PerformanceClock {
        start: Instant::now(),
        rate: f64::from(rate),
        frame: AtomicU64::new(0),
        at: AtomicU64::new(0),
        recording: AtomicBool::new(false),
        lost: AtomicU64::new(0),
    });
    let audio = AudioEnd {
        performance,
        commands: commands_out,
        reports: reports_in,
        record: record_in,
        seen: seen_in,
        clock: Arc::clone(&clock),
        block: [[0.0; 2]; BLOCK],
        given: BLOCK,
        unsaid: None,
    };
    let control =
        ControlEnd { commands: commands_in, reports: reports_out, record: record_out, seen: seen_out, clock };
    (audio, control)
}

impl AudioEnd {
    fn next_block(&mut self) {
        let count = self.commands.slots().min(self.performance.room());
        if let Ok(chunk) = self.commands.read_chunk(count) {
            for timed in chunk {
                self.performance.enqueue(timed);
            }
        }
        self.performance.block(&mut self.block);
        if let Some(report) = self.unsaid.take() {
            self.unsaid = self.reports.push(report).err().map(|rtrb::PushError::Full(report)| report);
        }
        if self.unsaid.is_none() {
            let room = self.reports.slots();
            for report in self.performance.reports_up_to(room) {
                // There is room for it, or it waits for the next block.
                if let Err(rtrb::PushError::Full(report)) = self.reports.push(report) {
                    self.unsaid = Some(report);
                }
            }
        }
        // Who looks too rarely misses some.
        if let Ok(chunk) = self.seen.write_chunk_uninit(BLOCK) {
            chunk.fill_from_iter(self.block);
        }
        if self.clock.recording.load(Ordering::Relaxed) {
            match self.record.write_chunk_uninit(BLOCK) {
                Ok(chunk) => {
                    chunk.fill_from_iter(self.block);
                }
                Err(_) => {
                    self.clock.lost.fetch_add(BLOCK as u64, Ordering::Relaxed);
                }
            }
        }
    }
}

impl Player for AudioEnd {
    // Once a callback, because all of its blocks are made at once.
    fn callback(&mut self) {
        let at = self.clock.start.elapsed().as_nanos() as u64;
        let ahead = (BLOCK - self.given) as u64;
        self.clock.at.store(at, Ordering::Release);
        self.clock
            .frame
            .store(self.performance.frame() - ahead.min(self.performance.frame()), Ordering::Release);
    }

    fn play(&mut self, frames: &mut [Frame]) {
        let mut frames = frames;
        while !frames.is_empty() {
            if self.given == BLOCK {
                self.next_block();
                self.given = 0;
            }
            let count = frames.len().min(BLOCK - self.given);
            let (now, later) = frames.split_at_mut(count);
            now.copy_from_slice(&self.block[self.given..self.given + count]);
            self.given += count;
            frames = later;
        }
    }
}
