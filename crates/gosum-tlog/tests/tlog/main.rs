//! Notes against what Go answered.

#![expect(clippy::unwrap_used, reason = "a vector of another shape fails the test")]

mod note;

use std::fmt::Debug;

use gosum_testkit::vectors::{self, Vector};
use serde_json::Value;

/// Holds what we got to what was recorded.
fn same<T: Debug + PartialEq + ?Sized>(got: &T, recorded: &T) -> Result<(), String> {
    if got == recorded { Ok(()) } else { Err(format!("got {got:?}, recorded {recorded:?}")) }
}

/// Holds our failure, if any, to the recorded one.
fn failed(vector: &Vector, category: Option<&str>) -> Result<(), String> {
    same(&category, &vector.err.as_ref().map(|failure| failure.category.as_str()))
}

fn bytes(value: &Value) -> Vec<u8> {
    vectors::bytes(value).unwrap()
}
