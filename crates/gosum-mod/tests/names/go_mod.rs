use gosum_mod::file::error::{Fault, FaultKind};
use gosum_mod::file::go_mod::{GoMod, module_path};
use gosum_mod::name::text::Text;
use gosum_testkit::vectors::{self, Vector, bytes};
use serde_json::{Map, Value, json};

use crate::same;

#[test]
fn parses_dependencies_as_go_does() {
    vectors::covers("modfile", &["ParseLax", "ModulePath", "Parse"]);
    vectors::hold("modfile", &["ParseLax", "ModulePath"], |vector| match vector.op.as_str() {
        "ModulePath" => {
            let path = module_path(&vector.bytes("text")).unwrap_or_default();
            same(&Some(path.as_bytes().to_vec()), &bytes(&vector.out["path"]))
        }
        _ => parse_lax(vector),
    });
}

fn parse_lax(vector: &Vector) -> Result<(), String> {
    match GoMod::parse_lax(&vector.bytes("text")) {
        Ok(file) => {
            same(&None, &vector.err.as_ref())?;
            same(&shown(&file), &plain(&vector.out))
        }
        Err(error) => {
            same(&true, &vector.err.is_some())?; // with the sort of the first fault
            let faults: Vec<Value> = error.faults.iter().map(fault).collect();
            let recorded: Vec<Value> = vector.out["errors"].as_array().unwrap().iter().map(place).collect();
            same(&faults, &recorded)
        }
    }
}

/// Writes byte strings the way they are compared here.
fn hex(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => format!("{bytes:?}").into(),
    }
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("b64") => hex(&bytes(value).unwrap()),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        Value::Array(list) => list.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn shown(file: &GoMod) -> Value {
    let text = |text: &Text| hex(text.as_bytes());
    let mut out = Map::new();
    if let Some(module) = &file.module {
        let (path, deprecated) = (text(&module.path), text(&module.deprecated));
        out.insert("module".into(), json!({"path": path, "deprecated": deprecated, "line": module.line}));
    }
    if let Some(go) = &file.go {
        out.insert("go".into(), json!(go));
    }
    let require = file.require.iter().map(|require| {
        let (path, version) = (text(&require.path), require.version.as_str());
        json!({"path": path, "version": version, "indirect": require.indirect, "line": require.line})
    });
    let retract = file.retract.iter().map(|retract| {
        let (low, high, rationale) = (text(&retract.low), text(&retract.high), text(&retract.rationale));
        json!({"low": low, "high": high, "rationale": rationale, "line": retract.line})
    });
    let ignore = file.ignore.iter().map(|ignore| json!({"path": text(&ignore.path), "line": ignore.line}));
    let lists: [(&str, Vec<Value>); 3] =
        [("require", require.collect()), ("retract", retract.collect()), ("ignore", ignore.collect())];
    for (key, list) in lists {
        if !list.is_empty() {
            out.insert(key.into(), list.into());
        }
    }
    // Go records no output at all for a file of which it takes nothing
    Value::Object(out)
}

fn fault(fault: &Fault) -> Value {
    let module = match &fault.kind {
        FaultKind::Major { path, .. } => path.to_string(),
        _ => String::new(),
    };
    let (position, verb) = (fault.position, if module.is_empty() { "" } else { "require" });
    json!({"line": position.line, "col": position.column, "byte": position.byte,
           "category": category(fault), "modPath": module, "verb": verb})
}

/// Go's place and sort of an error. Of bad quoting, it tells by the message whether a path or a version has it.
fn place(recorded: &Value) -> Value {
    let mut place = plain(recorded);
    let fields = place.as_object_mut().unwrap();
    fields.remove("msg");
    let message = bytes(&recorded["msg"]).unwrap();
    if fields["category"] == "syntax" && message.ends_with(b"invalid: invalid syntax") {
        fields["category"] = "quote".into();
    }
    place
}

fn category(fault: &Fault) -> String {
    let category = match &fault.kind {
        // the recorder's words for these two, whose messages it took for those of a retract statement
        FaultKind::Character { .. } | FaultKind::NewlineInString => "interval",
        FaultKind::BlockComment | FaultKind::OpenBlock { .. } | FaultKind::AfterBlock => "syntax",
        FaultKind::EndInString => "unexpected-eof",
        FaultKind::Repeated { .. } => "repeated",
        FaultKind::Usage { .. } => "usage",
        FaultKind::GoVersion { .. } => "go-version",
        FaultKind::Literal { .. } | FaultKind::StrayQuote { .. } => "quote",
        FaultKind::VersionForm { .. } => "version-form",
        FaultKind::ModulePath { .. } => "module-path",
        FaultKind::Major { .. } => "major-mismatch",
        _ => "other",
    };
    category.to_owned()
}
