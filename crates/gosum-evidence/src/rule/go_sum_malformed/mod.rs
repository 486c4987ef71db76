//! A line of go.sum that covers no artifact.

use super::{Case, Rule, RuleInfo, SumFile};
use crate::finding::{Finding, Level};

pub(super) struct GoSumMalformed;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-malformed",
    level: Some(Level::Deny),
    least: None,
    help: "remove the line, or write it again with `go mod tidy`",
    page: include_str!("help.md"),
};

impl Rule for GoSumMalformed {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.files.iter().flat_map(malformed).collect()
    }
}

fn malformed(file: &SumFile) -> Vec<Finding> {
    let finding = |number, message| INFO.finding(None, vec![file.at(number)], message);
    let fields = file
        .sum
        .malformed
        .iter()
        .filter(|line| !line.conflict)
        .map(|line| finding(line.number, format!("a line has 3 fields, this one has {}", line.fields)));
    let keys = file
        .sum
        .lines
        .iter()
        .filter(|line| !line.is_conflict_marker())
        .filter_map(|line| Some(finding(line.number(), crate::chain(&line.key().err()?))));
    fields.chain(keys).collect()
}

#[cfg(test)]
mod tests;
