//! Two sides compared: songs, sound files, folders of stems, golden files, revisions of them; and how it is told.

pub(super) mod comparison;

pub(super) mod side;

pub(super) mod heard;

pub(super) mod causes;

pub(super) mod kept;

pub(super) mod against;

pub(super) mod first;

pub(super) mod lines;

pub(super) mod outcome;

pub(super) mod songs;

pub(super) mod goldens;

pub(super) mod formats;

pub(super) mod page;

pub(super) mod telling;
