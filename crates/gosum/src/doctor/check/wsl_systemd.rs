//! Whether systemd runs in WSL.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::{self, Wsl};

pub(super) const CHECK: Check = Check { id: "wsl-systemd", about: "whether systemd runs in WSL", run };

const FIRST: &str = "/proc/1/comm";

fn run(system: &System) -> Answer {
    if Wsl::of(system)?.version == 1 {
        return Err(Blind::Skipped("WSL 1 has no systemd".to_owned()));
    }
    let first = system.file(FIRST)?.ok_or_else(|| Blind::Unknown(format!("there is no {FIRST}")))?.trim();
    let wanted = wsl::switch(system, "boot", "systemd", false)?;
    let remark = match (first == "systemd", wanted) {
        (true, _) => return Ok(Sight::Fine("systemd is the first process".to_owned())),
        (false, true) => {
            let seen = format!("systemd=true in {}, but the first process is {first}", wsl::CONF);
            let why = "the setting is not in force: services, user sessions and their limits are missing";
            Remark::warning(seen, why).fix("wsl.exe --shutdown, and start it again")
        }
        (false, false) => {
            let why = "without it there are no user sessions: rootless containers, limits by cgroup and timers do not work";
            let fix = format!("add `systemd=true` below [boot] in {}, then wsl.exe --shutdown", wsl::CONF);
            Remark::note(format!("systemd is off, the first process is {first}"), why).fix(fix)
        }
    };
    Ok(Sight::Seen(vec![remark]))
}
