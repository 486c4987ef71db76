//! Notes and logs against what Go answered.

#![expect(clippy::unwrap_used, reason = "a vector of another shape fails the test")]

mod fuzz;
mod growth;
mod note;
mod tile;
mod tree;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;

use gosum_testkit::vectors::{self, Vector};
use gosum_tlog::hash::{Hash, record_hash};
use gosum_tlog::stored::stored_hashes;
use serde_json::Value;

/// Holds what we got to what was recorded.
fn same<T: Debug + PartialEq + ?Sized>(got: &T, recorded: &T) -> Result<(), String> {
    if got == recorded { Ok(()) } else { Err(format!("got {got:?}, recorded {recorded:?}")) }
}

/// Holds our failure, if any, to the recorded one.
fn failed(vector: &Vector, category: Option<&str>) -> Result<(), String> {
    same(&category, &vector.err.as_ref().map(|failure| failure.category.as_str()))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn hash(value: &Value) -> Hash {
    Hash::parse(value.as_str().unwrap()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    vectors::bytes(value).unwrap()
}

/// Returns record `number` of the log that a seed stands for.
fn leaf(seed: u64, number: u64) -> String {
    format!("record {number} of {seed}\n")
}

/// Returns the hashes that are kept of the first 300 records of the log that a seed stands for.
fn log(seed: u64) -> &'static Vec<Hash> {
    static LOGS: Mutex<BTreeMap<u64, &'static Vec<Hash>>> = Mutex::new(BTreeMap::new());
    LOGS.lock().unwrap().entry(seed).or_insert_with(|| {
        let mut stored = Vec::new();
        for number in 0..300 {
            stored.extend(stored_hashes(number, record_hash(leaf(seed, number)), &stored).unwrap());
        }
        Box::leak(Box::new(stored))
    })
}

/// Returns the log of which the vector asks.
fn log_of(vector: &Vector) -> &'static Vec<Hash> {
    log(number(&vector.input["seed"]))
}
