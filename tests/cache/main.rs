//! The render cache: the same bits with it and without, whatever happens to its files.

mod bits;

mod edits;

mod files;

mod listen;
