//! Recorded sound: as it was decoded, and cut to be played at any speed.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::dsp::resample::{TABLES, WIDEST, halved, reading};

/// Decoded sound.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Frames a second.
    pub rate: u32,
    /// One channel or two, of equal length.
    pub planes: Vec<Vec<f32>>,
    /// Of rate and samples: what has the same name sounds the same.
    pub name: blake3::Hash,
    /// What was cut of it last: a song is often compiled several times, stem by stem.
    cuts: Cuts,
}

type Cuts = Arc<Mutex<Vec<(Cut, Arc<Clip>)>>>;

/// Cuts of a recording that are kept, by far more than a song has.
const MOST_CUTS: usize = 64;

impl Recording {
    /// A recording of one channel or two.
    pub fn new(rate: u32, planes: Vec<Vec<f32>>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&rate.to_le_bytes());
        for plane in &planes {
            hasher.update(&(plane.len() as u64).to_le_bytes());
            hasher.update(bytemuck::cast_slice(plane));
        }
        Self { rate, planes, name: hasher.finalize(), cuts: Arc::default() }
    }

    /// A clip of it, cut as `cut` says: the same one as before, if it was cut like that before.
    pub fn cut(&self, cut: Cut) -> Arc<Clip> {
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, clip)) = cuts.iter().find(|(known, _)| known.key() == cut.key()) {
            return Arc::clone(clip);
        }
        if cuts.len() >= MOST_CUTS {
            cuts.remove(0);
        }
        let clip = Arc::new(Clip::new(self, cut));
        cuts.push((cut, Arc::clone(&clip)));
        clip
    }

    /// Its length in frames.
    pub fn frames(&self) -> usize {
        self.planes[0].len()
    }

    /// The bytes that a clip of it takes, cut as `cut` says.
    pub fn clip_bytes(&self, cut: &Cut) -> u64 {
        let frames = self.frames();
        let mut level = match cut.round {
            Some(round) => round_of(round, frames, cut.reverse).1 + 2 * ROUND,
            None => frames,
        };
        let (mut levels, mut samples) = (1, level + 2 * MARGIN);
        while levels < LEVELS && level >= SHORTEST {
            level = level.div_ceil(2);
            samples += level + 2 * MARGIN;
            levels += 1;
        }
        (samples * self.planes.len() * size_of::<f32>()) as u64
    }
}

/// What is done to a recording before it is played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cut {
    /// It is turned round.
    pub reverse: bool,
    /// From where to where it loops, as shares of its length.
    pub round: Option<[f32; 2]>,
    /// Seconds in which the end of a round passes over into what comes before its start.
    pub blend: f32,
}

/// What tells cuts of one recording apart.
pub type CutKey = (bool, Option<[u32; 2]>, u32);

impl Cut {
    /// Equal for cuts that make the same clip of a recording.
    pub fn key(&self) -> CutKey {
        (self.reverse, self.round.map(|round| round.map(f32::to_bits)), self.blend.to_bits())
    }
}

/// A recording ready to be played.
#[derive(Debug)]
pub struct Clip {
    /// Of what is heard of it: clips of the same name sound the same.
    pub name: blake3::Hash,
    /// Frames a second.
    pub rate: f64,
    /// The length of the recording in frames.
    pub frames: u64,
    /// Whether it has two channels.
    pub stereo: bool,
    /// The frame from which it goes back, and by how many.
    round: Option<(u64, u64)>,
    /// How long it can be under -90 dB before it goes on, in seconds.
    pub pause: f32,
    levels: Vec<ClipLevel>,
}

/// The sound at one half of the frame rate of the level before.
#[derive(Debug)]
struct ClipLevel {
    left: Vec<f32>,
    /// Empty where there is one channel.
    right: Vec<f32>,
    /// Frames that may be read.
    frames: usize,
}

/// Silence before and after each level: as far as a reading looks, from as far after its end as a reading goes.
const MARGIN: usize = 2 * WIDEST;
/// Frames after the end after which nothing is heard any more.
const AFTER: u64 = (WIDEST / 2) as u64;
/// The most levels: a sound is played up to so many octaves above its own pitch.
const LEVELS: usize = 9;
/// The shortest level worth halving.
const SHORTEST: usize = 16;
/// Frames of a round that are written out before and after it, so that every level is round as well.
const ROUND: usize = WIDEST << (LEVELS - 1);
/// -90 dB.
const QUIET: f32 = 3.162_277_7e-5;

/// The speed 1: a frame a frame.
pub const UNITY: u64 = 1 << 32;

/// How a clip is read at one speed.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    level: usize,
    width: usize,
    /// Every frame as it is, at whole positions.
    exact: bool,
}

impl Clip {
    /// `recording`, cut as `cut` says.
    pub fn new(recording: &Recording, cut: Cut) -> Self {
        // Never for the first time while sound is made.
        LazyLock::force(&TABLES);
        reading(UNITY + 1);
        let rate = recording.rate;
        let frames = recording.frames();
        let mut planes = recording.planes.clone();
        if cut.reverse {
            planes.iter_mut().for_each(|plane| plane.reverse());
        }
        let pause = pause(&planes) as f32 / rate as f32;
        let round = cut.round.map(|round| round_of(round, frames, cut.reverse));
        if let Some((from, to)) = round {
            let blend = (f64::from(cut.blend) * f64::from(rate)) as usize;
            planes.iter_mut().for_each(|plane| go_round(plane, from, to, blend));
        }
        let mut planes = planes.into_iter();
        let (left, right) = (planes.next().unwrap_or_default(), planes.next());
        let mut hasher = blake3::Hasher::new();
        hasher.update(recording.name.as_bytes());
        hasher.update(&[u8::from(cut.reverse)]);
        let shares = cut.round.map_or([-1.0; 3], |[from, to]| [from, to, cut.blend]);
        hasher.update(bytemuck::bytes_of(&shares));
        Self {
            name: hasher.finalize(),
            rate: f64::from(rate),
            frames: frames as u64,
            stereo: right.is_some(),
            round: round.map(|(from, to)| ((to + ROUND) as u64, (to - from) as u64)),
            pause,
            levels: levels(left, right),
        }
    }

    /// How it is read at `speed` ([`UNITY`] for 1).
    #[inline(always)]
    pub fn reading(&self, speed: u64) -> Reading {
        let (level, width) = reading(speed);
        let last = self.levels.len() - 1;
        let width = if level > last { TABLES.len() - 1 } else { width };
        Reading { level: level.min(last), width, exact: speed == UNITY }
    }

    /// Left and right at `position` (2^32 to a frame); of one channel only left.
    #[inline(always)]
    pub fn read(&self, reading: Reading, position: u64) -> [f32; 2] {
        let level = &self.levels[reading.level];
        let frame = (position >> 32 >> reading.level) as usize;
        if frame >= level.frames + AFTER as usize {
            return [0.0; 2];
        }
        let fraction = (position >> reading.level) as u32;
        if reading.exact && fraction == 0 {
            let at = MARGIN + frame;
            return [level.left[at], if self.stereo { level.right[at] } else { 0.0 }];
        }
        let table = &TABLES[reading.width];
        let at = MARGIN + frame - table.before();
        let fraction = fraction as f32 * (1.0 / 4_294_967_296.0);
        if self.stereo {
            table.read([&level.left, &level.right], at, fraction)
        } else {
            let [left] = table.read([&level.left], at, fraction);
            [left, 0.0]
        }
    }

    /// The position `speed` further on, gone back where the clip loops.
    #[inline(always)]
    pub fn next(&self, position: u64, speed: u64) -> u64 {
        let next = position.saturating_add(speed);
        match self.round {
            Some((end, length)) if next >> 32 >= end => {
                let over = (next - (end << 32)) % (length << 32);
                ((end - length) << 32) + over
            }
            _ => next,
        }
    }

    /// Where `share` of the recording is.
    pub fn place(&self, share: f32) -> u64 {
        (f64::from(share) * self.frames as f64 * UNITY as f64) as u64
    }

    /// Whether nothing is heard at `position` or after it.
    #[inline(always)]
    pub fn is_over(&self, position: u64) -> bool {
        self.round.is_none() && position >> 32 >= self.frames + AFTER
    }

    /// Whether it loops.
    pub fn is_round(&self) -> bool {
        self.round.is_some()
    }
}

/// The first frame of a round and the one after its last, at least two frames apart if there are so many.
fn round_of([from, to]: [f32; 2], frames: usize, reverse: bool) -> (usize, usize) {
    let place = |share: f32| libm::round(f64::from(share) * frames as f64) as usize;
    let (from, to) =
        if reverse { (frames - place(to), frames - place(from)) } else { (place(from), place(to)) };
    let to = to.clamp(2.min(frames), frames);
    (from.min(to.saturating_sub(2)), to)
}

/// Passes the end of a round over into what comes before its start, and writes so much of it out after that it can be
/// read as if it never ended.
fn go_round(plane: &mut Vec<f32>, from: usize, to: usize, blend: usize) {
    plane.truncate(to);
    let blend = blend.min(from).min(to - from);
    for frame in 0..blend {
        let share = (frame + 1) as f32 / (blend + 1) as f32;
        let (old, new) = (plane[to - blend + frame], plane[from - blend + frame]);
        plane[to - blend + frame] = old + share * (new - old);
    }
    let length = to - from;
    for frame in 0..2 * ROUND {
        plane.push(plane[from + frame % length]);
    }
}

/// The longest part under -90 dB with something louder after it, in frames.
fn pause(planes: &[Vec<f32>]) -> usize {
    let (mut longest, mut quiet) = (0, 0);
    for frame in 0..planes[0].len() {
        if planes.iter().any(|plane| plane[frame].abs() > QUIET) {
            longest = quiet.max(longest);
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    longest
}

fn levels(left: Vec<f32>, right: Option<Vec<f32>>) -> Vec<ClipLevel> {
    let frames = left.len();
    let widened = |plane: Vec<f32>| {
        let mut wide = vec![0.0; MARGIN];
        wide.extend(plane);
        wide.resize(frames + 2 * MARGIN, 0.0);
        wide
    };
    let mut levels =
        vec![ClipLevel { left: widened(left), right: right.map(widened).unwrap_or_default(), frames }];
    while let Some(level) = levels.last()
        && levels.len() < LEVELS
        && level.frames >= SHORTEST
    {
        let half = |plane: &Vec<f32>| {
            if plane.is_empty() { Vec::new() } else { halved(plane, level.frames, MARGIN, MARGIN) }
        };
        levels.push(ClipLevel {
            left: half(&level.left),
            right: half(&level.right),
            frames: level.frames.div_ceil(2),
        });
    }
    levels
}
