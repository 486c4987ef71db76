//! Folders from which nothing can be run.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "folder-noexec",
    about: "folders of Go's on file systems from which nothing can be run",
    run,
};

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let own_temp = system.folders.contains_key("GOTMPDIR");
    for (name, folder, mount) in system.mounted()? {
        if !mount.has("noexec") {
            continue;
        }
        let seen = format!("{name} {} is on {}, mounted noexec", folder.path, mount.point.display());
        let remark = match name {
            "TMPDIR" if own_temp => continue,
            "TMPDIR" | "GOTMPDIR" => {
                let why = "go test and go run build programs there and start them: permission denied";
                Remark::problem(seen, why)
                    .fix("go env -w GOTMPDIR=$HOME/tmp  # any folder that is not noexec")
            }
            "GOCACHE" => {
                let why = "go run and go tool start programs from the build cache: permission denied";
                Remark::problem(seen, why).fix("go env -w GOCACHE=...  # any folder that is not noexec")
            }
            "GOMODCACHE" => {
                let why = "a toolchain that go fetches is run from the module cache: permission denied";
                Remark::warning(seen, why).fix("go env -w GOMODCACHE=..., or GOTOOLCHAIN=local")
            }
            "GOBIN" | "GOPATH" => {
                let why = "what go install makes cannot be started";
                Remark::warning(seen, why).fix("go env -w GOBIN=...  # any folder that is not noexec")
            }
            _ => continue,
        };
        remarks.push(remark);
    }
    Ok(Sight::of(remarks, || "programs can be run from all of them".to_owned()))
}
