//! Programs of Windows that are found first.

use std::path::Path;

use super::Check;
use crate::doctor::mount;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::{self, Wsl};

pub(super) const CHECK: Check =
    Check { id: "wsl-programs", about: "whether the go or git that WSL finds first is one of Windows", run };

fn run(system: &System) -> Answer {
    Wsl::of(system)?;
    let mounts = system.mounts()?;
    let mut remarks = Vec::new();
    for (name, windows) in [("go", "go.exe"), ("git", "git.exe")] {
        let found = system.program(name);
        let foreign = found.filter(|program| {
            program.format.as_deref().is_some_and(|format| format.starts_with("pe/"))
                || mount::of(&mounts, Path::new(&program.real)).is_some_and(mount::Mount::is_windows_drive)
        });
        let why = "it has Windows' paths, caches, line ends and settings: what it fetches is somewhere else, and in other bytes";
        if let Some(program) = foreign {
            let seen = format!("the first {name} in PATH is {}", program.path);
            let fix = format!(
                "install {name} in Linux, or set appendWindowsPath = false below [interop] in {}",
                wsl::CONF
            );
            remarks.push(Remark::problem(seen, why).fix(fix));
        } else if let (None, Some(program)) = (found, system.program(windows)) {
            let seen = format!("{} is in PATH, and no {name} of Linux", program.path);
            remarks.push(Remark::warning(seen, why).fix(format!("install {name} in Linux")));
        }
    }
    Ok(Sight::of(remarks, || "go and git, as far as they are there, are those of Linux".to_owned()))
}
