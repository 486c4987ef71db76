//! Whether users may have namespaces of their own.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "user-namespaces", about: "whether users may have namespaces of their own", run };

/// The switches of the kernel, and the value of each that forbids it.
pub(in crate::doctor) const SWITCHES: [(&str, &str, &str); 3] = [
    ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
];

fn run(system: &System) -> Answer {
    system.on_linux()?;
    let mut remarks = Vec::new();
    for (file, forbidding, fix) in SWITCHES {
        // a kernel without the switch has nothing to forbid with it
        if system.file(file)?.map(str::trim) == Some(forbidding) {
            let why = "rootless containers and the sandboxes of builds do not start; neither go nor gosum needs them";
            remarks
                .push(Remark::note(format!("{file} is {forbidding}"), why).fix(format!("sysctl -w {fix}")));
        }
    }
    Ok(Sight::of(remarks, || "allowed".to_owned()))
}
