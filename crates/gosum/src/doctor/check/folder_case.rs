//! Folders in which case makes no difference.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-case", about: "folders in which names that differ in case alone are one file", run };

/// File systems in which case makes no difference.
const IGNORING: [&str; 6] = ["vfat", "msdos", "exfat", "ntfs3", "hfs", "hfsplus"];

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let mounted = match system.mounted() {
        Ok(mounted) => mounted,
        // without the kinds, what was tried still counts
        Err(Blind::Skipped(_)) => Vec::new(),
        Err(unknown) => return Err(unknown),
    };
    let mut untold = Vec::new();
    for (name, folder) in &system.folders {
        let kind = mounted.iter().find(|(other, ..)| other == name).map(|(.., mount)| mount.kind.as_str());
        let by_kind = kind.is_some_and(|kind| IGNORING.contains(&kind));
        match folder.ignores_case {
            Some(false) => continue,
            Some(true) => {}
            None if by_kind => {}
            None => {
                untold.push(name.as_str());
                continue;
            }
        }
        let seen = format!("{name} {}: `a` and `A` are one file", folder.path);
        let why = "the module cache is made for that (`!a` stands for `A`), but a repository, a vendor folder or a test with \
                   two such names loses one of them when it is unpacked";
        remarks.push(
            Remark::note(seen, why).fix("keep them on a case-sensitive volume if such files are missed"),
        );
    }
    if remarks.is_empty() && untold.len() == system.folders.len() {
        return Err(Blind::Skipped("no folder holds a name by which it could be tried".to_owned()));
    }
    Ok(Sight::of(remarks, || "case makes a difference wherever a name was there to try it with".to_owned()))
}
