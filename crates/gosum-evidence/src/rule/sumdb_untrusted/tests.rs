use super::*;
use crate::sample::{comparison, hash};

#[test]
fn fires_on_what_must_not_be_believed_and_on_nothing_else() {
    for (answer, expected) in [
        (Answer::Untrusted("two trees".into()), &["sumdb must not be believed: two trees"][..]),
        (Answer::Unavailable("503".into()), &[]),
        (hash("b"), &[]),
    ] {
        let mut comparison = comparison(Some(hash("a")), hash("a"), hash("a"));
        comparison.answers.insert(SourceName::SUMDB, answer.into());
        let case = Case { comparisons: &[comparison], ..Case::default() };
        let messages: Vec<String> =
            SumdbUntrusted.check(&case).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, expected);
    }
}
