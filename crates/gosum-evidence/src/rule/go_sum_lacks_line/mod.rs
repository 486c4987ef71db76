//! Something that is to be used, and for which go.sum has no line.

use gosum_mod::name::id::Artifact;

use super::{Case, Lack, Lacking, Needs, Rule, RuleInfo};
use crate::disk::Cached;
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
        case.needs.iter().flat_map(lacking).chain(case.cached().filter_map(lacks)).collect()
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

/// The go.mod of every required version has a line, and so has that of each zip. A required version whose packages nobody
/// imports has none for its zip: that its zip is in the cache does not mean that it needs one.
fn lacks(cached: &Cached) -> Option<Finding> {
    let file = cached.required_at.as_ref().map(|at| at.file.clone());
    let (artifact, level, message) = match (&cached.zip_line, &cached.go_mod_line, file) {
        (Some(_), None, _) => {
            let message = "go.sum has a line for its zip, and none for its go.mod".to_owned();
            (Artifact::GoMod, Level::Deny, message)
        }
        (None, None, Some(file)) => (
            Artifact::GoMod,
            Level::Deny,
            format!("{file} requires it, and go.sum has no line for its go.mod"),
        ),
        (None, Some(_), Some(file)) if !cached.zip.is_missing() => {
            let message =
                format!("{file} requires it and its zip is in the cache, and go.sum has no line for the zip");
            (Artifact::Zip, Level::Warn, message)
        }
        _ => return None,
    };
    let at = match &cached.required_at {
        Some(at) => vec![at.clone()],
        None => cached.at(artifact),
    };
    Some(Finding { level, ..INFO.finding(Some(&cached.subject(artifact)), at, message) })
}

#[cfg(test)]
mod tests;
