//! The pages in a browser: `scripts/browser` installs it, and what drives it, and runs this.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gosum_report::format::Options;

use super::{page, sample};
use crate::render;

#[test]
#[ignore = "needs a browser"]
fn pages_work_in_a_browser() {
    let pages = tempfile::tempdir().unwrap();
    for (name, report) in sample::all() {
        fs::write(pages.path().join(format!("{name}.html")), page(&report)).unwrap();
        let json = render(&report, "json", Options::default());
        fs::write(pages.path().join(format!("{name}.json")), json).unwrap();
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut tests: Vec<PathBuf> =
        entries.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort();
    assert_eq!(tests.len(), 5, "{tests:?}");
    let mut failed = Vec::new();
    // one at a time: one of them measures
    for test in tests {
        let mut node = Command::new("node");
        node.args(["--test", "--test-reporter=spec"]).arg(&test).current_dir(&folder);
        if !node.env("GOSUM_PAGES", pages.path()).status().unwrap().success() {
            failed.push(test);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
