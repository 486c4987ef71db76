//! From comparisons to verdicts, counts and findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::compare::{Comparison, Standing};
use crate::evidence::SourceName;
use crate::finding::{Finding, Level};
use crate::policy::{Acceptance, Allowance, Date, Policy};
use crate::report::Judged;
use crate::rule::{self, Case};
use crate::subject::{Location, Subject};
use crate::verdict::{Counts, Verdict};

/// What an audit comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict on each comparison, in their order; none on those that the user left out.
    pub verdicts: Vec<Option<Verdict>>,
    /// How many got which.
    pub counts: Counts,
    /// How the answers of each source stand, in the order of the sources given.
    pub tallies: Vec<Tally>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// By which allowance each comparison passes that is not verified, in their order.
    pub allowed: Vec<Option<Arc<Allowed>>>,
    /// The rules that speak of each artifact and whose findings the user's levels leave out.
    pub left_out: BTreeMap<Subject, BTreeSet<&'static str>>,
    /// Findings of this level and above fail the audit.
    pub fail_on: Level,
}

/// By what an artifact passes that is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Where the allowance stands.
    pub at: Location,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub until: Date,
}

impl Judgement {
    /// Returns the verdict on the whole: the worst of all artifacts' that no allowance covers. Where a rule finds what
    /// fails the audit although nothing mismatches, the whole is not verified either.
    pub fn verdict(&self) -> Verdict {
        let not_allowed = self.verdicts.iter().zip(&self.allowed).filter(|(_, allowed)| allowed.is_none());
        let worst = not_allowed.filter_map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Verified);
        let denied = self.findings.iter().any(|finding| finding.level >= self.fail_on);
        if denied { worst.max(Verdict::Unverified) } else { worst }
    }
}

/// How many answers of one source stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers that agree with go.sum.
    pub agree: usize,
    /// Answers that do not, or must not be believed.
    pub differ: usize,
    /// No hash.
    pub unanswered: usize,
    /// Not asked.
    pub not_asked: usize,
}

impl Tally {
    /// Returns on how many lines the source could have spoken.
    pub fn lines(&self) -> usize {
        self.agree + self.differ + self.unanswered + self.not_asked
    }

    fn over(comparisons: &[Comparison], source: &SourceName) -> Tally {
        let mut tally = Tally::default();
        for standing in comparisons.iter().filter_map(|comparison| comparison.standing(source)) {
            *match standing {
                Standing::Agrees => &mut tally.agree,
                Standing::Differs => &mut tally.differ,
                Standing::Unanswered => &mut tally.unanswered,
                Standing::NotAsked => &mut tally.not_asked,
            } += 1;
        }
        tally
    }
}

/// Judges artifacts one by one, each by itself.
#[derive(Debug)]
pub struct Judge<'p> {
    policy: &'p Policy,
    about: BTreeMap<&'p Subject, Vec<usize>>,
}

impl<'p> Judge<'p> {
    /// Returns who judges by `policy`.
    pub fn new(policy: &'p Policy) -> Judge<'p> {
        Judge { policy, about: policy.by_subject() }
    }

    /// Returns the artifact as a report has it where no rule has the level `allow`; none if the user left it out.
    pub fn judged(&self, comparison: &Comparison) -> Option<Judged> {
        let (verdict, acceptance) = self.one(comparison)?;
        let allowed = self.allowed(&acceptance);
        let (via, rules_left_out) = (Vec::new(), Vec::new());
        Some(Judged { comparison: comparison.clone(), via, verdict, allowed, rules_left_out })
    }

    fn one(&self, comparison: &Comparison) -> Option<(Verdict, Acceptance)> {
        if comparison.left_out() {
            return None;
        }
        let given = comparison.verdict(&self.policy.required);
        let about = self.about.get(&comparison.subject).map_or(&[][..], Vec::as_slice);
        let acceptance = self.policy.accept(comparison, given, about);
        let verdict = if acceptance.awaits { Verdict::Unverified } else { given };
        Some((verdict, acceptance))
    }

    fn allowed(&self, acceptance: &Acceptance) -> Option<Arc<Allowed>> {
        acceptance.passes.map(|at| Arc::new(Allowed::by(&self.policy.allowances[at])))
    }
}

/// Returns what `case` comes to under `policy`. `sources` are those that recompute, for their tallies.
pub fn judge(case: &Case<'_>, sources: &[SourceName], policy: &Policy) -> Judgement {
    let mut counts = Counts::default();
    let mut verdicts = Vec::with_capacity(case.comparisons.len());
    let mut allowed = Vec::with_capacity(case.comparisons.len());
    let mut accepted = BTreeMap::new();
    let judge = Judge::new(policy);
    for comparison in case.comparisons {
        let Some((verdict, acceptance)) = judge.one(comparison) else {
            counts.left_out += 1;
            verdicts.push(None);
            allowed.push(None);
            continue;
        };
        match acceptance.passes {
            Some(_) => counts.allowed += 1,
            None => {
                counts.add(comparison, verdict);
                counts.untold += usize::from(acceptance.awaits || !comparison.is_told(&policy.required));
            }
        }
        verdicts.push(Some(verdict));
        allowed.push(judge.allowed(&acceptance));
        if !acceptance.used.is_empty() || acceptance.awaits {
            accepted.insert(&comparison.subject, acceptance);
        }
    }
    let uses = policy.uses(case.comparisons, &accepted);
    let case = Case { allowances: &uses, changes: &policy.changes, ..*case };
    let mut findings = rule::check(&case);
    findings.retain(|finding| {
        let accepted = finding.subject.as_ref().and_then(|subject| accepted.get(subject));
        accepted.is_none_or(|accepted| !policy.silences(accepted, finding))
    });
    let mut left_out: BTreeMap<Subject, BTreeSet<&'static str>> = BTreeMap::new();
    findings.retain_mut(|finding| match policy.level(finding) {
        Some(level) => {
            finding.level = level;
            true
        }
        None => {
            if let Some(subject) = &finding.subject {
                left_out.entry(subject.clone()).or_default().insert(finding.code);
            }
            false
        }
    });
    let tallies = sources.iter().map(|source| Tally::over(case.comparisons, source)).collect();
    Judgement { verdicts, counts, tallies, findings, allowed, left_out, fail_on: policy.fail_on }
}

impl Allowed {
    fn by(allowance: &Allowance) -> Allowed {
        let Allowance { at, reason, until, .. } = allowance;
        Allowed { at: at.clone(), reason: reason.clone(), until: *until }
    }
}

#[cfg(test)]
mod tests {
    use gosum_mod::file::go_sum::GoSum;

    use super::*;
    use crate::evidence::{Answer, NotAsked};
    use crate::rule::SumFile;
    use crate::sample::{comparison, hash};

    const BOTH: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

    fn plain() -> Policy {
        Policy::plain(BOTH.to_vec(), Date::parse("2026-11-26").unwrap())
    }

    fn judge_these(comparisons: &[Comparison]) -> Judgement {
        judge(&Case { comparisons, ..Case::default() }, &BOTH, &plain())
    }

    #[test]
    fn counts_and_tallies_add_up() {
        let unavailable = || Answer::Unavailable("503".into());
        let private = Answer::NotAsked(NotAsked::Private);
        let left_out = || Answer::NotAsked(NotAsked::ModOnly);
        let judgement = judge_these(&[
            comparison(Some(hash("a")), hash("a"), hash("a")),
            comparison(Some(hash("a")), hash("a"), hash("b")),
            comparison(Some(hash("a")), hash("a"), unavailable()),
            comparison(Some(hash("a")), private, hash("a")),
            comparison(Some(hash("a")), left_out(), left_out()),
        ]);
        let expected = Counts {
            verified_both: 1,
            verified_direct_only: 1,
            mismatch: 1,
            unverified: 1,
            left_out: 1,
            untold: 1,
            ..Counts::default()
        };
        assert_eq!(judgement.counts, expected);
        assert_eq!(judgement.tallies[0], Tally { agree: 3, differ: 0, unanswered: 0, not_asked: 2 });
        assert_eq!(judgement.tallies[1], Tally { agree: 2, differ: 1, unanswered: 1, not_asked: 1 });
        assert_eq!(judgement.tallies[1].lines(), 5);
        assert_eq!(judgement.verdict(), Verdict::Mismatch);
    }

    #[test]
    fn nothing_to_judge_is_verified_unless_a_rule_speaks() {
        assert_eq!(judge_these(&[]).verdict(), Verdict::Verified);
        let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(b"oops\n") };
        let judgement = judge(&Case { files: &[file], ..Case::default() }, &BOTH, &plain());
        assert_eq!((judgement.verdict(), judgement.findings.len()), (Verdict::Unverified, 1));
    }
}
