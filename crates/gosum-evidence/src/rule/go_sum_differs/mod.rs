//! go.sum records a hash that nobody who recomputed the artifact gives. What the checksum database recorded is no recomputation:
//! it can be of bytes that nobody has any more.

use super::{Case, Rule, RuleInfo, alone, moved};
use crate::compare::Comparison;
use crate::evidence::{Answer, SourceName, list};
use crate::finding::{Finding, Level};

pub(super) struct GoSumDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "do not build with this line; find out who changed it or what it was written from",
    page: include_str!("help.md"),
};

impl Rule for GoSumDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.comparisons
            .iter()
            .filter_map(|comparison| Some(INFO.on(comparison, message(comparison)?)))
            .collect()
    }
}

/// Returns what to say when go.sum's hash is none of the recomputed ones, or nobody recomputed and the checksum database has
/// another one. Where it is one of several, the sources differ among themselves, and that is another rule's finding.
fn message(comparison: &Comparison) -> Option<String> {
    comparison.answer(&SourceName::GO_SUM).and_then(Answer::sum)?;
    // who has a part alone has the rest from a copy that is what go.sum records
    let groups = comparison.own_sums();
    let ((_, with), others) = groups.split_first()?;
    if with.iter().any(|source| source.recomputes()) || others.is_empty() {
        return None;
    }
    let who = match with.contains(&&SourceName::SUMDB) {
        true => "no source that recomputed it gives the hash that go.sum and sumdb record",
        false => "no source gives the hash that go.sum records",
    };
    let which = ["another one", "a third one", "a fourth one"]
        .into_iter()
        .chain(std::iter::repeat("yet another one"));
    let others = others.iter().zip(which).map(|((_, sources), which)| match sources.as_slice() {
        [one] => format!("{one} gives {which}"),
        several => format!("{} give {which}", list(several)),
    });
    let others = others.collect::<Vec<_>>().join(", ");
    let moved = moved(comparison).map_or(String::new(), |moved| format!("; {moved}"));
    Some(format!("{who}: {others}{}{moved}", alone(comparison)))
}

#[cfg(test)]
mod tests;
