//! The table of codes, family by family.

pub mod files;

pub mod uses;

pub mod text;

pub mod values;

pub mod names;

pub mod routes;

pub mod tracks;

pub mod tuning;

pub mod sounds;

pub mod song;

pub mod arrangement;

pub mod automation;

pub mod rendering;

pub mod sound_out;

pub mod controller;

pub mod comparing;

pub mod playing;

use crate::diagnostic::code::Code;

/// Every family with its name, in the order of the reference.
pub static TABLE: &[(&str, &[&Code])] = &[
    ("files", files::FAMILY),
    ("uses", uses::FAMILY),
    ("text", text::FAMILY),
    ("values", values::FAMILY),
    ("names", names::FAMILY),
    ("routes", routes::FAMILY),
    ("tracks", tracks::FAMILY),
    ("tuning", tuning::FAMILY),
    ("sounds", sounds::FAMILY),
    ("song", song::FAMILY),
    ("arrangement", arrangement::FAMILY),
    ("automation", automation::FAMILY),
    ("rendering", rendering::FAMILY),
    ("comparing", comparing::FAMILY),
    ("playing", playing::FAMILY),
    ("controller", controller::FAMILY),
    ("speakers", sound_out::FAMILY),
];

/// Every code, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Code> {
    TABLE.iter().flat_map(|(_, family)| family.iter().copied())
}

/// The code called `id`.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id == id)
}
