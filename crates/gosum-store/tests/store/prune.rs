//! Making room.

use std::fs;
use std::time::Duration;

use gosum_store::{Bounds, Store};

use crate::sample::{DAY, NOW, given, kept, source, subject};

#[test]
fn what_was_of_no_use_for_the_longest_time_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let at = |days: i64| Store::open(dir.path(), NOW + days * DAY).unwrap();
    at(0).keep_answers(&given(0..2000)).unwrap();
    at(10).keep_answers(&given(2000..4000)).unwrap();
    // the first hundred are of use later
    let subjects: Vec<_> = (0..100).map(subject).collect();
    let answers = at(30).answers(&source(), &subjects).unwrap();
    assert!(answers.iter().flatten().all(|kept| at(30).is_use_worth_noting(kept)));
    at(30).note_use(&source(), &subjects).unwrap();
    let answers = at(31).answers(&source(), &subjects).unwrap();
    assert!(!answers.iter().flatten().any(|kept| at(31).is_use_worth_noting(kept)));

    let all = at(31).usage().unwrap().total().bytes;
    let nothing = at(31).prune(&Bounds { bytes: all, unused: None }).unwrap();
    assert_eq!((nothing.answers, kept(dir.path(), NOW, 0..4000).len()), (0, 4000));
    let pruned = at(31).prune(&Bounds { bytes: all - all / 10, unused: None }).unwrap();
    assert!(pruned.answers > 100 && pruned.answers < 1900, "{pruned:?}");
    assert!(pruned.bytes.1 < pruned.bytes.0);
    let left = kept(dir.path(), NOW, 0..4000);
    assert_eq!(left.iter().filter(|number| **number < 100).count(), 100);
    assert_eq!(left.iter().filter(|number| **number >= 2000).count(), 2000);

    at(31).prune(&Bounds { bytes: u64::MAX, unused: Some(Duration::from_secs(5 * 86_400)) }).unwrap();
    assert_eq!(kept(dir.path(), NOW, 0..4000), (0..100).collect::<Vec<_>>());
    at(31).prune(&Bounds { bytes: 0, unused: None }).unwrap();
    assert!(kept(dir.path(), NOW, 0..4000).is_empty());
}

#[test]
fn clearing_leaves_what_cannot_be_asked_for_again_unless_that_is_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), NOW).unwrap();
    store.keep_answers(&given(0..10)).unwrap();
    let files = [
        ("sumdb/sum.example/latest", true),
        ("sumdb/sum.example/tile/8/0/000", false),
        ("incidents/sumdb-00.txt", true),
        ("evidence-1/answers.broken-1", false),
        ("evidence-0/answers.redb", false),
        ("evidence-2/answers.redb", true),
        ("somebody/else", true),
    ];
    for (name, _) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "text").unwrap();
    }
    let cleared = store.clear().unwrap();
    assert!(cleared.files >= 5 && cleared.bytes > 4096, "{cleared:?}");
    assert!(kept(dir.path(), NOW, 0..10).is_empty());
    for (name, stays) in files {
        assert_eq!(dir.path().join(name).exists(), stays, "{name}");
    }
    store.clear_for_good().unwrap();
    for (name, stays) in files {
        let is_others = name.starts_with("somebody") || name.starts_with("evidence-2");
        assert_eq!(dir.path().join(name).exists(), stays && is_others, "{name}");
    }
    // and is of use again
    store.keep_answers(&given(0..10)).unwrap();
    assert_eq!(kept(dir.path(), NOW, 0..10).len(), 10);
}

#[test]
fn room_is_made_by_itself_once_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let at = |seconds: i64| Store::open(dir.path(), NOW + seconds).unwrap();
    at(0).keep_answers(&given(0..10)).unwrap();
    assert!(at(0).prune_daily().unwrap().is_some());
    assert!(at(3600).prune_daily().unwrap().is_none());
    assert!(at(DAY).prune_daily().unwrap().is_some());
    // the clock has gone back
    assert!(at(0).prune_daily().unwrap().is_some());
}
