//! Zips against random input and against another reader.

use std::io::{Cursor, Read as _, Write as _};

use gosum_mod::hash::dirhash::hash1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::{check_zip, placement};
use gosum_mod::zip::content::ContentReader;
use gosum_mod::zip::hash::zip_h1;
use gosum_testkit::vectors::folder;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

type Files = Vec<(String, Vec<u8>)>;

fn files() -> impl Strategy<Value = Files> {
    let content = prop_oneof![
        vec(any::<u8>(), 0..300),
        (any::<u8>(), 0usize..300_000).prop_map(|(byte, len)| vec![byte; len]),
        "[a-f ]{0,2000}".prop_map(String::into_bytes),
    ];
    btree_map("[a-zA-Zé0-9./-]{1,12}[a-z]", content, 0..6).prop_map(|files| {
        files.into_iter().map(|(name, content)| (format!("example.com/m@v1.0.0/{name}"), content)).collect()
    })
}

fn written(files: &Files, stored: bool) -> Vec<u8> {
    let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let options = SimpleFileOptions::default().compression_method(method);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Returns what our reader finds in a zip, if it finds nothing wrong.
fn contents(zip: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let archive = Archive::open(zip).ok()?;
    let mut reader = ContentReader::new();
    let content = |entry: gosum_mod::zip::archive::Entry<'_, &[u8]>| {
        let mut content = Vec::new();
        entry.read(&mut reader, |piece| content.extend_from_slice(piece)).ok()?;
        Some((entry.name().to_vec(), content))
    };
    archive.entries().map(content).collect()
}

/// Does all that can be done with a zip from outside.
fn try_all(bytes: &[u8]) {
    let module = ModuleVersion::parse("example.com/m@v1.0.0").unwrap();
    if let Ok(archive) = Archive::open(bytes) {
        let check = check_zip(&module, &archive);
        assert!(check.valid.len() + check.invalid.len() <= archive.entries().len());
        placement(&module, &archive);
        let _ = zip_h1(&archive);
        contents(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_harm_nothing(bytes in vec(any::<u8>(), 0..400)) {
        try_all(&bytes);
        try_all(&[&bytes[..], b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\0\0\0\0\0\0"].concat());
    }

    #[test]
    fn random_changes_harm_nothing(
        files in files(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut zip = written(&files, false);
        for (at, byte) in changes {
            let at = at.index(zip.len());
            zip[at] = byte;
        }
        try_all(&zip);
    }

    #[test]
    fn hash_covers_what_was_written(files in files(), stored: bool) {
        let zip = written(&files, stored);
        let wanted = hash1(files.iter().map(|(name, content)| (name, sha256(content)))).unwrap();
        prop_assert_eq!(zip_h1(&Archive::open(zip.as_slice()).unwrap()).unwrap(), wanted);
    }

    #[test]
    fn flipped_bit_never_hides_a_change(files in files(), at: prop::sample::Index, bit in 0u32..8) {
        let mut zip = written(&files, false);
        let hash = zip_h1(&Archive::open(zip.as_slice()).unwrap()).unwrap();
        let before = contents(&zip).unwrap();
        let at = at.index(zip.len());
        zip[at] ^= 1u8 << bit;
        let Ok(archive) = Archive::open(zip.as_slice()) else { return Ok(()) };
        if let Ok(after) = zip_h1(&archive) {
            prop_assert_eq!(after == hash, contents(&zip).unwrap() == before, "bit {} of byte {}", bit, at);
        }
    }
}

#[test]
fn another_reader_finds_the_same_in_recorded_zips() {
    let mut compared = 0;
    for file in std::fs::read_dir(folder().join("zips")).unwrap() {
        let zip = std::fs::read(file.unwrap().path()).unwrap();
        let (Some(ours), Ok(mut theirs)) = (contents(&zip), ZipArchive::new(Cursor::new(&zip))) else {
            continue;
        };
        if theirs.len() != ours.len() {
            continue; // it keeps one of each name
        }
        for (index, (name, content)) in ours.iter().enumerate() {
            let Ok(mut entry) = theirs.by_index(index) else { continue };
            let mut other = Vec::new();
            if entry.read_to_end(&mut other).is_ok() {
                assert_eq!((entry.name_raw(), &other), (name.as_slice(), content));
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared} entries compared");
}
