//! Git judges the repositories.

use std::fs;
use std::path::Path;

use gosum_world::git::{Deltas, Filters, Wants};
use gosum_world::repository::{
    Commit, Files, ObjectFormat, ObjectId, ObjectKind, Repository, TreeEntry, mode,
};
use gosum_world::{Sites, World};
use tempfile::{TempDir, tempdir};

use crate::program::{git, run, run_in_vain};

const ADDRESS: &str = "git.example/team/project";
const URL: &str = "https://git.example/team/project";

/// Returns the files of one of many commits.
fn files(number: usize) -> Files {
    let line = |at: usize| format!("line {at} of {}\n", if at == number { number } else { 0 });
    let long: String = (0..400).map(line).collect();
    Files::new()
        .file("go.mod", "module git.example/team/project\n")
        .file("long.txt", long)
        .file(&format!("only/in/{number}.txt"), format!("{number}\n"))
        .executable("run.sh", "#!/bin/sh\n")
        .symlink("link", "run.sh")
}

/// Returns a repository with two branches that were merged, and tags of both kinds; and its commits.
fn repository(format: ObjectFormat) -> (Repository, Vec<ObjectId>) {
    let mut repository = Repository::new(format);
    let time = |number: usize| 1_700_000_000 + i64::try_from(number).unwrap() * 60;
    let mut commits: Vec<ObjectId> =
        (0..40).map(|number| repository.commit("main", time(number), &files(number))).collect();
    repository.set_reference("refs/heads/side", commits[10]);
    let side = repository.commit("side", time(50), &files(50));
    let merge = Commit {
        tree: repository.write_files(&files(51)),
        parents: vec![commits[39], side],
        author_time: time(51),
        committer_time: time(51),
        message: "Merge\n".to_owned(),
    };
    let merge = repository.write_commit(&merge);
    commits.extend([side, merge]);
    repository.set_reference("refs/heads/main", merge);
    repository.tag("v1.0.0", commits[20]);
    let tag = repository.annotated_tag("v1.1.0", commits[30], time(60));
    repository.annotated_tag("v1.1.0-twice", tag, time(61));
    (repository, commits)
}

fn world(repository: Repository) -> World {
    let mut sites = Sites::new();
    sites.add_repository(ADDRESS, repository);
    World::start(sites).unwrap()
}

/// Returns an empty folder in which git is to work.
fn empty(world: &World, format: ObjectFormat) -> TempDir {
    let folder = tempdir().unwrap();
    let format = format!("--object-format={}", format.name());
    run(git(world, folder.path()).args(["init", "-q", "--bare", &format]));
    run(git(world, folder.path()).args(["remote", "add", "origin", URL]));
    folder
}

fn check(world: &World, folder: &Path) {
    run(git(world, folder).args(["fsck", "--strict", "--full", "--no-dangling"]));
}

fn count(world: &World, folder: &Path) -> String {
    run(git(world, folder).args(["rev-list", "--count", "--all"]))
}

#[test]
#[ignore = "needs git"]
fn clone_has_everything() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        for deltas in [Deltas::None, Deltas::Offset, Deltas::Reference, Deltas::ReferenceAhead] {
            for version in ["0", "1", "2"] {
                let (mut repository, commits) = repository(format);
                repository.policy.deltas = deltas;
                let world = world(repository);
                let folder = tempdir().unwrap();
                let protocol = format!("protocol.version={version}");
                run(git(&world, folder.path()).args(["-c", &protocol, "clone", "-q", URL, "."]));
                check(&world, folder.path());
                assert_eq!(count(&world, folder.path()), "42");
                let head = run(git(&world, folder.path()).args(["rev-parse", "HEAD", "v1.1.0-twice^{}"]));
                assert_eq!(head, format!("{}\n{}", commits[41], commits[30]));
                assert_eq!(fs::read_to_string(folder.path().join("only/in/51.txt")).unwrap(), "51\n");
                let log = world.log();
                let offered = log[0].git_version.unwrap().to_string();
                assert_eq!(offered, version, "{log:?}");
            }
        }
    }
}

#[test]
#[ignore = "needs git"]
fn deltas_are_used() {
    let sizes = [Deltas::None, Deltas::Offset, Deltas::Reference, Deltas::ReferenceAhead].map(|deltas| {
        let (mut repository, _) = repository(ObjectFormat::Sha1);
        repository.policy.deltas = deltas;
        let world = world(repository);
        let folder = empty(&world, ObjectFormat::Sha1);
        run(git(&world, folder.path()).args(["-c", "fetch.unpackLimit=1", "fetch", "-q", "origin"]));
        let pack = fs::read_dir(folder.path().join("objects/pack")).unwrap();
        let index = pack.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "idx");
        let told = run(git(&world, folder.path()).args(["verify-pack", "-v"]).arg(index.unwrap()));
        let deltas = told.lines().filter(|line| line.starts_with("chain length")).count();
        (deltas > 0, world.log().last().unwrap().bytes)
    });
    assert_eq!(sizes.map(|(deltas, _)| deltas), [false, true, true, true]);
    assert!(sizes[1..].iter().all(|(_, bytes)| bytes * 2 < sizes[0].1), "{sizes:?}");
}

#[test]
#[ignore = "needs git"]
fn history_is_deepened_step_by_step() {
    for version in ["0", "2"] {
        let (repository, commits) = repository(ObjectFormat::Sha1);
        let world = world(repository);
        let folder = empty(&world, ObjectFormat::Sha1);
        let fetch = |arguments: &[&str]| {
            let protocol = format!("protocol.version={version}");
            run(git(&world, folder.path()).args(["-c", &protocol, "fetch", "-q"]).args(arguments));
            check(&world, folder.path());
        };
        let shallow = || fs::read_to_string(folder.path().join("shallow")).unwrap();
        fetch(&["--depth=1", "origin", "refs/tags/v1.1.0:refs/tags/v1.1.0"]);
        assert_eq!(count(&world, folder.path()), "1");
        assert_eq!(shallow(), format!("{}\n", commits[30]));
        fetch(&["--depth=3", "origin", "refs/tags/v1.1.0:refs/tags/v1.1.0"]);
        assert_eq!(count(&world, folder.path()), "3");
        assert_eq!(shallow(), format!("{}\n", commits[28]));
        fetch(&["--deepen=4", "origin", "refs/tags/v1.1.0:refs/tags/v1.1.0"]);
        assert_eq!(count(&world, folder.path()), "7");
        fetch(&["origin", "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*"]);
        assert!(shallow().contains(&commits[24].to_string()));
        fetch(&["--unshallow", "-f", "origin"]);
        assert!(!folder.path().join("shallow").exists());
        assert_eq!(count(&world, folder.path()), "42");
    }
}

#[test]
#[ignore = "needs git"]
fn whole_history_is_no_longer_shallow_at_any_depth() {
    let (repository, _) = repository(ObjectFormat::Sha256);
    let world = world(repository);
    let folder = tempdir().unwrap();
    run(git(&world, folder.path()).args(["clone", "-q", "--depth=2", "--no-single-branch", URL, "."]));
    check(&world, folder.path());
    run(git(&world, folder.path()).args(["fetch", "-q", "--depth=100", "origin"]));
    check(&world, folder.path());
    assert_eq!(count(&world, folder.path()), "42");
    assert_eq!(run(git(&world, folder.path()).args(["rev-parse", "--is-shallow-repository"])), "false");
}

#[test]
#[ignore = "needs git"]
fn fetch_brings_what_is_new_and_no_more() {
    for version in ["0", "2"] {
        let (repository, _) = repository(ObjectFormat::Sha1);
        let world = world(repository);
        let folder = tempdir().unwrap();
        let protocol = format!("protocol.version={version}");
        run(git(&world, folder.path()).args(["-c", &protocol, "clone", "-q", URL, "."]));
        for number in 100..140 {
            let file = format!("{number}.txt");
            fs::write(folder.path().join(&file), &file).unwrap();
            run(git(&world, folder.path()).args(["add", &file]));
            let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            run(git(&world, folder.path()).args(who).args(["commit", "-q", "-m", &file]));
        }
        let news = world.change(|sites| {
            let repository = sites.repository(ADDRESS).unwrap();
            repository.commit("main", 1_700_100_000, &files(51).file("new.txt", "new\n"))
        });
        run(git(&world, folder.path()).args(["-c", &protocol, "fetch", "-q", "origin"]));
        check(&world, folder.path());
        let fetched = run(git(&world, folder.path()).args(["rev-parse", "origin/main"]));
        assert_eq!(fetched, news.to_string());
        let last = world.log().pop().unwrap();
        assert!(last.git_lines.iter().any(|line| line.starts_with("have ")));
        assert!(last.bytes < 1500, "{last:?}");
    }
}

/// Returns the objects of a repository, and where its history ends.
fn held(world: &World, folder: &Path) -> (String, String) {
    let all = ["cat-file", "--batch-all-objects", "--batch-check"];
    let mut shallow: Vec<String> = match fs::read_to_string(folder.join("shallow")) {
        Ok(shallow) => shallow.lines().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    };
    shallow.sort();
    (run(git(world, folder).args(all)), shallow.join(" "))
}

#[test]
#[ignore = "needs git"]
fn git_upload_pack_would_send_the_same() {
    let (repository, commits) = repository(ObjectFormat::Sha1);
    let world = world(repository);
    let mirror = tempdir().unwrap();
    run(git(&world, mirror.path()).args(["clone", "-q", "--mirror", URL, "."]));
    for (key, value) in [("uploadpack.allowFilter", "true"), ("uploadpack.allowAnySHA1InWant", "true")] {
        run(git(&world, mirror.path()).args(["config", key, value]));
    }
    let by_file = format!("file://{}", mirror.path().display());
    let [old, middle] = [commits[15], commits[25]].map(|id| id.to_string());
    let steps: [&[&[&str]]; 10] = [
        &[&["main:main"]],
        &[&["--depth=1", "main:main"], &["--depth=3", "main:main"], &["--deepen=2", "main:main"]],
        &[&["--depth=2", "main:main", "side:side"], &["--deepen=35", "side:side", "main:main"]],
        &[&["--depth=1", &old], &["--depth=1", &middle, "tag", "v1.1.0-twice"], &["main:main"]],
        &[&["--depth=1", &old], &["--unshallow", "side:side"]],
        &[&["--filter=blob:none", "main:main"]],
        &[&["--depth=1", "--filter=tree:2", "tag", "v1.1.0"]],
        &[&["--filter=tree:0", "main:main"]],
        &[&["--filter=tree:1", "--depth=4", &middle]],
        &[&["--filter=blob:limit=1k", "refs/tags/*:refs/tags/*"]],
    ];
    for version in ["0", "2"] {
        let protocol = format!("protocol.version={version}");
        for steps in steps {
            let ours = empty(&world, ObjectFormat::Sha1);
            let theirs = empty(&world, ObjectFormat::Sha1);
            run(git(&world, theirs.path()).args(["remote", "set-url", "origin", &by_file]));
            for step in steps {
                for folder in [&ours, &theirs] {
                    let options = step.iter().filter(|argument| argument.starts_with('-'));
                    let references = step.iter().filter(|argument| !argument.starts_with('-'));
                    let mut fetch = git(&world, folder.path());
                    fetch.args(["-c", &protocol, "fetch", "-q", "-u"]).args(options);
                    run(fetch.arg("origin").args(references));
                }
                check(&world, ours.path());
                let (ours, theirs) = (held(&world, ours.path()), held(&world, theirs.path()));
                assert!(ours == theirs, "{version} {steps:?} {step:?}\n{ours:?}\n{theirs:?}");
            }
        }
    }
}

#[test]
#[ignore = "needs git"]
fn object_that_was_left_out_is_fetched_when_it_is_needed() {
    let (repository, _) = repository(ObjectFormat::Sha1);
    let world = world(repository);
    let folder = empty(&world, ObjectFormat::Sha1);
    run(git(&world, folder.path()).args(["fetch", "-q", "--filter=tree:0", "origin", "main:main"]));
    assert_eq!(run(git(&world, folder.path()).args(["cat-file", "blob", "main:only/in/51.txt"])), "51");
}

#[test]
#[ignore = "needs git"]
fn filter_that_is_not_granted_is_an_error() {
    let (mut repository, _) = repository(ObjectFormat::Sha1);
    repository.policy.filters = Filters::BlobNoneAndTreeZero;
    let world = world(repository);
    for (version, filter, granted) in
        [("2", "blob:none", true), ("2", "tree:0", true), ("2", "tree:2", false), ("0", "tree:2", false)]
    {
        let folder = empty(&world, ObjectFormat::Sha1);
        let (protocol, filter) = (format!("protocol.version={version}"), format!("--filter={filter}"));
        let mut fetch = git(&world, folder.path());
        fetch.args(["-c", &protocol, "fetch", "-q", "--depth=1", &filter, "origin", "main"]);
        if granted {
            run(&mut fetch);
        } else {
            let error = run_in_vain(&mut fetch);
            assert!(error.contains("tree filter allows max depth 0, but got 2"), "{error}");
        }
    }
}

#[test]
#[ignore = "needs git"]
fn commit_is_fetched_by_its_id_where_that_is_granted() {
    for version in ["0", "2"] {
        for (wants, granted) in [
            (Wants::Any, [true, true, true]),
            (Wants::Reachable, [true, true, false]),
            (Wants::Tips, [true, false, false]),
        ] {
            let (mut repository, commits) = repository(ObjectFormat::Sha1);
            let lost = repository.commit("lost", 1_700_200_000, &files(60));
            repository.delete_reference("refs/heads/lost");
            repository.policy.wants = wants;
            let world = world(repository);
            for (id, granted) in [commits[41], commits[5], lost].into_iter().zip(granted) {
                let folder = empty(&world, ObjectFormat::Sha1);
                let (protocol, refspec) =
                    (format!("protocol.version={version}"), format!("{id}:refs/heads/x"));
                let mut fetch = git(&world, folder.path());
                fetch.args(["-c", &protocol, "fetch", "-q", "--depth=1", "origin", &refspec]);
                if granted {
                    run(&mut fetch);
                    check(&world, folder.path());
                } else {
                    run_in_vain(&mut fetch);
                }
            }
        }
    }
}

#[test]
#[ignore = "needs git"]
fn references_are_listed_as_they_are_now() {
    let (repository, commits) = repository(ObjectFormat::Sha1);
    let world = world(repository);
    let folder = tempdir().unwrap();
    let list = |version: &str| {
        let protocol = format!("protocol.version={version}");
        run(git(&world, folder.path()).args(["-c", &protocol, "ls-remote", "--symref", URL]))
    };
    let before = list("2");
    assert_eq!(before, list("0"));
    assert!(before.starts_with(&format!("ref: refs/heads/main\tHEAD\n{}\tHEAD\n", commits[41])), "{before}");
    assert!(before.contains(&format!("{}\trefs/tags/v1.1.0^{{}}", commits[30])), "{before}");
    world.change(|sites| {
        let repository = sites.repository(ADDRESS).unwrap();
        repository.tag("v1.0.0", commits[3]);
        repository.delete_reference("refs/tags/v1.1.0");
    });
    for after in [list("2"), list("0")] {
        assert!(after.contains(&format!("{}\trefs/tags/v1.0.0", commits[3])), "{after}");
        assert!(!after.contains("refs/tags/v1.1.0\n"), "{after}");
    }
}

#[test]
#[ignore = "needs git"]
fn empty_repository_is_cloned() {
    for version in ["0", "2"] {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        repository.set_head("refs/heads/trunk");
        let world = world(repository);
        let folder = tempdir().unwrap();
        let protocol = format!("protocol.version={version}");
        run(git(&world, folder.path()).args(["-c", &protocol, "clone", "-q", URL, "."]));
        assert!(run(git(&world, folder.path()).args(["ls-remote", URL])).is_empty());
    }
}

#[test]
#[ignore = "needs git"]
fn git_follows_a_renamed_repository() {
    let (repository, commits) = repository(ObjectFormat::Sha1);
    let world = world(repository);
    let target = world.url(ADDRESS);
    world.change(|sites| sites.add_redirect("git.example/old/name", 301, &target));
    let folder = tempdir().unwrap();
    let heads = run(git(&world, folder.path()).args(["ls-remote", "https://git.example/old/name", "HEAD"]));
    assert_eq!(heads, format!("{}\tHEAD", commits[41]));
}

#[test]
#[ignore = "needs git"]
fn odd_trees_are_sent_as_they_are() {
    let (mut repository, commits) = repository(ObjectFormat::Sha1);
    let blob = repository.write(ObjectKind::Blob, "x");
    let nowhere = ObjectId::parse(&"1".repeat(40)).unwrap();
    let tree = repository.write_tree(&[
        TreeEntry::new(mode::REGULAR, "..", blob),
        TreeEntry::new(mode::REGULAR, "a/b", blob),
        TreeEntry::new(mode::REGULAR, "a", blob),
        TreeEntry::new(mode::SUBMODULE, "module", nowhere),
    ]);
    let commit =
        Commit { tree, parents: vec![commits[0]], author_time: 0, committer_time: 0, message: String::new() };
    let commit = repository.write_commit(&commit);
    repository.tag("odd", commit);
    let world = world(repository);
    let folder = empty(&world, ObjectFormat::Sha1);
    run(git(&world, folder.path()).args(["fetch", "-q", "--depth=1", "origin", "tag", "odd"]));
    let names = run(git(&world, folder.path()).args(["ls-tree", "--name-only", "odd"]));
    assert_eq!(names, "..\na/b\na\nmodule");
}
