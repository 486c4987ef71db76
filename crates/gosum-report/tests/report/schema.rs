//! The JSON Schema of reports: made of the types, kept in `schema/report.json`, and only added to. So are those beside it, of what
//! other commands write.
//!
//! `GOSUM_UPDATE=schema cargo test --package gosum-report schema` writes the files anew, unless something of them is gone.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use gosum_evidence::compare::Answers;
use gosum_evidence::evidence::{
    Answer, CommitSaid, Evidence, Lasting, Moved, Origin, SignatureKind, SourceName,
};
use gosum_evidence::report::{Base, Report, SCHEMA, Timing};
use gosum_report::format::Options;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::hostile::hostile;
use super::{allowed, clean, earlier, hash, line, mixed, render, report};

const FILE: &str = "schema/report.json";

pub(super) fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_else(|_| "{}".to_owned())
}

/// Returns the schema that the type of what `command` writes has.
fn generated<T: JsonSchema>(command: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = serde_json::to_value(generator.into_root_schema_for::<T>()).unwrap();
    without_null(&mut schema);
    schema["title"] = json!(format!("Report of {command}, schema {SCHEMA}"));
    schema
}

/// What there is not is left out, and never null.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|one| one != "null");
                if let [one] = types.as_slice() {
                    object["type"] = one.clone();
                }
            }
            if let Some(Value::Array(several)) = object.get_mut("anyOf") {
                several.retain(|one| one["type"] != "null");
                if let [one] = several.as_slice() {
                    let one = one.clone();
                    object.remove("anyOf");
                    object.extend(one.as_object().unwrap().clone());
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(all) => all.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Returns what of `old` is gone or has changed in `new`.
fn lost(old: &Value, new: &Value, at: &str) -> Vec<String> {
    let Value::Object(object) = old else {
        return if old == new { Vec::new() } else { vec![format!("{at}: {old} is now {new}")] };
    };
    let mut lost = Vec::new();
    for (key, value) in object {
        let (at, new) = (format!("{at}/{key}"), &new[key]);
        match key.as_str() {
            // for people, and of numbers what Rust keeps them in
            "title" | "description" | "$schema" | "format" | "minimum" => {}
            "required" | "enum" => {
                let there = |one: &&Value| new.as_array().is_some_and(|all| all.contains(one));
                let gone = value.as_array().unwrap().iter().filter(|one| !there(one));
                lost.extend(gone.map(|one| format!("{at}: {one} is gone")));
            }
            "oneOf" => {
                let words = |value: &Value| -> Vec<Value> {
                    value.as_array().into_iter().flatten().map(|one| one["const"].clone()).collect()
                };
                let there = words(new);
                let gone = words(value).into_iter().filter(|word| !there.contains(word));
                lost.extend(gone.map(|word| format!("{at}: {word} is gone")));
            }
            _ if new.is_null() => lost.push(format!("{at} is gone")),
            _ => lost.extend(self::lost(value, new, &at)),
        }
    }
    lost
}

#[test]
fn fields_are_only_added_and_the_file_is_what_the_types_say() {
    is_what_the_types_say::<Report>(FILE, "gosum audit");
}

/// Fails where something of the schema in the file `name` is gone, or it is not that of `T`, which `command` writes.
pub(super) fn is_what_the_types_say<T: JsonSchema>(name: &str, command: &str) {
    let (generated, kept) = (generated::<T>(command), file(name));
    let kept_schema: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(lost(&kept_schema, &generated, ""), Vec::<String>::new(), "others rely on what is there");
    let text = serde_json::to_string_pretty(&generated).unwrap() + "\n";
    if std::env::var("GOSUM_UPDATE").is_ok_and(|what| what == "schema") {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &text).unwrap();
    } else {
        assert_eq!(text, kept, "GOSUM_UPDATE=schema writes it anew");
    }
}

#[test]
fn what_is_gone_or_changed_is_found() {
    let old: Value = serde_json::from_str(&file(FILE)).unwrap();
    let without = |change: fn(&mut Value)| {
        let mut new = old.clone();
        change(&mut new);
        assert_ne!(new, old, "the change changes something");
        lost(&old, &new, "")
    };
    let remove = |value: &mut Value, key: &str| drop(value.as_object_mut().unwrap().remove(key));
    assert_eq!(without(|new| new["properties"]["new"] = json!({"type": "string"})), Vec::<String>::new());
    assert_eq!(
        without(|new| new["properties"]["diff"]["description"] = json!("other")),
        Vec::<String>::new()
    );
    assert_eq!(
        without(|new| drop(new["properties"].as_object_mut().unwrap().remove("diff"))),
        ["/properties/diff is gone"]
    );
    let changed = without(|new| new["properties"]["diff"]["type"] = json!("array"));
    assert_eq!(changed, [r#"/properties/diff/type: "string" is now "array""#]);
    let optional = without(|new| new["required"].as_array_mut().unwrap().retain(|name| name != "diff"));
    assert_eq!(optional, [r#"/required: "diff" is gone"#]);
    let word = without(|new| drop(new["$defs"]["Verdict"]["oneOf"].as_array_mut().unwrap().remove(0)));
    assert_eq!(word.len(), 1);
    let mut nested = old.clone();
    remove(&mut nested["$defs"]["Answer"]["properties"], "commit");
    assert_eq!(lost(&old, &nested, ""), ["/$defs/Answer/properties/commit is gone"]);
}

/// Holds values against a schema. What the schema does not know of is a fault too.
pub(super) struct Validator<'s> {
    root: &'s Value,
    pub(super) faults: Vec<String>,
    /// The fields that were there.
    seen: BTreeSet<String>,
}

impl Validator<'_> {
    pub(super) fn of(root: &Value) -> Validator<'_> {
        Validator { root, faults: Vec::new(), seen: BTreeSet::new() }
    }

    /// Fails where a value had faults, or no value had a field of the schema, whose root is called `name`.
    pub(super) fn has_seen_all(self, name: &str) {
        assert_eq!(self.faults, Vec::<String>::new());
        let root = name.to_owned();
        let definitions = self.root["$defs"].as_object().unwrap().iter();
        let all = definitions.chain([(&root, self.root)]).flat_map(|(name, definition)| {
            let fields = definition["properties"].as_object().into_iter().flatten();
            fields.map(|(field, _)| format!("{name}.{field}")).collect::<Vec<_>>()
        });
        let all: BTreeSet<String> = all.collect();
        assert_eq!(self.seen, all);
    }

    pub(super) fn hold(&mut self, value: &Value, schema: &Value, at: &str) {
        let known = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "oneOf",
            "const",
            "enum",
            "$ref",
            "description",
            "format",
            "minimum",
            "title",
            "$schema",
            "$defs",
        ];
        let object = schema.as_object().unwrap();
        if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
            self.faults.push(format!("{at}: the schema says `{key}`, which nobody holds anything against"));
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix("#/$defs/").unwrap();
            return self.hold(value, &self.root["$defs"][name].clone(), name);
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if schema.get("type").is_some_and(|expected| expected != kind) {
            self.faults.push(format!("{at}: {kind}, and not {}", schema["type"]));
        }
        if schema.get("const").is_some_and(|expected| expected != value) {
            self.faults.push(format!("{at}: {value}, and not {}", schema["const"]));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            self.faults.push(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        if let Some(several) = schema["oneOf"].as_array()
            && several
                .iter()
                .filter(|one| {
                    one["const"] == *value || one["enum"].as_array().is_some_and(|all| all.contains(value))
                })
                .count()
                != 1
        {
            self.faults.push(format!("{at}: {value} is none of {several:?}"));
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.hold(item, &schema["items"], at)),
            Value::Object(fields) => self.hold_fields(fields, schema, at),
            _ => {}
        }
    }

    fn hold_fields(&mut self, fields: &Map<String, Value>, schema: &Value, at: &str) {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                self.faults.push(format!("{at}: no {name}"));
            }
        }
        for (name, value) in fields {
            let field = format!("{at}.{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(schema), _) => {
                    self.seen.insert(field.clone());
                    self.hold(value, schema, &field);
                }
                (None, Some(Value::Object(schema))) => self.hold(value, &Value::Object(schema.clone()), at),
                (None, _) => self.faults.push(format!("{field}: the schema does not know it")),
            }
        }
    }
}

/// Returns reports that have between them every field there is.
fn samples() -> Vec<Report> {
    let said = CommitSaid {
        resolved_by: "tag",
        tag_object: Some("17f3".into()),
        tag_signature: Some(SignatureKind::Openpgp),
        author_time: Some("2026-11-26T12:00:00Z".to_owned()),
        committer_time: "2026-11-26T12:00:00Z".to_owned(),
        commit_signature: SignatureKind::None,
    };
    let moved = Moved {
        commit: "5152".into(),
        first: 0,
        last: 1,
        since: 2,
        zip: Some(gosum_mod::hash::dirhash::go_mod_h1(b"a")),
    };
    let mut signed = line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("a"));
    let origin = Origin {
        said: Some(Arc::new(said)),
        asked_for: Some("https://git.example/a".into()),
        content_of: Some("5152".into()),
        moved: Some(moved.into()),
        ..(*signed.answers.get(&SourceName::DIRECT).unwrap().origin).clone()
    };
    signed.answers.insert(SourceName::DIRECT, Evidence::new(hash("a"), origin));
    let gone = Evidence::from(Answer::Absent("gone".into())).lasting(Some(Lasting::OriginGone));
    signed.answers.insert(SourceName::PROXY, gone);
    let mut based = report(vec![signed], "");
    based.base = Some(Base {
        name: "origin/main".to_owned(),
        commit: Some("3b34".to_owned()),
        config: Some("gosum.toml".to_owned()),
    });
    based.graph_incomplete = true;
    based.run.as_mut().unwrap().timings.push(Timing {
        source: Some("proxy".to_owned()),
        what: "request".to_owned(),
        count: 3,
        bytes: Some(5),
        total_us: 6,
        p50_us: 2,
        p90_us: 3,
        p99_us: 3,
        max_us: 3,
    });
    based.artifacts[0].via = vec!["example.com/main".to_owned()];
    based.artifacts[0].rules_left_out = vec!["proxy-direct-differ"];
    let mut local = line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("a"));
    local.answers = Answers::from_iter([(SourceName::MODCACHE, hash("a").into())]);
    vec![mixed(), clean(), allowed(), earlier(), hostile(), based, report(vec![local], "")]
}

#[test]
fn reports_are_as_the_schema_says_and_have_all_that_it_says() {
    let schema: Value = serde_json::from_str(&file(FILE)).unwrap();
    let mut validator = Validator::of(&schema);
    for report in samples() {
        let text = render(&report, "json", Options::default());
        validator.hold(&serde_json::from_str(&text).unwrap(), &schema, "Report");
        let lines = render(&report, "jsonl", Options::default());
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (last, artifacts) = lines.split_last().unwrap();
        artifacts.iter().for_each(|line| validator.hold(line, &schema["$defs"]["Artifact"], "Artifact"));
        // the last line is a report but for its artifacts
        let mut last = last.clone();
        assert!(last.get("artifacts").is_none());
        last["artifacts"] = json!([]);
        validator.hold(&last, &schema, "Report");
    }
    validator.has_seen_all("Report");
}

#[test]
fn a_report_that_is_not_as_the_schema_says_is_found() {
    let schema: Value = serde_json::from_str(&file(FILE)).unwrap();
    let faults = |change: fn(&mut Value)| {
        let mut report: Value = serde_json::from_str(&render(&mixed(), "json", Options::default())).unwrap();
        change(&mut report);
        let mut validator = Validator::of(&schema);
        validator.hold(&report, &schema, "Report");
        validator.faults
    };
    assert_eq!(faults(|_| {}), Vec::<String>::new());
    assert_eq!(faults(|report| report["more"] = json!(1)), ["Report.more: the schema does not know it"]);
    assert_eq!(faults(|report| report["counts"]["allowed"] = json!("1")).len(), 1);
    assert_eq!(faults(|report| report["verdict"] = json!("fine")).len(), 1);
    assert_eq!(faults(|report| report["artifacts"][0]["answers"]["proxy"]["h1"] = json!(null)).len(), 1);
    assert_eq!(
        faults(|report| drop(report.as_object_mut().unwrap().remove("both"))),
        [r#"Report: no "both""#]
    );
}
