//! The repository is there, and the version is not in it.

use super::{Reason, RuleInfo};

pub(super) const REASON: Reason = Reason(&RuleInfo {
    code: "tag-gone",
    level: None,
    least: None,
    help: "ask the authors where the version went, or accept the proxy alone for it in gosum.toml",
    page: include_str!("help.md"),
});
