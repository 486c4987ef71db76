use super::*;
use crate::policy::sample;

#[test]
fn finds_what_is_over_and_nothing_else() {
    let allowance = sample::missing("direct", "2026-11-25");
    for (used, found) in
        [(Use::Expired, 1), (Use::Used, 0), (Use::Untold, 0), (Use::Unused(String::new()), 0)]
    {
        let findings = AllowanceExpired.check(&Case { allowances: &[(&allowance, used)], ..Case::default() });
        assert_eq!(findings.len(), found);
        assert!(findings.iter().all(|finding| finding.message.contains("2026-11-25")));
    }
}
