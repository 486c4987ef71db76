use super::*;
use crate::sample::{comparison, hash};

#[test]
fn fires_on_a_definite_no_alone() {
    for (answer, expected) in [
        (Answer::Absent("status 404".into()), &["sumdb has no record: status 404"][..]),
        (Answer::Unavailable("503".into()), &[]),
        (hash("a"), &[]),
    ] {
        let mut comparison = comparison(Some(hash("a")), hash("a"), hash("a"));
        comparison.answers.insert(SourceName::SUMDB, answer.into());
        let case = Case { comparisons: &[comparison], ..Case::default() };
        let findings = NotInDatabase.check(&case);
        assert_eq!(findings.iter().map(|finding| &*finding.message).collect::<Vec<_>>(), expected);
        assert!(findings.iter().all(|finding| finding.level == Level::Warn));
    }
}
