//! Whether git's own settings can be read, and are all known.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check { id: "git-config", about: "whether git's settings can be read", run };

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    if let Some(error) = &system.git.error {
        let why = "git fails with it, and so does all that fetches from a repository; what else git's settings say is not known";
        remarks.push(Remark::problem(error.clone(), why).fix("git config --global --edit"));
    }
    let conditional = system.git.config.iter().filter(|value| value.key == "includeif.path").count();
    if conditional > 0 {
        let seen = format!("{conditional} files are included on a condition (includeIf)");
        let why = "what they say holds in some folders, and is not among what was looked at here";
        remarks.push(Remark::note(seen, why).fix("git config --list --show-origin"));
    }
    Ok(Sight::of(remarks, || format!("{} values", system.git.config.len())))
}

/// # Errors
/// When git's settings could not be read.
pub(super) fn known(system: &System) -> Result<(), Blind> {
    match &system.git.error {
        None => Ok(()),
        Some(_) => Err(Blind::Unknown("git's settings could not be read: see git-config".to_owned())),
    }
}
