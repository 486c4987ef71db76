//! The authors of a module retracted this version of it (spec 03 §3, §6).

use gosum_mod::name::id::Artifact;
use gosum_mod::name::text::Text;

use super::{Case, Retracted as Retraction, Rule, RuleInfo};
use crate::finding::{Finding, Level};

/// How many characters of a rationale are shown, as many as the go command shows.
const MAX_CHARS: usize = 500;

/// How many rationales of one version are shown.
const MAX_RATIONALES: usize = 3;

pub(super) struct Retracted;

static INFO: RuleInfo = RuleInfo {
    code: "retracted",
    level: Some(Level::Note),
    least: None,
    help: "read what the authors say, and move to another version",
    page: include_str!("help.md"),
};

impl Rule for Retracted {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    /// A version whose go.mod alone is used is built by nobody: what counts is the line of the zip.
    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            let subject = &comparison.subject;
            let is_it = |retraction: &&Retraction| retraction.module == subject.module;
            if subject.artifact == Artifact::Zip
                && let Some(retraction) = case.retracted.iter().find(is_it)
            {
                findings.push(INFO.on(comparison, message(retraction)));
            }
        }
        findings
    }
}

fn message(Retraction { by, rationale, .. }: &Retraction) -> String {
    let said: Vec<String> = rationale.iter().filter_map(shown).take(MAX_RATIONALES).collect();
    let said = if said.is_empty() { "for no reason that is given".to_owned() } else { said.join(", ") };
    format!("its authors retracted it, as the go.mod of {by} says: {said}")
}

/// Returns what authors say, in one quoted line of bounded length; nothing where they say nothing.
fn shown(rationale: &Text) -> Option<String> {
    let text = rationale.to_lossy();
    let mut characters = text.split_whitespace().flat_map(|word| [" ", word]).flat_map(str::chars).skip(1);
    let words: String = characters.by_ref().take(MAX_CHARS).collect();
    let is_cut = characters.next().is_some();
    let cut = if is_cut { " (cut)" } else { "" };
    (!words.is_empty()).then(|| format!("{:?}{cut}", Text::from(&*words)))
}

#[cfg(test)]
mod tests;
