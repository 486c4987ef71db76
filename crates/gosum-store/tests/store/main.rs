//! The store as others use it: across runs, processes, crashes and broken files.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod broken;
mod prune;
mod sample;
mod share;
