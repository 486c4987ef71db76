//! `vendor/modules.txt` contradicts go.mod, or the modules that it names.

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct VendorListDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "vendor-list-differs",
    level: Some(Level::Deny),
    least: None,
    help: "run `go mod vendor`, in a workspace `go work vendor`, and look at what changes",
    page: include_str!("help.md"),
};

impl Rule for VendorListDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let vendors = case.disk.into_iter().flat_map(|disk| &disk.vendors);
        let faults = vendors.flat_map(|vendor| &vendor.list_faults);
        faults.map(|(at, what)| INFO.finding(None, vec![at.clone()], what.clone())).collect()
    }
}

#[cfg(test)]
mod tests;
