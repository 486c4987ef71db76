//! What comparing and judging cost; `scripts/growth` counts.

use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_testkit::growth::measured;

use crate::compare::Comparison;
use crate::diff::sums::sums;
use crate::evidence::{Answer, SourceName};
use crate::judge::judge;
use crate::policy::{Date, Policy};
use crate::rule::Case;
use crate::sample::{comparison, hash};
use crate::subject::Subject;

const MODULES: usize = 500;
const BOTH: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

/// Of each module a zip and a go.mod; one in fifty differs, one in fifty has no second answer.
fn comparisons() -> Vec<Comparison> {
    let subject = |number: usize| {
        let module = ModuleVersion::parse(&format!("example.com/m{number:04}@v1.2.0")).unwrap();
        [Artifact::Zip, Artifact::GoMod].map(|artifact| Subject::new(module.clone(), artifact))
    };
    let answers = |number: usize| match number % 50 {
        1 => comparison(Some(hash("a")), hash("a"), hash("b")),
        2 => comparison(Some(hash("a")), hash("a"), Answer::Unavailable("503".into())),
        _ => comparison(Some(hash("a")), hash("a"), hash("a")),
    };
    let subjects = (0..MODULES).flat_map(subject).enumerate();
    let mut comparisons: Vec<_> =
        subjects.map(|(number, subject)| Comparison { subject, ..answers(number) }).collect();
    comparisons.sort_by(|a, b| a.subject.cmp(&b.subject));
    comparisons
}

#[test]
fn growth_judge() {
    let comparisons = comparisons();
    let policy = Policy::plain(BOTH.to_vec(), Date::parse("2026-11-26").unwrap());
    let case = Case { comparisons: &comparisons, ..Case::default() };
    let judgement = measured(|| judge(&case, &BOTH, &policy));
    assert_eq!((judgement.counts.mismatch, judgement.verdicts.len()), (MODULES / 25, 2 * MODULES));
}

#[test]
fn growth_compare_sums() {
    let comparisons = comparisons();
    let sums = measured(|| sums(&comparisons));
    assert_eq!(sums.unanswered.lines().count(), MODULES / 25);
    assert!(sums.diff.contains("example.com/m0000 v1.2.0/go.mod"));
}
