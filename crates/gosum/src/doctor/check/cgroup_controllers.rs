//! What control groups can limit here.

use super::Check;
use crate::doctor::cgroup::{CONTROLLERS, FILE};
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::Wsl;

pub(super) const CHECK: Check =
    Check { id: "cgroup-controllers", about: "whether control groups can limit memory and processes", run };

fn run(system: &System) -> Answer {
    system.on_linux()?;
    let Some(groups) = system.file(FILE)? else {
        return Err(Blind::Skipped("this kernel has no control groups".to_owned()));
    };
    let why = "limits that a container or a CI job is given are not enforced: one build can take the whole machine down";
    let fix = match Wsl::of(system) {
        Ok(_) => "add `kernelCommandLine = cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1` to .wslconfig, then \
                  wsl.exe --shutdown"
            .to_owned(),
        Err(_) => "boot with cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1".to_owned(),
    };
    let Some(controllers) = system.file(CONTROLLERS)? else {
        let seen = "control groups of version 1, or none that are mounted";
        let is_limited = groups.lines().any(|line| line.split(':').nth(1) == Some("memory"));
        let why = if is_limited { "version 2 is what container tools of today expect" } else { why };
        return Ok(Sight::Seen(vec![Remark::note(seen, why).fix(fix)]));
    };
    let has = |name: &str| controllers.split_whitespace().any(|other| other == name);
    let missing: Vec<&str> = ["memory", "pids"].into_iter().filter(|name| !has(name)).collect();
    if missing.is_empty() {
        return Ok(Sight::Fine(format!("version 2: {}", controllers.trim())));
    }
    let seen = format!("control groups of version 2 without {}", missing.join(" and "));
    let remark = match Wsl::of(system) {
        Ok(_) => Remark::warning(seen, why),
        Err(_) => Remark::note(seen, why),
    };
    Ok(Sight::Seen(vec![remark.fix(fix)]))
}
