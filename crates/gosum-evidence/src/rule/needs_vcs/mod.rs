//! The repository is of another version control system than git.

use super::{Case, Rule, RuleInfo};
use crate::finding::Finding;

pub(super) struct NeedsVcs;

static INFO: RuleInfo = RuleInfo {
    code: "needs-vcs",
    level: None,
    is_fixed: false,
    help: "accept the proxy alone for it in gosum.toml, or move to a module that is kept in git",
    page: include_str!("help.md"),
};

/// It is a reason that a source gives for a missing hash: what it makes unverified, the verdict says.
impl Rule for NeedsVcs {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, _case: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
