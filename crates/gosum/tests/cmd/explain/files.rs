//! Two module zips or folders.

use gosum_world::release::{Release, zip};
use gosum_world::repository::Files;
use serde_json::json;

use super::super::run::Place;
use super::{explained, files};

fn release(version: &str, files: &Files) -> Release {
    Release::new(&format!("example.com/a@{version}"), 0, files, "").unwrap()
}

fn base() -> Files {
    Files::new().file("go.mod", "module example.com/a\n\ngo 1.20\n").file("a.go", "package a\n")
}

#[test]
fn two_zips_are_compared_below_their_own_folders() {
    let old = release("v1.0.0", &base().file("x/old.txt", "the same text\n"));
    let new = release(
        "v1.1.0",
        &base().file("x/new.txt", "the same text\n").file("go.mod", "module example.com/a\n\ngo 1.21\n"),
    );
    let place = Place::new().file("old.zip", old.zip()).file("new.zip", new.zip());
    let (code, account) = explained(&place, "old.zip new.zip");
    assert_eq!((code, &account["outcome"]), (0, &json!("differ")));
    assert_eq!(
        files(&account),
        [["changed", "go.mod", "go.mod"], ["renamed", "x/old.txt", "inert: read by no build"]]
    );
    assert_eq!(account["compared"]["left"]["h1"], old.zip_h1().to_string());
    let done = place.run("explain old.zip new.zip");
    assert!(done.stdout.contains("renamed  x/old.txt -> x/new.txt"), "{}", done.stdout);
    let done = place.run("explain old.zip old.zip");
    let copy = format!("  old.zip  {}\n", old.zip_h1());
    let expected =
        format!("same: example.com/a@v1.0.0: old.zip and old.zip have the same files\n\n{copy}{copy}");
    assert_eq!((done.code, done.stdout), (0, expected));
    let done = place.run("explain old.zip");
    assert!(done.code == 2 && done.stderr.contains("a second one"), "{done:?}");
    let done = place.run("explain old.zip gone.zip");
    assert!(done.code == 2 && done.stderr.contains("cannot compare gone.zip"), "{done:?}");
}

#[test]
fn a_folder_entry_is_no_file_that_can_reach_a_build() {
    let entries = |folders: &[&str], go: &str| {
        let folders = folders.iter().map(|folder| (format!("example.com/a@v1.0.0/{folder}"), String::new()));
        let files = [("go.mod", "module example.com/a\n"), ("x/a.go", go)];
        let files = files.map(|(path, text)| (format!("example.com/a@v1.0.0/{path}"), text.to_owned()));
        zip(folders.chain(files))
    };
    let place = Place::new()
        .file("plain.zip", entries(&[], "package x\n"))
        .file("folders.zip", entries(&["x/", "x/y/"], "package x\n"))
        .file("both.zip", entries(&["x/"], "package x // other\n"));
    let done = place.run("explain plain.zip folders.zip");
    let told = "2 folder entries of a zip differ, whose names alone the hash covers";
    assert!(done.code == 0 && done.stdout.contains(told), "{done:?}");
    let list = "  folder entries of a zip, which are no files: 2\n    only in folders.zip  x/    folder entry  0 bytes\n";
    assert!(done.stdout.contains(list) && !done.stdout.contains("a build"), "{}", done.stdout);
    let (_, account) = explained(&place, "plain.zip folders.zip");
    let counts = &account["compared"]["counts"];
    assert_eq!([&counts["can_reach"], &counts["inert"], &counts["folder_entries"]], [0, 0, 2]);
    assert_eq!(counts["only_right"], 0);
    assert_ne!(account["compared"]["left"]["h1"], account["compared"]["right"]["h1"]);
    let done = place.run("explain plain.zip both.zip");
    let told = "1 file differs, it can reach a build, and 1 folder entry of a zip differs";
    assert!(done.stdout.contains(told), "{}", done.stdout);
}

#[test]
fn names_alone_are_a_list_for_programs() {
    let old = release("v1.0.0", &base().file("x/old.txt", "the same text\n").file("gone.go", "package a\n"));
    let new = release(
        "v1.1.0",
        &base().file("x/new.txt", "the same text\n").file("go.mod", "module example.com/a\n"),
    );
    let new = new.tampered("tab\tand\nline", "x\n");
    let place = Place::new().file("old.zip", old.zip()).file("new.zip", new.zip());
    let done = place.run("explain old.zip new.zip --files");
    let expected = "M\tgo.mod\nD\tgone.go\nA\ttab\\u{9}and\\u{a}line\nR\tx/old.txt\tx/new.txt\n";
    let mut lines: Vec<&str> = done.stdout.lines().collect();
    lines.sort_by_key(|line| line.split('\t').nth(1));
    assert_eq!((done.code, lines.join("\n") + "\n", &*done.stderr), (0, expected.to_owned(), ""));
    let done = place.run("explain old.zip old.zip --files");
    assert_eq!((done.code, &*done.stdout, &*done.stderr), (0, "", ""));
    for args in [
        "old.zip new.zip --files --stat",
        "old.zip new.zip --files --format json",
        "--files",
        "tag-moved --files",
    ] {
        assert_eq!(place.run(&format!("explain {args}")).code, 2, "{args}");
    }
    let done = place.run("explain example.com/a@v1.0.0 --offline --files");
    assert_eq!((done.code, &*done.stdout), (3, ""));
    let why =
        "no two copies are compared: untold: proxy is not asked: offline; direct is not asked: offline\n";
    assert!(done.stderr.ends_with(why), "{}", done.stderr);
}

#[test]
fn columns_stand_in_line_below_long_paths() {
    let long = format!("{}/file.txt", "folder".repeat(12));
    let with = |text: &str| release("v1.0.0", &base().file("b.txt", text).file(&long, text)).zip();
    let place = Place::new().file("a.zip", with("one\n")).file("b.zip", with("two\n"));
    let done = place.run("explain a.zip b.zip --stat");
    let rows: Vec<&str> = done.stdout.lines().filter(|line| line.contains("read by no build")).collect();
    let columns: Vec<Option<usize>> = rows.iter().map(|row| row.find("read by no build")).collect();
    assert!(columns.len() == 2 && columns[0] == columns[1], "{}", done.stdout);
}

#[test]
fn binary_files_are_told_by_size_and_sha256() {
    let with = |bytes: &[u8]| release("v1.0.0", &base().file("logo.png", bytes)).zip();
    let place = Place::new().file("a.zip", with(b"\x89PNG\0\x01")).file("b.zip", with(b"\x89PNG\0\x02\x03"));
    let done = place.run("explain a.zip b.zip");
    assert_eq!(done.code, 0);
    assert!(done.stdout.contains("  not text: has a byte 0\n  - 6 bytes, SHA-256 "), "{}", done.stdout);
    assert!(done.stdout.contains("\n  + 7 bytes, SHA-256 "), "{}", done.stdout);
}

#[test]
fn ten_thousand_files_and_long_lines_are_bounded_and_all_shows_them() {
    let names = |text: &'static str| {
        (0..10_000).map(move |number| (format!("example.com/a@v1.0.0/d/f{number:05}.txt"), text))
    };
    let long = |byte: char| {
        let line: String = std::iter::repeat_n(byte, 1_000_000).collect();
        [("example.com/a@v1.0.0/a.txt".to_owned(), line)]
    };
    let (left, right) = (zip(names("one\n")), zip(names("two\n")));
    let place = Place::new()
        .file("left.zip", left)
        .file("right.zip", right)
        .file("x.zip", zip(long('x')))
        .file("y.zip", zip(long('y')));
    let done = place.run("explain left.zip right.zip --max-diff 10KB");
    assert_eq!(done.code, 0);
    assert!(done.stdout.starts_with(
        "differ: example.com/a@v1.0.0: left.zip and right.zip: 10000 files differ, none of them"
    ));
    assert!(done.stdout.contains("    and 9950 more (--all names them)\n"));
    assert!(done.stdout.contains(" files are left out (--max-diff shows more of them, --all all)\n"));
    assert!(done.stdout.len() < 100_000, "{}", done.stdout.len());
    let stat = place.run("explain left.zip right.zip --stat");
    assert!(stat.stdout.len() < 10_000 && !stat.stdout.contains("@@"), "{}", stat.stdout.len());
    let all = place.run("explain left.zip right.zip --all");
    assert_eq!(all.stdout.matches("\n@@ -1 +1 @@\n").count(), 10_000);
    assert!(!all.stdout.contains("left out") && !all.stdout.contains(" more ("));

    let done = place.run("explain x.zip y.zip");
    assert!(done.stdout.contains("[999000 bytes]") && done.stdout.len() < 10_000, "{}", done.stdout.len());
    assert!(place.run("explain x.zip y.zip --all").stdout.len() > 2_000_000);
}

#[test]
fn other_line_ends_are_said_and_not_shown_line_by_line() {
    let with = |text: &str| release("v1.0.0", &base().file("b.txt", text)).zip();
    let place = Place::new().file("a.zip", with("one\ntwo\n")).file("b.zip", with("one\r\ntwo\r\n"));
    let done = place.run("explain a.zip b.zip");
    assert!(done.stdout.contains("  all that differs: line ends\n"), "{}", done.stdout);
    assert!(done.stdout.contains("2 lines end with CRLF"), "{}", done.stdout);
}

#[test]
fn copies_are_called_by_the_ends_of_their_paths_where_these_differ() {
    let (old, new) = (release("v1.0.0", &base()), release("v1.1.0", &base().file("b.go", "package a\n")));
    let place = Place::new()
        .file("some/where/old.zip", old.zip())
        .file("some/where/new.zip", new.zip())
        .file("else/where/old.zip", new.zip());
    let done = place.run("explain some/where/old.zip some/where/new.zip");
    assert!(done.stdout.starts_with("differ: old.zip and new.zip: 1 file differs"), "{}", done.stdout);
    let done = place.run("explain some/where/old.zip else/where/old.zip");
    let names = "differ: some/where/old.zip and else/where/old.zip: ";
    assert!(done.stdout.starts_with(names), "{}", done.stdout);
}
