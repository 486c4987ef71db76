//! Files of a vendor folder are not those of the module that it says they are from: as `verify` found them on disk, or as the
//! hash of the module with these files in their places shows in an audit.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo, alone};
use crate::compare::Comparison;
use crate::disk::{VendorFolder, shown};
use crate::evidence::{Answer, list};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

pub(super) struct VendorDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "vendor-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "a build with -mod=vendor compiles these files: `gosum explain MODULE@VERSION --between modcache,vendor` shows what was changed, and `go mod vendor` (`go work vendor`) makes them anew",
    page: include_str!("help.md"),
};

impl Rule for VendorDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let on_disk = case.disk.into_iter().flat_map(|disk| &disk.vendors).flat_map(differ);
        let audited =
            case.comparisons.iter().filter_map(|comparison| Some(INFO.on(comparison, message(comparison)?)));
        on_disk.chain(audited).collect()
    }
}

/// Returns what to say where a part of the module makes another module of it than all others have.
fn message(comparison: &Comparison) -> Option<String> {
    let part = comparison.differing_part()?;
    let groups: Vec<String> = comparison.sums().iter().map(|(_, sources)| list(sources)).collect();
    let what = comparison.answer(part).and_then(Answer::reason).unwrap_or_default();
    Some(format!(
        "{part} is not what the module has: {}{}: {what}",
        groups.join(" against "),
        alone(comparison)
    ))
}

fn differ(vendor: &VendorFolder) -> Vec<Finding> {
    let changed = vendor.modules.iter().filter(|module| !module.changes.is_empty()).map(|module| {
        let message = format!("{} is not what the module has: {}", vendor.folder, shown(&module.changes));
        let subject = Subject::new(module.module.clone(), Artifact::Zip);
        INFO.finding(Some(&subject), vec![module.at.clone()], message)
    });
    let strays = (!vendor.strays.is_empty()).then(|| {
        let message =
            format!("in {}, of no package in modules.txt: {}", vendor.folder, shown(&vendor.strays));
        INFO.finding(None, Vec::new(), message)
    });
    changed.chain(strays).collect()
}

#[cfg(test)]
mod tests;
