//! Which Windows subsystem for Linux this is.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::Wsl;

pub(super) const CHECK: Check = Check {
    id: "wsl-version",
    about: "which version of Windows' subsystem for Linux this is, and its kernel",
    run,
};

/// The first kernel series in which cgroup v2 has all that limits a container.
const OLD: (u32, u32) = (5, 10);

fn run(system: &System) -> Answer {
    let wsl = Wsl::of(system)?;
    let seen = format!("WSL {}, kernel {}", wsl.version, wsl.kernel);
    let remark = if wsl.version == 1 {
        let why = "Windows' own kernel plays Linux: locks and renames fail where a Windows program has a file open, limits and \
                   cgroups are not there, and thousands of small files are slow";
        Remark::warning(seen, why).fix("wsl.exe --set-version DISTRIBUTION 2")
    } else {
        let mut numbers = wsl.kernel.split('.').map(|number| number.parse::<u32>());
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLD => {
                let why = "this kernel is old: limits of containers and fixes of file systems are missing";
                Remark::warning(seen, why).fix("wsl.exe --update")
            }
            _ => return Ok(Sight::Fine(seen)),
        }
    };
    Ok(Sight::Seen(vec![remark]))
}
