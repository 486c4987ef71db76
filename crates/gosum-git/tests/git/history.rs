//! All commits of a repository.

use gosum_git::{GitError, Limits, Options};
use gosum_world::fault::Fault;
use gosum_world::git::Filters;
use gosum_world::page::Page;

use crate::place::{Module, Place, files, id};

const PACK: &str = "git.example/*git-upload-pack";

#[test]
fn knows_what_branches_and_tags_lead_to() {
    for (filters, before_v2, asked) in [
        (Filters::All, false, &["tree:0"][..]),
        (Filters::BlobNoneAndTreeZero, false, &["tree:0"]),
        (Filters::All, true, &["tree:0"]),
        (Filters::None, false, &[]),
        (Filters::None, true, &[]),
    ] {
        let mut module = Module::new();
        module.repository.policy.filters = filters;
        module.repository.policy.before_v2 = before_v2;
        let files = files(9);
        let side = id(module.repository.commit("side", 5, &files));
        let hidden = id(module.repository.commit("gone", 6, &files));
        let place = Place::new(module.repository.clone());
        place.world.change(|sites| {
            let repository = sites.repository(crate::place::ADDRESS).unwrap();
            repository.delete_reference("refs/heads/gone");
            repository.set_reference(
                "refs/pull/1/head",
                gosum_world::repository::ObjectId::parse(&hidden.to_string()).unwrap(),
            );
        });
        let repository = place.open().unwrap();
        let history = repository.history(&repository.refs(&[]).unwrap()).unwrap();
        let [first, second] = module.commits;
        assert_eq!(history.len(), 3, "{filters:?} {before_v2}");
        assert!(!history.contains(&hidden), "the go command does not follow other refs");
        assert_eq!(history.commit_time(&second), Some(1_700_000_002));
        assert_eq!(history.is_ancestor(&first, &second), Some(true));
        assert_eq!(history.is_ancestor(&second, &first), Some(false));
        assert_eq!(history.is_ancestor(&side, &second), Some(false));
        assert_eq!(history.find_by_prefix(&second.to_string()[..12]), [second]);
        assert_eq!(place.filters(), asked);
    }
}

#[test]
fn a_pack_without_the_commits_is_no_history() {
    let packet = |content: &[u8]| [format!("{:04x}", content.len() + 4).as_bytes(), content].concat();
    let empty = b"PACK\0\0\0\x02\0\0\0\0\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e";
    let answer = [packet(b"packfile\n"), packet(&[&b"\x01"[..], empty].concat()), b"0000".to_vec()].concat();
    let page = Page::new(200, answer).header("Content-Type", "application/x-git-upload-pack-result");
    let place = Place::new(Module::new().repository);
    place.world.add_fault(Fault::answer(PACK, page).saying("command=fetch"));
    let repository = place.open().unwrap();
    let error = repository.history(&repository.refs(&[]).unwrap()).unwrap_err();
    assert!(matches!(error, GitError::Shallow { .. }), "{error}");
}

#[test]
fn an_attempt_that_failed_does_not_count() {
    let mut module = Module::new();
    for time in 0..300 {
        module.repository.commit("main", 1_700_000_100 + time, &files(3));
    }
    let place = Place::new(module.repository);
    // two steps a commit, and a tag
    let limits = Limits { history_bytes: 305 * 2 * 80, ..Limits::default() };
    let repository = place.open_with(Options { limits, ..Place::options() }).unwrap();
    let refs = repository.refs(&[]).unwrap();
    place.world.add_fault(Fault::cut(PACK, 20_000).times(1));
    assert_eq!(repository.history(&refs).unwrap().len(), 302);
}

#[test]
fn tags_of_files_and_folders_are_no_gap() {
    let mut module = Module::new();
    let blob = module.repository.write(gosum_world::repository::ObjectKind::Blob, "a key");
    module.repository.tag("key", blob);
    module.repository.annotated_tag("signed-key", blob, 1_700_000_200);
    let place = Place::new(module.repository);
    let repository = place.open().unwrap();
    let history = repository.history(&repository.refs(&[]).unwrap()).unwrap();
    assert!(history.gap().is_none(), "{:?}", history.gap());
}
