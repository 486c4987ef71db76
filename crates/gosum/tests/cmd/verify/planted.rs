//! Changes that are planted in a cache, and that must be found.

use std::fs;
use std::path::Path;

use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::Artifact;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::hash::zip_h1;

use super::machine::{A, A2, B, Machine, position, rezipped};

/// What is planted, the rules that find it, and a part of what they say.
type Planted = (&'static str, fn(&Machine), &'static [&'static str], &'static str);

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

/// Flips the lowest bit of the byte so far behind where `mark` first is.
fn flip(bytes: &mut [u8], mark: &[u8], behind: usize) {
    let at = position(bytes, mark);
    bytes[at + behind] ^= 1;
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

fn replace_zip(machine: &Machine, zip: Vec<u8>) {
    fs::write(machine.file(A, "zip"), zip).unwrap();
}

fn rezip(machine: &Machine, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) {
    replace_zip(machine, rezipped(machine.release(A), change));
}

/// Puts another zip there, with its files, and the ziphash that goes with it.
fn replace_all(machine: &Machine) {
    let tampered = machine.release(A).clone().tampered("a.go", "package a // evil\n");
    machine.cache.add(&tampered).unwrap();
}

/// Returns the zip with one entry twice: the name of the second one is that of the first.
fn duplicated(machine: &Machine) -> Vec<u8> {
    let mut zip = rezipped(machine.release(A), |entries| {
        let (name, content) = entries[0].clone();
        entries.push((name.replace("a.go", "z.go"), content));
    });
    let name = format!("{A}/z.go");
    while let Some(at) = zip.windows(name.len()).position(|window| window == name.as_bytes()) {
        zip[at + name.len() - 4] = b'a';
    }
    zip
}

const ZIPS: &[Planted] = &[
    (
        "a byte of compressed content",
        |machine| machine.change(A, "zip", |zip| zip[30 + A.len() + 5 + 9] ^= 1),
        &["cached-zip-damaged"],
        "v1.0.0.zip has no hash: cannot read",
    ),
    (
        "a byte of a stored entry, with its checksum",
        |machine| {
            // `LICENSE` of B, stored anew with another text and all that goes with it
            let zip = rezipped(machine.release(B), |entries| {
                let at = entries.iter().position(|(name, _)| name.ends_with("LICENSE")).unwrap();
                entries[at].1 = b"fref\n".to_vec();
            });
            fs::write(machine.file(B, "zip"), zip).unwrap();
        },
        &["cached-tree-differs", "cached-zip-differs", "cached-ziphash-differs"],
        r#""LICENSE" is changed"#,
    ),
    (
        "a byte of a local header",
        |machine| machine.change(A, "zip", |zip| flip(zip, LOCAL, 11)),
        &["cached-zip-irregular"],
        "the time of",
    ),
    (
        "a byte of the central directory that nobody reads",
        |machine| machine.change(A, "zip", |zip| flip(zip, CENTRAL, 36)),
        &["cached-zip-irregular"],
        "the kind of text of",
    ),
    (
        "a name in the central directory",
        |machine| {
            machine.change(A, "zip", |zip| {
                let at = position(zip, CENTRAL) + 46 + A.len() + 1;
                zip[at] ^= 1;
            });
        },
        &[
            "cached-tree-differs",
            "cached-zip-differs",
            "cached-zip-invalid",
            "cached-zip-irregular",
            "cached-ziphash-differs",
        ],
        "the name of",
    ),
    (
        "an entry added",
        |machine| rezip(machine, |entries| entries.push((format!("{A}/evil.go"), b"package a\n".to_vec()))),
        &["cached-tree-differs", "cached-zip-differs", "cached-ziphash-differs"],
        r#""evil.go" is missing"#,
    ),
    (
        "an entry removed",
        |machine| rezip(machine, |entries| drop(entries.remove(0))),
        &["cached-tree-differs", "cached-zip-differs", "cached-ziphash-differs"],
        r#""a.go" is added; as it is, it hashes to what go.sum records"#,
    ),
    (
        "an entry renamed",
        |machine| rezip(machine, |entries| entries[0].0 = format!("{A}/c.go")),
        &["cached-tree-differs", "cached-zip-differs", "cached-ziphash-differs"],
        r#""a.go" is added, "c.go" is missing"#,
    ),
    (
        "an entry duplicated",
        |machine| replace_zip(machine, duplicated(machine)),
        &["cached-zip-differs", "cached-zip-invalid", "cached-zip-irregular", "cached-ziphash-differs"],
        "is there more than once",
    ),
    (
        "data appended",
        |machine| machine.change(A, "zip", |zip| zip.extend(b"tail")),
        &["cached-zip-irregular"],
        "4 bytes follow the end of the archive",
    ),
    (
        "data prefixed",
        |machine| machine.change(A, "zip", |zip| drop(zip.splice(..0, *b"#!/bin/sh\n"))),
        &["cached-zip-irregular"],
        "10 bytes stand before the first entry",
    ),
    (
        "zip and ziphash replaced together",
        |machine| {
            let tampered = machine.release(A).clone().tampered("a.go", "package a // evil\n");
            replace_zip(machine, tampered.zip());
            fs::write(machine.file(A, "ziphash"), tampered.zip_h1().to_string()).unwrap();
        },
        &["cached-tree-differs", "cached-zip-differs"],
        "the ziphash beside it says the same as the zip",
    ),
    ("zip, ziphash and files replaced together", replace_all, &["cached-zip-differs"], "and go.sum records"),
    (
        "ziphash of another version",
        |machine| copy(&machine.file(A2, "ziphash"), &machine.file(A, "ziphash")),
        &["cached-ziphash-differs"],
        "and the zip beside it hashes to",
    ),
    (
        "ziphash empty",
        |machine| fs::write(machine.file(A, "ziphash"), "").unwrap(),
        &["cached-ziphash-differs"],
        "is no hash: it is empty",
    ),
    (
        "ziphash without a zip",
        |machine| fs::remove_file(machine.file(A, "zip")).unwrap(),
        &["cached-partial"],
        "a ziphash without its zip",
    ),
    (
        "zip truncated",
        |machine| machine.change(A, "zip", |zip| zip.truncate(zip.len() - 30)),
        &["cached-zip-damaged"],
        "has no hash: not a valid zip archive",
    ),
    (
        "zip cut to nothing",
        |machine| fs::write(machine.file(A, "zip"), "").unwrap(),
        &["cached-zip-damaged"],
        "has no hash: not a valid zip archive",
    ),
    (
        "zip of another version",
        |machine| copy(&machine.file(A2, "zip"), &machine.file(A, "zip")),
        &["cached-tree-differs", "cached-zip-differs", "cached-zip-invalid", "cached-ziphash-differs"],
        "lies outside example.com/a@v1.0.0/",
    ),
];

const FILES: &[Planted] = &[
    (
        ".mod changed",
        |machine| machine.change(A, "mod", |text| text.extend(b"// evil\n")),
        &["cached-mod-differs"],
        "v1.0.0.mod hashes to",
    ),
    (
        ".mod of another module",
        |machine| copy(&machine.file(B, "mod"), &machine.file(A, "mod")),
        &["cached-mod-differs"],
        "v1.0.0.mod hashes to",
    ),
    (
        ".info changed",
        |machine| machine.change(B, "info", |text| flip(text, b"2023", 3)),
        &["cached-info-differs"],
        "its time 20221114221320 is not the 20231114221320 of the version",
    ),
    (
        ".info of another version",
        |machine| copy(&machine.file(A2, "info"), &machine.file(A, "info")),
        &["cached-info-differs"],
        r#"v1.0.0.info: it is of version "v1.1.0""#,
    ),
    (
        "a file in the tree changed",
        |machine| fs::write(machine.folder(A).join("sub/b.go"), "package evil\n").unwrap(),
        &["cached-tree-differs"],
        r#"example.com/a@v1.0.0 is not what its zip unpacks to: "sub/b.go" is changed"#,
    ),
    (
        "a byte behind the end of a file in the tree",
        |machine| {
            let file = machine.folder(A).join("a.go");
            let mut text = fs::read(&file).unwrap();
            text.push(b'\n');
            fs::write(file, text).unwrap();
        },
        &["cached-tree-differs"],
        r#""a.go" is changed"#,
    ),
    (
        "something in an empty file in the tree",
        |machine| fs::write(machine.folder(A).join("empty"), "x").unwrap(),
        &["cached-tree-differs"],
        r#""empty" is changed"#,
    ),
    (
        "a file added to the tree",
        |machine| fs::write(machine.folder(A).join("sub/.evil"), "").unwrap(),
        &["cached-tree-differs"],
        r#""sub/.evil" is added"#,
    ),
    (
        "a file removed from the tree",
        |machine| fs::remove_file(machine.folder(A).join("go.mod")).unwrap(),
        &["cached-tree-differs"],
        r#""go.mod" is missing"#,
    ),
    (
        "a file made a directory",
        |machine| {
            let file = machine.folder(A).join("empty");
            fs::remove_file(&file).unwrap();
            fs::create_dir(&file).unwrap();
        },
        &["cached-tree-differs"],
        r#""empty" is a folder"#,
    ),
    (
        "a tree of another version",
        |machine| copy(&machine.folder(A2).join("a.go"), &machine.folder(A).join("a.go")),
        &["cached-tree-differs"],
        r#""a.go" is changed"#,
    ),
    (
        "a tree without its zip changed",
        |machine| {
            fs::remove_file(machine.file(A, "zip")).unwrap();
            fs::remove_file(machine.file(A, "ziphash")).unwrap();
            fs::write(machine.folder(A).join("a.go"), "package evil\n").unwrap();
        },
        &["cached-tree-differs"],
        "example.com/a@v1.0.0 hashes to h1:",
    ),
    (
        "a partial download left behind",
        |machine| fs::write(machine.file(A, "zip1234.tmp"), "half").unwrap(),
        &["cached-partial"],
        "v1.0.0.zip1234.tmp",
    ),
    (
        "an unpacking left behind",
        |machine| {
            fs::write(machine.file(A, "partial"), "").unwrap();
            fs::remove_file(machine.folder(A).join("a.go")).unwrap();
        },
        &["cached-partial"],
        "v1.0.0.partial",
    ),
    (
        "a go.sum line of a zip edited",
        |machine| {
            let other = machine.release(A2).sum(Artifact::Zip).replace("v1.1.0", "v1.0.0");
            machine.write_go_sum(&machine.go_sum().replace(&machine.release(A).sum(Artifact::Zip), &other));
        },
        &["cached-zip-differs"],
        "the ziphash beside it says the same as the zip",
    ),
    (
        "a go.sum line of a go.mod edited",
        |machine| {
            let other = machine.release(B).sum(Artifact::GoMod);
            let hash = other.split(' ').next_back().unwrap().trim_end();
            let line = machine.release(A).sum(Artifact::GoMod);
            let edited = format!("example.com/a v1.0.0/go.mod {hash}\n");
            machine.write_go_sum(&machine.go_sum().replace(&line, &edited));
        },
        &["cached-mod-differs"],
        "and go.sum records",
    ),
    (
        "a go.sum line of a go.mod removed",
        |machine| {
            let line = machine.release(A).sum(Artifact::GoMod);
            machine.write_go_sum(&machine.go_sum().replace(&line, ""));
        },
        &["go-sum-lacks-line"],
        "go.mod requires it, and go.sum has no line for its go.mod",
    ),
    (
        "both go.sum lines of a version removed",
        |machine| {
            let text = machine.go_sum();
            let kept: Vec<&str> =
                text.split_inclusive('\n').filter(|line| !line.contains("/a v1.0.0")).collect();
            machine.write_go_sum(&kept.concat());
        },
        &["go-sum-lacks-line"],
        "go.mod requires it, and go.sum has no line for its go.mod",
    ),
    (
        "a go.sum line of a zip removed",
        |machine| {
            let line = machine.release(A).sum(Artifact::Zip);
            machine.write_go_sum(&machine.go_sum().replace(&line, ""));
        },
        &["go-sum-lacks-line"],
        "its zip is in the cache, and go.sum has no line for the zip",
    ),
    (
        "a go.sum line doubled with another hash",
        |machine| {
            let other = machine.release(A2).sum(Artifact::Zip).replace("v1.1.0", "v1.0.0");
            machine.write_go_sum(&(machine.go_sum() + &other));
        },
        &["go-sum-two-hashes"],
        "records another hash for the same artifact",
    ),
    (
        "a merge left half done",
        |machine| machine.write_go_sum(&format!("<<<<<<< HEAD\n{}", machine.go_sum())),
        &["go-sum-conflict"],
        "",
    ),
];

/// Rules whose findings alone fail nothing.
const WARN: [&str; 2] = ["cached-partial", "cached-zip-irregular"];

fn all_are_found(planted: &[Planted]) {
    for (what, plant, expected, says) in planted {
        let machine = Machine::new();
        plant(&machine);
        let (code, codes, messages) = machine.found("");
        assert_eq!(codes, *expected, "{what}: {messages}");
        assert!(messages.contains(says), "{what}: {messages}");
        let only_warns = says.starts_with("its time")
            || *what == "a go.sum line of a zip removed"
            || expected.iter().all(|code| WARN.contains(code));
        assert_eq!(code, if only_warns { 0 } else { 1 }, "{what}");
    }
}

#[test]
fn changes_of_zips_are_found() {
    all_are_found(ZIPS);
}

#[test]
fn changes_of_other_files_are_found() {
    all_are_found(FILES);
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file_whatever_it_leads_to() {
    let machine = Machine::new();
    let file = machine.folder(A).join("a.go");
    let elsewhere = machine.place.path("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (1, vec!["cached-tree-differs".to_owned()]));
    assert!(
        messages.contains(r#""a.go" is a link; as it is, it hashes to what go.sum records"#),
        "{messages}"
    );
    // and so is one that leads to itself
    let machine = Machine::new();
    std::os::unix::fs::symlink(".", machine.folder(A).join("sub/loop")).unwrap();
    let (_, _, messages) = machine.found("");
    assert!(messages.contains(r#""sub/loop" is a link"#), "{messages}");
    // and the folder itself
    let machine = Machine::new();
    fs::rename(machine.folder(A), elsewhere.with_extension("d")).unwrap();
    std::os::unix::fs::symlink(elsewhere.with_extension("d"), machine.folder(A)).unwrap();
    let (_, _, messages) = machine.found("");
    assert!(messages.contains(r#""." is a link"#), "{messages}");
}

#[test]
fn every_byte_of_a_zip_counts() {
    let machine = Machine::new();
    let whole = fs::read(machine.file(A, "zip")).unwrap();
    let h1: H1 = zip_h1(&Archive::open(&*whole).unwrap()).unwrap();
    assert_eq!(h1, machine.release(A).zip_h1());
    // where permissions stand, which may be any, no byte is as good as another
    let free = |at: usize| {
        let header = whole[..at].windows(4).rposition(|bytes| bytes == CENTRAL);
        header.is_some_and(|header| at == header + 40)
    };
    for at in (0..whole.len()).step_by(7).filter(|at| !free(*at)) {
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        fs::write(machine.file(A, "zip"), changed).unwrap();
        let (_, codes, _) = machine.found("");
        assert!(!codes.is_empty(), "byte {at} of {}", whole.len());
    }
}

#[test]
fn the_checksum_database_in_the_cache_tells_whose_hash_is_in_question() {
    let machine = Machine::new().with_database();
    // the lines of one version have the hashes of another
    let line = |module, artifact| machine.release(module).sum(artifact);
    let hash = |module, artifact| line(module, artifact).rsplit_once(' ').unwrap().1.to_owned();
    let edited = [Artifact::Zip, Artifact::GoMod].map(|artifact| {
        let (right, wrong) = (hash(A, artifact), hash(B, artifact));
        (line(A, artifact), line(A, artifact).replace(&right, &wrong))
    });
    let text = edited.iter().fold(machine.go_sum(), |text, (right, wrong)| text.replace(right, wrong));
    machine.write_go_sum(&text);
    let done = machine.run("");
    assert_eq!(done.code, 1, "{done:?}");
    let ends = "so that the line of go.sum is the one in question\n    help: keep the cache: ";
    assert_eq!(done.stdout.matches(ends).count(), 2, "{}", done.stdout);
    assert!(!done.stdout.contains("clean -modcache") && !done.stdout.contains("delete"), "{}", done.stdout);
    // the same cache without the database tells nothing
    fs::remove_dir_all(machine.place.path("gopath/pkg/mod/cache/download/sumdb")).unwrap();
    let done = machine.run("");
    assert!(!done.stdout.contains("in question"), "{}", done.stdout);
}

#[test]
fn the_checksum_database_in_the_cache_is_held_against_itself() {
    let sumdb = "gopath/pkg/mod/cache/download/sumdb/sum.example";
    let machine = Machine::new().with_database();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    assert_eq!(report["counts"]["records"], 303);

    let tile = machine.place.path(&format!("{sumdb}/tile/8/0/000"));
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (1, vec!["cached-tile-differs".to_owned()]), "{messages}");
    assert!(messages.contains("sumdb/sum.example/tile/8/0/000: its hash is"), "{messages}");

    let machine = Machine::new().with_database();
    let lookup = machine.place.path(&format!("{sumdb}/lookup/example.com/a@v1.0.0"));
    let changed = fs::read_to_string(&lookup).unwrap().replacen("h1:", "h1:AAAA", 1);
    fs::write(&lookup, changed).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!(code, 1);
    assert_eq!(codes, ["cached-record-differs", "cached-tile-differs"], "{messages}");

    let machine = Machine::new().with_database();
    let latest = machine.place.path("gopath/pkg/sumdb/sum.example/latest");
    let forged = fs::read_to_string(&latest).unwrap().replacen("303", "304", 1);
    fs::write(&latest, forged).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (1, vec!["cached-tile-differs".to_owned()]), "{messages}");
    assert!(messages.contains("latest: its tree head is not to be believed"), "{messages}");

    // a cut tile
    let machine = Machine::new().with_database();
    let tile = machine.place.path(&format!("{sumdb}/tile/8/0/000"));
    fs::write(&tile, [0; 33]).unwrap();
    let (_, _, messages) = machine.found("");
    assert!(messages.contains("it has 33 bytes, and such a tile has 8192"), "{messages}");
}
