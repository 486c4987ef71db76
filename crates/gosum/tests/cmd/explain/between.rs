//! Two copies that the user chose.

use gosum_world::draft::Draft;
use gosum_world::repository::Files;
use serde_json::json;

use super::super::run::Place;
use super::super::world::{MODULE, One};
use super::{Moved, causes, explained, files};

#[test]
fn two_commits_of_the_repository_by_any_name() {
    let moved = Moved::new(|files| files.file("more.go", "package colors\n"));
    let (old, new) = (moved.old.commit.to_string(), moved.new.commit.to_string());
    let (_world, place) = moved.start();
    for (left, right) in
        [(&*old, &*new), (&old[..10], "main"), (&old, "v1.0.0"), (&old[..7], "refs/heads/main")]
    {
        let (code, account) = explained(&place, &format!("{MODULE} --between commit:{left},commit:{right}"));
        assert_eq!((code, &account["outcome"]), (0, &json!("differ")), "{account:#}");
        assert_eq!(files(&account), [["only-right", "more.go", "compiled Go"]]);
        assert!(account["compared"]["causes"].is_null(), "two commits may differ: {account:#}");
        assert_eq!(account["compared"]["left"]["commit"], old);
        assert_eq!(account["compared"]["right"]["commit"], new);
    }
    for unknown in ["nothing", "abcdef1234"] {
        let (code, account) = explained(&place, &format!("{MODULE} --between commit:main,commit:{unknown}"));
        assert_eq!((code, &account["outcome"]), (3, &json!("untold")), "{account:#}");
    }
}

#[test]
fn a_source_and_a_file_or_a_folder() {
    let one = One::new();
    let honest = one.release.clone();
    let tampered = honest.clone().tampered("colors.go", "package colors // evil\n");
    let world = one.draft.start().unwrap();
    let place = honest
        .files()
        .fold(Place::in_world(&world), |place, (path, text)| place.file(&format!("unpacked/{path}"), text))
        .file("old.zip", tampered.zip());
    let (code, account) = explained(&place, &format!("{MODULE} --between proxy,old.zip"));
    assert_eq!(
        (code, files(&account)),
        (0, vec![["changed", "colors.go", "compiled Go"].map(str::to_owned)])
    );
    assert_eq!(account["compared"]["right"]["h1"], tampered.zip_h1().to_string());
    let (code, account) = explained(&place, &format!("{MODULE} --between unpacked,direct"));
    assert_eq!((code, &account["outcome"]), (0, &json!("same")), "{account:#}");
    assert_eq!(account["compared"]["left"]["h1"], honest.zip_h1().to_string());
}

#[test]
fn the_proxy_and_version_control_have_their_cause() {
    let (_world, place) = Moved::new(|files| files.file("more.go", "package colors\n")).start();
    for pair in ["proxy,direct", "direct,proxy"] {
        let (code, account) = explained(&place, &format!("{MODULE} --between {pair}"));
        assert_eq!((code, causes(&account)), (0, vec!["tag-moved"]), "{pair}");
    }
}

#[test]
fn a_module_in_a_folder_has_the_files_that_its_hash_covers() {
    let (root, module) = ("github.com/example/tools", "github.com/example/tools/lint@v0.3.0");
    let crlf = "one\r\ntwo\r\n".repeat(3);
    let files = Files::new()
        .file(".gitattributes", "*.txt eol=crlf\n")
        .file("LICENSE", "Do what you like.\n")
        .file("go.mod", format!("module {root}\n"))
        .file("lint/go.mod", format!("module {root}/lint\n"))
        .file("lint/words.txt", crlf.replace('\r', ""))
        .file("lint/vendor/a/b/c.go", "package b\n")
        .file("lint/sub/go.mod", "module other\n")
        .symlink("lint/link", "go.mod");
    let mut draft = Draft::new("proxy.example");
    let commit = draft.commit(root, "main", &files);
    draft.tag("lint/v0.3.0", &commit);
    let world = draft.start().unwrap();
    let place = Place::in_world(&world)
        .file("mine/go.mod", format!("module {root}/lint\n"))
        .file("mine/LICENSE", "Do what you like.\n")
        .file("mine/words.txt", crlf);
    let (code, account) = explained(&place, &format!("{module} --between direct,mine"));
    assert_eq!((code, &account["outcome"]), (0, &json!("same")), "{account:#}");
    assert_eq!(account["compared"]["counts"]["same"], 3);
    assert_eq!(account["compared"]["left"]["h1"], account["compared"]["right"]["h1"]);
}

#[test]
fn further_proxies_have_names() {
    let one = One::new();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world);
    let (code, account) =
        explained(&place, &format!("{MODULE} --between proxy,mirror=https://proxy.example"));
    assert_eq!((code, &account["outcome"]), (0, &json!("same")), "{account:#}");
}

#[test]
fn what_is_no_copy_is_wrong_use() {
    let place = Place::new().file("old.zip", "no zip");
    for (args, words) in [
        ("--between proxy", "takes two copies"),
        ("--between proxy,direct,modcache", "takes two copies"),
        ("--between proxy,proxy", "one copy twice"),
        ("--between proxy,sumdb", "has no copy"),
        ("--between proxy,go.sum", "has no copy"),
        ("--between proxy,nothing.zip", "that is there"),
        ("--between proxy,commit:", "followed by a commit"),
        ("--between proxy,old.zip", "not a valid zip archive"),
        ("--goos linux", "--goarch"),
        ("--all --stat", "--stat"),
    ] {
        let done = place.run(&format!("explain {MODULE} {args}"));
        assert_eq!(done.code, 2, "{args}: {done:?}");
        assert!(done.stderr.contains(words), "{args}: {}", done.stderr);
    }
    let done = place.run("explain --between proxy,direct");
    assert!(done.code == 2 && done.stderr.contains("MODULE@VERSION"), "{done:?}");
    let done = place.run(&format!("explain {MODULE} --between proxy=https://me:secret@a.example?x,direct"));
    assert!(done.code == 2 && !done.stderr.contains("secret"), "{done:?}");
}
