//! Instruments that start from others: written out before anything else is read.

use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{arrangement as codes, names, song};
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::tree::{Node, Prop};

/// How deep instruments can start from each other.
const DEEPEST: usize = 64;
/// Words of instruments that start from others, after all of them are written out.
const MOST_WORDS: usize = 524_288;

/// Where an instrument is on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LikeProgress {
    Waiting,
    /// What it starts from is being looked for.
    Begun,
    Done,
}

impl Context {
    /// The nodes of a text with every instrument that has `like=` written out; `None` if none has. `taken` are instruments
    /// of other texts, under the names that they have here.
    pub(super) fn written_out<'t>(
        &mut self,
        nodes: &[Node<'t>],
        taken: &[(String, &Node<'t>)],
    ) -> Option<Vec<Node<'t>>> {
        let starts = |node: &Node<'_>| node.name.text == "instrument" && node.prop("like").is_some();
        if !nodes.iter().any(starts) {
            return None;
        }
        let own = nodes.len();
        let mut nodes = nodes.to_vec();
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.name.text == "instrument") {
            if let Some(id) = node.args.first().and_then(|id| id.text()) {
                named.entry(id.to_owned()).or_insert(index);
            }
        }
        for (index, (name, _)) in taken.iter().enumerate() {
            named.entry(name.clone()).or_insert(own + index);
        }
        // What is taken from other texts is whole already.
        let mut progress: Vec<LikeProgress> = nodes
            .iter()
            .map(|node| if starts(node) { LikeProgress::Waiting } else { LikeProgress::Done })
            .collect();
        progress.resize(own + taken.len(), LikeProgress::Done);
        // How many words each comes to and how deep it stands, before any of them is written out.
        let mut words: Vec<usize> =
            nodes.iter().chain(taken.iter().map(|(_, node)| *node)).map(weight).collect();
        let mut depths = vec![0_usize; words.len()];
        let (mut order, mut all, mut deep) = (Vec::new(), 0, None);
        for first in 0..own {
            // From each instrument to what it starts from, until there is one that is whole.
            let mut chain = vec![first];
            while let Some(&index) = chain.last().filter(|index| progress[**index] != LikeProgress::Done) {
                progress[index] = LikeProgress::Begun;
                let Some(parent) = self.parent(&nodes, index, &named, &progress) else {
                    progress[index] = LikeProgress::Done;
                    break;
                };
                chain.push(parent);
            }
            let Some(mut parent) = chain.pop() else { continue };
            for index in chain.into_iter().rev() {
                progress[index] = LikeProgress::Done;
                depths[index] = depths[parent] + 1;
                if depths[index] > DEEPEST {
                    deep = deep.or(Some(index));
                    continue;
                }
                words[index] += words[parent];
                all += words[index];
                order.push((index, parent));
                parent = index;
            }
        }
        if let Some(index) = deep {
            self.too_deep(&nodes[index]);
        }
        if all > MOST_WORDS {
            let largest = order.iter().map(|(index, _)| *index).max_by_key(|index| words[*index]);
            largest.into_iter().for_each(|index| self.too_many_words(&nodes[index]));
        }
        if deep.is_some() || all > MOST_WORDS {
            // What lacks something may only seem to.
            nodes.iter_mut().filter(|node| starts(node)).for_each(|node| node.broken = true);
            return Some(nodes);
        }
        for (index, parent) in order {
            let parent = match parent.checked_sub(own) {
                Some(place) => taken[place].1,
                None => &nodes[parent],
            };
            nodes[index] = merged(parent, &nodes[index]);
        }
        Some(nodes)
    }

    /// What the instrument at `index` starts from, if that can be had.
    fn parent(
        &mut self,
        nodes: &[Node<'_>],
        index: usize,
        named: &BTreeMap<String, usize>,
        progress: &[LikeProgress],
    ) -> Option<usize> {
        let like = &nodes[index].prop("like")?.value;
        let Some(name) = like.text() else {
            self.not_a_name(&names::UNKNOWN_ID, like, "`like`");
            return None;
        };
        let Some(&parent) = named.get(name) else {
            let said = Diagnostic::new(
                &names::UNKNOWN_ID,
                like.span,
                format!("there is no instrument called {}", quoted(name)),
            )
            .label("unknown");
            self.report(match nearest(name, named.keys().map(String::as_str)) {
                Some(meant) => said.suggest(ValueSlot::prop("like").write(like, meant), meant_or_not),
                None => said.help("name another instrument of this song"),
            });
            return None;
        };
        if progress[parent] == LikeProgress::Begun {
            self.report(
                Diagnostic::new(
                    &codes::LIKE_ITSELF,
                    like.span,
                    format!("{} starts from itself in the end", quoted(name)),
                )
                .label("goes round")
                .mend(nodes[index].cut_prop("like"), "take one `like` out and write that instrument in full"),
            );
            return None;
        }
        Some(parent)
    }

    fn too_deep(&mut self, node: &Node<'_>) {
        let span = node.prop("like").map_or(node.name.span, |like| like.value.span);
        self.report(
            Diagnostic::new(
                &codes::LIKE_ITSELF,
                span,
                format!("instruments start from each other more than {DEEPEST} deep"),
            )
            .label("too deep")
            .mend(
                node.cut_prop("like"),
                format!(
                    "take this `like` out, or start from one nearer to the first: the limit is {DEEPEST}"
                ),
            ),
        );
    }

    fn too_many_words(&mut self, node: &Node<'_>) {
        self.report(
            Diagnostic::new(
                &song::TOO_MANY_MODULES,
                node.name.span,
                "the instruments of this song come to more than 524,288 words when `like` is written out",
            )
            .label("the largest")
            .help("let fewer instruments start from large ones"),
        );
    }
}

/// How much room a line takes with all that is in it, in words and values.
pub(super) fn weight(node: &Node<'_>) -> usize {
    1 + node.args.len() + node.props.len() + node.block().iter().map(weight).sum::<usize>()
}

/// `own`, started from `parent`: what it says anew takes the place of what the parent says, what it adds comes after.
fn merged<'t>(parent: &Node<'t>, own: &Node<'t>) -> Node<'t> {
    let mut lines: Vec<Node<'t>> = parent.block().to_vec();
    let mut inherited: BTreeMap<String, usize> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate() {
        for name in names_of(line) {
            inherited.entry(name).or_insert(place);
        }
    }
    for line in own.block() {
        let found = names_of(line).iter().find_map(|name| inherited.get(name).copied());
        match found.filter(|&place| !differ(&lines[place], line)) {
            Some(place) => {
                // What is written twice in one block isn't said anew but twice, and is an error as anywhere.
                for name in names_of(&lines[place]) {
                    inherited.remove(&name);
                }
                let other = &lines[place];
                let replaces = is_route(line) || other.name.text != line.name.text;
                lines[place] = if replaces { line.clone() } else { changed(other, line) };
            }
            None => lines.push(line.clone()),
        }
    }
    Node {
        props: props(&parent.props, &own.props),
        children: Some(lines),
        broken: own.broken || parent.broken,
        ..own.clone()
    }
}

fn is_route(node: &Node<'_>) -> bool {
    node.name.text == "route"
}

fn route_id<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.prop("id").and_then(|id| id.value.text())
}

/// Whether two routes of the same words have names of their own.
fn differ(one: &Node<'_>, other: &Node<'_>) -> bool {
    matches!((route_id(one), route_id(other)), (Some(one), Some(other)) if one != other)
}

/// What a line can be known by: modules, knobs and aliases by their name, routes by their `id` and by their words.
fn names_of(node: &Node<'_>) -> Vec<String> {
    if !is_route(node) {
        return node
            .args
            .first()
            .and_then(|id| id.text())
            .map(|id| format!("line {id}"))
            .into_iter()
            .collect();
    }
    let words: Vec<&str> = node.args.iter().map(|arg| arg.raw).collect();
    let id = route_id(node).map(|id| format!("id {id}"));
    id.into_iter().chain([format!("words {}", words.join(" "))]).collect()
}

/// A line with the arguments and properties of `change` in place of its own.
fn changed<'t>(line: &Node<'t>, change: &Node<'t>) -> Node<'t> {
    let rest = line.args.iter().skip(change.args.len());
    Node {
        args: change.args.iter().chain(rest).cloned().collect(),
        props: props(&line.props, &change.props),
        broken: line.broken || change.broken,
        ..change.clone()
    }
}

fn props<'t>(old: &[Prop<'t>], new: &[Prop<'t>]) -> Vec<Prop<'t>> {
    let kept = old.iter().filter(|prop| new.iter().all(|other| other.name.text != prop.name.text));
    kept.chain(new).filter(|prop| prop.name.text != "like").cloned().collect()
}
