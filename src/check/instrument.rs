//! Instruments: what every one has, and the patch of a voice.

use crate::check::context::Context;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::span::Span;
use crate::model::patch::{Module, ParameterBase};
use crate::model::song::{Glide, Instrument};
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::NodeForm;

/// An instrument with the places of what is in it.
pub(super) struct CheckedInstrument<'a, 't> {
    pub(super) id: String,
    pub(super) span: Span,
    pub(super) voices: usize,
    /// Where its text says so, or could.
    pub(super) voices_at: Span,
    pub(super) glide: Glide,
    pub(super) velocity: f64,
    pub(super) gain: f64,
    pub(super) pan: f64,
    pub(super) builder: PatchBuilder<'a, 't>,
}

impl<'a, 't> CheckedInstrument<'a, 't> {
    /// Reads an instrument, which is the `index`th of the song.
    pub(super) fn read(cx: &mut Context, node: &'a Node<'t>, form: &'static NodeForm, index: usize) -> Self {
        let fields = cx.fields(node, form);
        let glide = match fields.amount(cx, "glide") {
            Some(ParameterBase::Number(seconds)) => Glide::Seconds(seconds),
            Some(ParameterBase::Note(length)) => Glide::Note(length),
            Some(ParameterBase::Follow) | None => Glide::Seconds(0.0),
        };
        let mut builder = PatchBuilder { instrument: Some(index), ..PatchBuilder::default() };
        let inside = |span: &Span| {
            node.braces.is_some_and(|braces| braces.start < span.start && span.end < braces.end)
        };
        builder.end = node.block().last().map(Node::whole).filter(|last| inside(last));
        builder.declare_all(cx, node.block());
        builder.name_aliases(cx, &[]);
        builder.lay(cx, &[]);
        builder.bound_aliases(cx, &[]);
        Self {
            id: node.args.first().and_then(|id| id.text()).unwrap_or_default().to_owned(),
            span: node.args.first().map_or(node.name.span, |id| id.span),
            voices: fields.whole(cx, "voices").unwrap_or(1) as usize,
            voices_at: match node.prop("voices") {
                Some(prop) => prop.span(),
                None => Span { start: node.span.end, ..node.span },
            },
            glide,
            velocity: fields.number(cx, "velocity").unwrap_or(1.0),
            gain: fields.number(cx, "gain").unwrap_or(1.0),
            pan: fields.number(cx, "pan").unwrap_or(0.0),
            builder,
        }
    }

    /// The pitch in Hz of its first recording, which tracks without notes play.
    pub(super) fn root(&self) -> Option<f64> {
        let root = |module: &Module| Some(f64::from(module.settings[module.spec.root()?]));
        self.builder.modules.iter().find_map(root)
    }

    /// The same, under the name that the song gives it.
    pub(super) fn called(self, id: &Value<'_>) -> Self {
        Self { id: id.text().unwrap_or_default().to_owned(), span: id.span, ..self }
    }

    /// The instrument without places.
    pub(super) fn into_model(self) -> Instrument {
        Instrument {
            id: self.id,
            voices: self.voices,
            glide: self.glide,
            velocity: self.velocity,
            gain: self.gain,
            pan: self.pan,
            patch: self.builder.into_patch(),
        }
    }
}
