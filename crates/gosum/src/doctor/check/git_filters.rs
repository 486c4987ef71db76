//! Filters: programs that change files where they are checked out, such as those of LFS.

use std::collections::BTreeSet;

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-filters", about: "filters such as LFS, which change what go fetches directly", run };

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let filters = system.git.config.iter().filter(|value| {
        matches!(value.key.as_str(), "filter.smudge" | "filter.process") && !value.value.is_empty()
    });
    let names: BTreeSet<&str> = filters.filter_map(|value| value.subsection.as_deref()).collect();
    let remarks = names.into_iter().map(|name| {
        let seen = format!("git's settings define the filter {name}");
        let why = "go fetches a module directly with `git archive`, which runs the filter on files that the repository marks: \
                   their bytes, and the hash, differ from those of a machine without it. gosum runs no filter";
        let fix = match name {
            "lfs" => "git lfs uninstall  # or fetch modules with LFS files through a proxy alone".to_owned(),
            _ => format!("git config --global --remove-section filter.{name}"),
        };
        Remark::warning(seen, why).fix(fix)
    });
    Ok(Sight::of(remarks.collect(), || "none".to_owned()))
}
