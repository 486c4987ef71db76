//! Vectors of `zips`: whole zip files, good and bad.

use std::path::Path;

use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::text::Text;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::{Placement, check_zip, placement};
use gosum_mod::zip::content::ContentReader;
use gosum_mod::zip::hash::zip_h1;
use gosum_testkit::vectors::{Vector, covers, folder, hold};
use serde_json::Value;

use crate::zipcheck::Checked;
use crate::{category, module, same, texts};

#[test]
fn zips_are_what_go_makes_of_them() {
    covers("zips", &["Zip"]);
    hold("zips", &["Zip"], |vector| {
        let zip = std::fs::read(folder().join("zips").join(Path::new(&vector.text("file")))).unwrap();
        let out = &vector.out;
        let names = Archive::open(zip.as_slice())
            .ok()
            .map(|archive| archive.entries().map(|entry| entry.name().into()).collect::<Vec<Text>>());
        same("entries", &names, &out.get("entries").map(texts))?;
        Checked::zip(module(vector), &zip).same(&out["checkZip"])?;
        let refused_for_size = out["checkZip"]["sizeError"]["category"] == "too-large";
        same_outcome("hashZip", &hash(&zip), &out["hashZip"], "h1", refused_for_size)?;
        same("unzip", &unzip(&module(vector), &zip), &outcome(&out["unzip"], |_| ()))?;
        same_outcome("download", &download(vector, &zip), &out["download"], "sum", refused_for_size)?;
        if let (Some(sum), Ok(module)) = (out["download"]["goModSum"].as_str(), module(vector)) {
            same(
                "go.mod",
                go_mod_h1(format!("module {}\n", module.path()).as_bytes()).to_string().as_str(),
                sum,
            )?;
        }
        Ok(())
    });
}

/// Returns what a vector recorded: `ok` of it, or the category of the error.
fn outcome<'a, T>(value: &'a Value, ok: impl Fn(&'a Value) -> T) -> Result<T, &'a str> {
    match value["err"]["category"].as_str() {
        Some(category) => Err(category),
        None => Ok(ok(value)),
    }
}

/// Holds a hash to the recorded one. What is declared to be too large we refuse before we read it, Go when it comes to
/// unpacking, or wherever it fails before.
fn same_outcome(
    what: &str,
    got: &Result<String, &'static str>,
    value: &Value,
    key: &str,
    refused_for_size: bool,
) -> Result<(), String> {
    if refused_for_size && got.as_ref().err() == Some(&"too-large") {
        return Ok(());
    }
    let got = got.as_ref().map(String::as_str).map_err(|category| *category);
    same(what, &got, &outcome(value, |value| value[key].as_str().unwrap()))
}

fn hash(zip: &[u8]) -> Result<String, &'static str> {
    let archive = Archive::open(zip).map_err(|error| category::archive(&error))?;
    zip_h1(&archive).map(|hash| hash.to_string()).map_err(|error| category::zip(&error))
}

/// Returns whether the go command would unpack the zip: it checks it, then reads one entry after the other.
fn unzip(module: &Result<ModuleVersion, &'static str>, zip: &[u8]) -> Result<(), &'static str> {
    let module = module.as_ref().map_err(|category| *category)?;
    let archive = Archive::open(zip).map_err(|error| category::archive(&error))?;
    let check = check_zip(module, &archive);
    if let Some(fault) = category::module(check.size_error.as_ref(), &check.invalid) {
        return Err(fault);
    }
    let mut reader = ContentReader::new();
    for index in check.valid {
        let entry = archive.entry(index).unwrap();
        entry.read(&mut reader, |_| ()).map_err(|error| category::content(&error))?;
    }
    Ok(())
}

/// Returns the hash under which the go command stores the zip when it has unpacked it.
fn download(vector: &Vector, zip: &[u8]) -> Result<String, &'static str> {
    let module = match module(vector) {
        Err("version-not-canonical") => return Err("not-found"), // such a version is looked up first
        module => module,
    };
    let archive = Archive::open(zip).map_err(|error| category::archive(&error))?;
    if let Ok(module) = &module
        && placement(module, &archive) != Placement::Inside
    {
        return Err("prefix");
    }
    let hash = zip_h1(&archive).map_err(|error| category::zip(&error))?;
    unzip(&module, zip)?;
    Ok(hash.to_string())
}
