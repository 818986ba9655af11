//! The library: songs that ship inside the program, for other songs to take instruments from.

use crate::check::nearest::nearest;
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::uses::NOT_IN_FILE;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::SourceId;
use crate::model::song::{Section, Song};
use crate::syntax::reader::read;
use crate::syntax::tree::Node;

/// One file of the library.
#[derive(Debug)]
pub struct Volume {
    /// What `use` calls it.
    pub name: &'static str,
    /// One sentence: what is in it.
    pub about: &'static str,
    /// Its text: a song, with one track for each instrument that shows it.
    pub text: &'static str,
    /// Whether its instruments are shown one after another, not together.
    pub in_turn: bool,
}

macro_rules! volume {
    ($name:literal, $file:literal, $about:literal, $in_turn:literal) => {
        Volume {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../library/", $file)),
            in_turn: $in_turn,
        }
    };
}

/// An instrument of the library, as its list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryEntry {
    /// Its name.
    pub name: String,
    /// What it is: the comment on the line before it.
    pub about: String,
    /// How many notes can sound at once.
    pub voices: usize,
}

impl Volume {
    /// Its instruments, in order.
    pub fn entries(&self) -> Vec<LibraryEntry> {
        let nodes = read(SourceId::default(), self.text, &mut Bag::default());
        let entry = |node: &Node<'_>| {
            let before = self.text.get(..node.name.span.start as usize)?;
            let about = before.trim_end().lines().next_back()?.strip_prefix("// ")?.to_owned();
            let voices = node.prop("voices").and_then(|prop| prop.value.number()).unwrap_or(1.0) as usize;
            Some(LibraryEntry { name: node.args.first()?.text()?.to_owned(), about, voices })
        };
        nodes.iter().filter(|node| node.name.text == "instrument").filter_map(entry).collect()
    }

    /// `song`, which is this file, as it shows its instruments: together, one after another, or `only` one. `None` if
    /// there is no such instrument.
    pub fn shown(&self, mut song: Song, only: Option<&str>) -> Option<Song> {
        let whole = song.sections.first()?.clone();
        let section = |keep: &dyn Fn(usize) -> bool| Section {
            tracks: whole.tracks.iter().filter(|track| keep(track.instrument)).cloned().collect(),
            ..whole.clone()
        };
        if let Some(only) = only {
            let place = song.instruments.iter().position(|instrument| instrument.id == only)?;
            song.sections = vec![section(&|instrument| instrument == place)];
        } else if self.in_turn {
            song.sections = (0..song.instruments.len()).map(|place| section(&|one| one == place)).collect();
        }
        song.arrangement = (0..song.sections.len()).collect();
        Some(song)
    }

    /// A diagnostic that there is no `name` in this file.
    pub fn lacks(&self, name: &str) -> Diagnostic {
        let entries = self.entries();
        let help = match nearest(name, entries.iter().map(|entry| entry.name.as_str())) {
            Some(meant) => format!("did you mean `{}#{meant}`?", self.name),
            None => "`chronus library` lists what there is".to_owned(),
        };
        Diagnostic::of_file(&NOT_IN_FILE, format!("{} has no instrument {}", quoted(self.name), quoted(name)))
            .help(help)
    }
}

/// What every path into the library begins with.
pub const PREFIX: &str = "std/";

/// Every file of the library, in the order of the reference.
pub static LIBRARY: &[Volume] = &[
    volume!("std/kit", "kit.kdl", "A drum kit as it stands in a room.", false),
    volume!("std/808", "808.kdl", "Drums in the manner of the TR-808.", false),
    volume!("std/909", "909.kdl", "Drums in the manner of the TR-909.", false),
    volume!("std/acid", "acid.kdl", "Bass lines in the manner of the TB-303.", true),
    volume!("std/bass", "bass.kdl", "Basses.", true),
    volume!("std/lead", "lead.kdl", "Leads.", true),
    volume!("std/keys", "keys.kdl", "Keyboards.", true),
    volume!("std/pluck", "pluck.kdl", "Plucked strings and what is plucked like them.", true),
    volume!("std/pad", "pad.kdl", "Pads: slow sounds to lie under others.", true),
    volume!("std/strings", "strings.kdl", "Bowed strings.", true),
    volume!("std/bell", "bell.kdl", "Bells, bars and what rings.", true),
    volume!("std/fx", "fx.kdl", "Effects: what leads from one part of a song to the next.", true),
];

/// Every rig of the library: songs without end, to be played from outside. The first is played where no song is named.
pub static RIGS: &[Volume] = &[volume!(
    "std/rig",
    "rig.kdl",
    "Sixteen voices, an acid box, distortion, reverb, delay and LFOs, under the addresses of the program that chronus replaces.",
    false
)];

/// The first file of the library that has an instrument called `name`.
pub fn holding(name: &str) -> Option<&'static Volume> {
    LIBRARY.iter().find(|volume| volume.entries().iter().any(|entry| entry.name == name))
}

/// A sound of the library.
#[derive(Debug)]
pub struct LibrarySound {
    /// What modules call it.
    pub name: &'static str,
    /// One sentence: what it is.
    pub about: &'static str,
    /// The sound file.
    pub bytes: &'static [u8],
}

/// Every sound of the library.
pub static SOUNDS: &[LibrarySound] = &[LibrarySound {
    name: "std/break.flac",
    about: "A bar of drums, 96 beats a minute.",
    bytes: include_bytes!("../../library/break.flac"),
}];

/// The sound called `name`.
pub fn sound(name: &str) -> Option<&'static LibrarySound> {
    SOUNDS.iter().find(|sound| sound.name == name)
}

/// The file called `name`.
pub fn find(name: &str) -> Option<&'static Volume> {
    LIBRARY.iter().chain(RIGS).find(|volume| volume.name == name)
}
