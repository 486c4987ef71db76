//! From comparisons to verdicts, counts and findings.

use crate::compare::{Comparison, Standing};
use crate::evidence::SourceName;
use crate::finding::{Finding, Level};
use crate::rule::{self, Case};
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
}

impl Judgement {
    /// Returns the verdict on the whole: the worst of all artifacts'. Where a rule denies something
    /// although nothing mismatches, the whole is not verified either.
    pub fn verdict(&self) -> Verdict {
        let worst = self.verdicts.iter().flatten().copied().max().unwrap_or(Verdict::Verified);
        let denied = self.findings.iter().any(|finding| finding.level >= Level::Deny);
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

/// Returns what `case` comes to, when the sources in `required` must give a hash where they apply.
/// `sources` are those that recompute, for their tallies.
pub fn judge(case: &Case<'_>, sources: &[SourceName], required: &[SourceName]) -> Judgement {
    let mut counts = Counts::default();
    let verdicts = case
        .comparisons
        .iter()
        .map(|comparison| {
            if comparison.left_out() {
                counts.left_out += 1;
                return None;
            }
            let verdict = comparison.verdict(required);
            counts.add(comparison, verdict);
            Some(verdict)
        })
        .collect();
    let tallies = sources.iter().map(|source| Tally::over(case.comparisons, source)).collect();
    Judgement { verdicts, counts, tallies, findings: rule::check(case) }
}

#[cfg(test)]
mod tests {
    use gosum_mod::file::go_sum::GoSum;

    use super::*;
    use crate::evidence::{Answer, NotAsked};
    use crate::rule::SumFile;
    use crate::sample::{comparison, hash};

    const BOTH: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

    fn judge_these(comparisons: &[Comparison]) -> Judgement {
        judge(&Case { comparisons, files: &[] }, &BOTH, &BOTH)
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
        let judgement = judge(&Case { comparisons: &[], files: &[file] }, &BOTH, &BOTH);
        assert_eq!((judgement.verdict(), judgement.findings.len()), (Verdict::Unverified, 1));
    }
}
