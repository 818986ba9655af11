//! Two sides compared: songs, sound files, folders of stems, golden files, revisions of them; and how it is told.

pub(super) mod comparison;

pub(super) mod side;

pub(super) mod heard;

pub(super) mod against;

pub(super) mod lines;
