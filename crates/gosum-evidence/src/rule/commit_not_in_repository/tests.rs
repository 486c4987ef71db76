use super::*;
use crate::evidence::Answer;
use crate::sample::{comparison, hash};

fn findings(proxy: Answer, direct: Answer) -> Vec<Finding> {
    let comparisons = [comparison(Some(hash("a")), proxy, direct)];
    CommitNotInRepository.check(&Case { comparisons: &comparisons, ..Case::default() })
}

fn unreached(seed: &str) -> Answer {
    hash(seed).with_defect(Defect::CommitNotInRepository, "only refs/pull/1/head leads to it")
}

#[test]
fn warns_when_the_content_is_what_others_have() {
    let findings = findings(hash("a"), unreached("a"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].level, Level::Warn);
    assert_eq!(findings[0].message, "direct hashed the commit, to which no branch and no tag leads");
}

#[test]
fn denies_when_the_content_differs() {
    assert_eq!(findings(hash("a"), unreached("b"))[0].level, Level::Deny);
}

#[test]
fn says_nothing_of_other_defects() {
    assert!(findings(hash("a"), hash("a").with_defect(Defect::ViaModuleServer, "mod.example")).is_empty());
    assert!(findings(hash("a"), hash("a")).is_empty());
}
