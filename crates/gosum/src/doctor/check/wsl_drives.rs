//! Caches on a drive of Windows.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::Wsl;

pub(super) const CHECK: Check =
    Check { id: "wsl-drives", about: "Go's folders on a drive of Windows, seen from WSL", run };

fn run(system: &System) -> Answer {
    Wsl::of(system)?;
    let mut remarks = Vec::new();
    for (name, folder, mount) in system.mounted()? {
        if !mount.is_windows_drive() {
            continue;
        }
        let seen = format!("{name} {} is on {} ({})", folder.path, mount.source, mount.kind);
        let fix = match name {
            "TMPDIR" => "unset TMPDIR".to_owned(),
            "GOSUM_CACHE" => "unset GOSUM_CACHE".to_owned(),
            _ => format!("go env -u {name}  # the default below /home is on Linux' own disk"),
        };
        let remark = if mount.has("metadata") {
            let why = "every file goes through Windows: slow by a factor of ten, case makes no difference, and virus scanners \
                       hold files that go wants to rename";
            Remark::warning(seen, why)
        } else {
            let seen = format!("{seen}, mounted without `metadata`");
            let why = "modes are not kept: go's read-only module cache can be changed by any program, everything can be run, \
                       and chmod does nothing";
            Remark::problem(seen, why)
        };
        remarks.push(remark.fix(fix));
    }
    Ok(Sight::of(remarks, || "all are on Linux' own disk".to_owned()))
}
