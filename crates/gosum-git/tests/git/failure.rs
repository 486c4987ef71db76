//! Servers, and ways to them, that fail.

use std::time::Duration;

use gosum_fetch::FetchError;
use gosum_git::{Bound, Filter, GitError, Limits, Options};
use gosum_world::fault::Fault;
use gosum_world::page::Page;

use crate::place::{Module, Place};

const REFS: &str = "git.example/*info/refs*";
const PACK: &str = "git.example/*git-upload-pack";

/// Opens the repository with a fault.
fn open(fault: Fault) -> (Result<(), GitError>, usize) {
    let place = Place::new(Module::new().repository);
    place.world.add_fault(fault);
    let got = place.open().map(drop);
    (got, place.world.log().len())
}

/// Fetches a tag with a fault.
fn fetch(fault: Fault, options: Options) -> (Result<(), GitError>, usize) {
    let module = Module::new();
    let place = Place::new(module.repository);
    let repository = place.open_with(options).unwrap();
    place.world.add_fault(fault);
    let got = repository.fetch(&[module.tag], Filter::None);
    let got = got.and_then(|mut fetched| match fetched.refused.pop_first() {
        Some((_, error)) => Err(std::sync::Arc::into_inner(error).unwrap()),
        None => Ok(()),
    });
    (got, place.requests().len())
}

fn status(status: u16) -> Page {
    Page::text(status, "because\x07 of the moon\n")
}

#[test]
fn refusals_are_told_apart_and_not_tried_again() {
    for code in [404, 410] {
        let (got, requests) = open(Fault::answer(REFS, status(code)));
        let Err(GitError::NotFound { status, said, .. }) = got else { panic!("{got:?}") };
        assert_eq!((status, said.words().unwrap().as_bytes()), (code, &b"because\x07 of the moon"[..]));
        assert_eq!(requests, 1);
    }
    for code in [401, 403, 451] {
        let (got, requests) = open(Fault::answer(REFS, status(code)));
        assert!(matches!(got, Err(GitError::Refused { status, .. }) if status == code), "{got:?}");
        assert_eq!(requests, 1);
    }
}

#[test]
fn passing_failures_are_tried_again() {
    for code in [429, 500, 503] {
        let (got, requests) = open(Fault::answer(REFS, status(code)).times(2));
        assert_eq!((got.is_ok(), requests), (true, 3), "{code}");
        let (got, requests) = open(Fault::answer(REFS, status(code)));
        assert!(matches!(got, Err(GitError::Status { status, .. }) if status == code), "{got:?}");
        assert_eq!(requests, 3);
    }
    for fault in [Fault::close(REFS), Fault::cut(REFS, 30)] {
        assert!(open(fault.clone().times(2)).0.is_ok(), "{fault:?}");
        let (got, _) = open(fault.clone());
        assert!(
            matches!(got, Err(GitError::Fetch(FetchError::Broken { .. } | FetchError::Length { .. }))),
            "{got:?}"
        );
    }
    for fault in [Fault::answer(PACK, status(503)), Fault::close(PACK), Fault::cut(PACK, 500)] {
        let (got, requests) = fetch(fault.times(2), Place::options());
        assert_eq!((got.is_ok(), requests), (true, 3), "{got:?}");
    }
}

#[test]
fn cut_packs_are_told_as_what_they_are() {
    for after in [0, 4, 100, 500] {
        let (got, _) = fetch(Fault::cut(PACK, after), Place::options());
        assert!(matches!(got, Err(GitError::Fetch(_) | GitError::Silent { .. })), "{after}: {got:?}");
    }
}

#[test]
fn stalled_packs_end_at_the_deadline() {
    let options = Options { timeout: Duration::from_millis(300), ..Place::options() };
    let (got, _) = fetch(Fault::stall(PACK, 300, None), options);
    assert!(matches!(got, Err(GitError::Fetch(FetchError::Deadline { .. }))), "{got:?}");
}

#[test]
fn everything_that_is_asked_of_a_repository_ends_at_the_bound() {
    let limits = Limits { seconds: 1, ..Limits::default() };
    for fault in [Fault::stall(PACK, 300, None), Fault::answer(PACK, status(503))] {
        let (got, _) = fetch(
            fault,
            Options {
                limits: limits.clone(),
                retry: gosum_fetch::Retry { retries: 20, base: Duration::from_millis(200) },
                ..Place::options()
            },
        );
        // a status is told as what it is, however often it came
        let status = matches!(got, Err(GitError::Status { status: 503, .. }));
        let time = matches!(got, Err(GitError::Limit { bound: Bound::Seconds, max: 1 }));
        assert!(status || time, "{got:?}");
    }
    let place = Place::new(Module::new().repository);
    place.world.add_fault(Fault::stall(REFS, 20, None));
    let got = place.open_with(Options { limits, ..Place::options() }).map(drop);
    assert!(matches!(got, Err(GitError::Limit { bound: Bound::Seconds, .. })), "{got:?}");
}

#[test]
fn endless_listings_end_at_the_bound() {
    let limits = Limits { listing_bytes: 10_000, ..Limits::default() };
    let place = Place::new(Module::new().repository);
    place.world.add_fault(Fault::endless(REFS));
    let got = place.open_with(Options { limits, ..Place::options() });
    assert!(matches!(got, Err(GitError::Limit { bound: Bound::ListingBytes, .. })), "{got:?}");
}

#[test]
fn packs_above_a_bound_are_not_read() {
    for (limits, expected) in [
        (Limits { pack_bytes: 500, ..Limits::default() }, Bound::PackBytes),
        (Limits { objects: 3, ..Limits::default() }, Bound::Objects),
        (Limits { object_bytes: 4000, ..Limits::default() }, Bound::ObjectBytes),
        (Limits { unpacked_bytes: 4000, ..Limits::default() }, Bound::UnpackedBytes),
        (Limits { kept_bytes: 300, ..Limits::default() }, Bound::KeptBytes),
    ] {
        let (got, requests) =
            fetch(Fault::delay(PACK, Duration::ZERO), Options { limits, ..Place::options() });
        assert!(
            matches!(got, Err(GitError::Limit { bound, .. }) if bound == expected),
            "{expected}: {got:?}"
        );
        assert_eq!(requests, 1);
    }
}

#[test]
fn commits_of_a_history_are_bounded() {
    let place = Place::new(Module::new().repository);
    let history = |history_bytes| {
        let limits = Limits { history_bytes, ..Limits::default() };
        let repository = place.open_with(Options { limits, ..Place::options() }).unwrap();
        repository.history(&repository.refs(&[]).unwrap())
    };
    assert_eq!(history(10_000).unwrap().len(), 2);
    let got = history(200);
    assert!(matches!(got, Err(GitError::Limit { bound: Bound::HistoryBytes, .. })), "{got:?}");
}

/// Returns an answer of the server's.
fn answer(packets: &[u8]) -> Page {
    Page::new(200, packets).header("Content-Type", "application/x-git-upload-pack-result")
}

/// Returns a packet line.
fn packet(content: &[u8]) -> Vec<u8> {
    [format!("{:04x}", content.len() + 4).as_bytes(), content].concat()
}

#[test]
fn words_of_the_server_are_passed_on() {
    let error_line = packet(b"ERR you may not");
    let side_band =
        [packet(b"packfile\n"), packet(b"\x02counting"), packet(b"\x03the disk is full\n"), b"0000".to_vec()]
            .concat();
    for (answered, words) in [(&error_line, &b"you may not"[..]), (&side_band, b"the disk is full")] {
        let (got, _) = fetch(Fault::answer(PACK, answer(answered)), Place::options());
        let Err(GitError::Remote { said, .. }) = got else { panic!("{got:?}") };
        assert_eq!(said.words().unwrap().as_bytes(), words);
    }
    for greeting in [
        packet(b"ERR go away"),
        [packet(b"# service=git-upload-pack\n"), b"0000".to_vec(), packet(b"ERR go away")].concat(),
    ] {
        let page =
            Page::new(200, greeting).header("Content-Type", "application/x-git-upload-pack-advertisement");
        let (got, _) = open(Fault::answer(REFS, page));
        assert!(
            matches!(&got, Err(GitError::Remote { said, .. }) if said.words().unwrap().as_bytes() == b"go away"),
            "{got:?}"
        );
    }
}

#[test]
fn servers_of_something_else_are_told() {
    for page in
        [Page::html(200, "<html>welcome</html>"), Page::text(200, "dumb http\n"), Page::new(200, "nothing")]
    {
        let (got, requests) = open(Fault::answer(REFS, page.clone()));
        assert!(matches!(got, Err(GitError::NotGit { .. })), "{got:?}");
        assert_eq!(requests, 1);
        let (got, _) = fetch(Fault::answer(PACK, page), Place::options());
        assert!(matches!(got, Err(GitError::NotGit { .. })), "{got:?}");
    }
}

#[test]
fn other_schemes_are_not_supported() {
    let place = Place::new(Module::new().repository);
    for url in ["git://git.example/a", "ftp://git.example/a"] {
        let client = gosum_fetch::Client::new(Default::default()).unwrap();
        let url = gosum_fetch::SafeUrl::parse(url).unwrap();
        let got = gosum_git::Repository::open(
            std::sync::Arc::new(client),
            url,
            Place::options(),
            place.hosts.clone(),
        );
        assert!(matches!(got, Err(GitError::Scheme { .. })), "{got:?}");
    }
}

#[test]
fn what_is_not_found_after_the_greeting_does_not_mean_that_there_is_no_repository() {
    for saying in ["command=ls-refs", "command=fetch"] {
        let module = Module::new();
        let place = Place::new(module.repository);
        place.world.add_fault(Fault::answer(PACK, status(404)).saying(saying));
        let repository = place.open().unwrap();
        let listed = repository.refs(&["refs/tags/"]).map(drop);
        let fetched = repository.fetch(&[module.tag], Filter::None).map(drop);
        let error = listed.and(fetched).unwrap_err();
        assert!(matches!(error, GitError::Status { status: 404, .. }), "{error}");
    }
}

/// A server that gives only what refs stand for, and a commit for which none does.
fn between() -> (Module, gosum_git::ObjectId) {
    let mut module = Module::new();
    let commit = |module: &mut Module, time: i64| {
        let files = crate::place::files(time as u32);
        crate::place::id(module.repository.commit("main", 1_700_000_100 + time, &files))
    };
    let between = commit(&mut module, 3);
    for time in 4..40 {
        commit(&mut module, time);
    }
    module.repository.policy.before_v2 = true;
    module.repository.policy.wants = gosum_world::git::Wants::Tips;
    (module, between)
}

#[test]
fn what_comes_with_all_branches_and_tags_alone_keeps_its_reason_and_loses_nothing_else() {
    let (module, between) = between();
    let place = Place::new(module.repository.clone());
    let repository =
        place.open_with(Options { timeout: Duration::from_secs(5), ..Place::options() }).unwrap();
    // the request for everything fails
    place.world.add_fault(Fault::answer(PACK, status(403)).every(2));
    let fetched = repository.fetch(&[module.tag, between], Filter::None).unwrap();
    assert!(fetched.objects.contains(&module.tag));
    let (id, error) = fetched.refused.iter().next().unwrap();
    assert_eq!((fetched.refused.len(), *id), (1, between));
    assert!(matches!(**error, GitError::Refused { status: 403, .. }), "{error}");
    // one that is too large says so
    let place = Place::new(module.repository);
    let limits = Limits { pack_bytes: 30_000, ..Limits::default() };
    let repository = place.open_with(Options { limits, ..Place::options() }).unwrap();
    let fetched = repository.fetch(&[module.tag, between], Filter::None).unwrap();
    let error = fetched.refused.values().next().unwrap();
    assert!(matches!(**error, GitError::Limit { bound: Bound::PackBytes, .. }), "{error}");
}
