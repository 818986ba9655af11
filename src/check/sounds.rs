//! Sound files that modules play: found while the song is checked, decoded once after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::context::Context;
use crate::check::decode::{DecodeFault, MOST_SAMPLES, decode};
use crate::check::fields::meant_or_not;
use crate::check::library;
use crate::check::nearest::nearest;
use crate::check::song_files::{FileRefusal, SongFiles};
use crate::check::source_files::path;
use crate::diagnostic::codes::{sounds as codes, uses};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{self, as_text, list};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::{SourceId, Span};
use crate::dsp::clip::Recording;
use crate::model::patch::ParameterBase;
use crate::modules::sample_use::SampleUse;
use crate::modules::spec::ModuleSpec;
use crate::syntax::tree::{Node, Prop, Value};
use crate::units::number::short_number;

/// The longest sound file that is read, in bytes: samples of 32 bits and a little more.
const LONGEST: u64 = (MOST_SAMPLES as u64) * 4 + (1 << 20);

/// The sound files that a song names.
#[derive(Default)]
pub(super) struct Sounds {
    wanted: Vec<WantedSound>,
    /// The path of each text from the song's folder.
    pub(super) texts: BTreeMap<SourceId, String>,
    /// Whether paths may leave the folder.
    pub(super) outside: bool,
}

struct WantedSound {
    path: String,
    written: String,
    /// Where it is named first.
    span: Span,
}

impl Sounds {
    /// The path of each file and where it is named first.
    pub(super) fn named(&self) -> Vec<(String, Span)> {
        self.wanted.iter().map(|wanted| (wanted.path.clone(), wanted.span)).collect()
    }
}

impl Context {
    /// The number of the sound file that `value` names.
    pub(super) fn sound(&mut self, value: &Value<'_>) -> Option<usize> {
        let Some(written) = value.text() else {
            let what = format!("a sound file is named by a text, not by {}", value.noun());
            self.report(
                Diagnostic::new(&uses::BAD_PATH, value.span, what)
                    .label("not a path")
                    .help("a path is a text such as `\"./kick.wav\"`"),
            );
            return None;
        };
        let path = if written.starts_with(library::PREFIX) {
            written.to_owned()
        } else {
            let text = self.sounds.texts.get(&value.span.source).cloned().unwrap_or_default();
            path(self, &text, self.sounds.outside, value, written)?
        };
        if let Some(known) = self.sounds.wanted.iter().position(|wanted| wanted.path == path) {
            return Some(known);
        }
        self.sounds.wanted.push(WantedSound { path, written: written.to_owned(), span: value.span });
        Some(self.sounds.wanted.len() - 1)
    }

    /// Decodes all sound files that the song names; what can't be had is reported, and silent.
    pub(super) fn hear(&mut self, files: &mut dyn SongFiles) -> Vec<Arc<Recording>> {
        let mut left = MOST_SAMPLES;
        let mut heard = Vec::new();
        for wanted in std::mem::take(&mut self.sounds.wanted) {
            if self.enough() {
                break;
            }
            let recording = self
                .recording(&wanted, files)
                .unwrap_or_else(|| Arc::new(Recording::new(1, vec![vec![0.0]])));
            let samples = recording.frames() * recording.planes.len();
            if samples > left {
                self.fault(&wanted, &DecodeFault::TooLong);
                break;
            }
            left -= samples;
            heard.push(recording);
        }
        heard
    }

    fn recording(&mut self, wanted: &WantedSound, files: &mut dyn SongFiles) -> Option<Arc<Recording>> {
        if let Some(known) = files.recording(&wanted.path) {
            return Some(known);
        }
        let decoded = if wanted.path.starts_with(library::PREFIX) {
            let Some(sound) = library::sound(&wanted.path) else {
                self.no_library_sound(wanted);
                return None;
            };
            decode(sound.bytes, MOST_SAMPLES)
        } else {
            match files.bytes(&wanted.path, LONGEST) {
                Ok(bytes) => decode(bytes, MOST_SAMPLES),
                Err(FileRefusal::TooLarge) => Err(DecodeFault::TooLong),
                Err(refusal) => {
                    self.refused(wanted, &refusal, files);
                    return None;
                }
            }
        };
        let recording = Arc::new(decoded.map_err(|fault| self.fault(wanted, &fault)).ok()?);
        files.keep(&wanted.path, &recording);
        Some(recording)
    }

    fn refused(&mut self, wanted: &WantedSound, refusal: &FileRefusal, files: &dyn SongFiles) {
        let name = match refusal {
            FileRefusal::NoFolder => wanted.written.clone(),
            _ => files.name(&wanted.path),
        };
        let said = refusal.diagnostic(&name);
        let (message, help) = match refusal {
            FileRefusal::Folder => (
                format!("{} is a folder, not a sound file", quote::path(&name)),
                "name a file in it".to_owned(),
            ),
            FileRefusal::NoFolder => (said.message, "save the song to a file beside its sounds".to_owned()),
            _ => {
                let help = "paths begin at the folder of the file that they stand in".to_owned();
                (said.message, said.help.unwrap_or(help))
            }
        };
        self.report(Diagnostic { span: Some(wanted.span), message, help: Some(help), ..said });
    }

    fn no_library_sound(&mut self, wanted: &WantedSound) {
        let names = || library::SOUNDS.iter().map(|sound| sound.name);
        let said = Diagnostic::new(
            &uses::UNKNOWN_LIBRARY,
            wanted.span,
            format!("the library has no sound {}", quote::path(&wanted.written)),
        )
        .label("unknown");
        self.report(match nearest(&wanted.path, names()) {
            Some(meant) => said.suggest(Edit::replace(wanted.span, as_text(meant)), meant_or_not),
            None => said.help(format!("it has {}", list(&names().map(str::to_owned).collect::<Vec<_>>()))),
        });
    }

    fn fault(&mut self, wanted: &WantedSound, fault: &DecodeFault) {
        let said = fault.diagnostic(&wanted.written);
        self.report(Diagnostic { span: Some(wanted.span), label: "named here".to_owned(), ..said });
    }

    /// Reports a part of a file that ends before it begins, and warns of what says how to loop where nothing loops.
    pub(super) fn part_of_sound(
        &mut self,
        node: &Node<'_>,
        spec: &ModuleSpec,
        sound: &SampleUse,
        params: &[ParameterBase],
    ) {
        let at = |name: &str| {
            let place = spec.params.iter().position(|param| param.name == name);
            match place.and_then(|place| params.get(place)) {
                Some(ParameterBase::Number(share)) => *share,
                _ => 0.0,
            }
        };
        let [first, last] = sound.part;
        let (from, to) = (at(first), at(last));
        if let Some(prop) = node.prop(first).or(node.prop(last)).filter(|_| from >= to) {
            let [from, to] = [from, to].map(short_number);
            self.report(
                Diagnostic::new(
                    &codes::EMPTY_PART,
                    prop.value.span,
                    format!("nothing is played from `{first}={from}` to `{last}={to}`"),
                )
                .label(format!("`{first}` must be below `{last}`"))
                .mend(
                    // Both at their defaults play all of the file, which is sure to be something.
                    [node.prop(first).map(|prop| (prop, "0")), node.prop(last).map(|prop| (prop, "1"))]
                        .into_iter()
                        .flatten()
                        .map(|(prop, all)| Edit::replace(prop.value.span, all)),
                    format!(
                        "`{first}=0` and `{last}=1` play all of the file; `reverse=#true` plays backwards"
                    ),
                ),
            );
        }
        let given = sound.switched.iter().filter_map(|name| node.prop(name));
        for prop in given.filter(|_| node.prop(sound.switch).is_none()) {
            let name = prop.name.text.as_ref();
            self.report(
                Diagnostic::new(
                    &codes::NO_LOOP,
                    prop.name.span,
                    format!("`{name}` has no meaning without `{}=#true`", sound.switch),
                )
                .label("says how to loop, and nothing loops")
                .suggest(node.add(sound.switch, "#true"), |write| {
                    format!("write {write} as well, or take `{name}` out")
                }),
            );
        }
    }

    /// Reports a sound that is to loop but has no room for it.
    pub(super) fn no_round(&mut self, span: Span, [from, to]: [f32; 2], ends: [Option<&Prop<'_>>; 2]) {
        let (given, other) = match (ends[0], ends[1]) {
            (Some(first), Some(last)) if from > to => (
                Some(Edit::replace(first.value.span, last.value.raw)),
                Some(Edit::replace(last.value.span, first.value.raw)),
            ),
            (_, Some(last)) if from < 1.0 => (Some(Edit::replace(last.value.span, "1")), None),
            (Some(first), _) => (Some(Edit::replace(first.value.span, "0")), None),
            (None, last) => (last.map(|last| Edit::replace(last.value.span, "1")), None),
        };
        let [from, to] = [from, to].map(|share| short_number(share.into()));
        self.report(
            Diagnostic::new(&codes::EMPTY_LOOP, span, format!("the loop from {from} to {to} has no length"))
                .label("goes round nothing")
                .mend(
                    given.into_iter().chain(other),
                    "let the loop begin before it ends: both are shares of the file, from 0 to 1",
                ),
        );
    }
}
