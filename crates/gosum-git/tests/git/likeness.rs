//! Which commits have the files that somebody else has.

use std::collections::BTreeMap;

use gosum_git::{KnownFiles, Likeness, ObjectId, Repository};
use gosum_world::git::Filters;
use gosum_world::repository::{Files, ObjectFormat, Repository as WorldRepository};

use crate::place::{Place, id};

const MAX: u64 = 1 << 20;

fn known(repository: &Repository, files: &[(&str, &str)]) -> KnownFiles {
    let named = files.iter().map(|(path, content)| {
        let id = repository.id_of_file(content.len() as u64, &mut content.as_bytes()).unwrap();
        (path.as_bytes().to_vec(), id)
    });
    KnownFiles::new(named.collect::<BTreeMap<_, _>>())
}

fn likeness(repository: &Repository, commit: ObjectId, dir: &str, files: &[(&str, &str)]) -> (usize, bool) {
    let fetched = repository.fetch_folders_alone(&[commit], MAX).unwrap().unwrap();
    let snapshot = fetched.snapshot(commit).unwrap();
    let Likeness { differing, has_attributes } = known(repository, files).likeness(&snapshot, dir).unwrap();
    (differing, has_attributes)
}

fn start(format: ObjectFormat, files: &Files) -> (Place, ObjectId) {
    let mut repository = WorldRepository::new(format);
    let commit = id(repository.commit("main", 7, files));
    (Place::new(repository), commit)
}

#[test]
fn counts_the_files_that_a_commit_does_not_have() {
    let files = Files::new()
        .file("a.go", "a")
        .file("a/b.go", "b")
        .file("a-b/c.go", "c")
        .file("a/deep/d.go", "d")
        .executable("run", "r")
        .symlink("link", "a.go")
        .file(
            "big",
            (0..300_000_u32).map(|at| at.wrapping_mul(0x9e37_79b9).to_be_bytes()[0]).collect::<Vec<_>>(),
        );
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let (place, commit) = start(format, &files);
        let repository = place.open().unwrap();
        for (files, differing) in [
            (&[("a.go", "a"), ("a-b/c.go", "c"), ("a/b.go", "b"), ("a/deep/d.go", "d"), ("run", "r")][..], 0),
            (&[("a.go", "other"), ("a/b.go", "b"), ("a/deep/d.go", "e")], 2),
            // a folder in the place of a file, a file in that of a folder, nothing, a link
            (&[("a", "a"), ("a.go/x", "a"), ("a/none/x", ""), ("a/none/y", ""), ("link", "a.go")], 5),
            (&[], 0),
        ] {
            assert_eq!(likeness(&repository, commit, "", files), (differing, false), "{files:?}");
        }
        assert_eq!(likeness(&repository, commit, "a", &[("b.go", "b"), ("deep/d.go", "d")]), (0, false));
        assert_eq!(likeness(&repository, commit, "none", &[("b.go", "b"), ("c.go", "b")]), (2, false));
        // the file of 300,000 bytes that does not count has not come either
        let bytes: u64 = place.world.log().iter().map(|exchange| exchange.bytes).sum();
        assert!(bytes < 100_000, "{bytes}");
    }
}

#[test]
fn attributes_count_wherever_they_can_change_a_file() {
    let base = Files::new().file("sub/a/x", "x").file("other/y", "y");
    for (path, dir, has) in [
        (".gitattributes", "", true),
        (".gitattributes", "sub", true),
        ("sub/.gitattributes", "sub", true),
        ("sub/a/.gitattributes", "sub", true),
        ("other/.gitattributes", "sub", false),
    ] {
        let (place, commit) = start(ObjectFormat::Sha1, &base.clone().file(path, "* text\n"));
        let files = if dir.is_empty() { [("sub/a/x", "z")] } else { [("a/x", "z")] };
        assert_eq!(likeness(&place.open().unwrap(), commit, dir, &files), (1, has), "{path} {dir}");
    }
}

#[test]
fn one_commit_after_another_is_held_against_the_same_files() {
    let mut repository = WorldRepository::new(ObjectFormat::Sha1);
    let files =
        |n: u32| Files::new().file("same/x", "x").file("n", n.to_string()).file("deep/er/n", n.to_string());
    let commits: Vec<_> = (0..5).map(|n| id(repository.commit("main", n.into(), &files(n)))).collect();
    let repository = Place::new(repository);
    let opened = repository.open().unwrap();
    let fetched = opened.fetch_folders_alone(&commits, MAX).unwrap().unwrap();
    let mut known = known(&opened, &[("same/x", "x"), ("n", "3"), ("deep/er/n", "3")]);
    let differing: Vec<_> = commits
        .iter()
        .map(|commit| known.likeness(&fetched.snapshot(*commit).unwrap(), "").unwrap().differing)
        .collect();
    assert_eq!(differing, [2, 2, 2, 0, 2]);
}

#[test]
fn a_host_without_filters_gives_none_and_too_much_is_an_error() {
    let files = Files::new().file("a.go", "a");
    let (place, commit) = start(ObjectFormat::Sha1, &files);
    assert!(place.open().unwrap().fetch_folders_alone(&[commit], 100).is_err());
    let mut repository = WorldRepository::new(ObjectFormat::Sha1);
    let commit = id(repository.commit("main", 7, &files));
    repository.policy.filters = Filters::None;
    let place = Place::new(repository);
    assert!(place.open().unwrap().fetch_folders_alone(&[commit], MAX).unwrap().is_none());
}

#[test]
fn a_content_of_another_size_has_no_id() {
    let (place, _) = start(ObjectFormat::Sha1, &Files::new().file("a.go", "a"));
    let repository = place.open().unwrap();
    assert!(repository.id_of_file(3, &mut &b"ab"[..]).is_err());
    let id = repository.id_of_file(0, &mut &b""[..]).unwrap();
    assert_eq!(id.to_string(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}
