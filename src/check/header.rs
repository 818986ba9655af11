//! The `song` node: tempo, meter, key and what else holds for the whole song.

use crate::check::context::Context;
use crate::check::fields::Fields;
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{song as codes, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::dsp::math::decibels;
use crate::model::song::{Meter, OutputSettings};
use crate::model::tolerance::Tolerance;
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::find;
use crate::units::key::{self, KeyFault, MusicalKey, SCALES};

/// What the `song` node says, besides what the context keeps.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) title: String,
    pub(super) seed: u64,
    pub(super) tail: f64,
    pub(super) swing: f64,
    pub(super) bars: Option<u32>,
    pub(super) endless: bool,
    pub(super) output_settings: OutputSettings,
    pub(super) tolerance: Tolerance,
}

/// The time signature that is meant by `value`, quotes included: `3` has three quarters, `4:4` is `4/4`.
fn meant_meter(value: &Value<'_>) -> String {
    let text = value.text().unwrap_or(value.raw);
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .filter(|number| (1..=64).contains(number))
        .collect();
    match numbers[..] {
        [beats] => format!("\"{beats}/4\""),
        [beats, note] if note.is_power_of_two() => format!("\"{beats}/{note}\""),
        _ => "\"4/4\"".to_owned(),
    }
}

impl Context {
    /// Reads the header, wherever in the song it stands; without one everything is at its default.
    pub(super) fn header(&mut self, nodes: &[Node<'_>]) -> Header {
        let mut header = Header {
            title: String::new(),
            seed: 0,
            tail: 8.0,
            swing: 0.5,
            bars: None,
            endless: false,
            output_settings: self.output_settings(nodes),
            tolerance: self.tolerance(nodes),
        };
        let Some(fields) = self.only(nodes, "song", "write all that holds for the song behind the first one")
        else {
            return header;
        };
        let node = fields.node;
        if let Some(title) = node.args.first() {
            match title.text() {
                Some(text) => header.title = text.into(),
                None => self.wrong_kind(title, ValueSlot::arg("title"), "a text", &as_text(title.raw), ""),
            }
        }
        // The meter and tempo first: other values may be note lengths.
        self.meter(&fields);
        self.tempo = fields.number(self, "tempo").unwrap_or(self.tempo);
        if let Some(a4) = fields.number(self, "a4") {
            self.c4 *= a4 / 440.0;
        }
        self.key(&fields);
        for (strength, name) in ["accent", "hit", "ghost"].into_iter().enumerate() {
            self.strengths[strength] = fields.number(self, name).unwrap_or(self.strengths[strength]);
        }
        header.seed = fields.whole(self, "seed").unwrap_or_default();
        header.swing = fields.number(self, "swing").unwrap_or(header.swing);
        header.tail = fields.number(self, "tail").unwrap_or(header.tail);
        header.bars = fields.whole(self, "bars").map(|bars| bars as u32);
        header.endless = fields.flag(self, "endless").unwrap_or(false);
        if header.endless {
            header.bars = Some(self.most_bars());
        }
        fields.whole(self, "engine");
        header
    }

    /// The one node called `name`, if there is one. A second one is reported.
    fn only<'a, 't>(&mut self, nodes: &'a [Node<'t>], name: &str, help: &str) -> Option<Fields<'a, 't>> {
        let form = find(name)?;
        let mut all = nodes.iter().filter(|node| node.name.text == form.name);
        let node = all.next()?;
        for second in all {
            self.report(
                Diagnostic::new(
                    &codes::SECOND_SONG,
                    second.name.span,
                    format!("there is a second `{name}` in this file"),
                )
                .label("the second")
                .mend(
                    [
                        Edit::after(node.span, format!(" {}", second.entries()).trim_end().to_owned()),
                        Edit::remove(second.whole()),
                    ]
                    .into_iter()
                    .filter(|edit| !edit.span.is_empty() || !edit.text.is_empty()),
                    help,
                )
                .also(node.name.span, "the first"),
            );
        }
        Some(self.fields(node, form))
    }

    /// How the song asks to be rendered.
    fn output_settings(&mut self, nodes: &[Node<'_>]) -> OutputSettings {
        let Some(fields) = self.only(nodes, "render", "write all of it behind the first one") else {
            return OutputSettings::default();
        };
        OutputSettings {
            rate: fields.whole(self, "rate").map(|rate| rate as u32),
            bits: fields.one_of(self, "bits"),
        }
    }

    /// How far the sound may be from its golden file.
    pub(super) fn tolerance(&mut self, nodes: &[Node<'_>]) -> Tolerance {
        let Some(fields) = self.only(nodes, "test", "write all of it behind the first one") else {
            return Tolerance::default();
        };
        let mut decibels = |name: &str| fields.number(self, name).map(decibels);
        let (residual, loudness, bands) = (decibels("residual"), decibels("loudness"), decibels("bands"));
        let (onsets, length) = (fields.number(self, "onsets"), fields.number(self, "length"));
        Tolerance { residual, loudness, bands, onsets, length }
    }

    /// Reads `meter`, if it is given.
    pub(super) fn meter(&mut self, fields: &Fields<'_, '_>) {
        let Some(value) = fields.value("meter") else {
            return;
        };
        let read = value.text().and_then(|text| {
            let (beats, note) = text.split_once('/')?;
            let meter = Meter { beats: beats.parse().ok()?, note: note.parse().ok()? };
            let fine = (1..=64).contains(&meter.beats) && meter.note <= 64 && meter.note.is_power_of_two();
            fine.then_some(meter)
        });
        if let Some(meter) = read {
            self.meter = meter;
            return;
        }
        self.report(
            Diagnostic::new(
                &values::BAD_VALUE,
                value.span,
                format!("{} isn't a time signature", quoted(value.text().unwrap_or(value.raw))),
            )
            .label("not a meter")
            .suggest(ValueSlot::prop("meter").write(value, &meant_meter(value)), |write| {
                format!("write {write}, `\"7/8\"`: 1 to 64 beats of a note that is a power of two")
            }),
        );
    }

    /// Reads `key`, if it is given.
    pub(super) fn key(&mut self, fields: &Fields<'_, '_>) {
        let Some(value) = fields.value("key") else {
            return;
        };
        let text = value.text().unwrap_or(value.raw);
        if self.keyless(value, fields.node) {
            return;
        }
        match MusicalKey::parse(text) {
            Ok(key) => self.key = Some(key),
            Err(fault) => {
                // That degrees lack a key only follows from this.
                self.key_missed = true;
                self.bad_key(value, text, fault);
            }
        }
    }

    fn bad_key(&mut self, value: &Value<'_>, text: &str, fault: KeyFault) {
        let scales: Vec<&str> = SCALES.iter().map(|scale| scale.name).collect();
        let mut words = text.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if let Some(key) = key::meant(text) {
            let said = match fault {
                KeyFault::Shape => format!("{} isn't a key", quoted(text)),
                KeyFault::Tonic => format!("the tonic {} isn't a note", quoted(first)),
                KeyFault::Scale => format!("there is no scale called {}", quoted(second)),
            };
            let said = Diagnostic::new(&codes::BAD_KEY, value.span, said).label("not a tonic and a scale");
            self.report(said.write(ValueSlot::prop("key").write(value, &as_text(&key))));
            return;
        }
        let (what, key, help) = match fault {
            KeyFault::Shape => (
                format!("{} isn't a key", quoted(text)),
                Some("a minor".to_owned()),
                "write a tonic and a scale: ".to_owned(),
            ),
            KeyFault::Tonic => {
                let lower = first.to_ascii_lowercase();
                let tonic = lower.trim_end_matches(|c: char| c.is_ascii_digit());
                let (tonic, help) = match crate::units::note_name::class(tonic) {
                    Some(_) if tonic == lower => (tonic, "write "),
                    Some(_) => (tonic, "a tonic has no octave: write "),
                    None => ("c", "the tonic is a note without octave: write "),
                };
                let key = Some(format!("{tonic} {second}"));
                (format!("the tonic {} isn't a note", quoted(first)), key, help.to_owned())
            }
            KeyFault::Scale => {
                let meant = nearest(second, scales.iter().copied());
                let help = match meant {
                    Some(_) => "did you mean ".to_owned(),
                    None => format!("the scales are {}", scales.join(", ")),
                };
                let key = meant.map(|scale| format!("{first} {scale}"));
                (format!("there is no scale called {}", quoted(second)), key, help)
            }
        };
        let said = Diagnostic::new(&codes::BAD_KEY, value.span, what).label("not a key");
        self.report(match key {
            Some(key) => said.suggest(ValueSlot::prop("key").write(value, &as_text(&key)), |write| {
                format!("{help}{write}{}", if help.starts_with("did") { "?" } else { "" })
            }),
            None => said.help(help),
        });
    }
}
