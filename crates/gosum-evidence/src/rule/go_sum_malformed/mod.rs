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

const MARK: &str =
    "the file begins with a byte order mark, which the go command takes for the start of a module path";

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
    let fields = file.sum.malformed.iter().filter(|line| !line.conflict).map(|line| {
        let fields = format!("a line has 3 fields, this one has {}", line.fields);
        let mark = if line.byte_order_mark { format!("{MARK}; ") } else { String::new() };
        finding(line.number, mark + &fields)
    });
    let keys = file.sum.lines.iter().filter(|line| !line.is_conflict_marker()).filter_map(|line| {
        let error = line.key().err()?;
        let message = match line.has_byte_order_mark() {
            true => format!("{MARK}, so that this line covers nothing"),
            false => crate::chain(&error),
        };
        Some(finding(line.number(), message))
    });
    fields.chain(keys).collect()
}

#[cfg(test)]
mod tests;
