//! The store as others use it: across runs, processes, crashes and broken files.

mod broken;
mod prune;
mod sample;
mod share;
