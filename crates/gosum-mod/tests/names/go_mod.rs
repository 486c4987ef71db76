use gosum_mod::file::error::{Fault, FaultKind, SyntaxError};
use gosum_mod::file::go_mod::{GoMod, module_path};
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::replace::Target;
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
        _ => hold(vector, GoMod::parse_lax(&vector.bytes("text")).map(|file| shown(&file))),
    });
}

#[test]
fn parses_main_modules_as_go_does() {
    vectors::hold("modfile", &["Parse"], |vector| {
        hold(vector, MainMod::parse(&vector.bytes("text")).map(|file| shown_main(&file)))
    });
}

fn hold(vector: &Vector, parsed: Result<Map<String, Value>, SyntaxError>) -> Result<(), String> {
    match parsed {
        Ok(file) => {
            same(&None, &vector.err.as_ref())?;
            same(&Value::Object(file), &plain(&vector.out))
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

fn text(text: &Text) -> Value {
    hex(text.as_bytes())
}

fn shown(file: &GoMod) -> Map<String, Value> {
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
    insert(&mut out, lists);
    out
}

fn shown_main(file: &MainMod) -> Map<String, Value> {
    let mut out = shown(&file.go_mod);
    if let Some(toolchain) = &file.toolchain {
        out.insert("toolchain".into(), text(toolchain));
    }
    let exclude = file.exclude.iter().map(|exclude| {
        json!({"path": text(&exclude.path), "version": exclude.version.as_str(), "line": exclude.line})
    });
    let replace = file.replace.iter().map(|replace| {
        let new = match &replace.target {
            Target::Module { path, version } => json!({"path": text(path), "version": version.as_str()}),
            Target::Directory(directory) => json!({"path": text(directory), "version": ""}),
        };
        let version = replace.version.as_ref().map_or("", |version| version.as_str());
        json!({"old": {"path": text(&replace.path), "version": version}, "new": new, "line": replace.line})
    });
    let tool = file.tool.iter().map(|tool| json!({"path": text(&tool.path), "line": tool.line}));
    let godebug =
        file.godebug.iter().map(|setting| json!({"key": text(&setting.key), "value": text(&setting.value)}));
    insert(
        &mut out,
        [
            ("exclude", exclude.collect()),
            ("replace", replace.collect()),
            ("tool", tool.collect()),
            ("godebug", godebug.collect()),
        ],
    );
    out
}

/// Go records no list that is empty.
fn insert<const N: usize>(out: &mut Map<String, Value>, lists: [(&str, Vec<Value>); N]) {
    for (key, list) in lists {
        if !list.is_empty() {
            out.insert(key.into(), list.into());
        }
    }
}

fn fault(fault: &Fault) -> Value {
    let module = match &fault.kind {
        FaultKind::Major { path, .. } => path.to_string(),
        _ => String::new(),
    };
    let position = fault.position;
    json!({"line": position.line, "col": position.column, "byte": position.byte,
           "category": category(fault), "modPath": module})
}

/// Go's place and sort of an error. Of bad quoting, it tells by the message whether a path or a version has it.
fn place(recorded: &Value) -> Value {
    let mut place = plain(recorded);
    let fields = place.as_object_mut().unwrap();
    fields.remove("msg");
    fields.remove("verb"); // the word that the statement starts with
    let message = bytes(&recorded["msg"]).unwrap();
    if fields["category"] == "syntax" && message.ends_with(b"invalid: invalid syntax") {
        fields["category"] = "quote".into();
    }
    // a module path that is none is named in a replace statement, and left out elsewhere
    if fields["category"] == "module-path" {
        fields["modPath"] = "".into();
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
        FaultKind::UnknownVerb { .. } => "unknown-directive",
        FaultKind::UnknownBlock { .. } => "unknown-block",
        FaultKind::Toolchain { .. } => "toolchain",
        FaultKind::Interval | FaultKind::AfterVersion { .. } => "interval",
        FaultKind::NoVersion { .. }
        | FaultKind::DirectoryVersion { .. }
        | FaultKind::WindowsDirectory { .. } => "replace",
        _ => "other",
    };
    category.to_owned()
}
