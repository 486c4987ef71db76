//! The repository is of another version control system than git.

use super::{Reason, RuleInfo};

pub(super) const REASON: Reason = Reason(&RuleInfo {
    code: "needs-vcs",
    level: None,
    least: None,
    help: "accept the proxy alone for it in gosum.toml, or move to a module that is kept in git",
    page: include_str!("help.md"),
});
