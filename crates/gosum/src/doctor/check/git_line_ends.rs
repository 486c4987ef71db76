//! Line ends that git writes.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-line-ends", about: "whether git writes other line ends than a repository has", run };

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let why = "go overrides it where it fetches modules, and gosum ignores it; but files that git checks out get other bytes: \
               a vendored tree, an embedded file, a module replaced by a folder, or `gosum hash DIR` differs from other machines";
    let wrong = |key: &str, name: &str, is_wrong: fn(&str) -> bool| {
        let value = system.git_value(key).filter(|value| is_wrong(&value.to_ascii_lowercase()))?;
        let fix = format!("git config --global {name} {}", if key == "core.eol" { "lf" } else { "input" });
        Some(Remark::warning(format!("{name}={value} in git's settings"), why).fix(fix))
    };
    let is_on = |value: &str| matches!(value, "true" | "yes" | "on" | "1");
    let remarks = [
        wrong("core.autocrlf", "core.autocrlf", is_on),
        wrong("core.eol", "core.eol", |value| value == "crlf"),
    ];
    Ok(Sight::of(remarks.into_iter().flatten().collect(), || "as in the repository".to_owned()))
}
