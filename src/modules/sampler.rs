//! The sampler: a recording, played from a file at any pitch.

use crate::dsp::clip::{Clip, Cut, Reading, UNITY};
use crate::modules::buffer::In;
use crate::modules::call::Call;
use crate::modules::kernel::kernel;
use crate::modules::oscillator::{FREQ, OCTAVE, TUNE, ratio_of};
use crate::modules::sample_use::SampleUse;
use crate::modules::spec::{BLOCK, Channels, Family, ModuleSpec, Options, Param, Port, Setting};
use crate::modules::state::State;
use crate::units::unit::Unit;

/// See [`crate::modules`].
pub(super) const SPEC: ModuleSpec = ModuleSpec {
    kind: "sampler",
    family: Family::Source,
    about: "Plays a sound file: WAV, FLAC or MP3, mono or stereo.",
    notes: "`file` is a path in the song's folder, or a sound of the library. The file sounds as recorded when the \
            note is its `root`, faster above and slower below, cleanly up to eight octaves away; a track without \
            notes plays the root. Each time the gate opens, the file plays from `start` to `end`, so a lock of \
            `start` cuts up a break. A start in the middle of the file keeps the attack of a hit: only the jump at \
            the first sample is smoothed, in 1 ms. An `end` before that of the file fades out in the 2 ms before \
            it. With `mode=shot` the file plays on after the gate closes; with `loop=#true` it repeats from \
            `loop-from` to `loop-to` while the voice sounds. The instrument's `velocity` sets how soft a soft note \
            is.",
    inputs: &[Port::gate("gate", "Plays the file when it opens.")],
    outputs: &[Port::audio("out", "The sound.")],
    params: &[
        FREQ,
        OCTAVE,
        TUNE,
        Param::share("start", 0.0, "Start of the next note, as a share of the file."),
        Param::share("end", 1.0, "End of the next note, as a share of the file."),
    ],
    settings: &[
        Setting { name: "file", about: "The path of the file.", options: Options::Sound(SOUND) },
        Setting {
            name: "root",
            about: "The note at which the file sounds as recorded.",
            options: Options::Root,
        },
        Setting::choice(
            "mode",
            "Effect of the closing gate.",
            &[("shot", "None: the file plays to its end."), ("gate", "Ends the sound, in 3 ms.")],
        ),
        Setting::flag("loop", "Loops a part of the file."),
        Setting {
            name: "loop-from",
            about: "Start of the loop, as a share of the file.",
            options: Options::Amount { unit: Unit::Share, min: 0.0, max: 1.0, default: 0.0 },
        },
        Setting {
            name: "loop-to",
            about: "End of the loop, as a share of the file.",
            options: Options::Amount { unit: Unit::Share, min: 0.0, max: 1.0, default: 1.0 },
        },
        Setting {
            name: "blend",
            about: "Length of the loop crossfade: the end of the loop fades into what comes before its start.",
            options: Options::Amount { unit: Unit::Seconds, min: 0.0, max: 10.0, default: 0.005 },
        },
        Setting::flag("reverse", "Plays backwards, from `end` to `start`."),
    ],
    channels: Channels::Linked,
    example: r#"song "sampler" tempo=96 bars=2
instrument break {
    sampler drums file="std/break.flac" tune=2
    route drums -> out
}
track break "X.x. X.xx X.x. X.X." {
    lock drums.start "0 . 0.125 . 0.25 . 0.375 0.4375 0.5 . 0 . 0.75 . 0.875 ."
}
"#,
    state: State {
        rows: 5,
        words: 6,
        init: |lane, _| {
            *lane.row(RISE) = 1.0;
            lane.set_long(NOW, NOWHERE);
            lane.set_long(OLD, NOWHERE);
        },
        tail: |setup| setup.clip.map_or(0.0, |clip| clip.pause * SLOWEST),
        ends: |settings| settings[LOOP] == 0.0,
        ..State::NONE
    },
    kernel: kernel!(sampler),
};

const SOUND: SampleUse =
    SampleUse { cut, part: ["start", "end"], switch: "loop", switched: &["loop-from", "loop-to", "blend"] };

const GATE: usize = SPEC.port("gate");
const PITCH: [usize; 3] = [SPEC.port("freq"), SPEC.port("octave"), SPEC.port("tune")];
const START: usize = SPEC.port("start");
const END: usize = SPEC.port("end");
const ROOT: usize = SPEC.setting("root");
const MODE: usize = SPEC.setting("mode");
const LOOP: usize = SPEC.setting("loop");
const FROM: usize = SPEC.setting("loop-from");
const TO: usize = SPEC.setting("loop-to");
const BLEND: usize = SPEC.setting("blend");
const REVERSE: usize = SPEC.setting("reverse");

/// The gate in the frame before; the gain of what is let go; how far the step has died away where a sound began in the middle of the file;
/// and that step, left and right.
const LAST: usize = 0;
const FALL: usize = 1;
const RISE: usize = 2;
const STEP: usize = 3;
/// Positions, 2^32 to a frame: of what plays, of what is let go, and where what plays ends.
const NOW: usize = 0;
const OLD: usize = 2;
const STOP: usize = 4;

/// Nothing plays.
const NOWHERE: u64 = u64::MAX;
/// Seconds in which the step dies away where a sound begins in the middle of the file, in which a sound fades before it ends there, and in
/// which one is let go.
const RISING: f32 = 0.001;
const ENDING: f32 = 0.002;
const FALLING: f32 = 0.003;
/// How many times slower a file may play for its pauses to be known.
const SLOWEST: f32 = 16.0;
/// The highest speed: ten octaves up nothing is left of a recording.
const FASTEST: f64 = 1024.0;

fn cut(settings: &[f32]) -> Cut {
    Cut {
        reverse: settings[REVERSE] != 0.0,
        round: (settings[LOOP] != 0.0).then_some([settings[FROM], settings[TO]]),
        blend: if settings[LOOP] == 0.0 { 0.0 } else { settings[BLEND] },
    }
}

/// How fast one lane plays, frame by frame.
struct Speeds<'a, const W: usize> {
    pitch: [In<'a, W>; 3],
    /// The speed of 1 Hz.
    hertz: f64,
}

impl<const W: usize> Speeds<'_, W> {
    #[inline(always)]
    fn at(&self, i: usize, l: usize) -> u64 {
        let [freq, octave, tune] = self.pitch.map(|input| input.at(i)[l]);
        let speed = f64::from(freq * ratio_of(octave, tune)) * self.hertz;
        (if speed < FASTEST { speed } else { FASTEST } * UNITY as f64) as u64
    }
}

#[inline(always)]
fn sampler<const W: usize>(call: &mut Call<'_, W>) {
    let gate = call.ins[GATE];
    let idle = call.words[NOW..STOP].as_flattened().iter().all(|word| *word == u32::MAX)
        && call.rows[RISE].iter().all(|rise| *rise >= 1.0);
    let Some(clip) = call.clip.filter(|_| !(idle && gate.is_constant() && gate.at(0) == &call.rows[LAST]))
    else {
        call.hold(0, [0.0; W]);
        call.hold(1, [0.0; W]);
        return;
    };
    let speeds = Speeds {
        pitch: PITCH.map(|place| call.ins[place]),
        hertz: clip.rate / (f64::from(call.clock.rate) * f64::from(call.settings[ROOT])),
    };
    let steady = speeds.pitch.iter().all(In::is_constant);
    let (start, end) = (call.ins[START], call.ins[END]);
    let gated = call.settings[MODE] != 0.0;
    let (rising, falling) = (call.clock.period / RISING, call.clock.period / FALLING);
    let ending = f64::from(call.clock.period / ENDING);
    let backwards = call.settings[REVERSE] != 0.0;
    let (left, right) = call.outs.split_at_mut(1);
    let (left, right) = (left[0].rows::<W>(), right[0].rows::<W>());
    for l in 0..W {
        let [mut now, mut old, mut stop] = [NOW, OLD, STOP].map(|at| long(call.words, at, l));
        let [mut last, mut fall, mut rise] = [LAST, FALL, RISE].map(|at| call.rows[at][l]);
        let mut step = [call.rows[STEP][l], call.rows[STEP + 1][l]];
        let mut speed = speeds.at(0, l);
        let mut reading = clip.reading(speed);
        for i in 0..BLOCK {
            if !steady {
                speed = speeds.at(i, l);
                reading = clip.reading(speed);
            }
            let open = gate.at(i)[l];
            let mut cut = false;
            if open > 0.0 && last <= 0.0 {
                (old, fall) =
                    if now == NOWHERE { (old, fall) } else { (now, gain(now, stop, speed, ending)) };
                let (from, to) = (start.at(i)[l], end.at(i)[l]);
                let (from, to) = if backwards { (1.0 - to, 1.0 - from) } else { (from, to) };
                now = clip.next(clip.place(from), 0);
                // The end of the file needs no help to end.
                stop = if to >= 1.0 || clip.is_round() { NOWHERE } else { clip.place(to) };
                cut = from > 0.0;
            } else if open < 0.0 {
                (now, old, rise) = (NOWHERE, NOWHERE, 1.0);
            } else if gated && open <= 0.0 && last > 0.0 && now != NOWHERE {
                (now, old, fall) = (NOWHERE, now, gain(now, stop, speed, ending));
            }
            last = open;
            if now != NOWHERE && now >= stop {
                now = NOWHERE;
            }
            let mut out = [0.0; 2];
            if now != NOWHERE {
                let level = gain(now, stop, speed, ending);
                (out, now) = play(clip, reading, now, speed);
                if level < 1.0 {
                    out = out.map(|x| x * level);
                }
            }
            if cut {
                let left = 1.0 - rise;
                step = [out[0] + step[0] * left, out[1] + step[1] * left];
                rise = 0.0;
            }
            if rise < 1.0 {
                out = [out[0] - step[0] * (1.0 - rise), out[1] - step[1] * (1.0 - rise)];
                rise = (rise + rising).min(1.0);
            }
            if old != NOWHERE {
                let (ending, next) = play(clip, reading, old, speed);
                out = [out[0] + ending[0] * fall, out[1] + ending[1] * fall];
                fall -= falling;
                old = if fall > 0.0 { next } else { NOWHERE };
            }
            (left[i][l], right[i][l]) = (out[0], out[1]);
        }
        for (at, value) in [(NOW, now), (OLD, old), (STOP, stop)] {
            set_long(call.words, at, l, value);
        }
        for (at, value) in [(LAST, last), (FALL, fall), (RISE, rise), (STEP, step[0]), (STEP + 1, step[1])] {
            call.rows[at][l] = value;
        }
    }
}

/// The gain of what plays at `position` and ends at `stop`: it fades before that by `ending` a frame.
#[inline(always)]
fn gain(position: u64, stop: u64, speed: u64, ending: f64) -> f32 {
    if stop == NOWHERE {
        return 1.0;
    }
    let frames = stop.saturating_sub(position) as f64 / speed.max(1) as f64;
    let gain = (frames * ending) as f32;
    if gain < 1.0 { gain } else { 1.0 }
}

/// The frame at `position`, and the position after it.
#[inline(always)]
fn play(clip: &Clip, reading: Reading, position: u64, speed: u64) -> ([f32; 2], u64) {
    let out = clip.read(reading, position);
    let next = clip.next(position, speed);
    (out, if clip.is_over(next) { NOWHERE } else { next })
}

#[inline(always)]
fn long<const W: usize>(words: &[[u32; W]], at: usize, l: usize) -> u64 {
    u64::from(words[at][l]) << 32 | u64::from(words[at + 1][l])
}

#[inline(always)]
fn set_long<const W: usize>(words: &mut [[u32; W]], at: usize, l: usize, value: u64) {
    (words[at][l], words[at + 1][l]) = ((value >> 32) as u32, value as u32);
}
