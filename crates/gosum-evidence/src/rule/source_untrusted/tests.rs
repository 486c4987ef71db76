use super::*;
use crate::sample::{comparison, hash};

#[test]
fn names_the_source_and_what_it_did() {
    let untrusted = Answer::Untrusted("the zip is of example.com/other@v1.0.0".into());
    let comparisons = [comparison(Some(hash("a")), untrusted, hash("a"))];
    let findings = SourceUntrusted.check(&Case { comparisons: &comparisons, ..Case::default() });
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "proxy must not be believed: the zip is of example.com/other@v1.0.0");
    assert_eq!(findings[0].at, comparisons[0].at);
}

#[test]
fn a_source_that_could_not_be_asked_is_none() {
    let comparisons = [comparison(Some(hash("a")), Answer::Unavailable("503".into()), hash("a"))];
    assert!(SourceUntrusted.check(&Case { comparisons: &comparisons, ..Case::default() }).is_empty());
}
