//! The repository of a module is not there.

use super::{Case, Rule, RuleInfo};
use crate::finding::Finding;

pub(super) struct OriginGone;

static INFO: RuleInfo = RuleInfo {
    code: "origin-gone",
    level: None,
    is_fixed: false,
    help: "find out where the module moved to, or accept the proxy alone for it in gosum.toml",
    page: include_str!("help.md"),
};

/// It is a reason that a source gives for a missing hash: what it makes unverified, the verdict says.
impl Rule for OriginGone {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, _case: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
