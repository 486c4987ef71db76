use std::collections::BTreeMap;
use std::io;

use gosum_evidence::diff::tree::{Change, ChangeKind, CompareError, FileFacts, Side, TreeDiff, compare};
use gosum_mod::hash::dirhash::hash1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};
use proptest::prelude::*;

use crate::files::{Files, Huge};

/// One line a change: kind, left path, right path.
fn shown(diff: &TreeDiff) -> Vec<String> {
    let path =
        |facts: &Option<FileFacts>| facts.as_ref().map_or("-".to_owned(), |facts| facts.path.to_string());
    let line =
        |change: &Change| format!("{} {} {}", change.kind.word(), path(&change.left), path(&change.right));
    diff.changes.iter().map(line).collect()
}

#[test]
fn tells_what_each_file_is() {
    let left = Files::new([("same", "1"), ("gone", "2"), ("other", "3"), ("a/moved", "4")]);
    let right = Files::new([("b/moved", "4"), ("other", "33"), ("new", "5"), ("same", "1")]);
    let diff = compare(&left, &right).unwrap();
    assert_eq!(
        shown(&diff),
        ["renamed a/moved b/moved", "only-left gone -", "only-right - new", "changed other other"]
    );
    assert_eq!(diff.same, 1);
    let other = &diff.changes[3];
    assert_eq!(other.side(Side::Left).unwrap().sha256, sha256(b"3"));
    assert_eq!((other.left.as_ref().unwrap().size, other.right.as_ref().unwrap().size), (1, 2));
}

#[test]
fn the_modules_own_go_mod_comes_first() {
    let left = Files::new([("a", "1"), ("go.mod", "1"), ("sub/go.mod", "1")]);
    let right = Files::new([("a", "2"), ("go.mod", "2"), ("sub/go.mod", "2")]);
    let expected = ["changed go.mod go.mod", "changed a a", "changed sub/go.mod sub/go.mod"];
    assert_eq!(shown(&compare(&left, &right).unwrap()), expected);
    let renamed = compare(
        &Files::new([("a", "1"), ("z", "module m\n")]),
        &Files::new([("a", "2"), ("go.mod", "module m\n")]),
    );
    assert_eq!(shown(&renamed.unwrap()), ["renamed z go.mod", "changed a a"]);
}

#[test]
fn empty_copies_are_compared() {
    let none = Files::default();
    assert_eq!(compare(&none, &none).unwrap(), TreeDiff::default());
    assert_eq!(
        shown(&compare(&none, &Files::new([("a", "1"), ("b", "")])).unwrap()),
        ["only-right - a", "only-right - b"]
    );
    assert_eq!(shown(&compare(&Files::new([("a", "1")]), &none).unwrap()), ["only-left a -"]);
}

#[test]
fn renames_go_together_by_base_name_and_then_in_order() {
    let left = Files::new([("a/x", "1"), ("b/y", "1"), ("c/z", "1"), ("e", "")]);
    let right = Files::new([("d/z", "1"), ("d/q", "1"), ("f", "")]);
    assert_eq!(
        shown(&compare(&left, &right).unwrap()),
        ["renamed a/x d/q", "only-left b/y -", "renamed c/z d/z", "only-left e -", "only-right - f"],
        "an empty file says nothing of where it came from"
    );
}

#[test]
fn a_name_counts_as_often_as_it_is_listed_and_a_folder_where_it_is_an_entry() {
    let once = Files::new([("a", "2")]);
    let twice = Files::new([("a", "1"), ("a", "2")]);
    let diff = compare(&twice, &once).unwrap();
    assert_eq!(shown(&diff), ["changed a a"]);
    assert_eq!((diff.changes[0].left.as_ref().unwrap().times, diff.same), (2, 0));
    assert_eq!(compare(&twice, &Files::new([("a", "x"), ("a", "2")])).unwrap().same, 1);

    let with_folder = Files::new([("a", "2"), ("d/", "")]);
    let diff = compare(&once, &with_folder).unwrap();
    assert_eq!(shown(&diff), ["only-right - d/"]);
    assert!(diff.changes[0].right.as_ref().unwrap().is_folder());
}

#[test]
fn names_are_any_bytes() {
    let names: [&[u8]; 5] = [b"a\nb", b"\x1b[31m", "\u{202e}oof".as_bytes(), b"\xff\xfe", b"x\0y"];
    let left = Files::new(names.map(|name| (name, "1")));
    let right = Files::new(names.map(|name| (name, "2")));
    let diff = compare(&left, &right).unwrap();
    assert_eq!(diff.count(ChangeKind::Changed), 5);
    let mut sorted = names;
    sorted.sort_unstable();
    assert!(diff.changes.iter().map(|change| change.path().as_bytes()).eq(sorted));
}

/// A tree of one file that fails as it says.
struct Failing {
    lists: bool,
}

impl FileTree for Failing {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        match self.lists {
            true => Ok(vec![TreeFile { path: b"a\n".to_vec(), kind: FileKind::Symlink, size: 0 }]),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn open(&self, _: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

#[test]
fn errors_name_the_side_and_the_file() {
    let none = Files::default();
    let error = compare(&Failing { lists: true }, &none).unwrap_err();
    assert_eq!(error.to_string(), r#"cannot read "a\n" of the left copy"#);
    assert_eq!(error.side(), Side::Left);
    let error = compare(&none, &Failing { lists: true }).unwrap_err();
    assert_eq!(error.to_string(), r#"cannot read "a\n" of the right copy"#);
    let error = compare(&none, &Failing { lists: false }).unwrap_err();
    assert_eq!(error.to_string(), "cannot list the files of the right copy");
}

#[test]
fn a_file_of_200_mb_is_read_in_pieces() {
    let huge = |last| Huge { name: "huge", size: 200 << 20, last };
    let diff = compare(&huge(b'x'), &huge(b'y')).unwrap();
    assert_eq!(shown(&diff), ["changed huge huge"]);
    assert_eq!(diff.changes[0].left.as_ref().unwrap().size, 200 << 20);
}

#[test]
fn a_file_without_end_is_given_up() {
    let error = compare(&Huge { name: "huge", size: u64::MAX, last: b'x' }, &Files::default()).unwrap_err();
    assert!(matches!(error, CompareError::TooLarge { side: Side::Left, .. }));
}

#[test]
fn ten_thousand_changed_files_are_told() {
    let files =
        |content: &str| Files::new((0..10_000).map(|n| (format!("d{}/{n}", n % 97), content.to_owned())));
    let diff = compare(&FastFiles::new(files("1")), &FastFiles::new(files("2"))).unwrap();
    assert_eq!(diff.count(ChangeKind::Changed), 10_000);
    let moved = Files::new((0..10_000).map(|n| (format!("e{n}"), "1")));
    let diff = compare(&FastFiles::new(files("1")), &FastFiles::new(moved)).unwrap();
    assert_eq!(diff.count(ChangeKind::Renamed), 10_000);
}

/// Files that are found by name without looking through all of them.
struct FastFiles(BTreeMap<Vec<u8>, Vec<u8>>);

impl FastFiles {
    fn new(files: Files) -> FastFiles {
        FastFiles(files.0.into_iter().collect())
    }
}

impl FileTree for FastFiles {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        Files::new(&self.0).list()
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Ok(Box::new(&self.0[path][..]))
    }
}

fn copy() -> impl Strategy<Value = Files> {
    let name = prop_oneof![Just("go.mod"), Just("a"), Just("b/a"), Just("b/c"), Just("d/"), Just("d/a")];
    proptest::collection::vec((name, 0u8..3), 0..7).prop_map(|files| {
        let content = |name: &str, content: u8| {
            if name.ends_with('/') { String::new() } else { "1".repeat(content.into()) }
        };
        Files::new(files.into_iter().map(|(name, n)| (name, content(name, n))))
    })
}

proptest! {
    #[test]
    fn there_is_a_change_exactly_where_the_hashes_differ(left in copy(), right in copy()) {
        let h1 = |files: &Files| {
            hash1(files.0.iter().map(|(name, content)| (name, sha256(content)))).unwrap()
        };
        let diff = compare(&left, &right).unwrap();
        prop_assert_eq!(diff.changes.is_empty(), h1(&left) == h1(&right));
        let back = compare(&right, &left).unwrap();
        prop_assert_eq!(diff.same, back.same);
        prop_assert_eq!(diff.count(ChangeKind::OnlyLeft), back.count(ChangeKind::OnlyRight));
        prop_assert_eq!(diff.count(ChangeKind::Changed), back.count(ChangeKind::Changed));
        prop_assert_eq!(diff.count(ChangeKind::Renamed), back.count(ChangeKind::Renamed));
    }
}
