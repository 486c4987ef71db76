//! Variables that look like settings and are none.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "unknown-settings",
    about: "variables that look like Go's settings and are read by nobody",
    run,
};

fn run(system: &System) -> Answer {
    let remarks = system.unknown_settings.iter().map(|(name, meant)| {
        let seen = format!("{name} is set in the environment, and is no setting of Go");
        let why = "nothing reads it: whoever set it believes in an effect that it does not have";
        let fix = match meant {
            Some(meant) => format!("unset {name}  # {meant} may have been meant"),
            None => format!("unset {name}"),
        };
        Remark::warning(seen, why).fix(fix)
    });
    Ok(Sight::of(remarks.collect(), || "none".to_owned()))
}
