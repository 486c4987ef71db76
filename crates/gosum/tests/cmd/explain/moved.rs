//! Tags that moved, where the proxy names no commit: some commit has the content, or nothing is proved.

use gosum_world::World;
use gosum_world::draft::Revision;
use gosum_world::git::Filters;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::Value;

use super::super::run::Place;
use super::super::world::{ADDRESS, MODULE, One};
use super::{Moved, causes, explained};

const NEW: &str = "package colors\n\nconst Red = 0xf00\n";
const LOST: &str = "package colors\n\nconst Red = 1\n";

/// Returns a module whose tag moved, with what `change` makes of it.
fn moved(change: impl FnOnce(&mut Moved)) -> (World, Place) {
    let mut moved = Moved::new(|files| files.file("colors.go", NEW));
    change(&mut moved);
    moved.start()
}

impl Moved {
    /// Has the proxy serve `files`, and tell a time and no commit.
    fn serve(&mut self, time: i64, files: &Files) {
        let release = Release::new(MODULE, time, files, "").unwrap();
        self.draft.proxy().publish(&release);
    }

    /// Commits the files with another `colors.go` onto `branch`.
    fn commit(&mut self, branch: &str, colors: &str) -> Revision {
        let files = self.old.files.clone().file("colors.go", colors);
        self.draft.commit(ADDRESS, branch, &files)
    }

    /// Leaves `reference` as the only one that leads to the last commit of the branch `gone`.
    fn hide(&mut self, revision: &Revision, reference: &str) {
        let repository = self.draft.repository(ADDRESS);
        repository.delete_reference("refs/heads/gone");
        repository.set_reference(reference, revision.commit);
    }
}

/// Returns what is proved of the one cause.
fn proof(account: &Value) -> Vec<&str> {
    let proof = account["compared"]["causes"][0]["proof"].as_array().unwrap_or_else(|| panic!("{account:#}"));
    proof.iter().map(|line| line.as_str().unwrap()).collect()
}

/// Checks that `place` proves a moved tag by the content of `commit`.
fn assert_from(place: &Place, commit: &str) -> Value {
    let (code, account) = explained(place, MODULE);
    assert_eq!((code, causes(&account)), (0, vec!["tag-moved"]), "{account:#}");
    let sentence = account["compared"]["causes"][0]["sentence"].as_str().unwrap();
    assert!(sentence.ends_with(&format!("proxy has the content of commit {commit}")), "{sentence}");
    account
}

/// Checks that `place` proves nothing; returns the remarks.
fn assert_not_known(place: &Place) -> Vec<String> {
    let (code, account) = explained(place, MODULE);
    assert_eq!((code, causes(&account)), (0, vec!["not-known"]), "{account:#}");
    let remarks = account["remarks"].as_array().unwrap();
    remarks.iter().map(|remark| remark.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_commit_before_that_of_the_tag_is_found_although_it_is_of_another_time() {
    let mut commit = String::new();
    let (_world, place) = moved(|moved| {
        commit = moved.old.commit.to_string();
        let (time, files) = (moved.old.time + 60, moved.old.files.clone());
        moved.serve(time, &files);
    });
    let account = assert_from(&place, &commit);
    let [first, time, ..] = proof(&account)[..] else { panic!("{account:#}") };
    assert!(first.starts_with(&format!("commit {commit} is in the repository, ")), "{first}");
    let expected = "it was made at 2023-11-14T23:13:20Z, and proxy tells 2023-11-14T23:14:20Z: the tag may have named another \
                    commit of the same content";
    assert_eq!(time, expected);
}

#[test]
fn a_commit_far_before_that_of_the_tag_is_found_among_many() {
    let mut commit = String::new();
    let (world, place) = moved(|moved| {
        commit = moved.old.commit.to_string();
        let (time, files) = (moved.old.time + 60, moved.old.files.clone());
        moved.serve(time, &files);
        for number in 0..25 {
            moved.new = moved.commit("main", &format!("package colors\n\nconst Red = {number}\n"));
        }
        let new = moved.new.clone();
        moved.draft.tag("v1.0.0", &new);
    });
    assert_from(&place, &commit);
    let asked: Vec<_> = world.log().into_iter().map(|exchange| exchange.git_lines).collect();
    let count = |line: &str| asked.iter().filter(|lines| lines.iter().any(|it| it == line)).count();
    // the commit of the tag and that one, whole; all the others without their files, at once
    let packs = count("command=fetch");
    assert_eq!((packs, count("filter tree:0"), count("filter blob:none")), (4, 1, 1), "{asked:?}");
}

#[test]
fn a_commit_of_another_branch_is_found() {
    for delay in [0, 60] {
        let mut commit = String::new();
        let (_world, place) = moved(|moved| {
            let lost = moved.commit("side", LOST);
            commit = lost.commit.to_string();
            moved.serve(lost.time + delay, &lost.files);
        });
        assert_from(&place, &commit);
    }
}

#[test]
fn a_commit_of_a_pull_request_is_found_and_said_to_be_of_one() {
    let mut commit = String::new();
    let (_world, place) = moved(|moved| {
        let lost = moved.commit("gone", LOST);
        commit = lost.commit.to_string();
        moved.hide(&lost, "refs/pull/1/head");
        moved.serve(lost.time, &lost.files);
    });
    let account = assert_from(&place, &commit);
    let first = proof(&account)[0];
    let expected = format!(
        "no branch and no tag leads to commit {commit}, only refs/pull/1/head, which others may have written than the authors; "
    );
    assert!(first.starts_with(&expected), "{first}");
}

#[test]
fn what_is_nowhere_is_not_named() {
    let (_world, place) = moved(|moved| {
        let lost = moved.commit("gone", LOST);
        moved.draft.repository(ADDRESS).delete_reference("refs/heads/gone");
        moved.serve(lost.time, &lost.files);
    });
    assert_not_known(&place);
}

#[test]
fn a_commit_of_the_same_time_with_other_content_is_not_named() {
    for reference in ["refs/heads/side", "refs/pull/1/head"] {
        let (_world, place) = moved(|moved| {
            let other = moved.commit("gone", LOST);
            moved.hide(&other, reference);
            let files =
                moved.old.files.clone().file("colors.go", "package colors // nobody committed this\n");
            moved.serve(other.time, &files);
        });
        assert_not_known(&place);
    }
}

#[test]
fn of_several_commits_of_one_time_the_one_with_the_content_is_named() {
    let mut commit = String::new();
    let (_world, place) = moved(|moved| {
        let time = moved.new.time + 7200;
        let repository = moved.draft.repository(ADDRESS);
        for number in 0..6 {
            let files = moved.old.files.clone().file("colors.go", format!("package colors // {number}\n"));
            commit = repository.commit(&format!("side{number}"), time, &files).to_string();
            moved.new.files = files;
        }
        let files = moved.new.files.clone();
        moved.serve(time, &files);
    });
    assert_from(&place, &commit);
}

#[test]
fn the_content_of_another_version_is_said_to_be_that_and_proves_nothing() {
    let mut commit = String::new();
    let (_world, place) = moved(|moved| {
        let older = moved.old.clone();
        commit = older.commit.to_string();
        moved.draft.tag("v0.9.0", &older);
        moved.serve(older.time + 60, &older.files);
    });
    assert_eq!(
        assert_not_known(&place),
        [format!(
            "what proxy has is the content of commit {commit}, which refs/tags/v0.9.0 names: that of another version"
        )]
    );
}

#[test]
fn a_proxy_that_tells_the_time_of_the_tags_commit_speaks_of_no_other() {
    let (world, place) = moved(|moved| {
        let (time, files) = (moved.new.time, moved.old.files.clone());
        moved.serve(time, &files);
    });
    assert_not_known(&place);
    let log = world.log().into_iter().flat_map(|exchange| exchange.git_lines);
    assert!(log.into_iter().all(|line| line != "filter blob:none"));
}

#[test]
fn a_commit_that_the_repository_does_not_give_is_made_up_for_by_one_of_the_same_content() {
    let mut commits = [String::new(), String::new()];
    let (_world, place) = moved(|moved| {
        let One { mut draft, .. } = One::new();
        let lost = draft.commit(ADDRESS, "elsewhere", &moved.old.files);
        commits = [lost.commit.to_string(), moved.old.commit.to_string()];
        let release = Release::new(MODULE, moved.old.time + 60, &moved.old.files, "").unwrap();
        let origin = gosum_world::release::Origin {
            url: format!("https://{ADDRESS}"),
            directory: String::new(),
            reference: "refs/tags/v1.0.0".to_owned(),
            commit: lost.commit,
        };
        moved.draft.proxy().publish(&release.origin(origin));
    });
    let [named, found] = commits;
    let account = assert_from(&place, &found);
    let remark = account["remarks"][0].as_str().unwrap();
    assert!(remark.starts_with(&format!("proxy says that its copy is of commit {named}, ")), "{remark}");
}

#[test]
fn a_host_that_gives_no_folders_alone_is_not_asked_for_commits_on_suspicion() {
    let (_world, place) = moved(|moved| {
        let (time, files) = (moved.old.time + 60, moved.old.files.clone());
        moved.serve(time, &files);
        moved.draft.repository(ADDRESS).policy.filters = Filters::None;
    });
    assert_not_known(&place);
}

#[test]
fn attributes_that_change_files_do_not_hide_the_commit() {
    let mut commit = String::new();
    let (_world, place) = moved(|moved| {
        let files = moved
            .old
            .files
            .clone()
            .file(".gitattributes", "colors.go text eol=crlf\n")
            .file("colors.go", LOST);
        let lost = moved.draft.commit(ADDRESS, "side", &files);
        commit = lost.commit.to_string();
        let served = files.file("colors.go", LOST.replace('\n', "\r\n"));
        moved.serve(lost.time + 60, &served);
    });
    assert_from(&place, &commit);
}
