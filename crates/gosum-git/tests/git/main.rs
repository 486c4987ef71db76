//! Repositories behind HTTP: of a small world on loopback, and of real git where it is installed.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod again;
mod failure;
mod fetch;
mod files;
mod history;
mod hostile;
mod likeness;
mod place;
mod real;
