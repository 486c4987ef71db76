//! File systems that are slow, shared, or gone tomorrow.

use super::Check;
use crate::doctor::mount::Mount;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-file-system", about: "caches on network file systems, overlays, and in memory", run };

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let mut kinds = Vec::new();
    for (name, folder, mount) in system.mounted()? {
        kinds.push(format!("{name} {}", mount.kind));
        // the subsystem for Linux has its own check
        if mount.is_windows_drive() {
            continue;
        }
        let seen = format!("{name} {} is on {} ({})", folder.path, mount.kind, mount.point.display());
        remarks.extend(remark(name, seen, &mount));
    }
    Ok(Sight::of(remarks, || kinds.join(", ")))
}

fn remark(name: &str, seen: String, mount: &Mount) -> Option<Remark> {
    let fix = format!("go env -w {name}=...  # a folder on a local disk");
    let fix = if matches!(name, "TMPDIR" | "GOSUM_CACHE") { format!("export {name}=...") } else { fix };
    Some(match mount.kind.as_str() {
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "9p" | "virtiofs" | "afs" | "ceph" | "glusterfs"
        | "lustre" => {
            let why = "file locks, renames and modes may not hold there as go relies on them, and thousands of small files are \
                       slow: two go commands at once can break the cache";
            Remark::warning(seen, why).fix(fix)
        }
        kind if kind.starts_with("fuse") => {
            let why =
                "what this file system promises about locks, renames and modes is known to its program alone";
            Remark::warning(seen, why).fix(fix)
        }
        "vfat" | "msdos" | "exfat" | "ntfs" | "ntfs3" | "fuseblk" | "hfs" | "hfsplus" => {
            let why =
                "it keeps no modes: the module cache cannot be made read-only, and programs may not be run";
            Remark::warning(seen, why).fix(fix)
        }
        "overlay" | "aufs" if !name.ends_with("TMPDIR") => {
            let why = "it is a layer of a container, and goes with it: every job fetches and proves everything again";
            Remark::note(seen, why).fix("mount a volume there, or restore a cache")
        }
        "tmpfs" | "ramfs" if !name.ends_with("TMPDIR") => {
            let why = "it is memory: what is cached counts against the memory limit, and is gone after the next start";
            Remark::note(seen, why).fix(fix)
        }
        _ => return None,
    })
}
