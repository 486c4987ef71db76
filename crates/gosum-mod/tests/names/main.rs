//! Names, go.mod and go.sum against what the go command answered.

#![expect(clippy::unwrap_used, reason = "a vector of another shape fails the test")]

mod fuzz;
mod go_mod;
mod go_sum;
mod go_work;
mod path;
mod pattern;
mod pseudo;
mod quote;
mod semver;
mod unicode;

use std::fmt::Debug;

use gosum_testkit::vectors::Vector;

/// Holds what we got to what was recorded.
fn same<T: Debug + PartialEq + ?Sized>(got: &T, recorded: &T) -> Result<(), String> {
    if got == recorded { Ok(()) } else { Err(format!("got {got:?}, recorded {recorded:?}")) }
}

/// Holds our failure, if any, to the recorded one.
fn failed(vector: &Vector, category: Option<&str>) -> Result<(), String> {
    same(&category, &vector.err.as_ref().map(|failure| failure.category.as_str()))
}
