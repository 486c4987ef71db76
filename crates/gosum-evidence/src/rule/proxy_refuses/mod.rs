//! The module proxy does not have the artifact, or will not give it.

use super::{Case, Rule, RuleInfo};
use crate::finding::Finding;

pub(super) struct ProxyRefuses;

static INFO: RuleInfo = RuleInfo {
    code: "proxy-refuses",
    level: None,
    is_fixed: false,
    help: "ask whoever runs the proxy, or accept version control alone for it in gosum.toml",
    page: include_str!("help.md"),
};

/// It is a reason that a source gives for a missing hash: what it makes unverified, the verdict says.
impl Rule for ProxyRefuses {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, _case: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
