//! Every setting in force, and where it comes from.

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "go-settings",
    about: "settings in force that are not the defaults, and malformed ones",
    run,
};

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    for (name, setting) in &system.settings {
        if let Some(error) = &setting.error {
            let why = "go and gosum refuse to run with it, or do not do what it was meant for";
            remarks.push(
                Remark::problem(format!("{}: {error}", shown(name, setting)), why).fix(unset(name, setting)),
            );
        }
    }
    for name in &system.not_utf8 {
        let seen = format!("the environment variable {name} is not UTF-8");
        let why = "gosum refuses to run with it: what it says is not passed over, and cannot be told";
        remarks.push(Remark::problem(seen, why).fix(format!("unset {name}")));
    }
    let own: Vec<String> = (system.settings.iter())
        .filter(|(_, setting)| !setting.is_default() && !setting.value.is_empty())
        .map(|(name, setting)| shown(name, setting))
        .collect();
    if !own.is_empty() {
        let why = "what runs on another machine, or as another user, may run without them";
        remarks.push(Remark::note(own.join("; "), why).fix("gosum env"));
    }
    Ok(Sight::of(remarks, || "all settings have their defaults".to_owned()))
}
