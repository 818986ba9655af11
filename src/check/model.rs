//! The model of a song in which nothing is wrong.

use crate::check::arrange::Order;
use crate::check::context::Context;
use crate::check::header::Header;
use crate::check::instrument::Built;
use crate::check::patch::{Draft, SecondName};
use crate::check::section::Part;
use crate::model::song::{Alias, Song};

impl Context {
    pub(super) fn model(
        &self,
        header: Header,
        draft: Draft<'_, '_>,
        instruments: Vec<Built<'_, '_>>,
        sections: Vec<Part>,
        order: Order,
    ) -> Song {
        let of = |prefix: &str, draft: &Draft<'_, '_>| {
            let alias = |name: &SecondName<'_, '_>| {
                let path = format!("{prefix}{}", name.path);
                Some(Alias { path, control: name.control, range: name.range? })
            };
            draft.second_names.iter().filter_map(alias).collect::<Vec<_>>()
        };
        let mut aliases = of("", &draft);
        for built in &instruments {
            aliases.extend(of(&format!("{}.", built.id), &built.draft));
        }
        Song {
            title: header.title,
            seed: header.seed,
            c4: self.c4,
            tail: header.tail,
            master: 1.0,
            endless: header.endless,
            wishes: header.wishes,
            tolerance: header.tolerance,
            patch: draft.into_patch(),
            instruments: instruments.into_iter().map(Built::into_model).collect(),
            sections: sections.into_iter().map(Part::into_model).collect(),
            arrangement: order.sections,
            sounds: Vec::new(),
            aliases,
        }
    }
}
