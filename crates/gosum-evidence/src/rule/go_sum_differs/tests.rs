use super::*;
use crate::evidence::Sum;
use crate::sample::{comparison, hash};

fn messages(comparison: Comparison) -> Vec<String> {
    let case = Case { comparisons: &[comparison], ..Case::default() };
    GoSumDiffers.check(&case).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn fires_when_no_source_gives_the_recorded_hash() {
    let unavailable = Answer::Unavailable("503".into());
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), hash("b"))),
        [
            "no source gives the hash that go.sum records; it stands against direct and proxy; go.sum stands alone"
        ]
    );
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), unavailable)),
        ["no source gives the hash that go.sum records; it stands against proxy"]
    );
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), hash("c"))),
        ["no source gives the hash that go.sum records; it stands against direct against proxy"]
    );
}

#[test]
fn is_silent_when_one_source_gives_it_or_none_recomputed() {
    let unavailable = || Answer::Unavailable("503".into());
    assert!(messages(comparison(Some(hash("a")), hash("a"), hash("b"))).is_empty());
    assert!(messages(comparison(Some(hash("a")), unavailable(), unavailable())).is_empty());
    assert!(messages(comparison(None, hash("a"), hash("b"))).is_empty());
}

#[test]
fn a_recorded_text_that_is_no_hash_differs_from_all() {
    let garbage = Answer::Hash { h1: Sum::parse("h1:abc"), defects: Vec::new() };
    assert_eq!(messages(comparison(Some(garbage), hash("a"), hash("a"))).len(), 1);
}
