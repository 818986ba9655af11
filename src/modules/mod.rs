//! The one module table: each kind stands in one file, in one `SPEC`, and from it everything else is derived.

pub mod spec;

pub mod buffer;

pub mod call;

pub mod dispatch;

pub mod solo;

mod oscillator;

mod sine;

use spec::ModuleSpec;

/// Every kind there is, in the order of the reference.
pub static TABLE: &[&ModuleSpec] = &[&sine::SPEC];

/// The spec of `kind`, if there is such a kind.
pub fn find(kind: &str) -> Option<&'static ModuleSpec> {
    TABLE.iter().copied().find(|spec| spec.kind == kind)
}
