//! Two sides compared: songs, sound files, folders of stems, golden files, revisions of them; and how it is told.

pub(super) mod compare_result;

pub(super) mod compare_input;

pub(super) mod renderer;

pub(super) mod causes;

pub(super) mod golden_input;

pub(super) mod against;

pub(super) mod first;

pub(super) mod lines;

pub(super) mod test_outcome;

pub(super) mod songs;

pub(super) mod goldens;

pub(super) mod formats;

pub(super) mod report_page;

pub(super) mod compare_output;
