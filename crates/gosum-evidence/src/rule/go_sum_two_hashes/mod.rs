//! Two different h1 hashes for one artifact in one go.sum.

use std::collections::BTreeMap;

use gosum_mod::file::go_sum::Line;

use super::{Case, Rule, RuleInfo, SumFile};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

pub(super) struct GoSumTwoHashes;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-two-hashes",
    level: Some(Level::Deny),
    is_fixed: false,
    help: "keep the line that the sources agree with, and find out where the other came from",
    page: include_str!("help.md"),
};

impl Rule for GoSumTwoHashes {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.files.iter().flat_map(doubled).collect()
    }
}

fn doubled(file: &SumFile) -> Vec<Finding> {
    let mut first: BTreeMap<(&[u8], &[u8]), &Line> = BTreeMap::new();
    let mut findings = Vec::new();
    for line in file.sum.lines.iter().filter(|line| line.hash().starts_with(b"h1:")) {
        let before = first.entry((line.path(), line.version())).or_insert(line);
        if before.hash() == line.hash() {
            continue;
        }
        let subject = line.key().ok().map(|(module, artifact)| Subject::new(module, artifact));
        let message =
            format!("line {} records another hash for the same artifact, and counts", before.number());
        findings.push(INFO.finding(subject.as_ref(), vec![file.at(line.number())], message));
    }
    findings
}

#[cfg(test)]
mod tests;
