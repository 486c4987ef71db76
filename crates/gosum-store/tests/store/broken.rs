//! Files that are not as they were left.

use std::fs;
use std::path::Path;

use gosum_store::Store;

use crate::sample::{NOW, given, kept};

fn file(dir: &Path) -> std::path::PathBuf {
    dir.join("evidence-1/answers.redb")
}

/// Some place, and never the same twice: numbers that look random.
fn places() -> impl Iterator<Item = usize> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    })
}

#[test]
fn a_flipped_bit_is_never_an_answer_that_was_not_given() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path(), NOW).unwrap().keep_answers(&given(0..300)).unwrap();
    let whole = fs::read(file(dir.path())).unwrap();
    let seal = fs::read(dir.path().join("evidence-1/answers.seal")).unwrap();
    let mut set_aside = 0;
    for (round, place) in places().take(48).enumerate() {
        let mut bytes = whole.clone();
        // the head of the file is small, and matters most
        let place = if round % 3 == 0 { place % 512 } else { place % bytes.len() };
        bytes[place] ^= 1 << (round % 8);
        fs::write(file(dir.path()), bytes).unwrap();
        fs::write(dir.path().join("evidence-1/answers.seal"), &seal).unwrap();
        // what is kept is as it was given: `kept` looks
        let found = kept(dir.path(), NOW, 0..300);
        assert!(found.is_empty() || found.len() == 300, "byte {place}: {}", found.len());
        set_aside += usize::from(found.is_empty());
        // and the store is of use again
        Store::open(dir.path(), NOW).unwrap().keep_answers(&given(0..1)).unwrap();
        assert_eq!(kept(dir.path(), NOW, 0..1), [0]);
    }
    assert!(set_aside > 12, "{set_aside}");
}

#[test]
fn what_is_cut_short_or_foreign_is_set_aside_and_the_user_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), NOW).unwrap();
    for spoil in [&b""[..], b"notes", &[0; 100_000], b"redb\x1a\x0a\xa9\x0d\x0a"] {
        store.keep_answers(&given(0..10)).unwrap();
        let mut bytes = spoil.to_vec();
        if spoil.is_empty() {
            bytes = fs::read(file(dir.path())).unwrap();
            bytes.truncate(bytes.len() / 2);
        }
        fs::write(file(dir.path()), bytes).unwrap();
        let subjects: Vec<_> = (0..10).map(crate::sample::subject).collect();
        let answers = store.answers(&crate::sample::source(), &subjects).unwrap();
        assert!(answers.iter().all(Option::is_none));
        let notices = store.take_notices();
        assert_eq!(notices.len(), 1, "{spoil:?}: {notices:?}");
        assert!(notices[0].contains("set aside as"), "{notices:?}");
    }
}

#[test]
fn without_its_seal_a_file_is_examined_and_believed() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path(), NOW).unwrap().keep_answers(&given(0..300)).unwrap();
    fs::remove_file(dir.path().join("evidence-1/answers.seal")).unwrap();
    assert_eq!(kept(dir.path(), NOW, 0..300).len(), 300);
    assert!(dir.path().join("evidence-1/answers.seal").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    Store::open(dir.path(), NOW).unwrap().keep_answers(&given(0..10)).unwrap();
    let folder = dir.path().join("evidence-1");
    let all: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let allow = |mode: u32| {
        all.iter().for_each(|file| {
            fs::set_permissions(file, fs::Permissions::from_mode(mode & 0o666)).unwrap();
        });
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o555);
    let is_refused = fs::write(folder.join("probe"), "").is_err();
    assert_eq!(kept(dir.path(), NOW, 0..10).len(), 10);
    // for some users there are no refusals
    if is_refused {
        assert!(Store::open(dir.path(), NOW).unwrap().keep_answers(&given(10..11)).is_err());
    }
    allow(0o755);
}
