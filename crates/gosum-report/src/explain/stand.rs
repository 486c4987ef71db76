//! Who stands with whom: whose hash go.sum has, and who is alone with another one.

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{SourceName, list};
use gosum_evidence::explain::{Account, Outcome};
use gosum_mod::name::id::Artifact;

use super::answers::groups;

/// The sources that have one hash against those that have another.
pub(super) struct Against {
    pub(super) words: String,
    /// Whether there are two hashes, so that it is clear which two copies are compared.
    pub(super) is_between_two: bool,
}

/// Returns who stands against whom, on the zip or else on the go.mod; nothing where nobody does.
pub(super) fn against(account: &Account) -> Option<Against> {
    let odd = account.answers.iter().find(|comparison| comparison.sums().len() > 1)?;
    let groups: Vec<String> = groups(odd, account).iter().map(|(_, names)| list(names)).collect();
    let of = match odd.subject.artifact {
        Artifact::Zip => "",
        Artifact::GoMod => "of the go.mod, ",
    };
    Some(Against { words: format!("{of}{}", groups.join(" against ")), is_between_two: groups.len() == 2 })
}

/// Returns the source that stands alone with its hash, where that can be told. The module cache does not count: its machine may
/// be the one that wrote the line of go.sum, so that the two are one witness.
pub(super) fn alone(comparison: &Comparison) -> Option<SourceName> {
    let answers = comparison.answers.iter().filter(|(name, _)| **name != SourceName::MODCACHE);
    let answers = answers.map(|(name, evidence)| (name.clone(), evidence.clone())).collect();
    let witnesses = Comparison { answers, at: Vec::new(), subject: comparison.subject.clone() };
    witnesses.odd_one_out().cloned()
}

/// Returns the sources that have the hash of go.sum; none where that has none.
pub(super) fn with_go_sum(comparison: &Comparison) -> Option<Vec<&SourceName>> {
    let groups = comparison.sums();
    let own = groups.into_iter().map(|(_, names)| names).find(|names| names.contains(&&SourceName::GO_SUM));
    own.map(|names| names.into_iter().filter(|name| **name != SourceName::GO_SUM).collect())
}

/// Returns what go.sum records, a sentence for each artifact on which somebody has another hash, or why it records nothing.
pub(super) fn of_go_sum(account: &Account) -> Vec<String> {
    let Some(zip) = account.answers.first() else { return Vec::new() };
    let odd: Vec<&Comparison> =
        account.answers.iter().filter(|comparison| comparison.sums().len() > 1).collect();
    if account.answers.iter().all(|comparison| comparison.answers.iter().next().is_none())
        || odd.is_empty() && matches!(account.outcome, Outcome::Same(_))
    {
        return Vec::new();
    }
    let has_line = account.answers.iter().any(|comparison| !comparison.at.is_empty());
    match (account.has_go_sum, has_line) {
        (false, _) => {
            return vec!["there is none here; in the folder of a project its line is compared".to_owned()];
        }
        (true, false) => return vec![format!("no line of {}", zip.subject.module)],
        (true, true) => {}
    }
    let shown = if odd.is_empty() { vec![zip] } else { odd };
    shown.into_iter().map(|comparison| recorded(comparison, account)).collect()
}

/// Returns whose hash go.sum has of an artifact, and whose copy the go command refuses.
fn recorded(comparison: &Comparison, account: &Account) -> String {
    let at: Vec<String> = comparison.at.iter().map(ToString::to_string).collect();
    let (at, artifact) = (at.join(", "), comparison.subject.artifact);
    let Some(agree) = with_go_sum(comparison) else {
        return match at.is_empty() {
            true => format!("no line of the {artifact}"),
            false => format!("{at} records no h1 of the {artifact}"),
        };
    };
    let groups = groups(comparison, account);
    let others: Vec<&[&SourceName]> = groups
        .iter()
        .map(|(_, names)| names.as_slice())
        .filter(|names| !names.contains(&&SourceName::GO_SUM))
        .collect();
    let all = others.concat();
    let records = format!("{at} records the hash of the {artifact}");
    match (agree.as_slice(), others.as_slice()) {
        ([], [[_, _, ..]]) => {
            format!("{records} that nobody else has: {} agree on another one", list(&all))
        }
        ([], []) => format!("{records}, and nobody else tells one"),
        ([], _) => format!("{records} that nobody else has, not {}", nor(&all)),
        (_, []) => format!("{records} that {} {}", list(&agree), has(&agree)),
        _ => {
            let refused: Vec<&SourceName> = all.iter().copied().filter(|name| name.recomputes()).collect();
            let alone = if alone(comparison).is_some() { ", which stands alone" } else { "" };
            let (has, agree, all) = (has(&agree), list(&agree), list(&all));
            match refused.is_empty() {
                true => format!("{records} that {agree} {has}; {all} records another one"),
                // no go command holds what is vendored to go.sum
                false if refused.iter().all(|name| **name == SourceName::VENDOR) => {
                    format!(
                        "{records} that {agree} {has}; a build with -mod=vendor compiles what vendor has{alone}"
                    )
                }
                false => {
                    format!("{records} that {agree} {has}; go refuses that of {}{alone}", list(&refused))
                }
            }
        }
    }
}

fn has(names: &[&SourceName]) -> &'static str {
    if names.len() == 1 { "has" } else { "have" }
}

fn nor(names: &[&SourceName]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" nor ")
}
