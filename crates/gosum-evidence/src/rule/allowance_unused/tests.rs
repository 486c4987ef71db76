use super::*;
use crate::policy::sample;

#[test]
fn finds_what_is_not_used_and_says_why() {
    let allowance = sample::missing("direct", "2026-11-25");
    let unused = Use::Unused("direct now gives a hash".to_owned());
    for (used, found) in [(unused, 1), (Use::Expired, 0), (Use::Used, 0), (Use::Untold, 0)] {
        let findings = AllowanceUnused.check(&Case { allowances: &[(&allowance, used)], ..Case::default() });
        assert_eq!(findings.len(), found);
        assert!(findings.iter().all(|finding| finding.message.ends_with("direct now gives a hash")));
    }
}
