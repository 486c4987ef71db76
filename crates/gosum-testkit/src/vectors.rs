//! The recorded answers of the go command.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// How many failing vectors a failing area shows.
const SHOWN: usize = 20;

/// One question to the go command, with what it answered.
#[derive(Debug, Clone)]
pub struct Vector {
    /// Stable name: made from the input, or the case's own.
    pub name: String,
    /// Which question.
    pub op: String,
    /// The question's arguments, by name.
    pub input: Value,
    /// What the go command returned; null where it had nothing to return but success.
    pub out: Value,
    /// How it failed.
    pub err: Option<Failure>,
}

/// A recorded failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The recorder's word for the sort of error.
    pub category: String,
    /// The go command's own message.
    pub msg: String,
}

impl Failure {
    /// Returns the failure that `value` (an object with `category` and `msg`) records, if it is one.
    pub fn from_value(value: &Value) -> Option<Failure> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Failure { category: text("category")?, msg: text("msg").unwrap_or_default() })
    }
}

impl Vector {
    /// Returns the bytes of the argument `key`.
    ///
    /// # Panics
    /// When the vector has no such argument, or it is no byte string.
    pub fn bytes(&self, key: &str) -> Vec<u8> {
        bytes(&self.input[key]).unwrap_or_else(|| panic!("{}: `in.{key}` is no byte string", self.name))
    }

    /// Returns the argument `key` as text.
    ///
    /// # Panics
    /// When the vector has no such argument, or it is not UTF-8.
    pub fn text(&self, key: &str) -> String {
        String::from_utf8(self.bytes(key))
            .unwrap_or_else(|_| panic!("{}: `in.{key}` is not UTF-8", self.name))
    }
}

/// Returns the bytes that a byte string stands for: a JSON string, or `{"b64": "…"}`.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(map) => STANDARD.decode(map.get("b64")?.as_str()?).ok(),
        _ => None,
    }
}

/// Returns the folder that the vectors are read from.
pub fn folder() -> PathBuf {
    match std::env::var_os("GOSUM_VECTORS") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => default_folder(),
    }
}

fn default_folder() -> PathBuf {
    crate::testdata().join("vectors")
}

/// Holds every vector of `area` whose op is in `ops` to `check`, prints how many were run, and
/// fails with the first of those that did not hold.
///
/// # Panics
/// When a vector does not hold; when the area's file is missing, holds no vector of one of `ops`
/// or, in the default set, fewer than the committed count.
#[expect(clippy::print_stderr, reason = "how many were run is what the reader of a test log wants to know")]
pub fn hold(area: &str, ops: &[&str], check: impl Fn(&Vector) -> Result<(), String>) {
    let folder = folder();
    let vectors = read(&folder, area);
    if folder == default_folder() {
        let committed = committed(&folder, area);
        assert!(vectors.len() >= committed, "{area}: {} vectors, {committed} are committed", vectors.len());
    }
    let mut run = BTreeMap::new();
    let mut failed = Vec::new();
    for vector in vectors.iter().filter(|vector| ops.contains(&vector.op.as_str())) {
        *run.entry(vector.op.as_str()).or_insert(0usize) += 1;
        if let Err(why) = check(vector) {
            failed.push(format!("{}: {why}", vector.name));
        }
    }
    for op in ops {
        assert!(run.contains_key(op), "{area}: no vector of {op}");
    }
    eprintln!("vectors of {area}: {} run {run:?}", run.values().sum::<usize>());
    let mut message = String::new();
    for why in failed.iter().take(SHOWN) {
        let _ = write!(message, "\n  {why}");
    }
    assert!(failed.is_empty(), "{area}: {} vectors do not hold:{message}", failed.len());
}

/// Fails unless `ops` are all the ops of `area`, so that a new one is not passed over.
///
/// # Panics
/// When the area has an op that `ops` does not name.
pub fn covers(area: &str, ops: &[&str]) {
    for vector in read(&folder(), area) {
        assert!(ops.contains(&vector.op.as_str()), "{area}: nothing holds the op {}", vector.op);
    }
}

fn read(folder: &Path, area: &str) -> Vec<Vector> {
    let file = folder.join(format!("{area}.jsonl"));
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("cannot read the vectors of {area} at {}: {error}", file.display()));
    text.lines().enumerate().map(|(index, line)| parse(area, index + 1, line)).collect()
}

fn parse(area: &str, line: usize, text: &str) -> Vector {
    let mut value: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{area}.jsonl:{line}: {error}"));
    let word = |key: &str| {
        value[key].as_str().unwrap_or_else(|| panic!("{area}.jsonl:{line}: no `{key}`")).to_owned()
    };
    Vector {
        name: word("name"),
        op: word("op"),
        err: Failure::from_value(&value["err"]),
        input: value["in"].take(),
        out: value["out"].take(),
    }
}

/// Returns how many vectors of `area` are committed, from `counts.txt` in the default set.
fn committed(folder: &Path, area: &str) -> usize {
    let file = folder.join("counts.txt");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines()
        .find_map(|line| line.strip_prefix(area)?.strip_prefix(' ')?.trim().parse().ok())
        .unwrap_or_else(|| panic!("{}: no count for {area}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_a_byte_string() {
        assert_eq!(bytes(&Value::from("a")), Some(b"a".to_vec()));
        assert_eq!(bytes(&serde_json::json!({"b64": "/w=="})), Some(vec![0xff]));
        assert_eq!(bytes(&Value::from(1)), None);
    }

    #[test]
    #[should_panic(expected = "vectors do not hold")]
    fn a_vector_that_does_not_hold_fails_the_test() {
        hold("quote", &["Quote"], |_| Err("never".into()));
    }

    #[test]
    #[should_panic(expected = "cannot read the vectors of nothing")]
    fn a_missing_area_fails_the_test() {
        hold("nothing", &["Op"], |_| Ok(()));
    }
}
