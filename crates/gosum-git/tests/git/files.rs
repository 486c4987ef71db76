//! Single files of many commits, and single folders.

use std::sync::Arc;

use gosum_git::{Files, FilesWant, GitError, ObjectId, Options};
use gosum_world::fault::Fault;
use gosum_world::git::{Filters, Wants};
use gosum_world::page::Page;

use crate::place::{MODULE, Module, Place};

fn want(id: ObjectId, paths: &[&str]) -> FilesWant {
    FilesWant { id, paths: paths.iter().map(|&path| path.to_owned()).collect() }
}

fn wants(module: &Module) -> Vec<FilesWant> {
    vec![
        want(module.commits[0], &["go.mod", "v2/go.mod"]),
        want(module.tag, &["sub/go.mod"]),
        want(module.commits[0], &["sub/go.mod"]),
    ]
}

#[track_caller]
fn are_right([first, second]: [ObjectId; 2], answers: Vec<Result<Files, Arc<GitError>>>) {
    let sub = |version| Some(format!("module git.example/team/a/sub // {version}\n").into_bytes());
    let expected = [
        (first, vec![Some(MODULE.as_bytes().to_vec()), None]),
        (second, vec![sub(2)]),
        (first, vec![sub(1)]),
    ];
    let answers = answers.into_iter().map(Result::unwrap).map(|files| (files.commit.id, files.contents));
    assert!(answers.eq(expected));
}

#[test]
fn asks_for_no_more_than_the_host_makes_necessary() {
    for (filters, first, later, packs) in [
        (Filters::All, &["tree:3"][..], &["tree:3"][..], 1),
        (Filters::BlobNoneAndTreeZero, &["tree:3", "blob:none"], &["blob:none"], 2),
        (Filters::None, &[], &[], 1),
    ] {
        let mut module = Module::new();
        module.repository.policy.filters = filters;
        let wants = wants(&module);
        let place = Place::new(module.repository);
        are_right(module.commits, place.open().unwrap().files(&wants).unwrap());
        assert_eq!(place.filters(), first, "{filters:?}");
        let before = place.requests().len();
        are_right(module.commits, place.open().unwrap().files(&wants).unwrap());
        assert_eq!(
            place.filters()[first.len()..],
            *later,
            "what the host refuses is remembered: {filters:?}"
        );
        assert_eq!(place.requests().len() - before, packs, "{filters:?}");
    }
}

#[test]
fn big_files_do_not_come_along() {
    let mut module = Module::new();
    module.repository.policy.filters = Filters::BlobNoneAndTreeZero;
    let wants = wants(&module);
    let place = Place::new(module.repository);
    place.open().unwrap().files(&wants).unwrap();
    let bytes: u64 = place.world.log().iter().skip(2).map(|exchange| exchange.bytes).sum();
    assert!(bytes < 2000, "{bytes}");
}

#[test]
fn unknown_commits_do_not_spoil_the_others() {
    for filters in [Filters::All, Filters::BlobNoneAndTreeZero, Filters::None] {
        let mut module = Module::new();
        module.repository.policy.filters = filters;
        let missing = ObjectId::parse(&"12".repeat(20)).unwrap();
        let mut wants = wants(&module);
        wants.push(want(missing, &["go.mod"]));
        let place = Place::new(module.repository);
        let mut answers = place.open().unwrap().files(&wants).unwrap();
        let error = answers.pop().unwrap().unwrap_err();
        assert!(matches!(*error, GitError::UnknownId { id, .. } if id == missing), "{error}");
        are_right(module.commits, answers);
    }
}

#[test]
fn old_servers_give_files_too() {
    for filters in [Filters::All, Filters::None] {
        for wants_granted in [Wants::Any, Wants::Tips] {
            let mut module = Module::new();
            module.repository.policy.before_v2 = true;
            module.repository.policy.filters = filters;
            module.repository.policy.wants = wants_granted;
            let wants = wants(&module);
            let place = Place::new(module.repository);
            are_right(module.commits, place.open().unwrap().files(&wants).unwrap());
        }
    }
}

#[test]
fn hosts_that_give_no_blobs_give_whole_commits() {
    let mut module = Module::new();
    module.repository.policy.filters = Filters::BlobNoneAndTreeZero;
    let wants = wants(&module);
    let place = Place::new(module.repository);
    // the third request is the one for blobs
    let refusal = "0021ERR only commits may be wanted";
    let page = Page::new(200, refusal).header("Content-Type", "application/x-git-upload-pack-result");
    place.world.add_fault(Fault::answer("git.example/*upload-pack", page).every(3).times(1));
    let repository = place.open().unwrap();
    are_right(module.commits, repository.files(&wants).unwrap());
    assert_eq!(place.filters(), ["tree:3", "blob:none"]);
    are_right(module.commits, repository.files(&wants).unwrap());
    assert_eq!(place.filters(), ["tree:3", "blob:none"], "the refusal is remembered");
}

#[test]
fn whole_commits_are_fetched_within_a_budget_only() {
    let mut module = Module::new();
    module.repository.policy.filters = Filters::None;
    let wants = wants(&module);
    let place = Place::new(module.repository);
    let poor = place.open_with(Options { mod_only_budget: 3000, ..Place::options() }).unwrap();
    let error = poor.files(&wants).unwrap_err();
    assert!(matches!(error, GitError::NoFilters { .. }), "{error}");
    assert!(error.to_string().ends_with("host cannot send a go.mod alone"), "{error}");
    let repository = place.open_with(Options { mod_only_budget: 9000, ..Place::options() }).unwrap();
    are_right(module.commits, repository.files(&wants).unwrap());
    assert!(repository.files(&wants).is_err(), "the budget is for all requests together");
}

#[test]
fn folder_costs_its_own_files_only() {
    let mut module = Module::new();
    module.repository.policy.filters = Filters::BlobNoneAndTreeZero;
    let (commit, tag) = (module.commits[0], module.tag);
    let place = Place::new(module.repository);
    let repository = place.open().unwrap();
    let folders = [(commit, "sub".to_owned()), (tag, "sub/deep".to_owned()), (tag, "missing".to_owned())];
    let fetched = repository.fetch_folders(&folders).unwrap();
    let snapshot = fetched.snapshot(commit).unwrap();
    assert_eq!(snapshot.archive("sub").unwrap().files().len(), 2);
    assert_eq!(snapshot.blob("LICENSE").unwrap().unwrap(), b"free\n");
    assert!(matches!(snapshot.archive(""), Err(GitError::Missing { .. })), "the other files are not there");
    let tagged = fetched.snapshot(tag).unwrap();
    assert_eq!(tagged.archive("sub/deep").unwrap().files().len(), 1);
    assert!(matches!(tagged.archive("missing"), Err(GitError::NoFolder { .. })));
    assert_eq!(place.filters(), ["blob:none"]);
}

#[test]
fn folders_of_hosts_without_filters_come_with_the_rest() {
    let mut module = Module::new();
    module.repository.policy.filters = Filters::None;
    let place = Place::new(module.repository);
    let fetched = place.open().unwrap().fetch_folders(&[(module.tag, "sub".to_owned())]).unwrap();
    let snapshot = fetched.snapshot(module.tag).unwrap();
    assert_eq!(snapshot.archive("sub").unwrap().files().len(), 2);
    assert_eq!(snapshot.archive("").unwrap().files().len(), 9);
}
