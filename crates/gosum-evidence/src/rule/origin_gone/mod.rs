//! The repository of a module is not there.

use super::{Reason, RuleInfo};

pub(super) const REASON: Reason = Reason(&RuleInfo {
    code: "origin-gone",
    level: None,
    least: None,
    help: "find out where the module moved to, or accept the proxy alone for it in gosum.toml",
    page: include_str!("help.md"),
});
