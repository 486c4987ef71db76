//! The repository is there, and the version is not in it.

use super::{Case, Rule, RuleInfo};
use crate::finding::Finding;

pub(super) struct TagGone;

static INFO: RuleInfo = RuleInfo {
    code: "tag-gone",
    level: None,
    is_fixed: false,
    help: "ask the authors where the version went, or accept the proxy alone for it in gosum.toml",
    page: include_str!("help.md"),
};

/// It is a reason that a source gives for a missing hash: what it makes unverified, the verdict says.
impl Rule for TagGone {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, _case: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
