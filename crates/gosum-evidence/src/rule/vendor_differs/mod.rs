//! Files of a vendor folder are not those of the module that it says they are from.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::{VendorFolder, shown};
use crate::finding::{Finding, Level};
use crate::subject::Subject;

pub(super) struct VendorDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "vendor-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "a build with -mod=vendor compiles these files: see what was changed, then run `go mod vendor`",
    page: include_str!("help.md"),
};

impl Rule for VendorDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.disk.into_iter().flat_map(|disk| &disk.vendors).flat_map(differ).collect()
    }
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
