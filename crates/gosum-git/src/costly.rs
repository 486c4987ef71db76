//! Objects that are made to cost much.

#[cfg(target_os = "linux")]
use std::io::Write;
use std::sync::Arc;

use gix::hash::Kind::Sha1;

use crate::limits::{Bound, Limits};
use crate::object::tests::tree;
use crate::objects::Objects;
#[cfg(target_os = "linux")]
use crate::pack::sample::sealed;
use crate::pack::sample::{PackWriter, id_of};
use crate::pack::{Kind, PackError, Storage};
use crate::snapshot::Snapshot;
use crate::{GitError, ObjectId};

/// The largest object that is kept in memory.
const BIG: usize = 16 << 20;

fn objects(limits: &Limits) -> Objects {
    Objects::new(Sha1, limits.clone(), Storage::default(), None)
}

fn size(delta: &mut Vec<u8>, mut size: usize) {
    while size >= 0x80 {
        delta.push(size as u8 | 0x80);
        size >>= 7;
    }
    delta.push(size as u8);
}

/// Returns a delta that puts one byte before a large object, and takes one from its end.
fn shift(byte: u8) -> Vec<u8> {
    let mut delta = Vec::new();
    size(&mut delta, BIG);
    size(&mut delta, BIG);
    delta.extend([1, byte, 0xf0, 0xff, 0xff, 0xff]);
    delta
}

/// Returns a delta on an object of `base` bytes that makes `text`.
fn instead(base: usize, text: &[u8]) -> Vec<u8> {
    let mut delta = Vec::new();
    size(&mut delta, base);
    size(&mut delta, text.len());
    for part in text.chunks(127) {
        delta.push(part.len() as u8);
        delta.extend(part);
    }
    delta
}

/// Writes a chain of large objects, and returns where the last one is.
fn chain(pack: &mut PackWriter, links: u8) -> u64 {
    let first = pack.whole(Kind::Blob, &vec![0; BIG]);
    (0..links).fold(first, |at, byte| pack.offset_delta(at, &shift(byte)))
}

/// Writes a commit of `entries`, and returns its id.
fn commit(pack: &mut PackWriter, entries: &[(&str, &[u8], ObjectId)]) -> ObjectId {
    let root = tree(entries);
    pack.whole(Kind::Tree, &root);
    let root = id_of(Sha1, Kind::Tree, &root);
    let commit = format!("tree {root}\nauthor A <a> 5 +0000\ncommitter A <a> 5 +0000\n\nx\n").into_bytes();
    pack.whole(Kind::Commit, &commit);
    id_of(Sha1, Kind::Commit, &commit)
}

fn snapshot(pack: PackWriter, commit: ObjectId, limits: &Limits) -> Snapshot {
    let mut objects = objects(limits);
    objects.receive(&mut &pack.finish()[..], limits).unwrap();
    Snapshot::new(&Arc::new(objects), commit).unwrap()
}

#[test]
fn files_on_a_long_chain_are_made_from_what_is_kept_of_it_and_within_a_bound() {
    // a hundred files on thirty links: fifty GB if each were made from the bottom
    let limits = Limits { remade_bytes: 6 << 30, ..Limits::default() };
    let write = |pack: &mut PackWriter| {
        let at = chain(pack, 30);
        let attributes = b"* ident\n";
        pack.whole(Kind::Blob, attributes);
        let mut files = vec![(".gitattributes".to_owned(), id_of(Sha1, Kind::Blob, attributes))];
        for number in 0..100 {
            let text = format!("file {number}\n").into_bytes();
            pack.offset_delta(at, &instead(BIG, &text));
            files.push((format!("f{number:05}"), id_of(Sha1, Kind::Blob, &text)));
        }
        let entries: Vec<_> = files.iter().map(|(name, id)| ("100644", name.as_bytes(), *id)).collect();
        commit(pack, &entries)
    };
    let mut pack = PackWriter::new(Sha1);
    let id = write(&mut pack);
    assert_eq!(snapshot(pack, id, &limits).archive("").unwrap().files().len(), 101);
    let mut pack = PackWriter::new(Sha1);
    let id = write(&mut pack);
    let few = Limits { remade_bytes: 400 << 20, ..Limits::default() };
    let error = snapshot(pack, id, &few).archive("").unwrap_err();
    assert!(matches!(error, GitError::Limit { bound: Bound::RemadeBytes, .. }), "{error}");
}

#[test]
fn attributes_that_many_folders_have_are_read_once_and_parsing_counts() {
    let write = |pack: &mut PackWriter, distinct: bool| {
        let mut folders = Vec::new();
        for number in 0..50 {
            let text = b"*.x ident\n".repeat(if distinct { 10_000 + number } else { 10_000 });
            pack.whole(Kind::Blob, &text);
            let inner = tree(&[("100644", b".gitattributes", id_of(Sha1, Kind::Blob, &text))]);
            pack.whole(Kind::Tree, &inner);
            folders.push((format!("d{number:03}"), id_of(Sha1, Kind::Tree, &inner)));
        }
        let entries: Vec<_> = folders.iter().map(|(name, id)| ("40000", name.as_bytes(), *id)).collect();
        commit(pack, &entries)
    };
    let limits = Limits { attribute_steps: 4_000_000, ..Limits::default() };
    let archive = |distinct: bool| {
        let mut pack = PackWriter::new(Sha1);
        let id = write(&mut pack, distinct);
        snapshot(pack, id, &limits).archive("").map(|tree| tree.files().len())
    };
    assert_eq!(archive(false).unwrap(), 50);
    let error = archive(true).unwrap_err();
    assert!(matches!(error, GitError::Limit { bound: Bound::AttributeSteps, .. }), "{error}");
}

/// Does `work`, and returns how many files were open at once meanwhile.
#[cfg(target_os = "linux")]
fn watch<T>(work: impl FnOnce() -> T) -> (T, usize) {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
    let open = || {
        let all = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok);
        let is_deleted = |path: &std::path::PathBuf| path.to_string_lossy().ends_with("(deleted)");
        all.filter_map(|entry| std::fs::read_link(entry.path()).ok()).filter(is_deleted).count()
    };
    let (stop, most) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(SeqCst) {
                most.fetch_max(open(), SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        let done = work();
        stop.store(true, SeqCst);
        (done, most.load(SeqCst))
    })
}

#[cfg(target_os = "linux")]
#[test]
fn large_objects_are_not_all_open_at_once() {
    let count: u32 = 60;
    let mut deflater = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    deflater.write_all(&vec![0; BIG + 1]).unwrap();
    let stream = deflater.finish().unwrap();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(count.to_be_bytes());
    for _ in 0..count {
        let (mut left, mut byte) = ((BIG + 1) >> 4, 0x30 | ((BIG + 1) & 15) as u8);
        while left > 0 {
            pack.push(byte | 0x80);
            byte = (left & 0x7f) as u8;
            left >>= 7;
        }
        pack.push(byte);
        pack.extend(&stream);
    }
    let pack = sealed(pack, Sha1);
    let limits = Limits::default();
    let (received, open) = watch(|| objects(&limits).receive(&mut &pack[..], &limits));
    received.unwrap();
    // other tests run beside this one
    assert!(open < 40, "{open}");
}

#[cfg(target_os = "linux")]
#[test]
fn chains_of_objects_on_disk_end_at_a_bound() {
    let mut pack = PackWriter::new(Sha1);
    let mut data = vec![0; BIG];
    pack.whole(Kind::Blob, &data);
    for number in 0..400 {
        let parent = id_of(Sha1, Kind::Blob, &data);
        let light = format!("light {number}").into_bytes();
        let (delta, next) = match number {
            0..4 => (shift(number as u8 + 1), [&[number as u8 + 1][..], &data[..BIG - 1]].concat()),
            _ => {
                let next = format!("next {number}").into_bytes();
                (instead(data.len(), &next), next)
            }
        };
        let at = pack.id_delta(parent, &delta);
        pack.offset_delta(at, &instead(next.len(), &light));
        data = next;
    }
    let pack = pack.finish();
    let limits = Limits::default();
    let (received, open) = watch(|| objects(&limits).receive(&mut &pack[..], &limits));
    let error = received.unwrap_err();
    assert!(matches!(error, PackError::Limit { bound: Bound::DeltaBytes, .. }), "{error}");
    assert!(open < 110, "{open}");
}

#[test]
fn the_entries_of_all_trees_are_counted() {
    let mut pack = PackWriter::new(Sha1);
    pack.whole(Kind::Blob, b"x");
    let blob = id_of(Sha1, Kind::Blob, b"x");
    let mut folders = Vec::new();
    for folder in 0..20 {
        let names: Vec<String> = (0..100).map(|number| format!("{folder}-{number:03}")).collect();
        let inner = tree(&names.iter().map(|name| ("100644", name.as_bytes(), blob)).collect::<Vec<_>>());
        pack.whole(Kind::Tree, &inner);
        folders.push((format!("t{folder:02}"), id_of(Sha1, Kind::Tree, &inner)));
    }
    let sub = tree(&folders.iter().map(|(name, id)| ("40000", name.as_bytes(), *id)).collect::<Vec<_>>());
    pack.whole(Kind::Tree, &sub);
    let id = commit(&mut pack, &[("40000", b"sub", id_of(Sha1, Kind::Tree, &sub))]);
    let limits = Limits { tree_entries: 1000, ..Limits::default() };
    let snapshot = snapshot(pack, id, &limits);
    for error in [snapshot.blobs_below("sub").map(drop), snapshot.archive("sub/t00").map(drop)] {
        let error = error.unwrap_err();
        assert!(matches!(error, GitError::Limit { bound: Bound::TreeEntries, .. }), "{error}");
    }
}

#[test]
fn a_file_that_would_grow_without_bound_is_too_large() {
    let text = b"$Id$".repeat(100_000);
    let attributes = b"* ident working-tree-encoding=UTF-32\n";
    let mut pack = PackWriter::new(Sha1);
    pack.whole(Kind::Blob, &text);
    pack.whole(Kind::Blob, attributes);
    let [text, attributes] = [&text[..], attributes].map(|data| id_of(Sha1, Kind::Blob, data));
    let id = commit(&mut pack, &[("100644", b".gitattributes", attributes), ("100644", b"a", text)]);
    let limits = Limits { read_bytes: 1 << 20, ..Limits::default() };
    let archived = snapshot(pack, id, &limits).archive("").unwrap();
    let error = archived.sha256(1).unwrap_err();
    assert!(matches!(error, GitError::Limit { bound: Bound::ReadBytes, .. }), "{error}");
    assert!(archived.sha256(0).is_ok());
}

#[test]
fn packs_are_bounded_together_and_those_that_failed_do_not_count() {
    let limits = Limits { objects: 10, kept_bytes: 25_000, ..Limits::default() };
    let pack = |first: u8| {
        let mut pack = PackWriter::new(Sha1);
        for number in 0..10 {
            pack.whole(Kind::Commit, &[first + number; 1000]);
        }
        pack.finish()
    };
    let mut objects = objects(&limits);
    for _ in 0..5 {
        let cut = pack(0);
        assert!(objects.receive(&mut &cut[..cut.len() - 20], &limits).is_err());
    }
    objects.receive(&mut &pack(0)[..], &limits).unwrap();
    objects.receive(&mut &pack(10)[..], &limits).unwrap();
    let error = objects.receive(&mut &pack(20)[..], &limits).unwrap_err();
    assert!(matches!(error, PackError::Limit { bound: Bound::Objects, .. }), "{error}");
}
