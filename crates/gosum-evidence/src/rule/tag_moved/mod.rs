//! The tag of a version leads to another commit than the one that a module proxy saw, and the content is the same.

use super::{Case, Rule, RuleInfo};
use crate::compare::Comparison;
use crate::evidence::SourceName;
use crate::finding::{Finding, Level};

pub(super) struct TagMoved;

static INFO: RuleInfo = RuleInfo {
    code: "tag-moved",
    level: Some(Level::Note),
    least: None,
    help: "nothing to do as long as the content is the same; ask the authors why they moved it",
    page: include_str!("help.md"),
};

impl Rule for TagMoved {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let moved = |comparison| Some(INFO.on(comparison, message(comparison)?));
        case.comparisons.iter().filter_map(moved).collect()
    }
}

/// Returns what to say where a proxy and the repository give the same content and name two commits, the repository's by a tag.
/// Where the content differs, that is another rule's finding, which names both commits.
fn message(comparison: &Comparison) -> Option<String> {
    let direct = comparison.answers.get(&SourceName::DIRECT)?;
    let (sum, now) = (direct.answer.sum()?, direct.origin.commit.as_deref()?);
    let tag = direct.origin.reference.as_deref()?.strip_prefix("refs/tags/")?;
    let seen =
        comparison.recomputed().filter(|(source, _)| source.is_proxy()).find_map(|(source, evidence)| {
            let seen = evidence.origin.commit.as_deref().map(|seen| (seen, "saw"));
            let of_time = || evidence.origin.content_of.as_deref().map(|seen| (seen, "tells the time of"));
            let (seen, how) = seen.or_else(of_time).filter(|(seen, _)| *seen != now)?;
            (evidence.answer.sum() == Some(sum)).then_some((source, how, seen))
        });
    let (source, how, seen) = seen?;
    Some(format!("{source} {how} commit {seen}, and tag {tag} now leads to {now}; the content is the same"))
}

#[cfg(test)]
mod tests;
