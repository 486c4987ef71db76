use super::*;
use crate::evidence::{SourceName, Sum};
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
            "no source gives the hash that go.sum records: direct and proxy give another one; go.sum stands alone"
        ]
    );
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), unavailable)),
        ["no source gives the hash that go.sum records: proxy gives another one"]
    );
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), hash("c"))),
        ["no source gives the hash that go.sum records: direct gives another one, proxy gives a third one"]
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

#[test]
fn what_the_database_recorded_is_no_recomputation() {
    let unavailable = || Answer::Unavailable("503".into());
    let with = |proxy: Answer, direct: Answer, sumdb: &str| {
        let mut comparison = comparison(Some(hash("a")), proxy, direct);
        comparison.answers.insert(SourceName::SUMDB, hash(sumdb).into());
        messages(comparison)
    };
    let recorded = "no source that recomputed it gives the hash that go.sum and sumdb record:";
    assert_eq!(with(hash("b"), hash("b"), "a"), [format!("{recorded} direct and proxy give another one")]);
    assert_eq!(
        with(hash("b"), unavailable(), "a"),
        [format!("{recorded} proxy gives another one; proxy stands alone")]
    );
    assert!(with(hash("a"), hash("b"), "b").is_empty());
    assert!(with(unavailable(), unavailable(), "a").is_empty());
    // nobody recomputed: the database alone contradicts go.sum
    assert_eq!(
        with(unavailable(), unavailable(), "b"),
        ["no source gives the hash that go.sum records: sumdb gives another one; go.sum stands alone"]
    );
}
