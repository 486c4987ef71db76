//! Two different h1 hashes for one artifact in one go.sum, or in several that are audited together.

use std::collections::BTreeMap;

use gosum_mod::file::go_sum::Line;

use super::{Case, Rule, RuleInfo, SumFile};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

pub(super) struct GoSumTwoHashes;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-two-hashes",
    level: Some(Level::Deny),
    least: None,
    help: "keep the line that the sources agree with, and find out where the other came from",
    page: include_str!("help.md"),
};

impl Rule for GoSumTwoHashes {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut first: BTreeMap<(&[u8], &[u8]), Place<'_>> = BTreeMap::new();
        let mut findings = Vec::new();
        for file in case.files {
            for line in file.sum.lines.iter().filter(|line| line.hash().starts_with(b"h1:")) {
                let before = *first.entry((line.path(), line.version())).or_insert((file, line));
                if before.1.hash() != line.hash() {
                    findings.push(doubled(before, (file, line)));
                }
            }
        }
        findings
    }
}

/// A line, and the file that it is in.
type Place<'f> = (&'f SumFile, &'f Line);

/// Returns the finding on a line that has another hash than the one `before` it.
fn doubled(before: Place<'_>, (file, line): Place<'_>) -> Finding {
    let subject = line.key().ok().map(|(module, artifact)| Subject::new(module, artifact));
    let number = before.1.number();
    let message = match before.0.name == file.name {
        true => format!("line {number} records another hash for the same artifact, and counts"),
        false => format!(
            "{} records another hash for the same artifact, and that is what the sources are held against",
            before.0.at(number)
        ),
    };
    INFO.finding(subject.as_ref(), vec![file.at(line.number())], message)
}

#[cfg(test)]
mod tests;
