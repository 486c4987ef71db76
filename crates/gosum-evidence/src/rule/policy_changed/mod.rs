//! The change under audit brings another policy than the one that judges it.

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};
use crate::policy::Change;

pub(super) struct PolicyChanged;

static INFO: RuleInfo = RuleInfo {
    code: "policy-changed",
    level: Some(Level::Warn),
    least: None,
    help: "review it as you review code: it judges from the next change on, or today with `--config gosum.toml`",
    page: include_str!("help.md"),
};

impl Rule for PolicyChanged {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        // an allowance about what is not audited today is one of the keys that changed, and nothing more
        let is_audited = |change: &&Change| match &change.subject {
            None => true,
            Some(subject) => case
                .comparisons
                .binary_search_by(|comparison| comparison.subject.cmp(subject))
                .is_ok_and(|at| !case.comparisons[at].left_out()),
        };
        let found = |change: &Change| {
            INFO.finding(change.subject.as_ref(), vec![change.at.clone()], change.what.clone())
        };
        case.changes.iter().filter(is_audited).map(found).collect()
    }
}

#[cfg(test)]
mod tests;
