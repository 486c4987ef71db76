//! What the recorded zips do not show: bounds, and odd archives on which Go's reader was read.

use std::fs::File;

use gosum_mod::hash::dirhash::{go_mod_h1, hash1};
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::{Archive, ArchiveError};
use gosum_mod::zip::check::{Placement, check_zip, placement};
use gosum_mod::zip::content::{ContentError, ContentReader};
use gosum_mod::zip::fault::FileFault;
use gosum_mod::zip::hash::{ZipError, zip_h1, zip_sums};
use gosum_mod::zip::limits::MAX_ZIP;

use crate::raw::{Parts, RawEntry, archive};

fn read_first(zip: &[u8]) -> Result<Vec<u8>, ContentError> {
    let archive = Archive::open(zip).unwrap();
    let mut content = Vec::new();
    let entry = archive.entry(0).unwrap();
    entry.read(&mut ContentReader::new(), |piece| content.extend_from_slice(piece)).map(|()| content)
}

fn entry() -> RawEntry {
    RawEntry::new("a", b"content")
}

#[test]
fn number_of_entries_counts_modulo_65536() {
    let parts = Parts::new(&vec![RawEntry { method: 0, ..RawEntry::new("a", b"") }; 65_536 + 2]);
    let archive = Archive::open(parts.archive()).unwrap();
    assert_eq!(archive.entries().len(), 65_538);
    let short = Parts { records: 3, ..parts };
    assert!(matches!(Archive::open(short.archive()), Err(ArchiveError::UnexpectedEof)));
}

#[test]
fn directory_that_nothing_follows_is_refused() {
    // The comment of the last entry is the end record, so that the next header would start at the end of the archive.
    let mut parts = Parts::new(&[entry()]);
    let mut end = parts.end(parts.directory.len() as u32, parts.bodies.len() as u32);
    parts.directory[32] = end.len() as u8;
    let zip = |end: &[u8]| [&parts.bodies[..], &parts.directory, end].concat();
    assert!(matches!(Archive::open(zip(&end)), Err(ArchiveError::UnexpectedEof)));

    // One byte more, and there is something that is no header.
    *end.iter_mut().nth_back(1).unwrap() = 1;
    end.push(0);
    assert_eq!(Archive::open(zip(&end)).unwrap().entries().len(), 1);
}

#[test]
fn entry_before_the_start_cannot_be_read() {
    let mut parts = Parts::new(&[entry()]);
    // An offset that is larger than the place of the directory moves all entries towards the start.
    let far = parts.bodies.len() as u32 + 100;
    let end = parts.end(parts.directory.len() as u32, far);
    parts.bodies.append(&mut parts.directory);
    parts.bodies.extend(end);
    let error = read_first(&parts.bodies).unwrap_err();
    assert!(matches!(error, ContentError::BeforeStart), "{error:?}");
}

#[test]
fn descriptor_must_be_whole() {
    const SIGNED: usize = 16;
    for (signature, len) in [(&b"PK\x07\x08"[..], SIGNED), (b"", SIGNED - 4)] {
        let crc = crc32fast::hash(b"content").to_le_bytes();
        let descriptor = [signature, &crc, &[0; 8]].concat();
        let mut sound = RawEntry { flags: 8, ..entry() };
        sound.packed.extend(&descriptor);
        assert_eq!(read_first(&archive(std::slice::from_ref(&sound))).unwrap(), b"content");

        // The same archive with its directory in front, so that it can end within the descriptor.
        let parts = Parts::new(&[sound]);
        let at = parts.directory.len() + 22;
        let mut directory = parts.directory.clone();
        directory[42..46].copy_from_slice(&(at as u32).to_le_bytes());
        let mut end = parts.end(directory.len() as u32, 0);
        end[20..].copy_from_slice(&(parts.bodies.len() as u16).to_le_bytes());
        let zip = [directory, end, parts.bodies].concat();
        assert_eq!(read_first(&zip).unwrap(), b"content");
        for cut in 1..=len {
            let mut zip = zip[..zip.len() - cut].to_vec();
            let comment = (zip.len() - at) as u16;
            zip[at - 2..at].copy_from_slice(&comment.to_le_bytes());
            let error = read_first(&zip).unwrap_err();
            assert!(matches!(error, ContentError::UnexpectedEof), "{cut} {error:?}");
        }
    }
}

#[test]
fn content_of_one_entry_never_shows_in_the_next() {
    let secret = b"what the entry before held ".repeat(9000);
    // A fixed block: a match of length 3 at distance 1, with nothing before it.
    let backward = RawEntry { packed: vec![0x03, 0x02, 0x00], compressed: 3, size: 3, ..entry() };
    let archive = Archive::open(archive(&[RawEntry::new("a", &secret), backward])).unwrap();
    let mut reader = ContentReader::new();
    for _ in 0..2 {
        archive.entry(0).unwrap().read(&mut reader, |_| ()).unwrap();
        let error = archive.entry(1).unwrap().read(&mut reader, |_| ()).unwrap_err();
        assert!(matches!(error, ContentError::Corrupt), "{error:?}");
    }
}

#[test]
fn no_more_than_the_declared_size_is_passed_on() {
    let zeros = vec![0; 10 << 20];
    for method in [0, 8] {
        let mut bomb = RawEntry { size: 1 << 20, ..RawEntry::new("a", &zeros) };
        if method == 0 {
            bomb = RawEntry { method, packed: zeros.clone(), compressed: zeros.len() as u32, ..bomb };
        }
        let archive = Archive::open(archive(&[bomb])).unwrap();
        let mut passed = 0;
        let entry = archive.entry(0).unwrap();
        let error = entry.read(&mut ContentReader::new(), |piece| passed += piece.len()).unwrap_err();
        assert!(matches!(error, ContentError::LongerThanDeclared), "{error:?}");
        assert!(passed <= 1 << 20, "{passed}");
    }
}

#[test]
fn work_is_bounded_before_it_is_done() {
    let data = vec![0xff; 1 << 20]; // no deflate stream: reading any of it would be an error
    let much = RawEntry { packed: data.clone(), compressed: 1 << 20, ..entry() };

    let large = RawEntry { size: MAX_ZIP as u32 + 1, ..much.clone() };
    let error = zip_h1(&Archive::open(archive(&[large])).unwrap()).unwrap_err();
    assert!(matches!(error, ZipError::TooLarge { size } if size == MAX_ZIP + 1), "{error:?}");
    let within = RawEntry { size: MAX_ZIP as u32, ..much.clone() };
    let error = zip_h1(&Archive::open(archive(&[within])).unwrap()).unwrap_err();
    assert!(matches!(error, ZipError::Content { source: ContentError::Corrupt, .. }), "{error:?}");

    // Names without number for the same data, of which none comes out.
    let names = (0..501).map(|number| &*format!("{number}").leak());
    let overlapping: Vec<_> = names
        .enumerate()
        .map(|(index, name)| RawEntry { name, size: 0, same_as: (index > 0).then_some(0), ..much.clone() })
        .collect();
    let error = zip_h1(&Archive::open(archive(&overlapping)).unwrap()).unwrap_err();
    assert!(matches!(error, ZipError::TooMuchData { .. }), "{error:?}");
    let error = zip_h1(&Archive::open(archive(&overlapping[..499])).unwrap()).unwrap_err();
    assert!(matches!(error, ZipError::Content { .. }), "{error:?}");
}

#[test]
fn the_go_mod_inside_is_the_one_of_the_module_and_the_last_of_its_name() {
    let module = ModuleVersion::parse("example.com/m@v1.0.0").unwrap();
    for (names, expected) in [
        (&["example.com/m@v1.0.0/a.go", "example.com/m@v1.0.0/go.mod"][..], Some(1)),
        (&["example.com/m@v1.0.0/go.mod", "example.com/m@v1.0.0/sub/go.mod", "go.mod"], Some(0)),
        (&["example.com/m@v1.0.0/go.mod", "example.com/m@v1.0.0/go.mod"], Some(1)),
        (&["example.com/m@v1.0.0/sub/go.mod", "example.com/m@v1.0.1/go.mod"], None),
        (&["example.com/m@v1.0.0/GO.MOD", "example.com/m@v1.0.0/go.mod/"], None),
        (&[], None),
    ] {
        let texts: Vec<String> = (0..names.len()).map(|number| format!("module m{number}\n")).collect();
        let entries = names.iter().zip(&texts).map(|(name, text)| match name.ends_with('/') {
            true => RawEntry { method: 0, ..RawEntry::new(name, b"") },
            false => RawEntry::new(name, text.as_bytes()),
        });
        let archive = Archive::open(archive(&entries.collect::<Vec<_>>())).unwrap();
        let sums = zip_sums(&archive, &module).unwrap();
        assert_eq!(sums.h1, zip_h1(&archive).unwrap());
        assert_eq!(sums.go_mod, expected.map(|at: usize| go_mod_h1(texts[at].as_bytes())), "{names:?}");
    }
}

#[test]
fn hash_is_the_same_from_memory_from_a_file_and_on_any_number_of_threads() {
    let text = |number: usize| format!("line {number}\n").repeat(number * 97);
    let texts: Vec<_> = (0..300).map(text).collect();
    let names: Vec<&'static str> = (0..300).map(|number| &*format!("m@v1.0.0/{number}").leak()).collect();
    let entries: Vec<_> =
        names.iter().zip(&texts).map(|(name, text)| RawEntry::new(name, text.as_bytes())).collect();
    let zip = archive(&entries);
    let wanted = hash1(names.iter().zip(texts.iter().map(|text| sha256(text.as_bytes())))).unwrap();

    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &zip).unwrap();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            assert_eq!(zip_h1(&Archive::open(zip.as_slice()).unwrap()).unwrap(), wanted);
            let file = File::open(file.path()).unwrap();
            assert_eq!(zip_h1(&Archive::open(file).unwrap()).unwrap(), wanted);
        });
    }
}

#[test]
fn first_error_in_the_order_of_names_is_told() {
    let bad = |name| RawEntry { crc: 1, ..RawEntry::new(name, b"content") };
    let error = |entries: &[RawEntry]| zip_h1(&Archive::open(archive(entries)).unwrap()).unwrap_err();
    let name = |error: ZipError| match error {
        ZipError::Content { name, source: ContentError::Checksum } => name.to_string(),
        error => format!("{error:?}"),
    };
    assert_eq!(name(error(&[bad("c"), RawEntry::new("a", b""), bad("b"), bad("d\n")])), "b");
    assert!(matches!(error(&[bad("c"), bad("a\n")]), ZipError::Name(_)));
}

#[test]
fn placement_tells_a_zip_of_another_module_from_a_stray_entry() {
    let module = ModuleVersion::parse("example.com/m@v1.0.0").unwrap();
    let placed = |names: &[&'static str]| {
        let entries: Vec<_> = names.iter().map(|name| RawEntry::new(name, b"")).collect();
        placement(&module, &Archive::open(archive(&entries)).unwrap())
    };
    let (own, other) = ("example.com/m@v1.0.0/a", "example.com/m@v1.0.01/a");
    assert_eq!(placed(&[]), Placement::Inside);
    assert_eq!(placed(&[own, own]), Placement::Inside);
    assert_eq!(placed(&[own, other, "b"]), Placement::Mixed { first: other.into() });
    assert_eq!(placed(&["b", own]), Placement::Mixed { first: "b".into() });
    assert_eq!(placed(&[other, "b"]), Placement::Outside { first: other.into() });
}

#[test]
fn size_beyond_go_numbers_exceeds_only_the_total() {
    let module = ModuleVersion::parse("example.com/m@v1.0.0").unwrap();
    let mut parts =
        Parts::new(&[RawEntry { size: u32::MAX, ..RawEntry::new("example.com/m@v1.0.0/go.mod", b"") }]);
    let field = [&[1, 0, 8, 0][..], &u64::MAX.to_le_bytes()].concat();
    parts.directory[30..32].copy_from_slice(&(field.len() as u16).to_le_bytes());
    parts.directory.extend(field);
    let check = check_zip(&module, &Archive::open(parts.archive()).unwrap());
    assert_eq!((check.valid.as_slice(), check.size_error.is_some()), (&[0][..], true));

    let large = RawEntry { size: (16 << 20) + 1, ..RawEntry::new("example.com/m@v1.0.0/LICENSE", b"") };
    let check = check_zip(&module, &Archive::open(archive(&[large])).unwrap());
    assert!(matches!(check.invalid[0].fault, FileFault::TooLarge { .. }), "{check:?}");
    assert!(!check.is_valid());
}
