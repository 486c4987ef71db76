//! The module proxy does not have the artifact, or will not give it.

use super::{Reason, RuleInfo};

pub(super) const REASON: Reason = Reason(&RuleInfo {
    code: "proxy-refuses",
    level: None,
    least: None,
    help: "ask whoever runs the proxy, or accept version control alone for it in gosum.toml",
    page: include_str!("help.md"),
});
