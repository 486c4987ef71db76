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

/// The go.mod of every version that go.mod requires has a line. One whose packages nobody imports has none for its zip: that its
/// zip is in the cache does not mean that it needs one. Of versions that nothing requires here a lone line for the zip is usual.
fn lacks(cached: &Cached) -> Option<Finding> {
    let required_at = cached.required_at.as_ref()?;
    let file = &required_at.file;
    let (artifact, level, message) = match (&cached.zip_line, &cached.go_mod_line) {
        (_, None) => {
            let message = format!("{file} requires it, and go.sum has no line for its go.mod");
            (Artifact::GoMod, Level::Deny, message)
        }
        (None, Some(_)) if !cached.zip.is_missing() => {
            let message =
                format!("{file} requires it and its zip is in the cache, and go.sum has no line for the zip");
            (Artifact::Zip, Level::Warn, message)
        }
        _ => return None,
    };
    let finding = INFO.finding(Some(&cached.subject(artifact)), vec![required_at.clone()], message);
    Some(Finding { level, ..finding })
}

#[cfg(test)]
mod tests;
