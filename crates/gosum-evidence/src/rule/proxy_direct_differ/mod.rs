//! Two sources recomputed the artifact, and their hashes differ: proxy and version control, or two proxies.

use super::{Case, Rule, RuleInfo, alone, moved};
use crate::compare::Comparison;
use crate::evidence::{SourceName, list};
use crate::finding::{Finding, Level};

pub(super) struct ProxyDirectDiffer;

static INFO: RuleInfo = RuleInfo {
    code: "proxy-direct-differ",
    level: Some(Level::Deny),
    least: None,
    help: "see what differs with `gosum explain MODULE@VERSION` before you trust either",
    page: include_str!("help.md"),
};

impl Rule for ProxyDirectDiffer {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.comparisons
            .iter()
            .filter(|comparison| {
                // what a part differs in is another rule's finding
                let mut sums = comparison.recomputed().filter_map(|(_, evidence)| evidence.answer.own_sum());
                sums.next().is_some_and(|first| sums.any(|sum| sum != first))
            })
            .map(|comparison| INFO.on(comparison, message(comparison)))
            .collect()
    }
}

fn message(comparison: &Comparison) -> String {
    let groups: Vec<String> = comparison.sums().iter().map(|(_, sources)| list(sources)).collect();
    let commit =
        |source| comparison.answers.get(source).and_then(|evidence| evidence.origin.commit.as_deref());
    let mut message = format!("the hashes differ: {}{}", groups.join(" against "), alone(comparison));
    if let Some(moved) = moved(comparison) {
        message += &format!("; {moved}");
    }
    let Some(now) = commit(&SourceName::DIRECT) else { return message };
    for (source, _) in comparison.recomputed().filter(|(source, _)| source.is_proxy()) {
        let found = comparison.answers.get(source).and_then(|it| it.origin.content_of.as_deref());
        let proxy = if *source == SourceName::PROXY { "the proxy" } else { source.as_str() };
        message += &match (commit(source), found) {
            (Some(seen), _) if seen == now => format!("; {proxy} names the same commit {now}"),
            (Some(seen), _) => format!("; {proxy} saw commit {seen}, the repository now has {now}"),
            (None, Some(of)) => {
                format!("; {proxy} has the content of commit {of}, the repository now has {now}")
            }
            (None, None) => continue,
        };
    }
    message
}

#[cfg(test)]
mod tests;
