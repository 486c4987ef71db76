//! The JSON Schema of what `gosum verify` writes.

use gosum_evidence::disk::{
    Cached, CachedZip, ChangeKind, Disk, DiskReport, FileChange, Found, Recorded, VendorFolder,
};
use gosum_evidence::evidence::Sum;
use gosum_evidence::policy::{Date, Policy};
use gosum_evidence::subject::Location;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::ModuleVersion;
use serde_json::Value;

use super::schema::{Validator, file, is_what_the_types_say};

const FILE: &str = "schema/verify.json";

/// Returns a report with something of everything.
fn mixed() -> DiskReport {
    let at = |line| vec![Location { file: "go.sum".into(), line }];
    let nothing = |module| Cached::nothing(ModuleVersion::parse(module).unwrap());
    let zip = CachedZip { h1: Ok(go_mod_h1(b"a")), refused: Vec::new(), irregular: Vec::new(), go_mod: None };
    let differs = Cached {
        zip_line: Some(Recorded { sum: Sum::H1(go_mod_h1(b"b")), at: at(1) }),
        zip: Found::Is(zip),
        info: Found::Unread("why".to_owned()),
        ..nothing("example.com/a@v1.0.0")
    };
    let toolchain =
        Cached { selected_at: Some(at(2)), ..nothing("golang.org/toolchain@v0.0.1-go1.26.0.linux-amd64") };
    let stray = FileChange { file: "x.go".into(), kind: ChangeKind::Added };
    let vendor = VendorFolder { folder: "vendor".to_owned(), strays: vec![stray], ..VendorFolder::default() };
    let disk = Disk {
        cache: "/cache".to_owned(),
        cached: vec![differs, toolchain],
        vendors: vec![vendor],
        unread: vec![("cache/download".to_owned(), "why".to_owned())],
        ..Disk::default()
    };
    let policy = Policy::plain(Vec::new(), Date::parse("2026-11-26").unwrap());
    DiskReport::new("0.0.0", &[], &disk, &policy)
}

#[test]
fn fields_are_only_added_and_the_file_is_what_the_types_say() {
    is_what_the_types_say::<DiskReport>(FILE, "gosum verify");
}

#[test]
fn reports_are_as_the_schema_says_and_have_all_that_it_says() {
    let schema: Value = serde_json::from_str(&file(FILE)).unwrap();
    let mut validator = Validator::of(&schema);
    let mut text = Vec::new();
    gosum_report::disk::json(&mixed(), &mut text).unwrap();
    validator.hold(&serde_json::from_slice(&text).unwrap(), &schema, "DiskReport");
    validator.has_seen_all("DiskReport");
}
