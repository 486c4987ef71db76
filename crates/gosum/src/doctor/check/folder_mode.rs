//! Modes of shared caches.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::{Folder, System};

pub(super) const CHECK: Check =
    Check { id: "folder-mode", about: "modes by which others can change a cache, or cannot share it", run };

const WRITE_ALL: u32 = 0o002;
const WRITE_GROUP: u32 = 0o020;
const STICKY: u32 = 0o1000;
const SET_GROUP: u32 = 0o2000;

fn run(system: &System) -> Answer {
    system.on_unix()?;
    let mut remarks = Vec::new();
    // a drive of Windows without modes shows all rights to all: that is told by wsl-drives
    let without_modes: Vec<&str> = match system.mounted() {
        Ok(mounted) => mounted
            .into_iter()
            .filter(|(.., mount)| mount.is_windows_drive() && !mount.has("metadata"))
            .map(|(name, ..)| name)
            .collect(),
        Err(_) => Vec::new(),
    };
    let is_looked_at = |name: &str, folder: &Folder| folder.exists && !without_modes.contains(&name);
    for (name, folder) in system.folders.iter().filter(|(name, folder)| is_looked_at(name, folder)) {
        let Some(facts) = &folder.unix else { continue };
        let bits =
            facts.bits().ok_or_else(|| Blind::Unknown(format!("{name} has the mode {:?}", facts.mode)))?;
        let seen = format!("{name} {} has mode {}", folder.path, facts.mode);
        if name.ends_with("TMPDIR") {
            if bits & WRITE_ALL != 0 && bits & STICKY == 0 {
                let why = "every user can rename and replace what another one's build has there";
                remarks.push(Remark::problem(seen, why).fix(format!("chmod +t {}", folder.path)));
            }
        } else if bits & WRITE_ALL != 0 {
            let why =
                "every user can put other bytes in the place of those that are there, and go does not notice";
            remarks.push(Remark::problem(seen, why).fix(format!("chmod -R o-w {}", folder.path)));
        } else if bits & WRITE_GROUP != 0 && bits & STICKY != 0 {
            let why = "shared by a group, but the sticky bit lets nobody replace or remove files of another member: go fails to";
            remarks.push(Remark::warning(seen, why).fix(format!("chmod -t {}", folder.path)));
        } else if bits & WRITE_GROUP != 0 && bits & SET_GROUP == 0 && facts.gid != facts.uid {
            let why =
                "shared by a group, but new files get the group of their writer and not that of the folder";
            remarks.push(Remark::warning(seen, why).fix(format!("chmod g+s {}", folder.path)));
        }
    }
    Ok(Sight::of(remarks, || "no cache can be changed by everybody".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn modes_of_shared_folders() {
        for (name, mode, expected) in [
            ("TMPDIR", "1777", Level::Ok),
            ("TMPDIR", "0777", Level::Problem),
            ("TMPDIR", "0700", Level::Ok),
            ("GOMODCACHE", "0777", Level::Problem),
            ("GOMODCACHE", "1777", Level::Problem),
            ("GOMODCACHE", "2775", Level::Ok),
            ("GOMODCACHE", "3775", Level::Warning),
            ("GOMODCACHE", "0775", Level::Warning),
            ("GOMODCACHE", "wide", Level::Unknown),
        ] {
            let mut system = healthy();
            let facts = system.folders.get_mut(name).unwrap().unix.as_mut().unwrap();
            // a group that is more than its one user
            (facts.mode, facts.gid) = (mode.to_owned(), 50);
            assert_eq!(level(&run(&system)), expected, "{name} {mode}");
        }
    }
}
