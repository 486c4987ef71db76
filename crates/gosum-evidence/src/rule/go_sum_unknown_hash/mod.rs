//! A hash in go.sum that no go command computes.

use std::collections::BTreeSet;

use gosum_mod::file::go_sum::Line;
use gosum_mod::hash::h1::H1;

use super::{Case, Rule, RuleInfo, SumFile};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

pub(super) struct GoSumUnknownHash;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-unknown-hash",
    level: Some(Level::Warn),
    least: None,
    help: "find out what wrote the line; `go mod tidy` writes h1 hashes",
    page: include_str!("help.md"),
};

impl Rule for GoSumUnknownHash {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        // an audit says of each artifact what its hash is worth
        case.files.iter().filter(|_| !case.forms.is_empty()).flat_map(unknown).collect()
    }
}

fn unknown(file: &SumFile) -> Vec<Finding> {
    let key = |line: &Line| [line.path(), line.version()].concat();
    let is_h1 = |line: &&Line| line.hash().starts_with(b"h1:");
    let others = || file.sum.lines.iter().filter(|line| !line.is_conflict_marker());
    let mut unknown = others().filter(|line| !is_h1(line)).peekable();
    // which are rare, so that the file is not indexed for nothing
    let known: BTreeSet<Vec<u8>> = match unknown.peek() {
        Some(_) => others().filter(is_h1).map(key).collect(),
        None => BTreeSet::new(),
    };
    let finding = |line: &Line, level, message: String| {
        let subject = line.key().ok().map(|(module, artifact)| Subject::new(module, artifact));
        Finding { level, ..INFO.finding(subject.as_ref(), vec![file.at(line.number())], message) }
    };
    let unknown = unknown.map(|line| match known.contains(&key(line)) {
        true => finding(line, Level::Warn, "no go command computes a hash of this kind; the h1 of the same artifact counts".into()),
        false => finding(line, Level::Deny, "no go command computes a hash of this kind, and the artifact has no other: whatever comes passes".into()),
    });
    let broken = others().filter(is_h1).filter(|line| !is_whole(line));
    let broken =
        broken.map(|line| finding(line, Level::Deny, "this is no h1: nothing can have this hash".into()));
    unknown.chain(broken).collect()
}

/// Returns whether the hash of a line is one that something can have.
fn is_whole(line: &Line) -> bool {
    str::from_utf8(line.hash()).is_ok_and(|text| H1::parse(text).is_ok())
}

#[cfg(test)]
mod tests;
