//! Whether programs of Windows run from WSL.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::{self, Wsl};

pub(super) const CHECK: Check =
    Check { id: "wsl-interop", about: "whether programs of Windows run from WSL, and git needs one", run };

/// The kernel's records of who runs programs of Windows: without systemd, and with it.
pub(in crate::doctor) const RUNNERS: [&str; 2] =
    ["/proc/sys/fs/binfmt_misc/WSLInterop", "/proc/sys/fs/binfmt_misc/WSLInterop-late"];

fn run(system: &System) -> Answer {
    Wsl::of(system)?;
    let mut is_on = false;
    for runner in RUNNERS {
        is_on |= system.file(runner)?.is_some_and(|text| text.starts_with("enabled"));
    }
    let helpers = system.git.config.iter().filter(|value| value.key == "credential.helper");
    let windows = helpers.map(|value| value.value.as_str()).find(|helper| helper.contains(".exe"));
    let mut remarks = Vec::new();
    if let Some(helper) = windows.filter(|_| !is_on) {
        let why = "git and gosum cannot run it: private repositories answer that they are not there";
        let fix = format!(
            "set enabled = true below [interop] in {}, or git config --global credential.helper ...",
            wsl::CONF
        );
        let seen = format!("programs of Windows do not run, and git's credential.helper is {helper}");
        remarks.push(Remark::problem(seen, why).fix(fix));
    }
    let is_appended = wsl::switch(system, "interop", "appendWindowsPath", true)?;
    if is_on && is_appended {
        let why = "each look for a program goes through Windows' drives: slow, and a program of Windows is found where one of \
                   Linux is missing";
        let fix = format!("set appendWindowsPath = false below [interop] in {}", wsl::CONF);
        remarks.push(Remark::note("Windows' PATH is appended to that of Linux", why).fix(fix));
    }
    let state =
        if is_on { "programs of Windows run" } else { "programs of Windows do not run, and none is needed" };
    Ok(Sight::of(remarks, || state.to_owned()))
}
