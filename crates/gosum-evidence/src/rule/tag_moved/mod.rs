//! The tag of a version leads to another commit than the one that a module proxy saw, and the content is the same; or than
//! the one that our own store saw, and no hashes differ.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo, moved};
use crate::compare::Comparison;
use crate::evidence::{SourceName, Sum};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

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
        let moved = |comparison| {
            let message = since_it_was_seen(case, comparison).or_else(|| since_a_proxy_saw_it(comparison))?;
            Some(INFO.on(comparison, message))
        };
        case.comparisons.iter().filter_map(moved).collect()
    }
}

/// Returns what to say where the tag led elsewhere when our own store saw it. It is said of the zip, and of a go.mod where there
/// is no line of the zip. Where hashes differ, that is another rule's finding, which says so too.
fn since_it_was_seen(case: &Case<'_>, comparison: &Comparison) -> Option<String> {
    let message = moved(comparison)?;
    let subject = &comparison.subject;
    let is_said_of_zip = subject.artifact == Artifact::GoMod && {
        let zip = Subject::new(subject.module.clone(), Artifact::Zip);
        case.comparisons.binary_search_by(|other| other.subject.cmp(&zip)).is_ok()
    };
    if is_said_of_zip || comparison.sums().len() > 1 {
        return None;
    }
    let direct = comparison.answers.get(&SourceName::DIRECT)?;
    let before = direct.origin.moved.as_deref()?.zip.filter(|_| subject.artifact == Artifact::Zip);
    Some(match (before, direct.answer.sum()) {
        (Some(before), Some(now)) if *now == Sum::H1(before) => format!("{message}; the content is the same"),
        (Some(before), Some(_)) => format!("{message}; the content is another: it was {before}"),
        _ => format!("{message}; whether the content was the same is not known"),
    })
}

/// Returns what to say where a proxy and the repository give the same content and name two commits, the repository's by a tag.
/// Where the content differs, that is another rule's finding, which names both commits.
fn since_a_proxy_saw_it(comparison: &Comparison) -> Option<String> {
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
