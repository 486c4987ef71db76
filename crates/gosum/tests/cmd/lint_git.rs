//! `gosum lint --merge` as the merge driver of real git.

use std::path::Path;

use super::git_program::git_in;
use super::run::Place;

/// Runs git in `folder`; returns whether it succeeded, and what it says.
fn git(folder: &Path, args: &[&str]) -> (bool, String) {
    let done = git_in(folder).args(args).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn must(folder: &Path, args: &[&str]) {
    let (succeeded, said) = git(folder, args);
    assert!(succeeded, "git {args:?}: {said}");
}

fn line(name: &str, hash: &str) -> String {
    format!("example.com/{name} v1.0.0 h1:{hash}\n")
}

/// Returns a repository with the driver, and two branches that made `ours` and `theirs` of one file.
fn repository(base: &str, ours: &str, theirs: &str) -> Place {
    let place = Place::new().file("r/go.sum", base).file("r/.gitattributes", "go.sum merge=gosum\n");
    let folder = place.path("r");
    must(&folder, &["init", "-q", "-b", "main"]);
    must(&folder, &["config", "merge.gosum.name", "go.sum by artifact"]);
    let driver = format!("'{}' lint --merge %O %A %B", env!("CARGO_BIN_EXE_gosum"));
    must(&folder, &["config", "merge.gosum.driver", &driver]);
    must(&folder, &["add", "."]);
    must(&folder, &["commit", "-q", "-m", "base"]);
    must(&folder, &["switch", "-q", "-c", "theirs"]);
    let place = place.file("r/go.sum", theirs);
    must(&folder, &["commit", "-q", "-a", "-m", "theirs"]);
    must(&folder, &["switch", "-q", "main"]);
    let place = place.file("r/go.sum", ours);
    must(&folder, &["commit", "-q", "-a", "-m", "ours"]);
    place
}

#[test]
#[ignore = "needs git"]
fn git_merges_by_artifact() {
    // neighbours that git by itself could not merge
    let base = line("a", "a") + &line("c", "c");
    let ours = line("b", "b") + &line("c", "c");
    let theirs = line("a", "a") + &line("bb", "bb") + &line("c", "c") + &line("d", "d");
    let place = repository(&base, &ours, &theirs);
    let folder = place.path("r");
    must(&folder, &["merge", "-q", "--no-edit", "theirs"]);
    assert_eq!(
        place.read("r/go.sum"),
        line("b", "b") + &line("bb", "bb") + &line("c", "c") + &line("d", "d")
    );
    // the same without the driver is a conflict
    must(&folder, &["reset", "-q", "--hard", "HEAD^"]);
    must(&folder, &["config", "--remove-section", "merge.gosum"]);
    assert!(!git(&folder, &["merge", "-q", "--no-edit", "theirs"]).0);
}

#[test]
#[ignore = "needs git"]
fn git_sees_a_conflict_where_the_hashes_differ() {
    let place = repository(&line("a", "x"), &(line("a", "x") + &line("b", "b")), &line("a", "y"));
    let folder = place.path("r");
    let (succeeded, said) = git(&folder, &["merge", "--no-edit", "theirs"]);
    assert!(!succeeded && said.contains("CONFLICT (content): Merge conflict in go.sum"), "{said}");
    assert!(said.contains("the sides have different hashes of example.com/a v1.0.0"), "{said}");
    let marked = format!(
        "<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n{}",
        line("a", "x"),
        line("a", "y"),
        line("b", "b")
    );
    assert_eq!(place.read("r/go.sum"), marked);
    assert!(git(&folder, &["status", "--porcelain"]).1.contains("UU go.sum"));
}

#[test]
#[ignore = "needs git"]
fn git_rebases_by_artifact() {
    let place = repository("", &line("a", "a"), &line("b", "b"));
    let folder = place.path("r");
    must(&folder, &["rebase", "-q", "theirs"]);
    assert_eq!(place.read("r/go.sum"), line("a", "a") + &line("b", "b"));
}
