//! GOTOOLCHAIN: whether go may fetch another go, and whether it can verify that.

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "toolchain-selection",
    about: "whether go may fetch another toolchain, and can verify it",
    run,
};

fn run(system: &System) -> Answer {
    let setting = system.setting("GOTOOLCHAIN")?;
    let database = system.setting("GOSUMDB")?;
    let seen = shown("GOTOOLCHAIN", setting);
    let mut remarks = Vec::new();
    let may_fetch = !matches!(setting.value.as_str(), "local" | "path") && !setting.value.ends_with("+path");
    if may_fetch && database.value == "off" {
        let why = "a toolchain is in no go.sum: go verifies it by the checksum database alone, and refuses to fetch one \
                   while that is off";
        let seen = format!("{seen}, and GOSUMDB is off ({})", database.origin);
        remarks.push(Remark::warning(seen, why).fix(unset("GOSUMDB", database)));
    }
    if !setting.is_default() && setting.value != "auto" {
        let why = if may_fetch {
            "this toolchain is the one that runs, whatever go.mod asks for"
        } else {
            "a go.mod that asks for a newer Go is an error on this machine, and not a download"
        };
        remarks.push(Remark::note(seen.clone(), why).fix(unset("GOTOOLCHAIN", setting)));
    }
    Ok(Sight::of(remarks, || seen))
}
