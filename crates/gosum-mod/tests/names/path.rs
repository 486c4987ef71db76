use gosum_mod::name::escape::{EscapeError, UnescapeError, escape_version, unescape_path, unescape_version};
use gosum_mod::name::path::{
    ModulePath, PathError, PathFault, check_file_path, check_import_path, check_module_path,
    check_path_major, split_path_version,
};
use gosum_mod::name::semver;
use gosum_testkit::vectors::{self, Vector, bytes};
use serde_json::Value;

use crate::{failed, same};

const OPS: [&str; 11] = [
    "CheckPath",
    "CheckImportPath",
    "CheckFilePath",
    "EscapePath",
    "UnescapePath",
    "EscapeVersion",
    "UnescapeVersion",
    "SplitPathVersion",
    "MatchPathMajor",
    "CanonicalVersion",
    "Check",
];

#[test]
fn checks_and_escapes_as_go_does() {
    vectors::covers("path", &OPS);
    vectors::hold("path", &OPS, check);
}

fn check(vector: &Vector) -> Result<(), String> {
    match vector.op.as_str() {
        "CheckPath" => unit(vector, check_module_path(vector.bytes("path"))),
        "CheckImportPath" => unit(vector, check_import_path(vector.bytes("path"))),
        "CheckFilePath" => unit(vector, check_file_path(vector.bytes("path"))),
        "EscapePath" => {
            let path = ModulePath::parse(vector.bytes("path")).map(|path| path.escaped());
            text(vector, "escaped", path.map_err(|error| path_category(&error.fault)))
        }
        "UnescapePath" => {
            let path = unescape_path(vector.bytes("escaped")).map(|path| path.to_string());
            text(vector, "path", path.map_err(|error| unescape_category(&error)))
        }
        "EscapeVersion" => {
            let escaped = escape_version(vector.bytes("version"));
            text(vector, "escaped", escaped.map_err(|error| escape_category(&error)))
        }
        "UnescapeVersion" => {
            let version = unescape_version(vector.bytes("escaped"));
            text(vector, "version", version.map_err(|error| unescape_category(&error)))
        }
        "SplitPathVersion" => split(vector),
        "MatchPathMajor" => {
            let fits = check_path_major(vector.bytes("version"), &vector.text("major"));
            failed(vector, fits.as_ref().err().map(|_| "major-mismatch"))?;
            same(&fits.is_ok(), &(vector.out["match"] == true))
        }
        "CanonicalVersion" => {
            let version = vector.bytes("version");
            let canonical = semver::parse(&version).map(|parsed| parsed.module_canonical());
            text(vector, "canonical", Ok(canonical.unwrap_or_default()))
        }
        _ => whole(vector),
    }
}

fn unit(vector: &Vector, got: Result<(), PathError>) -> Result<(), String> {
    failed(vector, got.err().map(|error| path_category(&error.fault)))
}

fn text(vector: &Vector, key: &str, got: Result<String, &'static str>) -> Result<(), String> {
    failed(vector, got.as_ref().err().copied())?;
    match got {
        Ok(got) => same(&Some(got.into_bytes()), &bytes(&vector.out[key])),
        Err(_) => same(&Value::Null, &vector.out),
    }
}

fn split(vector: &Vector) -> Result<(), String> {
    let path = vector.bytes("path");
    let got = split_path_version(&path);
    same(&got.is_some(), &(vector.out["ok"] == true))?;
    let (prefix, major) = got.unwrap_or((&path, b""));
    same(&Some(prefix.to_vec()), &bytes(&vector.out["prefix"]))?;
    same(&Some(major.to_vec()), &bytes(&vector.out["major"]))
}

/// Go's `Check` does not ask for a canonical version, as `ModuleVersion` does; so its three parts are put together.
fn whole(vector: &Vector) -> Result<(), String> {
    let (path, version) = (vector.bytes("path"), vector.bytes("version"));
    let category = match ModulePath::parse(&path) {
        Err(error) => Some(path_category(&error.fault)),
        Ok(_) if semver::parse(&version).is_none() => Some("not-semver"),
        Ok(path) => check_path_major(&version, path.split_major().1).err().map(|_| "major-mismatch"),
    };
    failed(vector, category)
}

fn path_category(fault: &PathFault) -> &'static str {
    match fault {
        PathFault::Utf8 => "utf8",
        PathFault::Empty => "empty",
        PathFault::LeadingDash => "leading-dash",
        PathFault::DoubleSlash => "double-slash",
        PathFault::TrailingSlash => "trailing-slash",
        PathFault::EmptyElement => "empty-element",
        PathFault::Dots { .. } => "dots-element",
        PathFault::LeadingDot => "leading-dot",
        PathFault::TrailingDot => "trailing-dot",
        PathFault::Char { .. } => "invalid-char",
        PathFault::WindowsName { .. } => "windows-name",
        PathFault::WindowsShortName => "windows-short-name",
        PathFault::MissingDot => "missing-dot",
        PathFault::FirstChar { .. } => "invalid-char-first",
        PathFault::Major => "invalid-version",
        _ => "other",
    }
}

fn escape_category(error: &EscapeError) -> &'static str {
    match error {
        EscapeError::Disallowed { .. } => "version-disallowed",
        EscapeError::NotAscii { .. } => "not-ascii",
        _ => "other",
    }
}

fn unescape_category(error: &UnescapeError) -> &'static str {
    match error {
        UnescapeError::Escape { .. } => "escape",
        UnescapeError::Path { source, .. } if source.fault == PathFault::Major => "escape",
        UnescapeError::Path { source, .. } => path_category(&source.fault),
        UnescapeError::Version { source, .. } => path_category(source),
        _ => "other",
    }
}
