//! Hashes and module zips against what the go command answered, and against another reader of zips.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a vector of another shape fails the test")]

mod archive;
mod category;
mod folder;
mod fuzz;
mod growth;
mod h1;
mod irregular;
mod raw;

mod zipcheck;
mod zips;

use std::fmt::Debug;

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::text::Text;
use gosum_mod::name::version::Version;
use gosum_testkit::vectors::{Vector, bytes};
use serde_json::Value;

/// Holds what we got to what was recorded.
fn same<T: Debug + PartialEq + ?Sized>(what: &str, got: &T, recorded: &T) -> Result<(), String> {
    if got == recorded { Ok(()) } else { Err(format!("{what}: got {got:?}, recorded {recorded:?}")) }
}

/// Returns the module version that a vector is about, or the category of the error in it. Go looks at the version
/// first.
fn module(vector: &Vector) -> Result<ModuleVersion, &'static str> {
    let version = Version::parse(vector.bytes("version")).map_err(|_| "version-not-canonical")?;
    let path = ModulePath::parse(vector.bytes("module")).map_err(|error| category::path(&error.fault))?;
    ModuleVersion::new(path, version).map_err(|_| "major-mismatch")
}

/// Returns the elements of a list of byte strings.
fn texts(list: &Value) -> Vec<Text> {
    list.as_array().unwrap().iter().map(|text| bytes(text).unwrap().into()).collect()
}
