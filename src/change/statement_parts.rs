//! Arguments and properties of a statement that two songs have, side by side.

use crate::change::lanes::{Hunk, LaneDifference, Signs, difference, step_at, word_at};
use crate::change::naming::NamingScope;
use crate::change::pairs::{ChangeId, note};
use crate::change::runs::{Run, runs};
use crate::change::statement::{Statement, StatementProp, StatementValue};
use crate::change::text_changes::{ChangeKind, ChangedThing, TextChange};
use crate::diagnostic::span::Span;

/// An argument, a row of them, or a property.
#[derive(Clone, Debug)]
pub(super) struct StatementPart {
    /// As the first song writes it; nothing if it doesn't.
    pub(super) old: Option<String>,
    /// As the second song writes it; nothing if it doesn't.
    pub(super) new: Option<String>,
    pub(super) edit: PartEdit,
}

/// How a part differs.
#[derive(Clone, Debug)]
pub(super) enum PartEdit {
    /// It doesn't.
    Same,
    /// As a whole.
    Whole(ChangeId),
    /// In places of a lane, each of which can be otherwise by itself.
    Places(Box<LaneEdit>),
}

/// A lane with the places in which it differs.
#[derive(Clone, Debug)]
pub(super) struct LaneEdit {
    /// What stands before the lane: `notes=`.
    pub(super) before: String,
    /// What the lane says in the first song.
    pub(super) old: String,
    /// What it says in the second.
    pub(super) new: String,
    /// In the order of the lane.
    pub(super) hunks: Vec<(Hunk, ChangeId)>,
}

/// A statement in both songs, for what is found in it.
struct StatementInBoth<'a> {
    old: &'a Statement,
    new: &'a Statement,
    scope: &'a NamingScope,
    changes: &'a mut Vec<TextChange>,
    parts: Vec<StatementPart>,
}

/// The parts of a statement, `old` in the first song and `new` in the second. What is otherwise goes into `changes`.
pub(super) fn parts(
    old: &Statement,
    new: &Statement,
    scope: &NamingScope,
    changes: &mut Vec<TextChange>,
) -> Vec<StatementPart> {
    let mut both = StatementInBoth { old, new, scope, changes, parts: Vec::new() };
    match old.kind.as_str() {
        "route" => both.row(),
        "arrange" => both.order(),
        "use" => both.taken(),
        "track" | "pattern" => both.steps(),
        _ => both.args(),
    }
    both.props();
    both.parts
}

impl StatementInBoth<'_> {
    fn change(
        &mut self,
        thing: ChangedThing,
        path: String,
        old: Option<&StatementValue>,
        new: Option<&StatementValue>,
    ) -> ChangeId {
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Altered,
        };
        let change = TextChange {
            kind,
            thing,
            path,
            before: old.map(|word| word.plain.clone()),
            after: new.map(|word| word.plain.clone()),
            old: old.map(|word| word.span),
            new: new.map(|word| word.span),
            names: self.scope.names(self.old),
        };
        note(self.changes, change)
    }

    fn push(&mut self, old: Option<String>, new: Option<String>, edit: PartEdit) {
        self.parts.push(StatementPart { old, new, edit });
    }

    /// Places of a route: one row of words.
    fn row(&mut self) {
        let raw = |statement: &Statement| {
            statement.args.iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ")
        };
        let (old, new) = (self.old, self.new);
        let same = old.args.len() == new.args.len()
            && old.args.iter().zip(&new.args).all(|(one, two)| one.same(two));
        let edit = if same {
            PartEdit::Same
        } else {
            let change = TextChange {
                kind: ChangeKind::Altered,
                thing: ChangedThing::Words,
                path: self.scope.name(old),
                before: Some(old.words()),
                after: Some(new.words()),
                old: Some(row_span(old)),
                new: Some(row_span(new)),
                names: self.both_names(),
            };
            PartEdit::Whole(note(self.changes, change))
        };
        self.push(Some(raw(old)), Some(raw(new)), edit);
    }

    /// Sections in their order: each by itself.
    fn order(&mut self) {
        let (old, new) = (self.old, self.new);
        for (one, two) in aligned(&old.args, &new.args) {
            let place = one.or(two).map_or(0, |(place, _)| place + 1);
            let (one, two) = (one.map(|(_, word)| word), two.map(|(_, word)| word));
            let edit = match (one, two) {
                (Some(one), Some(two)) if one.same(two) => PartEdit::Same,
                _ => PartEdit::Whole(self.change(
                    ChangedThing::Step,
                    format!("arrange, place {place}"),
                    one,
                    two,
                )),
            };
            let raw = |word: Option<&StatementValue>| word.map(|word| word.raw.clone());
            self.push(raw(one), raw(two), edit);
        }
    }

    fn both_names(&self) -> Vec<String> {
        [self.old, self.new].iter().flat_map(|statement| self.scope.names(statement)).collect()
    }

    /// Arguments one by one.
    fn args(&mut self) {
        let (old, new) = (self.old, self.new);
        for place in 0..old.args.len().max(new.args.len()) {
            let path = match (old.kind.as_str(), place) {
                ("song", _) => "song title".to_owned(),
                _ => self.scope.name(old),
            };
            let lane = old.kind == "lock" && place == 1;
            self.word("", &path, old.args.get(place), new.args.get(place), lane);
        }
    }

    /// A value in both, or in one.
    fn word(
        &mut self,
        before: &str,
        path: &str,
        old: Option<&StatementValue>,
        new: Option<&StatementValue>,
        lane: bool,
    ) {
        let written = |word: Option<&StatementValue>| word.map(|word| format!("{before}{}", word.raw));
        let (olds, news) = (written(old), written(new));
        let edit = match (old, new) {
            (Some(one), Some(two)) if one.same(two) => PartEdit::Same,
            (Some(one), Some(two)) if lane => {
                let name = |_: &Self, at: usize, word: &StatementValue| {
                    format!("place {}", word_at(&word.plain, at) + 1)
                };
                self.lane(before, path, one, two, Signs::Words, &name)
            }
            _ => PartEdit::Whole(self.change(ChangedThing::Value, path.to_owned(), old, new)),
        };
        self.push(olds, news, edit);
    }

    /// What a `use` takes: each by itself.
    fn taken(&mut self) {
        let (old, new) = (self.old, self.new);
        self.word("", "use", old.args.first(), new.args.first(), false);
        for word in old.args.iter().skip(1) {
            let other = new.args.iter().skip(1).find(|other| word.same(other));
            let path = self.scope.name(old);
            self.word("", &path, Some(word), other, false);
        }
        for word in new.args.iter().skip(1) {
            if !old.args.iter().skip(1).any(|other| word.same(other)) {
                let path = self.scope.name(old);
                self.word("", &path, None, Some(word), false);
            }
        }
    }

    /// An id and lanes of steps after it.
    fn steps(&mut self) {
        let (old, new) = (self.old, self.new);
        self.word("", &self.scope.name(old), old.args.first(), new.args.first(), false);
        let (olds, news) = (old.args.get(1..).unwrap_or_default(), new.args.get(1..).unwrap_or_default());
        let name = self.scope.name(old);
        for (one, two) in aligned(olds, news) {
            let place = one.or(two).map_or(0, |(place, _)| place);
            let (one, two) = (one.map(|(_, word)| word), two.map(|(_, word)| word));
            let written = |word: Option<&StatementValue>| word.map(|word| word.raw.clone());
            let edit = match (one, two) {
                (Some(one), Some(two)) if one.same(two) => PartEdit::Same,
                (Some(one), Some(two)) => {
                    let alone = olds.len() == 1 && news.len() == 1;
                    let step = |both: &Self, at: usize, word: &StatementValue| {
                        let step = step_at(word, at).unwrap_or(0);
                        let side = usize::from(std::ptr::eq(word, two));
                        let track = if side == 0 { both.old } else { both.new };
                        let (bar, step) = if alone {
                            let steps = both.scope.steps(track, side);
                            (step / steps, step % steps)
                        } else {
                            (place, step)
                        };
                        format!("bar {} step {}", bar + 1, step + 1)
                    };
                    self.lane("", &name, one, two, Signs::Steps, &step)
                }
                _ => {
                    let path = format!("{name}, bar {}", place + 1);
                    PartEdit::Whole(self.change(ChangedThing::Step, path, one, two))
                }
            };
            self.push(written(one), written(two), edit);
        }
    }

    /// A lane that says something else.
    fn lane(
        &mut self,
        before: &str,
        path: &str,
        old: &StatementValue,
        new: &StatementValue,
        signs: Signs,
        place: &dyn Fn(&Self, usize, &StatementValue) -> String,
    ) -> PartEdit {
        match difference(&old.plain, &new.plain, signs) {
            None => PartEdit::Same,
            Some(LaneDifference::Places(hunks)) => {
                let hunks = hunks.into_iter().map(|hunk| {
                    let number = self.hunk(path, old, new, &hunk, place);
                    (hunk, number)
                });
                let hunks = hunks.collect();
                let (old, new) = (old.plain.clone(), new.plain.clone());
                PartEdit::Places(Box::new(LaneEdit { before: before.to_owned(), old, new, hunks }))
            }
            Some(LaneDifference::Whole(hunk)) => PartEdit::Whole(self.hunk(path, old, new, &hunk, place)),
        }
    }

    /// A place of a lane.
    fn hunk(
        &mut self,
        path: &str,
        old: &StatementValue,
        new: &StatementValue,
        hunk: &Hunk,
        place: &dyn Fn(&Self, usize, &StatementValue) -> String,
    ) -> ChangeId {
        let says = |word: &StatementValue, at: &std::ops::Range<usize>| {
            (!at.is_empty()).then(|| word.plain[at.clone()].to_owned())
        };
        let (before, after) = (says(old, &hunk.old), says(new, &hunk.new));
        let kind = match (&before, &after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Altered,
        };
        let at = match kind {
            ChangeKind::Added => place(self, hunk.new.start, new),
            _ => place(self, hunk.old.start, old),
        };
        let change = TextChange {
            kind,
            thing: ChangedThing::Step,
            path: format!("{path}, {at}"),
            old: (kind != ChangeKind::Added).then(|| old.place(hunk.old.clone())),
            new: (kind != ChangeKind::Removed).then(|| new.place(hunk.new.clone())),
            before,
            after,
            names: self.scope.names(self.old),
        };
        note(self.changes, change)
    }

    /// Properties, by name.
    fn props(&mut self) {
        let (old, new) = (self.old, self.new);
        let find = |statement: &'_ Statement, name: &str| {
            statement.props.iter().find(|prop| prop.name == name).cloned()
        };
        for prop in &old.props {
            self.prop(Some(prop), find(new, &prop.name).as_ref());
        }
        for prop in new.props.iter().filter(|prop| find(old, &prop.name).is_none()) {
            self.prop(None, Some(prop));
        }
    }

    fn prop(&mut self, old: Option<&StatementProp>, new: Option<&StatementProp>) {
        let Some(name) = old.or(new).map(|prop| prop.name.clone()) else { return };
        let lane = matches!(name.as_str(), "melody" | "notes" | "vel" | "nudge") && self.old.kind == "track";
        let path = self.scope.property(self.old, &name);
        // What came or went is the property, not just its value.
        let whole = |prop: &StatementProp| prop.value.standing(prop.span);
        let before = format!("{name}=");
        if let (Some(one), Some(two)) = (old, new) {
            self.word(&before, &path, Some(&one.value), Some(&two.value), lane);
        } else {
            let (one, two) = (old.map(whole), new.map(whole));
            self.word(&before, &path, one.as_ref(), two.as_ref(), false);
        }
    }
}

/// A word with its place in its row.
type InRow<'a> = Option<(usize, &'a StatementValue)>;

/// Which word of a row is which of another: of equally many each by its place, else by what they say.
fn aligned<'a>(olds: &'a [StatementValue], news: &'a [StatementValue]) -> Vec<(InRow<'a>, InRow<'a>)> {
    let pair = |(old, new): (usize, usize)| (Some((old, &olds[old])), Some((new, &news[new])));
    if olds.len() == news.len() {
        return (0..olds.len()).zip(0..news.len()).map(pair).collect();
    }
    let says =
        |words: &[StatementValue]| words.iter().map(|word| word.plain.clone()).collect::<Vec<String>>();
    let mut all = Vec::new();
    for Run { old, new, .. } in runs(&says(olds), &says(news)) {
        if old.len() == new.len() {
            all.extend(old.zip(new).map(pair));
        } else {
            all.extend(old.map(|place| (Some((place, &olds[place])), None)));
            all.extend(new.map(|place| (None, Some((place, &news[place])))));
        }
    }
    all
}

fn row_span(statement: &Statement) -> Span {
    match (statement.args.first(), statement.args.last()) {
        (Some(first), Some(last)) => Span { end: last.span.end.max(first.span.end), ..first.span },
        _ => statement.span,
    }
}
