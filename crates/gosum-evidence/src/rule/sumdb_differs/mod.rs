//! The checksum database has recorded another hash than all give who recomputed the artifact. Where these differ among
//! themselves, that is another rule's finding, which says with whom the database stands.

use super::{Case, Rule, RuleInfo, alone};
use crate::compare::Comparison;
use crate::evidence::{Answer, SourceName, Sum, list};
use crate::finding::{Finding, Level};

pub(super) struct SumdbDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "sumdb-differs",
    level: Some(Level::Deny),
    least: None,
    help: "what the database recorded is what everybody else got first: find out why you get something else",
    page: include_str!("help.md"),
};

impl Rule for SumdbDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.comparisons
            .iter()
            .filter(|comparison| {
                let recorded = comparison.answer(&SourceName::SUMDB).and_then(Answer::sum);
                let others: Vec<&Sum> =
                    comparison.recomputed().filter_map(|(_, evidence)| evidence.answer.own_sum()).collect();
                let differs =
                    |recorded: &Sum| others.iter().all(|other| *other != recorded && *other == others[0]);
                !others.is_empty() && recorded.is_some_and(differs)
            })
            .map(|comparison| INFO.on(comparison, message(comparison)))
            .collect()
    }
}

fn message(comparison: &Comparison) -> String {
    let groups: Vec<String> = comparison.sums().iter().map(|(_, sources)| list(sources)).collect();
    format!("the hashes differ: {}{}", groups.join(" against "), alone(comparison))
}

#[cfg(test)]
mod tests;
