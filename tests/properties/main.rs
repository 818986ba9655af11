//! Properties that hold for all inputs, tried on random ones.

mod syntax;
