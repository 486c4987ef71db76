//! The JSON Schema of what `gosum lint` writes.

use gosum_evidence::lint::Lint;
use serde_json::Value;

use super::lint::{mixed, render};
use super::schema::{Validator, file, is_what_the_types_say};

const FILE: &str = "schema/lint.json";

#[test]
fn fields_are_only_added_and_the_file_is_what_the_types_say() {
    is_what_the_types_say::<Lint>(FILE, "gosum lint");
}

#[test]
fn lints_are_as_the_schema_says_and_have_all_that_it_says() {
    let schema: Value = serde_json::from_str(&file(FILE)).unwrap();
    let mut validator = Validator::of(&schema);
    let text = render(&mixed("go.sum", "why"), "json");
    validator.hold(&serde_json::from_str(&text).unwrap(), &schema, "Lint");
    validator.has_seen_all("Lint");
}
