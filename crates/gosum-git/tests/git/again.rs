//! Commits of a repository from which others came before.

use gosum_git::{Filter, ObjectId, Repository};
use gosum_world::git::Filters;
use gosum_world::repository::{Files, ObjectFormat, Repository as WorldRepository};

use crate::place::{Place, id};

/// More than what it is worth to ask twice for.
const LARGE: u32 = 1_500_000;

fn noise(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    (0..LARGE).map(|_| next()).collect()
}

/// Returns a repository with two commits that have a large file in common, and one without it.
fn start(change: impl FnOnce(&mut WorldRepository)) -> (Place, [ObjectId; 3]) {
    let mut repository = WorldRepository::new(ObjectFormat::Sha1);
    let base = Files::new().file("deep/large", noise(1)).file(".gitattributes", "*.txt text eol=crlf\n");
    let versions = [
        base.clone().file("a.go", "package a\n").file("a.txt", "a\n"),
        base.clone().file("a.go", "package b\n").file("a.txt", "a\n").file("new.go", "package a\n"),
        Files::new().file("a.go", "package a\n"),
    ];
    let commits = versions.map(|files| id(repository.commit("main", 7, &files)));
    change(&mut repository);
    (Place::new(repository), commits)
}

/// Returns the bytes that were sent since `before`.
fn sent(place: &Place, before: usize) -> u64 {
    place.world.log().iter().skip(before).map(|exchange| exchange.bytes).sum()
}

/// Returns the files of a commit with their contents.
fn files(repository: &Repository, commit: ObjectId) -> Vec<(String, Vec<u8>)> {
    let tree =
        repository.fetch(&[commit], Filter::None).unwrap().snapshot(commit).unwrap().archive("").unwrap();
    let name = |index: usize| String::from_utf8(tree.files()[index].path.clone()).unwrap();
    (0..tree.files().len()).map(|index| (name(index), tree.content(index).unwrap())).collect()
}

#[test]
fn a_file_comes_once_as_long_as_somebody_has_it() {
    let (place, [first, second, other]) = start(|_| {});
    let expected = files(&place.open().unwrap(), second);
    assert_eq!(expected.iter().find(|(name, _)| name == "a.txt").unwrap().1, b"a\r\n");

    let repository = place.open().unwrap();
    let had = repository.fetch(&[first], Filter::None).unwrap();
    let before = place.world.log().len();
    assert_eq!(files(&repository, second), expected);
    assert_eq!(files(&repository, other).len(), 1);
    assert!(sent(&place, before) < 100_000, "{}", sent(&place, before));
    // what came beside it can be read when the first has gone
    let fetched = repository.fetch(&[second], Filter::None).unwrap();
    drop(had);
    let tree = fetched.snapshot(second).unwrap().archive("deep").unwrap();
    assert_eq!(tree.content(0).unwrap(), noise(1));
    drop((fetched, tree));

    let before = place.world.log().len();
    assert_eq!(files(&repository, second), expected);
    assert!(sent(&place, before) > u64::from(LARGE), "{}", sent(&place, before));
}

#[test]
fn a_host_that_gives_no_single_files_gives_all_again() {
    let (place, [first, second, _]) = start(|repository| repository.policy.filters = Filters::None);
    let repository = place.open().unwrap();
    let _had = repository.fetch(&[first], Filter::None).unwrap();
    let before = place.world.log().len();
    assert_eq!(files(&repository, second).len(), 5);
    assert!(sent(&place, before) > u64::from(LARGE));
}

#[test]
fn little_is_not_worth_asking_twice_for() {
    let (place, [first, _, other]) = start(|_| {});
    let repository = place.open().unwrap();
    let _had = repository.fetch(&[other], Filter::None).unwrap();
    assert_eq!(files(&repository, first).len(), 4);
    assert_eq!(place.filters(), [""; 0]);
}
