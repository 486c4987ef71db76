//! The go.mod that a source serves by itself is not the one in its zip.

use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::compare::Comparison;
use crate::evidence::{Defect, SourceName, Sum, list};
use crate::finding::{Finding, Level};

pub(super) struct GoModDiffersFromZip;

static INFO: RuleInfo = RuleInfo {
    code: "go-mod-differs-from-zip",
    level: Some(Level::Warn),
    least: None,
    help: "the build follows the go.mod that comes by itself: compare it with the one in the zip, which people read",
    page: include_str!("help.md"),
};

impl Rule for GoModDiffersFromZip {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.comparisons.windows(2).flat_map(of_neighbours).collect()
    }
}

/// A go.mod by itself, and the one in the zip.
type Pair<'a> = (&'a H1, &'a H1);

/// Returns what there is to say of two neighbours, if they are the zip and the go.mod of one module version.
fn of_neighbours(neighbours: &[Comparison]) -> Vec<Finding> {
    let [zip, go_mod] = neighbours else { return Vec::new() };
    let kinds = (zip.subject.artifact, go_mod.subject.artifact);
    if zip.subject.module != go_mod.subject.module || kinds != (Artifact::Zip, Artifact::GoMod) {
        return Vec::new();
    }
    differing(zip, go_mod).into_iter().map(|(pair, sources)| finding(go_mod, pair, &sources)).collect()
}

/// Returns each pair of different files, with the sources that have it and whether it is what version control gives.
fn differing<'a>(zip: &'a Comparison, go_mod: &'a Comparison) -> Vec<(Pair<'a>, Sources<'a>)> {
    let mut pairs: Vec<(Pair<'_>, Sources<'_>)> = Vec::new();
    for (name, evidence) in zip.recomputed() {
        let alone = go_mod.answer(name).and_then(|answer| answer.sum());
        let (Some(inside), Some(Sum::H1(alone))) = (evidence.go_mod_inside.as_deref(), alone) else {
            continue;
        };
        if alone == inside {
            continue;
        }
        let is_explained =
            *name == SourceName::DIRECT && !evidence.answer.has_defect(Defect::ViaModuleServer);
        match pairs.iter_mut().find(|(pair, _)| *pair == (alone, inside)) {
            Some((_, sources)) => {
                sources.names.push(name);
                sources.are_explained |= is_explained;
            }
            None => {
                pairs.push(((alone, inside), Sources { names: vec![name], are_explained: is_explained }));
            }
        }
    }
    pairs
}

/// The sources that have the same two files.
struct Sources<'a> {
    names: Vec<&'a SourceName>,
    /// Whether version control is among them: then it is the repository that makes two files of one.
    are_explained: bool,
}

fn finding(go_mod: &Comparison, (alone, inside): Pair<'_>, sources: &Sources<'_>) -> Finding {
    let names = list(&sources.names);
    let message =
        format!("{names}: the go.mod in the zip has the hash {inside}, and the one by itself {alone}");
    if !sources.are_explained {
        return INFO.on(go_mod, message);
    }
    let message = format!("{message}; the repository's attributes change it on its way into the zip");
    Finding { level: Level::Note, ..INFO.on(go_mod, message) }
}

#[cfg(test)]
mod tests;
