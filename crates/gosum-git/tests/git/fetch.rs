//! Refs, commits and their files.

use std::sync::Arc;

use gosum_git::{ArchiveTree, Bound, Filter, GitError, Limits, Options, Ref, Signature, Snapshot};
use gosum_mod::hash::sha256::sha256;
use gosum_mod::zip::tree::FileKind;
use gosum_world::git::{Deltas, Wants};
use gosum_world::repository::{Files, ObjectFormat};
use gosum_world::{Sites, page::Page};

use crate::place::{ADDRESS, MODULE, Module, Place, files, id};

fn names(refs: &[Ref]) -> Vec<&str> {
    refs.iter().map(|found| found.name.as_str()).collect()
}

/// Compares a commit with the files that it was made of.
#[track_caller]
fn holds(snapshot: &Snapshot, folder: &str, expected: &Files) {
    let tree = snapshot.archive(folder).unwrap();
    let mut expected = expected.iter();
    let mut files: Vec<_> = tree.files().iter().enumerate().collect();
    files.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
    for (index, file) in files {
        let (path, content) = expected.next().unwrap();
        use gosum_world::repository::File::{Executable, Regular, Submodule, Symlink};
        let (kind, content) = match content {
            Regular(content) | Executable(content) => (FileKind::Regular, content),
            Symlink(target) => (FileKind::Symlink, target),
            Submodule(_) => panic!("no file"),
        };
        assert_eq!((file.path.as_slice(), file.kind), (path.as_bytes(), kind));
        assert_eq!(&tree.content(index).unwrap(), content, "{path}");
        assert_eq!(&in_pieces(&tree, index), content, "{path}");
        assert_eq!(
            (tree.sha256(index).unwrap(), file.size),
            (sha256(content), content.len() as u64),
            "{path}"
        );
    }
    assert_eq!(expected.next(), None);
}

fn in_pieces(tree: &ArchiveTree, index: usize) -> Vec<u8> {
    let mut content = Vec::new();
    tree.for_each_piece(index, |piece| content.extend_from_slice(piece)).unwrap();
    content
}

#[test]
fn a_file_that_is_too_large_to_be_read_whole_comes_in_pieces() {
    let lines = "a line\n".repeat(20_000);
    let mut module = Module::new();
    let files =
        Files::new().file(".gitattributes", "b.txt eol=crlf\n").file("a.txt", &*lines).file("b.txt", &*lines);
    let commit = id(module.repository.commit("main", 1_700_000_100, &files));
    let limits = Limits { read_bytes: 10_000, ..Limits::default() };
    let place = Place::new(module.repository);
    let repository = place.open_with(Options { limits, ..Place::options() }).unwrap();
    let tree =
        repository.fetch(&[commit], Filter::None).unwrap().snapshot(commit).unwrap().archive("").unwrap();
    for (index, expected) in [(1, lines.clone()), (2, lines.replace('\n', "\r\n"))] {
        assert!(matches!(tree.content(index), Err(GitError::Limit { bound: Bound::ReadBytes, .. })));
        assert_eq!(in_pieces(&tree, index), expected.as_bytes());
        assert_eq!(tree.sha256(index).unwrap(), sha256(expected.as_bytes()));
    }
}

#[test]
fn lists_refs_by_prefix_in_both_versions_of_the_protocol() {
    for before_v2 in [false, true] {
        let mut module = Module::new();
        module.repository.policy.before_v2 = before_v2;
        let place = Place::new(module.repository);
        let repository = place.open().unwrap();
        let tags = repository.refs(&["refs/tags/"]).unwrap();
        assert_eq!(names(&tags), ["refs/tags/v1.0.0", "refs/tags/v1.1.0"]);
        assert_eq!((tags[0].target, tags[0].peeled), (module.commits[0], None));
        assert_eq!((tags[1].target, tags[1].leads_to()), (module.tag, module.commits[1]));
        assert_eq!(names(&repository.refs(&["HEAD", "refs/heads/"]).unwrap()), ["HEAD", "refs/heads/main"]);
        assert_eq!(repository.refs(&["refs/tags/v2"]).unwrap(), []);
        assert_eq!(repository.refs(&[]).unwrap().len(), 4);
    }
}

#[test]
fn empty_repository_has_no_refs_and_no_history() {
    for before_v2 in [false, true] {
        let mut repository = gosum_world::repository::Repository::new(ObjectFormat::Sha1);
        repository.policy.before_v2 = before_v2;
        let place = Place::new(repository);
        let repository = place.open().unwrap();
        let refs = repository.refs(&[]).unwrap();
        assert_eq!(refs, []);
        assert!(matches!(repository.history(&refs), Err(GitError::Empty { .. })));
    }
}

#[test]
fn gives_the_files_of_tags_and_commits_in_one_request() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        for deltas in [Deltas::None, Deltas::Offset, Deltas::Reference] {
            let mut module = Module::of(format);
            module.repository.policy.deltas = deltas;
            let place = Place::new(module.repository);
            let repository = place.open().unwrap();
            let fetched = repository.fetch(&[module.tag, module.commits[0]], Filter::None).unwrap();
            assert!(fetched.refused.is_empty());
            let tagged = fetched.snapshot(module.tag).unwrap();
            let commit = tagged.commit();
            assert_eq!(
                (commit.id, commit.tag, commit.time),
                (module.commits[1], Some(module.tag), 1_700_000_002)
            );
            assert_eq!((commit.signature, commit.tag_signature), (Signature::None, Some(Signature::None)));
            holds(&tagged, "", &files(2));
            let direct = fetched.snapshot(module.commits[0]).unwrap();
            assert_eq!((direct.commit().tag, direct.commit().time), (None, 1_700_000_001));
            holds(&direct, "", &files(1));
            assert_eq!(place.requests().len(), 1);
        }
    }
}

#[test]
fn gives_one_folder_and_raw_blobs() {
    let module = Module::new();
    let place = Place::new(module.repository);
    let fetched = place.open().unwrap().fetch(&[module.commits[1]], Filter::None).unwrap();
    let snapshot = fetched.snapshot(module.commits[1]).unwrap();
    holds(&snapshot, "sub", &files(2).below("sub"));
    holds(&snapshot, "sub/deep", &files(2).below("sub/deep"));
    for folder in ["missing", "a.go", "link", "sub/", "/", "sub//deep", ".."] {
        assert!(matches!(snapshot.archive(folder), Err(GitError::NoFolder { .. })), "{folder}");
    }
    let blob = |path| snapshot.blob(path).unwrap();
    assert_eq!(blob("go.mod").unwrap(), MODULE.as_bytes());
    assert_eq!(blob("sub/deep/b.go").unwrap(), b"package b\n");
    assert_eq!(blob("link").unwrap(), b"a.go", "where the link points to");
    for path in ["sub", "missing", "a.go/x", "", "sub/", "/go.mod"] {
        assert_eq!(blob(path), None, "{path}");
    }
}

#[test]
fn submodules_are_no_files() {
    let mut repository = gosum_world::repository::Repository::new(ObjectFormat::Sha1);
    let other = repository.commit("other", 1, &Files::new());
    let commit = repository.commit("main", 2, &Files::new().file("a/b", "").submodule("a/sub", other));
    let place = Place::new(repository);
    let fetched = place.open().unwrap().fetch(&[id(commit)], Filter::None).unwrap();
    let snapshot = fetched.snapshot(id(commit)).unwrap();
    let tree = snapshot.archive("a").unwrap();
    assert_eq!(tree.files().len(), 1);
    assert_eq!(snapshot.blob("a/sub").unwrap(), None);
}

#[test]
fn unknown_ids_do_not_spoil_the_others() {
    let module = Module::new();
    let place = Place::new(module.repository);
    let repository = place.open().unwrap();
    let missing = gosum_git::ObjectId::parse(&"12".repeat(20)).unwrap();
    let fetched = repository.fetch(&[missing, module.tag, module.commits[0]], Filter::None).unwrap();
    holds(&fetched.snapshot(module.tag).unwrap(), "", &files(2));
    holds(&fetched.snapshot(module.commits[0]).unwrap(), "", &files(1));
    let error = fetched.snapshot(missing).unwrap_err();
    assert!(matches!(*error, GitError::UnknownId { id, .. } if id == missing), "{error}");
    assert!(error.to_string().contains("not our ref"), "{error}");
    assert_eq!(fetched.refused.len(), 1);
}

#[test]
fn trees_and_blobs_are_no_commits() {
    let mut module = Module::new();
    let tree = module.repository.write_files(&files(1));
    let place = Place::new(module.repository);
    let fetched = place.open().unwrap().fetch(&[id(tree)], Filter::None).unwrap();
    assert!(matches!(*fetched.snapshot(id(tree)).unwrap_err(), GitError::Object { .. }));
}

#[test]
fn servers_that_give_only_tips_give_everything() {
    for wants in [Wants::Tips, Wants::Any] {
        let mut module = Module::new();
        module.repository.policy.before_v2 = true;
        module.repository.policy.wants = wants;
        // a commit that no ref stands for, between two that have one
        let between = id(module.repository.commit("main", 3, &files(3)));
        module.repository.commit("main", 4, &files(4));
        let place = Place::new(module.repository);
        let repository = place.open().unwrap();
        let missing = gosum_git::ObjectId::parse(&"12".repeat(20)).unwrap();
        let tagged = module.commits[1];
        let fetched = repository.fetch(&[module.tag, tagged, between, missing], Filter::None).unwrap();
        for (id, version) in [(module.tag, 2), (tagged, 2), (between, 3)] {
            holds(&fetched.snapshot(id).unwrap(), "", &files(version));
        }
        assert_eq!(fetched.refused.keys().collect::<Vec<_>>(), [&missing], "{wants:?}");
    }
}

#[test]
fn what_a_host_does_not_give_by_its_id_comes_with_all_that_leads_to_it() {
    let mut module = Module::new();
    module.repository.policy.wants = Wants::Tips;
    // an old commit that nothing stands for by itself
    module.repository.delete_reference("refs/tags/v1.0.0");
    let place = Place::new(module.repository);
    let fetch = |reached: bool| {
        let repository = place.open().unwrap();
        if reached {
            repository.history(&repository.refs(&["refs/heads/", "refs/tags/"]).unwrap()).unwrap();
        }
        place.requests();
        let before = place.requests().len();
        let fetched = repository.fetch(&module.commits, Filter::None).unwrap();
        (fetched, place.requests().len() - before)
    };
    // nobody knows whether the repository has it
    let (fetched, _) = fetch(false);
    assert_eq!(fetched.refused.keys().collect::<Vec<_>>(), [&module.commits[0]]);
    let (fetched, requests) = fetch(true);
    assert!(fetched.refused.is_empty(), "{:?}", fetched.refused);
    holds(&fetched.snapshot(module.commits[0]).unwrap(), "", &files(1));
    // both; the one that is left; everything
    assert_eq!(requests, 3);
    // what the host does not do is remembered
    let (fetched, requests) = fetch(true);
    assert_eq!((fetched.refused.len(), requests), (0, 2));
}

#[test]
fn later_requests_go_where_the_first_was_redirected() {
    let module = Module::new();
    let mut sites = Sites::new();
    sites.add_repository("new.example/moved", module.repository);
    sites.add_redirect(ADDRESS, 301, "https://new.example/moved");
    let place = Place::with(sites);
    let repository = place.open().unwrap();
    assert_eq!(repository.url().to_string(), format!("https://{ADDRESS}"));
    assert_eq!(repository.contacted().to_string(), "https://new.example/moved");
    holds(
        &repository.fetch(&[module.tag], Filter::None).unwrap().snapshot(module.tag).unwrap(),
        "",
        &files(2),
    );
    let hosts: Vec<_> = place.world.log().into_iter().map(|exchange| exchange.host).collect();
    assert_eq!(hosts, ["git.example", "new.example", "new.example"]);
}

#[test]
fn redirect_to_a_page_is_no_repository() {
    let mut sites = Sites::new();
    sites.add_redirect(&format!("{ADDRESS}/info"), 302, "https://git.example/login?to=");
    sites.add_page("git.example/login", Page::html(200, "<html>who are you?</html>"));
    let error = Place::with(sites).open().unwrap_err();
    assert!(matches!(error, GitError::NotGit { .. }), "{error}");
}

#[test]
fn several_threads_may_ask_at_once() {
    let module = Module::new();
    let place = Place::new(module.repository);
    let repository = Arc::new(place.open().unwrap());
    std::thread::scope(|scope| {
        for commit in module.commits {
            let repository = repository.clone();
            scope.spawn(move || {
                for _ in 0..5 {
                    let refs = repository.refs(&["refs/"]).unwrap();
                    assert!(repository.history(&refs).unwrap().contains(&commit));
                    repository.fetch(&[commit], Filter::None).unwrap().snapshot(commit).unwrap();
                }
            });
        }
    });
}
