//! Answers that are made to hurt.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use gosum_fetch::{Body, Fetch, FetchError, Method, Request, Response, SafeUrl};
use gosum_git::{Bound, Filter, GitError, Limits, NameFault, Options, Repository};
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::repository::{
    Commit, ObjectFormat, ObjectKind, Repository as WorldRepository, TreeEntry, mode,
};
use proptest::prelude::*;

use crate::place::{Module, Place, id};

/// Archives a commit of a tree that `write` makes.
fn archive(
    write: impl FnOnce(&mut WorldRepository) -> gosum_world::repository::ObjectId,
) -> Result<usize, GitError> {
    let mut repository = WorldRepository::new(ObjectFormat::Sha1);
    let tree = write(&mut repository);
    let commit = Commit { tree, parents: vec![], author_time: 0, committer_time: 0, message: String::new() };
    let commit = repository.write_commit(&commit);
    repository.tag("v1.0.0", commit);
    let place = Place::new(repository);
    let fetched = place.open().unwrap().fetch(&[id(commit)], Filter::None).unwrap();
    fetched.snapshot(id(commit)).unwrap().archive("").map(|tree| tree.files().len())
}

#[test]
fn names_that_lead_elsewhere_are_refused_anywhere_in_the_commit() {
    for (name, expected) in [
        ("..", NameFault::Relative),
        (".", NameFault::Relative),
        ("", NameFault::Empty),
        (".GIT", NameFault::DotGit),
        ("a/../../b", NameFault::Slash),
    ] {
        let got = archive(|repository| {
            let blob = repository.write(ObjectKind::Blob, "x");
            let inner = repository.write_tree(&[TreeEntry::new(mode::REGULAR, name, blob)]);
            repository.write_tree(&[TreeEntry::new(mode::FOLDER, "sub", inner)])
        });
        assert!(matches!(got, Err(GitError::Name { fault, .. }) if fault == expected), "{name}: {got:?}");
    }
}

#[test]
fn folders_that_are_used_again_and_again_end_at_the_bound() {
    for leaf in [mode::REGULAR, mode::SUBMODULE, mode::FOLDER] {
        let got = archive(|repository| {
            let blob = repository.write(ObjectKind::Blob, "x");
            let empty = repository.write_tree(&[]);
            let target = if leaf == mode::FOLDER { empty } else { blob };
            let ten_of = |mode, target| {
                let entry = |number: u8| TreeEntry::new(mode, [b'0' + number], target);
                (0..10).map(entry).collect::<Vec<_>>()
            };
            let mut tree = repository.write_tree(&ten_of(leaf, target));
            for _ in 0..15 {
                tree = repository.write_tree(&ten_of(mode::FOLDER, tree));
            }
            tree
        });
        assert!(matches!(got, Err(GitError::Limit { .. })), "{leaf}: {got:?}");
    }
}

#[test]
fn folders_without_end_are_refused() {
    let got = archive(|repository| {
        let mut tree = repository.write_tree(&[]);
        for _ in 0..2000 {
            tree = repository.write_tree(&[TreeEntry::new(mode::FOLDER, "a", tree)]);
        }
        tree
    });
    assert!(matches!(got, Err(GitError::Limit { .. })), "{got:?}");
}

#[test]
fn objects_of_the_wrong_kind_are_refused() {
    let got = archive(|repository| {
        let blob = repository.write(ObjectKind::Blob, "x");
        let folder = TreeEntry::new(mode::FOLDER, "a", blob);
        repository.write_tree(&[folder, TreeEntry::new(mode::REGULAR, "b", blob)])
    });
    assert!(matches!(got, Err(GitError::Object { .. })), "{got:?}");
    let got = archive(|repository| {
        let tree = repository.write_tree(&[]);
        repository.write_tree(&[TreeEntry::new(mode::REGULAR, "a", tree)])
    });
    assert!(got.is_err(), "{got:?}");
    let got = archive(|repository| repository.write(ObjectKind::Tree, "no tree at all"));
    assert!(got.is_err(), "{got:?}");
}

#[test]
fn greeting_with_a_link_to_no_ref_is_read() {
    // servers of protocol v0 tell where HEAD leads even when they do not list it
    let line = format!("{} refs/heads/x\0 side-band-64k symref=HEAD:refs/heads/main\n", "1".repeat(40));
    let greeting = format!("001e# service=git-upload-pack\n0000{:04x}{line}0000", line.len() + 4);
    let page = Page::new(200, greeting).header("Content-Type", "application/x-git-upload-pack-advertisement");
    let place = Place::new(Module::new().repository);
    place.world.add_fault(Fault::answer("*info/refs*", page));
    assert_eq!(place.open().unwrap().refs(&[]).unwrap().len(), 1);
}

/// A server that sends the head of a pack, and then the same piece again and again.
struct Endless {
    piece: &'static [u8],
}

impl Fetch for Endless {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let (kind, start, piece): (_, &[u8], _) = match request.method {
            Method::Get => ("advertisement", b"000eversion 2\n0012fetch=shallow\n0000", Vec::new()),
            Method::Post => {
                let piece = [format!("{:04x}\x01", self.piece.len() + 5).as_bytes(), self.piece].concat();
                ("result", b"000dpackfile\n0011\x01PACK\0\0\0\x02\0\x0f\xff\xff", piece)
            }
        };
        let kind = ("content-type".to_owned(), format!("application/x-git-upload-pack-{kind}"));
        let (url, max) = (request.url, request.max_bytes);
        let part = io::Cursor::new(start.to_vec());
        let reader = Repeating {
            part,
            piece,
            left: max,
            error: FetchError::TooLarge { url: url.clone(), max }.into(),
        };
        let body = Body::new(Box::new(reader), None);
        Ok(Response { status: 200, url, headers: [kind].into_iter().collect(), body })
    }
}

struct Repeating {
    part: io::Cursor<Vec<u8>>,
    piece: Vec<u8>,
    left: u64,
    error: io::Error,
}

impl Read for Repeating {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.part.read(buffer)?;
        if count == 0 && !self.piece.is_empty() {
            self.part = io::Cursor::new(self.piece.clone());
            count = self.part.read(buffer)?;
        }
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(std::mem::replace(&mut self.error, io::ErrorKind::Other.into())),
        }
        Ok(count)
    }
}

#[test]
fn packs_without_end_are_read_up_to_the_bound() {
    let limits = Limits { pack_bytes: 1 << 20, objects: u32::MAX.into(), ..Limits::default() };
    for piece in [
        &b"\x30\x78\x9c\x03\0\0\0\0\x01"[..], // an empty blob
        b"",
        b"\x80",
    ] {
        let url = SafeUrl::parse("https://git.example/a").unwrap();
        let options =
            Options { limits: limits.clone(), timeout: Duration::from_secs(20), ..Place::options() };
        let repository = Repository::open(Arc::new(Endless { piece }), url, options, Arc::default()).unwrap();
        let want = gosum_git::ObjectId::parse(&"12".repeat(20)).unwrap();
        let got = repository.fetch(&[want], Filter::None);
        assert!(
            matches!(got, Err(GitError::Limit { bound: Bound::PackBytes, .. } | GitError::Pack(_))),
            "{piece:?} {got:?}"
        );
    }
}

/// Does everything that can be done with a repository whose answers are `bodies`.
fn ask_everything(refs: &str, greeting: Vec<u8>, answer: Vec<u8>) {
    let module = Module::new();
    let place = Place::new(module.repository);
    let page = Page::new(200, greeting).header("Content-Type", "application/x-git-upload-pack-advertisement");
    place.world.add_fault(Fault::answer(refs, page));
    let page = Page::new(200, answer).header("Content-Type", "application/x-git-upload-pack-result");
    place.world.add_fault(Fault::answer("*git-upload-pack", page));
    let Ok(repository) = place.open() else { return };
    if let Ok(refs) = repository.refs(&["refs/"]) {
        let _ = repository.history(&refs);
    }
    if let Ok(fetched) = repository.fetch(&[module.tag], Filter::None)
        && let Ok(snapshot) = fetched.snapshot(module.tag)
    {
        let _ = snapshot.archive("");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_whatever_the_server_says(
        lines in prop::collection::vec(prop_oneof![
            Just("0000".to_owned()), Just("0001".to_owned()), Just("0002".to_owned()), Just("0003".to_owned()), Just("0004".to_owned()),
            "(version 2|version 1|# service=git-upload-pack|ls-refs|fetch=shallow filter|packfile|shallow-info|NAK|ACK x|ERR no|shallow 1{40}|object-format=sha256)\n?"
                .prop_map(|line| format!("{:04x}{line}", line.len() + 4)),
            "(0{40}|1{40}|a{64}) (HEAD|refs/tags/v1|capabilities|)(\\^\\{\\})?( peeled:1{40})?(\\x00 ?(symref=HEAD:refs/heads/m|side-band-64k|shallow filter|))?\n"
                .prop_map(|line| format!("{:04x}{line}", line.len() + 4)),
            "\\PC{0,8}", "[0-9a-f]{4}.{0,6}",
            Just("000a\u{1}PACK\u{0}".to_owned()), Just("000a\u{3}oops\n".to_owned()),
        ], 0..9),
        split in 0_usize..9,
        known in any::<bool>(),
    ) {
        let split = split.min(lines.len());
        let greeting = lines[..split].concat().into_bytes();
        let answer = lines[split..].concat().into_bytes();
        // half of the time the server greets as it should
        ask_everything(if known { "nowhere" } else { "*info/refs*" }, greeting, answer);
    }
}
