//! Copies of modules, compared.

#![expect(clippy::unwrap_used, reason = "a copy of another shape fails the test")]

mod diff;
mod explain;
mod files;
