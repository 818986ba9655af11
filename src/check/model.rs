//! The model of a song in which nothing is wrong.

use crate::check::arrange::SectionOrder;
use crate::check::context::Context;
use crate::check::header::Header;
use crate::check::instrument::CheckedInstrument;
use crate::check::patch_builder::{PatchBuilder, SecondName};
use crate::check::section::SectionPart;
use crate::model::song::{Alias, Song};

impl Context {
    pub(super) fn model(
        &self,
        header: Header,
        builder: PatchBuilder<'_, '_>,
        instruments: Vec<CheckedInstrument<'_, '_>>,
        sections: Vec<SectionPart>,
        order: SectionOrder,
    ) -> Song {
        let of = |prefix: &str, builder: &PatchBuilder<'_, '_>| {
            let alias = |name: &SecondName<'_, '_>| {
                let path = format!("{prefix}{}", name.path);
                Some(Alias { path, control: name.control, range: name.range? })
            };
            builder.second_names.iter().filter_map(alias).collect::<Vec<_>>()
        };
        let mut aliases = of("", &builder);
        for built in &instruments {
            aliases.extend(of(&format!("{}.", built.id), &built.builder));
        }
        Song {
            title: header.title,
            seed: header.seed,
            c4: self.c4,
            tail: header.tail,
            master: 1.0,
            endless: header.endless,
            output_settings: header.output_settings,
            tolerance: header.tolerance,
            patch: builder.into_patch(),
            instruments: instruments.into_iter().map(CheckedInstrument::into_model).collect(),
            sections: sections.into_iter().map(SectionPart::into_model).collect(),
            arrangement: order.sections,
            sounds: Vec::new(),
            aliases,
        }
    }
}
