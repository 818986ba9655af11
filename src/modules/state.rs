//! What a kernel keeps from block to block: how much of it, how it begins, what sleep does to it.

use crate::dsp::clip::Clip;

/// What the kernel gets when its state is laid out, before any sound.
#[derive(Debug)]
pub struct Setup<'a> {
    /// Frames a second.
    pub rate: f32,
    /// From the song's seed, the module's path, the voice and the channel.
    pub seed: u32,
    /// The settings, in the order of the spec.
    pub settings: &'a [f32],
    /// The highest value each parameter can take in this song, in the order of the spec: rings are sized by it.
    pub highest: &'a [f32],
    /// The sound that it plays, if its kind plays one.
    pub clip: Option<&'a Clip>,
}

/// What a sleeping voice does to the state.
#[derive(Clone, Copy, Debug)]
pub enum Sleep {
    /// The state is set up afresh when the voice wakes.
    Reset,
    /// Phases and counts are brought to where they would be had they run on for so many frames. What a filter or a feedback
    /// holds is set up afresh, because it can't be known without running it.
    Advance(fn(&mut StateLane<'_>, u64)),
    /// The voice never sleeps.
    Never,
}

/// One lane of a module's state, for setting up and advancing; the kernel itself sees whole rows.
#[derive(Debug)]
pub struct StateLane<'a> {
    rows: &'a mut [f32],
    words: &'a mut [u32],
    width: usize,
    lane: usize,
}

impl<'a> StateLane<'a> {
    /// Lane `lane` of a state of `width` lanes, rows one after another.
    pub fn new(rows: &'a mut [f32], words: &'a mut [u32], width: usize, lane: usize) -> Self {
        Self { rows, words, width, lane }
    }

    /// The float in row `index`.
    pub fn row(&mut self, index: usize) -> &mut f32 {
        &mut self.rows[index * self.width + self.lane]
    }

    /// The integer in row `index`.
    pub fn word(&mut self, index: usize) -> &mut u32 {
        &mut self.words[index * self.width + self.lane]
    }

    /// Two integers read as one of 64 bits, the high half in row `index`.
    pub fn long(&mut self, index: usize) -> u64 {
        u64::from(*self.word(index)) << 32 | u64::from(*self.word(index + 1))
    }

    /// Sets the 64-bit integer whose high half is in row `index`.
    pub fn set_long(&mut self, index: usize, value: u64) {
        *self.word(index) = (value >> 32) as u32;
        *self.word(index + 1) = value as u32;
    }

    /// Clears every row to zero.
    pub fn clear(&mut self) {
        self.rows.iter_mut().skip(self.lane).step_by(self.width).for_each(|x| *x = 0.0);
        self.words.iter_mut().skip(self.lane).step_by(self.width).for_each(|x| *x = 0);
    }
}

/// What the kernel keeps from block to block, and what the plan and the engine must know of it.
#[derive(Debug)]
pub struct State {
    /// Rows of floats: scanned for NaN and flushed of denormals once a block.
    pub rows: usize,
    /// Rows of integers: phases, counters, seeds.
    pub words: usize,
    /// The length in frames of each ring the kernel needs.
    pub rings: fn(&Setup<'_>) -> Vec<usize>,
    /// How many of them, from the first on, are loops: rings that turn `MARGIN` frames before their end, where they repeat
    /// their beginning.
    pub loops: usize,
    /// Gives the cleared state its first values.
    pub init: fn(&mut StateLane<'_>, &Setup<'_>),
    /// What a sleeping voice does to the state.
    pub sleep: Sleep,
    /// How long sound can stay under -90 dB inside and still come out, in seconds.
    pub tail: fn(&Setup<'_>) -> f32,
    /// Frames by which the output lags the input.
    pub latency: fn(&Setup<'_>) -> u32,
    /// The most by which it raises a quiet sound on its main input, with these highest values of its parameters: 1 if it never does.
    /// What echoes and rooms make of a steady tone in time doesn't count: a voice that falls asleep isn't steady.
    pub raises: fn(&[f32]) -> f32,
    /// Whether, with these settings, its sound ends by itself once what is led into it has ended: then no gate needs to close the voice.
    pub ends: fn(&[f32]) -> bool,
    /// What becomes of a signal on its main input, with these values of its parameters (`None` where one moves or isn't known).
    /// `None` where that can't be told, or where the module holds its level by itself.
    pub passes: fn(&[Option<f64>]) -> Option<Passes>,
}

/// What a module that adds and multiplies only makes of a signal on its main input, both channels alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passes {
    /// The gain of a signal that stands still.
    pub gain: f64,
    /// Whether every frequency has that gain, but for its sign: the module only weighs and delays.
    pub flat: bool,
}

impl Passes {
    /// Every frequency with the same gain.
    pub const fn flat(gain: f64) -> Option<Self> {
        Some(Self { gain, flat: true })
    }

    /// A signal that stands still with that gain, others with another.
    pub const fn still(gain: f64) -> Option<Self> {
        Some(Self { gain, flat: false })
    }
}

impl State {
    /// Nothing kept: the output depends on this block's input only.
    pub const NONE: Self = Self {
        rows: 0,
        words: 0,
        rings: |_| Vec::new(),
        loops: 0,
        init: |_, _| {},
        sleep: Sleep::Reset,
        tail: |_| 0.0,
        latency: |_| 0,
        raises: |_| 1.0,
        ends: |_| false,
        passes: |_| None,
    };
}
