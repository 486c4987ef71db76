use std::sync::Arc;

use super::*;
use crate::evidence::{Answer, Evidence, Origin};
use crate::sample::{comparison, hash};

fn messages(comparison: Comparison) -> Vec<String> {
    let case = Case { comparisons: &[comparison], ..Case::default() };
    ProxyDirectDiffer.check(&case).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn says_which_sources_stand_together() {
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("a"), hash("b"))),
        ["the hashes differ: go.sum and proxy against direct; direct stands alone"]
    );
    assert_eq!(
        messages(comparison(Some(hash("a")), hash("b"), hash("c"))),
        ["the hashes differ: go.sum against direct against proxy"]
    );
    assert_eq!(messages(comparison(None, hash("b"), hash("c"))), ["the hashes differ: direct against proxy"]);
}

#[test]
fn is_silent_when_they_agree_or_one_does_not_answer() {
    assert!(messages(comparison(Some(hash("a")), hash("b"), hash("b"))).is_empty());
    let unavailable = Answer::Unavailable("503".into());
    assert!(messages(comparison(Some(hash("a")), hash("b"), unavailable)).is_empty());
}

#[test]
fn names_both_commits_when_the_proxy_tells_its_own() {
    let mut moved = comparison(Some(hash("a")), hash("a"), hash("b"));
    for (source, commit) in [(SourceName::PROXY, "1111"), (SourceName::DIRECT, "2222")] {
        let Evidence { answer, .. } = moved.answers.get(&source).unwrap().clone();
        let origin = Origin { commit: Some(Arc::from(commit)), ..Origin::default() };
        moved.answers.insert(source, Evidence::new(answer, origin));
    }
    assert_eq!(
        messages(moved),
        [
            "the hashes differ: go.sum and proxy against direct; direct stands alone; the proxy saw commit 1111, the repository now has 2222"
        ]
    );
}

#[test]
fn two_proxies_that_differ_are_enough() {
    let with = |direct: Answer, mirror: &str, commit: Option<&str>| {
        let mut told = comparison(Some(hash("a")), hash("a"), direct);
        let origin = Origin { commit: commit.map(Arc::from), ..Origin::default() };
        told.answers.insert(SourceName::further("mirror".to_owned()), Evidence::new(hash(mirror), origin));
        told
    };
    let silent = || Answer::Unavailable("503".into());
    assert_eq!(
        messages(with(hash("a"), "b", None)),
        ["the hashes differ: go.sum, direct and proxy against mirror; mirror stands alone"]
    );
    assert_eq!(
        messages(with(silent(), "b", None)),
        ["the hashes differ: go.sum and proxy against mirror; mirror stands alone"]
    );
    assert!(messages(with(silent(), "a", None)).is_empty());
    // a further proxy's origin is told by its own name
    let mut moved = with(hash("b"), "a", Some("1111"));
    let origin = Origin { commit: Some(Arc::from("2222")), ..Origin::default() };
    moved.answers.insert(SourceName::DIRECT, Evidence::new(hash("b"), origin));
    assert_eq!(
        messages(moved),
        [
            "the hashes differ: go.sum, mirror and proxy against direct; direct stands alone; mirror saw commit 1111, the repository now has 2222"
        ]
    );
}
