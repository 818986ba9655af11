//! All texts of a song: its own and those that it uses, each read once.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::library;
use crate::check::nearest::nearest;
use crate::check::song_files::{FileRefusal, SongFiles};
use crate::diagnostic::codes::{files, uses};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{self, as_text, list};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::SourceText;
use crate::diagnostic::span::{SourceId, Span};
use crate::syntax::reader::read;
use crate::syntax::tree::{Node, Value};

/// The texts that a song can use.
const MOST: usize = 255;

/// Bytes of all texts that a song can use: what is read takes many times their room.
const MOST_BYTES: usize = 16 << 20;

/// A text that a song uses.
#[derive(Clone, Debug)]
pub(super) struct UsedText {
    name: String,
    path: String,
    text: String,
    used: Span,
}

/// Places for texts, which can be filled while those before are read.
#[derive(Debug)]
pub(super) struct SourceArena(Vec<OnceCell<Box<UsedText>>>);

impl SourceArena {
    pub(super) fn new() -> Self {
        Self(vec![OnceCell::new(); MOST])
    }

    /// The texts, in the order in which they came.
    pub(super) fn into_sources(self) -> impl Iterator<Item = SourceText> {
        let texts = self.0.into_iter().map_while(OnceCell::into_inner);
        texts.map(|text| SourceText::new(text.name, text.text).used_at(text.used))
    }

    /// Puts `text` on the first free place.
    fn put(&self, text: UsedText) -> Option<&UsedText> {
        let place = self.0.iter().find(|place| place.get().is_none())?;
        Some(place.get_or_init(|| Box::new(text)))
    }
}

/// One text and what became of the `use` lines in it.
pub(super) struct SourceFile<'t> {
    pub(super) nodes: Vec<Node<'t>>,
    /// Its path from the song's folder; in the library its name there.
    pub(super) path: String,
    /// What messages call it.
    pub(super) name: String,
    /// For each `use` line, in order, the sheet it means, if that can be had.
    pub(super) uses: Vec<Option<usize>>,
    /// Not all of it could be read: what seems to be missing may be there.
    pub(super) open: bool,
}

impl<'t> SourceFile<'t> {
    /// Its `use` lines, each with the sheet it means.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Node<'t>, Option<usize>)> {
        let lines = self.nodes.iter().filter(|node| node.name.text == "use");
        lines.zip(self.uses.iter().copied())
    }
}

/// All texts of a song; the first is its own.
pub(super) struct SourceFiles<'t, 'f> {
    pub(super) all: Vec<SourceFile<'t>>,
    arena: &'t SourceArena,
    files: &'f mut dyn SongFiles,
    /// The sheets on the way to the one that is looked into.
    way: Vec<usize>,
    song: SourceId,
    first: u32,
    /// Bytes of all texts but the song's own.
    bytes: usize,
}

impl<'t, 'f> SourceFiles<'t, 'f> {
    /// Reads all that `nodes`, the song's own, use. Texts other than the song's are numbered from `first` on.
    pub(super) fn gather(
        cx: &mut Context,
        nodes: Vec<Node<'t>>,
        song: SourceId,
        first: u32,
        arena: &'t SourceArena,
        files: &'f mut dyn SongFiles,
    ) -> Self {
        let path = files.song();
        let name = path.clone();
        let own = SourceFile { nodes, path, name, uses: Vec::new(), open: false };
        let mut source_files = Self { all: vec![own], arena, files, way: Vec::new(), song, first, bytes: 0 };
        source_files.follow(cx, 0);
        source_files
    }

    /// The path of each text from the song's folder.
    pub(super) fn paths(&self) -> BTreeMap<SourceId, String> {
        let path =
            |(index, source_file): (usize, &SourceFile<'_>)| (self.source(index), source_file.path.clone());
        self.all.iter().enumerate().map(path).collect()
    }

    /// Which text sheet `index` is.
    fn source(&self, index: usize) -> SourceId {
        if index == 0 { self.song } else { SourceId(self.first + index as u32 - 1) }
    }

    /// Reads all that sheet `index` uses.
    fn follow(&mut self, cx: &mut Context, index: usize) {
        self.way.push(index);
        let lines = self.all[index].nodes.iter().filter(|node| node.name.text == "use");
        let wanted: Vec<(Option<Value<'t>>, Span)> =
            lines.map(|node| (node.args.first().cloned(), node.whole())).collect();
        for (value, line) in wanted {
            let found = value.filter(|_| !cx.enough()).and_then(|value| self.find(cx, index, &value, line));
            self.all[index].uses.push(found);
        }
        self.way.pop();
    }

    /// The sheet that `value`, in sheet `from`, means.
    fn find(&mut self, cx: &mut Context, from: usize, value: &Value<'t>, line: Span) -> Option<usize> {
        let Some(written) = value.text() else {
            let what = format!("a file is named by a text, not by {}", value.noun());
            cx.report(
                Diagnostic::new(&uses::BAD_PATH, value.span, what)
                    .label("not a path")
                    .help("a path is a text such as `\"std/kit\"` or `\"./kit.kdl\"`"),
            );
            return None;
        };
        if written == "std" || written.starts_with(library::PREFIX) {
            let Some(volume) = library::find(written) else {
                unknown(cx, value, written);
                return None;
            };
            if let Some(known) = self.all.iter().skip(1).position(|source_file| source_file.path == written) {
                return Some(known + 1);
            }
            let name = volume.name.to_owned();
            return self.add(cx, value.span, name.clone(), name, volume.text.to_owned());
        }
        let path = path(cx, &self.all[from].path, self.files.outside(), value, written)?;
        if let Some(known) = self.all.iter().position(|source_file| source_file.path == path) {
            return self.unless_cycle(cx, value, line, known);
        }
        match self.files.text(&path) {
            Ok(text) => self.add(cx, value.span, self.files.name(&path), path, text),
            Err(refusal) => {
                let name = match refusal {
                    FileRefusal::NoFolder => written.to_owned(),
                    _ => self.files.name(&path),
                };
                let said = Diagnostic { span: Some(value.span), ..refusal.diagnostic(&name) };
                cx.report(if said.help.is_some() { said } else { missing(said, value, written) });
                None
            }
        }
    }

    /// Takes a text in and reads what it uses in turn.
    fn add(
        &mut self,
        cx: &mut Context,
        used: Span,
        name: String,
        path: String,
        text: String,
    ) -> Option<usize> {
        let index = self.all.len();
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            cx.report(
                Diagnostic::new(
                    &files::TOO_LARGE,
                    used,
                    "the files that the song uses are longer than 16 MiB",
                )
                .label("too much with this one")
                .help("the limit is 16,777,216 bytes for all of them together"),
            );
            return None;
        }
        let Some(text) = self.arena.put(UsedText { name, path, text, used }) else {
            cx.report(
                Diagnostic::new(&uses::TOO_MANY_FILES, used, format!("the song uses more than {MOST} files"))
                    .label("one too many")
                    .help("put instruments that belong together into one file"),
            );
            return None;
        };
        let before = cx.bag.errors();
        let nodes = read(self.source(index), &text.text, &mut cx.bag);
        let open = cx.bag.errors() > before;
        let (name, path) = (text.name.clone(), text.path.clone());
        self.all.push(SourceFile { nodes, path, name, uses: Vec::new(), open });
        self.follow(cx, index);
        Some(index)
    }

    /// Sheet `known`, unless what is being read is read for it.
    fn unless_cycle(&self, cx: &mut Context, value: &Value<'t>, line: Span, known: usize) -> Option<usize> {
        let Some(place) = self.way.iter().position(|source_file| *source_file == known) else {
            return Some(known);
        };
        let round = self.way[place..].iter().chain([&known]);
        let names: Vec<&str> = round.map(|source_file| self.all[*source_file].name.as_str()).collect();
        let message = match &names[..] {
            [one, _] => format!("{} uses itself", quote::path(one)),
            _ => format!("{} uses itself by way of others", quote::path(names[0])),
        };
        cx.report(Diagnostic::new(&uses::USE_CYCLE, value.span, message).label(names.join(" -> ")).mend(
            [Edit::remove(line)],
            "take this line out, or move what both need into a file that uses neither",
        ));
        None
    }
}

/// Says what to write where there is no file.
fn missing(said: Diagnostic, value: &Value<'_>, written: &str) -> Diagnostic {
    let volume = library::LIBRARY.iter().find(|volume| {
        let short = volume.name.trim_start_matches(library::PREFIX);
        written == short || written.trim_start_matches("./").trim_end_matches(".kdl") == short
    });
    match volume {
        Some(volume) => said.suggest(Edit::replace(value.span, as_text(volume.name)), |write| {
            format!("the library has {write}; other paths begin at this file's folder")
        }),
        None => said.help("paths begin at the folder of the file that they stand in"),
    }
}

fn unknown(cx: &mut Context, value: &Value<'_>, written: &str) {
    let bare = written.trim_end_matches(".kdl");
    let all = || library::LIBRARY.iter().map(|volume| volume.name);
    let meant = library::find(bare).map(|volume| volume.name).or_else(|| nearest(bare, all()));
    let said = Diagnostic::new(
        &uses::UNKNOWN_LIBRARY,
        value.span,
        format!("the library has no {}", quote::path(written)),
    )
    .label("unknown");
    cx.report(match meant {
        Some(meant) => said.suggest(Edit::replace(value.span, as_text(meant)), meant_or_not),
        None => said.help(format!("it has {}", list(&all().map(str::to_owned).collect::<Vec<_>>()))),
    });
}

/// The path from the song's folder of what is `written` in the text at `from`.
pub(super) fn path(
    cx: &mut Context,
    from: &str,
    outside: bool,
    value: &Value<'_>,
    written: &str,
) -> Option<String> {
    let bad = |what: &str, label: &str| Diagnostic::new(&uses::BAD_PATH, value.span, what).label(label);
    let write = |path: &str| Edit::replace(value.span, as_text(path));
    let drive = written.as_bytes().get(1) == Some(&b':');
    let fault = if written.is_empty() {
        Some(bad("this path is empty", "no file").help("a path is a text such as `\"./kit.kdl\"`"))
    } else if written.contains('\\') {
        let said = bad("the parts of a path have `/` between them, not `\\`", "a path of one system only");
        Some(said.write(write(&written.replace('\\', "/"))))
    } else if written.starts_with(['/', '~']) || drive {
        let said = bad("a path in a song is relative to its folder", "the path of one machine only");
        Some(match written.rsplit(['/', ':']).next().filter(|name| !name.is_empty() && *name != "~") {
            Some(name) => said.suggest(write(&format!("./{name}")), |write| {
                format!("put the file beside the song and write {write}")
            }),
            None => said.help("put the file beside the song"),
        })
    } else if written.chars().any(char::is_control) {
        let said = bad("this path has a control character in it", "not a path");
        let path: String = written.chars().filter(|c| !c.is_control()).collect();
        Some(if path.is_empty() { said } else { said.write(write(&path)) })
    } else {
        None
    };
    if let Some(fault) = fault {
        cx.report(fault);
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(written.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.first() == Some(&"..") && !outside {
        let said = Diagnostic::new(
            &uses::OUTSIDE_FOLDER,
            value.span,
            format!("{} lies outside of the song's folder", quote::path(written)),
        )
        .label("leaves the folder");
        cx.report(match parts.last().filter(|name| **name != "..") {
            Some(name) => said.suggest(write(&format!("./{name}")), |write| {
                format!("copy the file beside the song and write {write}, or allow it with `--allow-outside`")
            }),
            None => said.help("name a file, and allow it with `--allow-outside`"),
        });
        return None;
    }
    Some(parts.join("/"))
}
