//! Commands that need no world, each a txtar file: the lines before the first file are the commands, each followed by
//! `exit CODE`; a file `stdout` is what the last of them prints, each line of a file `stderr` stands in what it prints
//! there.

use std::fs;
use std::path::Path;

use gosum_testkit::txtar::{self, Archive};

use super::run::{Done, Place};

#[test]
fn scripts_do_what_they_say() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/script"));
    let mut scripts: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.sort();
    assert!(scripts.len() >= 8, "{} scripts", scripts.len());
    for script in scripts {
        let name = script.file_name().unwrap().to_string_lossy().into_owned();
        run(&name, &txtar::parse(&fs::read_to_string(&script).unwrap()));
    }
}

fn run(name: &str, archive: &Archive) {
    let mut place = Place::new();
    for file in archive.files.iter().filter(|file| !matches!(file.name.as_str(), "stdout" | "stderr")) {
        place = place.file(&file.name, &file.text);
    }
    place.stdin = archive.get("stdin").unwrap_or("").into();
    let mut done: Option<Done> = None;
    for line in archive.comment.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(' ').or(Some((line, ""))) {
            Some(("gosum", args)) => done = Some(place.run(args)),
            Some(("exit", code)) => {
                let done = done.as_ref().unwrap_or_else(|| panic!("{name}: nothing was run"));
                assert_eq!(done.code.to_string(), code, "{name}: {done:?}");
            }
            _ => panic!("{name}: what is {line:?}?"),
        }
    }
    let done = done.unwrap_or_else(|| panic!("{name}: nothing was run"));
    if let Some(stdout) = archive.get("stdout") {
        assert_eq!(done.stdout, stdout, "{name}");
    }
    for line in archive.get("stderr").unwrap_or("").lines() {
        assert!(done.stderr.contains(line), "{name}: no {line:?} in {:?}", done.stderr);
    }
}
