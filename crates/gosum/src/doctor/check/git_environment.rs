//! Variables that bind git to one repository.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-environment", about: "variables that bind git to another repository", run };

/// Variables that name a repository, or a part of one.
pub(in crate::doctor) const NAMES: [&str; 7] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_WORK_TREE",
];

fn run(system: &System) -> Answer {
    let set = NAMES.into_iter().filter(|name| system.variables.contains_key(*name));
    let remarks = set.map(|name| {
        let why = "git commands that go runs look at that repository, and not at the one they are run for: a build is stamped \
                   with its revision, and a fetch may fail or write into it. git hooks set it for what they run";
        Remark::warning(format!("{name} is set (environment)"), why).fix(format!("unset {name}"))
    });
    Ok(Sight::of(remarks.collect(), || "none".to_owned()))
}
