//! What a song takes in memory: the sound that delays and reverbs hold, sound files as samplers cut them, and the buffers
//! between modules. Counted before any of it is made.

use std::collections::BTreeSet;

use crate::check::context::Context;
use crate::check::instrument::CheckedInstrument;
use crate::check::limits::MEMORY;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::codes::song::TOO_MUCH_MEMORY;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::dsp::clip::{Cut, CutKey, Recording};
use crate::model::highest::Highest;
use crate::model::patch::{Module, Patch};
use crate::model::song::Song;
use crate::model::widths::widths;
use crate::modules::spec::{BLOCK, Channels};
use crate::modules::state::Setup;

/// The frames a second for which memory is counted, whatever a song is rendered at.
const RATE: f32 = 48_000.0;

/// Lanes that are computed together.
const LANES: usize = 8;

/// Where the modules of a song stand in its texts.
#[derive(Default)]
pub(super) struct MemoryPlaces {
    top: Vec<Span>,
    instruments: Vec<MemoryPlace>,
}

/// Where an instrument stands.
struct MemoryPlace {
    name: Span,
    /// Where its text says how many voices it has, or could.
    voices: Span,
    modules: Vec<Span>,
}

impl MemoryPlaces {
    /// Those of the top level and of the instruments.
    pub(super) fn of(top: &PatchBuilder<'_, '_>, instruments: &[CheckedInstrument<'_, '_>]) -> Self {
        let place = |built: &CheckedInstrument<'_, '_>| MemoryPlace {
            name: built.span,
            voices: built.voices_at,
            modules: built.builder.module_spans.clone(),
        };
        Self { top: top.module_spans.clone(), instruments: instruments.iter().map(place).collect() }
    }
}

/// What the patch of one voice, or the top level, takes.
struct Patched {
    /// Bytes of the buffers between its modules.
    buffers: u64,
    modules: Vec<Share>,
}

/// What one module takes, in bytes, in one voice.
struct Share {
    module: usize,
    /// What it keeps of the sound.
    kept: u64,
    /// Its sound file as it is cut for it, if no module before takes the same.
    cut: u64,
}

impl Patched {
    /// The bytes that so many voices take, which have memory of their own in groups of eight, used or not.
    fn bytes(&self, voices: usize) -> u64 {
        let lanes = if voices == 1 { 1 } else { voices.next_multiple_of(LANES) as u64 };
        let modules = self.modules.iter().map(|one| one.kept.saturating_mul(lanes).saturating_add(one.cut));
        modules.fold(self.buffers.saturating_mul(lanes), u64::saturating_add)
    }

    /// The module that takes most, if one takes more than all buffers.
    fn most(&self) -> Option<&Share> {
        let most = self.modules.iter().max_by_key(|one| one.kept.max(one.cut))?;
        (most.kept.max(most.cut) > self.buffers).then_some(most)
    }
}

/// Reports a song that takes more memory than there may be.
pub(super) fn check(cx: &mut Context, song: &Song, places: &MemoryPlaces) {
    if ceiling(song) <= MEMORY {
        return;
    }
    let counting = Counting { song, highest: Highest::of(song) };
    let mut cuts = BTreeSet::new();
    let instruments: Vec<Patched> = song
        .instruments
        .iter()
        .enumerate()
        .map(|(index, instrument)| counting.patched(&instrument.patch, Some(index), &mut cuts))
        .collect();
    let top = counting.patched(&song.patch, None, &mut cuts);
    let voices = song.instruments.iter().map(|instrument| instrument.voices);
    let owned: Vec<u64> = instruments.iter().zip(voices).map(|(one, voices)| one.bytes(voices)).collect();
    let of_top = top.bytes(1);
    let total = owned.iter().copied().fold(of_top, u64::saturating_add);
    if total <= MEMORY {
        return;
    }
    let message = format!("the song takes {} of memory", bytes(total));
    let limit = bytes(MEMORY);
    let largest = (0..owned.len()).max_by_key(|&index| owned[index]).filter(|&index| owned[index] > of_top);
    let Some(index) = largest else {
        let most = top.most().map(|share| (share, &song.patch.modules[share.module]));
        let less = counting.less(None, most);
        let said = match most {
            Some((share, _)) => Diagnostic::new(&TOO_MUCH_MEMORY, places.top[share.module], message)
                .label(format!("{} of them", bytes(share.kept.max(share.cut)))),
            None => {
                Diagnostic::new(&TOO_MUCH_MEMORY, places.top.first().copied().unwrap_or_default(), message)
                    .label("at the top level")
            }
        };
        cx.report(said.help(format!("the limit is {limit}: {less}")));
        return;
    };
    let (instrument, place, own) =
        (&song.instruments[index], &places.instruments[index], &instruments[index]);
    let others = total - owned[index];
    let fits = |voices: &usize| others.saturating_add(own.bytes(*voices)) <= MEMORY;
    let voices = (1..instrument.voices).rev().find(fits);
    let label = format!("{} take {}", counted(instrument.voices, "voice"), bytes(owned[index]));
    let said = Diagnostic::new(&TOO_MUCH_MEMORY, place.name, message).label(label);
    let most = own.most().map(|share| (share, &instrument.patch.modules[share.module]));
    let less = counting.less(Some(index), most);
    let said = match voices {
        Some(voices) => said.suggest(Edit::replace(place.voices, with(place.voices, voices)), |write| {
            format!("the limit is {limit}: write {write}, or {less}")
        }),
        None => said.help(format!("the limit is {limit}: {less}, or have fewer voices")),
    };
    let at = most.map(|(share, _)| place.modules[share.module]);
    cx.report(match at.filter(|at| at.source == place.name.source) {
        Some(at) => said.also(at, "the largest of its modules"),
        None => said,
    });
}

/// What a song takes if all parameters go as far as their kinds let them, in stereo: most songs need no closer look.
fn ceiling(song: &Song) -> u64 {
    let of = |patch: &Patch, voices: usize| {
        let modules = patch.modules.iter().map(|module| {
            let most: Vec<f32> = module.spec.params.iter().map(|param| param.max as f32).collect();
            let cut = cut_of(song, module).map_or(0, |(_, recording, cut)| recording.clip_bytes(&cut));
            Share { module: 0, kept: kept(module, &most).saturating_mul(2), cut }
        });
        Patched { buffers: buffers(patch), modules: modules.collect() }.bytes(voices)
    };
    let instruments = song.instruments.iter().map(|one| of(&one.patch, one.voices));
    instruments.fold(of(&song.patch, 1), u64::saturating_add)
}

/// The number of the recording that a module plays, the recording, and how it is cut.
fn cut_of<'s>(song: &'s Song, module: &Module) -> Option<(usize, &'s Recording, Cut)> {
    let sound = module.sound?;
    Some((sound, song.sounds.get(sound)?, module.spec.cut()?(&module.settings)))
}

/// The bytes of a block of each parameter, input and output, of each knob, and of the gain and the depth of each cable.
fn buffers(patch: &Patch) -> u64 {
    let ports = |module: &Module| {
        let spec = module.spec;
        spec.params.len() + 2 * (spec.inputs.len() + spec.outputs.len())
    };
    let modules = patch.modules.iter().map(ports).sum::<usize>();
    ((modules + patch.knobs.len() + 2 * patch.cables.len()) * BLOCK * size_of::<f32>()) as u64
}

/// `voices=…`, where there is something to replace; after a space where there is nothing.
fn with(place: Span, voices: usize) -> String {
    let space = if place.start == place.end { " " } else { "" };
    format!("{space}voices={voices}")
}

/// A number of bytes, as it is read.
fn bytes(count: u64) -> String {
    let mebibytes = count as f64 / f64::from(1 << 20);
    if mebibytes < 1024.0 { format!("{mebibytes:.0} MiB") } else { format!("{:.1} GiB", mebibytes / 1024.0) }
}

struct Counting<'s> {
    song: &'s Song,
    highest: Highest<'s>,
}

impl Counting<'_> {
    /// What a patch takes. `cuts` are the sounds that have been counted.
    fn patched(
        &self,
        patch: &Patch,
        instrument: Option<usize>,
        cuts: &mut BTreeSet<(usize, CutKey)>,
    ) -> Patched {
        // What an instrument outputs may be stereo.
        let instruments = vec![2; if instrument.is_none() { self.song.instruments.len() } else { 0 }];
        let stereo = |index: usize| {
            cut_of(self.song, &patch.modules[index])
                .is_some_and(|(_, recording, _)| recording.planes.len() == 2)
        };
        let widths = widths(patch, &instruments, stereo);
        let share = |(index, module): (usize, &Module)| {
            let copies = if module.spec.channels == Channels::Each { widths[index][1] } else { 1 };
            let highest = self.highest.of_module(instrument, index);
            let kept = kept(module, &highest).saturating_mul(copies as u64);
            let cut = cut_of(self.song, module).map(|(sound, recording, cut)| {
                if cuts.insert((sound, cut.key())) { recording.clip_bytes(&cut) } else { 0 }
            });
            Share { module: index, kept, cut: cut.unwrap_or(0) }
        };
        let shares = patch.modules.iter().enumerate().map(share);
        let modules = shares.filter(|share| share.kept > 0 || share.cut > 0).collect();
        Patched { buffers: buffers(patch), modules }
    }

    /// What to do for a patch to take less, where that module takes most of it.
    fn less(&self, instrument: Option<usize>, most: Option<(&Share, &Module)>) -> String {
        let Some((share, module)) = most else {
            return "have fewer routes, knobs and modules".to_owned();
        };
        let id = quoted(&module.id);
        if share.cut > share.kept {
            return format!("give samplers of the same file the same loop as {id}, or use shorter files");
        }
        let highest = self.highest.of_module(instrument, share.module);
        // Whatever makes what it keeps shorter when it is turned down.
        let param = module.spec.params.iter().enumerate().find(|(param, row)| {
            let mut lower = highest.clone();
            lower[*param] = row.min as f32;
            kept(module, &lower) < kept(module, &highest)
        });
        match param {
            Some((_, row)) => format!("keep the `{}` of {id} shorter", row.name),
            None => format!("have fewer modules such as {id}"),
        }
    }
}

/// The bytes that one channel of a module keeps of the sound.
fn kept(module: &Module, highest: &[f32]) -> u64 {
    let setup = Setup { rate: RATE, seed: 0, settings: &module.settings, highest, clip: None };
    let frames: usize = (module.spec.state.rings)(&setup).iter().sum();
    (frames * size_of::<f32>()) as u64
}
