//! What a zip has that its hash does not cover.

use std::io::Write as _;

use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::content::ContentReader;
use gosum_mod::zip::hash::zip_h1;
use gosum_mod::zip::irregular::Irregularity;
use zip::write::SimpleFileOptions;

use crate::raw::{Parts, RawEntry, archive};

const MOST: usize = 100;

fn found(zip: &[u8]) -> Vec<String> {
    let archive = Archive::open(zip).unwrap();
    archive.irregularities(MOST).unwrap().iter().map(Irregularity::to_string).collect()
}

fn three() -> [RawEntry; 3] {
    [RawEntry::new("a", b"content"), RawEntry::new("b", b"more content"), RawEntry::new("c/d", b"")]
}

/// Returns a zip as another program writes it: with data descriptors, unless it can go back.
fn written(streamed: bool) -> Vec<u8> {
    let text = "text that can be compressed, text that can be compressed\n".repeat(3);
    let options = SimpleFileOptions::default();
    let names = ["m@v1.0.0/a.go", "m@v1.0.0/b/b.go", "m@v1.0.0/go.mod"];
    let mut bytes = std::io::Cursor::new(Vec::new());
    if streamed {
        let mut writer = zip::ZipWriter::new_stream(&mut bytes);
        for name in names {
            writer.start_file(name, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
    } else {
        let mut writer = zip::ZipWriter::new(&mut bytes);
        for name in names {
            writer.start_file(name, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
    }
    bytes.into_inner()
}

#[test]
fn a_plain_zip_has_nothing_irregular() {
    assert_eq!(found(&archive(&three())), [""; 0]);
    assert_eq!(found(&archive(&[])), [""; 0]);
    for streamed in [false, true] {
        assert_eq!(found(&written(streamed)), [""; 0], "{streamed}");
    }
}

#[test]
fn bytes_that_belong_to_nothing_are_found() {
    let zip = archive(&three());
    assert_eq!(found(&[b"#!/bin/sh\n", &zip[..]].concat()), ["10 bytes stand before the first entry"]);
    assert_eq!(found(&[&zip[..], b"tail"].concat()), ["4 bytes follow the end of the archive"]);

    let mut gap = three();
    gap[0].packed.extend(b"hidden");
    assert_eq!(found(&archive(&gap)), ["6 bytes at 40 belong to no entry"]);

    let parts = Parts::new(&three());
    let end = parts.end(parts.directory.len() as u32 + 5, parts.bodies.len() as u32);
    let zip = [&parts.bodies[..], &parts.directory, b"wedge", &end].concat();
    let at = parts.bodies.len() + parts.directory.len();
    let size = "the size of the directory of the end record cannot be".to_owned();
    assert_eq!(found(&zip), [size, format!("5 bytes at {at} belong to no entry")]);
}

#[test]
fn entries_that_share_bytes_or_names_are_found() {
    let [a, b, c] = three();
    let shared = RawEntry { same_as: Some(0), ..a.clone() };
    let names = found(&archive(&[a.clone(), b, c, shared]));
    assert_eq!(names, [r#""a" is there more than once"#, r#""a" lies where something else lies too"#]);
    let twice = found(&archive(&[a.clone(), a]));
    assert_eq!(twice, [r#""a" is there more than once"#]);
}

#[test]
fn a_local_header_that_says_something_else_is_found() {
    let zip = archive(&three());
    for (at, field) in [
        (4, "version"),
        (6, "set of flags"),
        (8, "method"),
        (10, "time"),
        (14, "checksum"),
        (18, "compressed size"),
        (22, "size"),
        (30, "name"),
    ] {
        let mut zip = zip.clone();
        zip[at] ^= 0x40;
        let message = format!("the {field} of \"a\" before its content is not that of the directory");
        assert_eq!(found(&zip), [message]);
    }
}

#[test]
fn every_byte_of_a_zip_is_covered() {
    for zip in [written(false), written(true), archive(&three())] {
        let sound = zip_h1(&Archive::open(&*zip).unwrap()).unwrap();
        let is_seen = |zip: &[u8]| {
            let Ok(archive) = Archive::open(zip) else { return true };
            let mut reader = ContentReader::new();
            let is_read = |entry: gosum_mod::zip::archive::Entry<'_, _>| {
                entry.read(&mut reader, |_| ()).is_ok() && reader.unread() == 0
            };
            !archive.entries().all(is_read)
                || zip_h1(&archive).ok() != Some(sound)
                || !archive.irregularities(MOST).unwrap().is_empty()
        };
        assert!(!is_seen(&zip));
        // permissions, where they are set, may be anything
        let permissions = |at: usize| {
            let header = zip[..at].windows(4).rposition(|bytes| bytes == b"PK\x01\x02");
            header.is_some_and(|header| at == header + 40 && zip[at] != 0)
        };
        for at in (0..zip.len()).filter(|at| !permissions(*at)) {
            let mut flipped = zip.clone();
            flipped[at] ^= 0xff;
            assert!(is_seen(&flipped), "byte {at} of {}", zip.len());
        }
    }
}

#[test]
fn what_follows_a_deflate_stream_is_told_by_the_reader() {
    let mut entry = RawEntry::new("a", b"content");
    entry.packed.extend(b"hidden");
    entry.compressed += 6;
    let zip = archive(&[entry, RawEntry::new("b", b"content")]);
    let archive = Archive::open(zip).unwrap();
    let mut reader = ContentReader::new();
    let unread: Vec<u64> = archive
        .entries()
        .map(|entry| {
            entry.read(&mut reader, |_| ()).unwrap();
            reader.unread()
        })
        .collect();
    assert_eq!(unread, [6, 0]);
    assert!(archive.irregularities(MOST).unwrap().is_empty());
}

#[test]
fn no_more_is_listed_than_is_wanted() {
    let many = vec![RawEntry::new("a", b""); 1000];
    assert_eq!(Archive::open(archive(&many)).unwrap().irregularities(7).unwrap().len(), 7);
}
