//! Module graphs against what the go command says of them, and against hostile ones.

#![expect(clippy::unwrap_used, reason = "a fixture of another shape fails the test")]

mod fuzz;
mod graph;
mod growth;
mod limit;
mod real_go;
mod rubbish;
mod tidy;
