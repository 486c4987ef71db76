//! git's marks of a merge that nobody finished.

use super::{Case, Rule, RuleInfo, SumFile};
use crate::finding::{Finding, Level};

pub(super) struct GoSumConflict;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-conflict",
    level: Some(Level::Deny),
    least: None,
    help: "finish the merge, then run `go mod tidy`",
    page: include_str!("help.md"),
};

impl Rule for GoSumConflict {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.files.iter().flat_map(markers).collect()
    }
}

fn markers(file: &SumFile) -> Vec<Finding> {
    let malformed = file.sum.malformed.iter().filter(|line| line.conflict).map(|line| line.number);
    let read = file.sum.lines.iter().filter(|line| line.is_conflict_marker()).map(|line| line.number());
    let message = || "git left this mark of a conflict here".to_owned();
    malformed.chain(read).map(|number| INFO.finding(None, vec![file.at(number)], message())).collect()
}

#[cfg(test)]
mod tests;
