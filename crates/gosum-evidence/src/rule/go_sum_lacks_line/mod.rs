//! Something that is to be used, and for which go.sum has no line.

use super::{Case, Lack, Lacking, Needs, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct GoSumLacksLine;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-lacks-line",
    level: Some(Level::Deny),
    least: None,
    help: "`go mod tidy` adds the line; `gosum lint --fix --fetch` adds it where two sources agree on the hash",
    page: include_str!("help.md"),
};

impl Rule for GoSumLacksLine {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.needs.iter().flat_map(lacking).collect()
    }
}

fn lacking(needs: &Needs) -> impl Iterator<Item = Finding> {
    needs.lacking.iter().map(|Lacking { subject, required, why }| {
        let name = &needs.name;
        let message = match why {
            Lack::Graph => format!("{name} has no line for this go.mod, from which the module graph is loaded"),
            Lack::Required => format!(
                "{name} has no line for this zip: `go mod tidy` adds it, or drops the requirement if no package of it is imported"
            ),
        };
        INFO.finding(Some(subject), required.iter().cloned().collect(), message)
    })
}

#[cfg(test)]
mod tests;
