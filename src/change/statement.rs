//! A text as statements that own their words, each known by what it is and what it is called.

use std::borrow::Cow;

use crate::diagnostic::bag::Bag;
use crate::diagnostic::span::{SourceId, Span};
use crate::syntax::reader::read;
use crate::syntax::tree::{Data, Node, Value};

/// A value as it is written.
#[derive(Clone, Debug)]
pub(super) struct StatementValue {
    /// With its quotes.
    pub(super) raw: String,
    /// Without needless quotes and escapes.
    pub(super) plain: String,
    number: Option<f64>,
    is_text: bool,
    pub(super) span: Span,
}

/// A property.
#[derive(Clone, Debug)]
pub(super) struct StatementProp {
    pub(super) name: String,
    pub(super) value: StatementValue,
    /// From the name to the end of the value.
    pub(super) span: Span,
}

/// One node of a text.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// Its first word.
    pub(super) kind: String,
    pub(super) args: Vec<StatementValue>,
    pub(super) props: Vec<StatementProp>,
    pub(super) block: Option<Vec<Statement>>,
    /// From its first word to its last entry, without the block.
    pub(super) span: Span,
    pub(super) kind_span: Span,
}

impl StatementValue {
    fn new(value: &Value<'_>) -> Self {
        let plain = value.text().map_or_else(|| value.raw.to_owned(), str::to_owned);
        Self {
            raw: value.raw.to_owned(),
            plain,
            number: value.number(),
            is_text: value.text().is_some(),
            span: value.span,
        }
    }

    /// The same, as part of what stands at `span`.
    pub(super) fn standing(&self, span: Span) -> Self {
        Self { span, ..self.clone() }
    }

    /// Whether both say the same, however they are quoted.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.plain == other.plain || (self.number.is_some() && self.number == other.number)
    }

    /// As the reader gave it.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        let data = Data::Text(Cow::Borrowed(&*self.plain));
        self.is_text.then_some(Value { data, raw: &self.raw, span: self.span })
    }

    /// Where bytes `range` of what it says stand.
    pub(super) fn place(&self, range: std::ops::Range<usize>) -> Span {
        self.value().map_or(self.span, |value| value.place(range))
    }
}

impl Statement {
    /// The statements of `text`, which has no errors.
    pub(super) fn all(source: SourceId, text: &str) -> Vec<Self> {
        read(source, text, &mut Bag::default()).iter().map(Self::new).collect()
    }

    fn new(node: &Node<'_>) -> Self {
        let prop = |prop: &crate::syntax::tree::Prop<'_>| StatementProp {
            name: prop.name.text.to_string(),
            value: StatementValue::new(&prop.value),
            span: prop.name.span.to(prop.value.span),
        };
        Self {
            kind: node.name.text.to_string(),
            args: node.args.iter().map(StatementValue::new).collect(),
            props: node.props.iter().map(prop).collect(),
            block: node.children.as_ref().map(|children| children.iter().map(Self::new).collect()),
            span: node.span,
            kind_span: node.name.span,
        }
    }

    /// What its argument at `place` says; nothing if it has none there.
    pub(super) fn arg(&self, place: usize) -> &str {
        self.args.get(place).map_or("", |word| &word.plain)
    }

    /// What its property `name` says.
    pub(super) fn prop(&self, name: &str) -> Option<&str> {
        self.props.iter().find(|prop| prop.name == name).map(|prop| prop.value.plain.as_str())
    }

    /// All of its arguments, with blanks between them.
    pub(super) fn words(&self) -> String {
        let words: Vec<&str> = self.args.iter().map(|word| word.plain.as_str()).collect();
        words.join(" ")
    }

    /// Whether it makes a module: its first word is a kind then.
    pub(super) fn is_module(&self) -> bool {
        crate::syntax::vocabulary::find(&self.kind).is_none()
    }

    /// What it is known by among its neighbours. Several can have the same: then the order decides.
    pub(super) fn key(&self) -> String {
        match self.kind.as_str() {
            "song" | "render" | "arrange" => self.kind.clone(),
            "route" => match self.prop("id") {
                Some(id) => format!("route id {id}"),
                None => format!("route {}", self.words()),
            },
            "automate" => format!("automate {} {}", self.arg(0), self.prop("bars").unwrap_or_default()),
            _ if self.is_module() => format!("module {}", self.arg(0)),
            kind => format!("{kind} {}", self.arg(0)),
        }
    }

    /// What it may still be known by where nothing has its key: a route by its ends, automation by what it moves.
    pub(super) fn loose_key(&self) -> Option<String> {
        match self.kind.as_str() {
            "route" => {
                let last = self.args.last().map_or("", |word| word.plain.as_str());
                Some(format!("route {} {last}", self.arg(0)))
            }
            "automate" => Some(format!("automate {}", self.arg(0))),
            _ => None,
        }
    }

    /// Whether both say the same: comments, blanks, quotes and the order of properties don't count.
    pub(super) fn same(&self, other: &Self) -> bool {
        let props = |one: &Self, other: &Self| {
            one.props.iter().all(|prop| {
                other.props.iter().any(|that| prop.name == that.name && prop.value.same(&that.value))
            })
        };
        let block = |statement: &Self| statement.block.as_ref().map_or(0, Vec::len);
        self.kind == other.kind
            && self.args.len() == other.args.len()
            && self.args.iter().zip(&other.args).all(|(one, that)| one.same(that))
            && self.props.len() == other.props.len()
            && props(self, other)
            && block(self) == block(other)
            && self.block.iter().flatten().zip(other.block.iter().flatten()).all(|(one, that)| one.same(that))
    }
}
