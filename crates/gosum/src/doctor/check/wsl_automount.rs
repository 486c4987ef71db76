//! How drives of Windows are mounted.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::doctor::wsl::{self, Wsl};

pub(super) const CHECK: Check = Check {
    id: "wsl-automount",
    about: "the automount options of /etc/wsl.conf, and whether modes are kept",
    run,
};

fn run(system: &System) -> Answer {
    Wsl::of(system)?;
    if !wsl::switch(system, "automount", "enabled", true)? {
        return Ok(Sight::Fine("drives of Windows are not mounted".to_owned()));
    }
    let options = wsl::conf(system, "automount", "options")?.unwrap_or_default();
    let is_wanted = options.split(',').any(|option| option.trim() == "metadata");
    let drives: Vec<_> = system.mounts()?.into_iter().filter(|mount| mount.is_windows_drive()).collect();
    let without: Vec<&str> =
        drives.iter().filter(|mount| !mount.has("metadata")).map(|mount| mount.source.as_str()).collect();
    let why = "a repository or a cache there loses its modes: git sees every file changed, and a read-only file is none";
    let remark = match (is_wanted, without.is_empty()) {
        (true, false) => {
            let seen =
                format!("{} says metadata, but {} is mounted without it", wsl::CONF, without.join(", "));
            Remark::warning(seen, why).fix("wsl.exe --shutdown, and start it again")
        }
        (false, false) => {
            let seen = format!(
                "drives of Windows are mounted without metadata (options {options:?} in {})",
                wsl::CONF
            );
            let fix = format!(
                "add `options = \"metadata,umask=22\"` below [automount] in {}, then wsl.exe --shutdown",
                wsl::CONF
            );
            Remark::note(seen, why).fix(fix)
        }
        (_, true) => return Ok(Sight::Fine(format!("{} drives of Windows, modes are kept", drives.len()))),
    };
    Ok(Sight::Seen(vec![remark]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{level, machine};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn what_is_in_force_counts_and_not_what_is_written() {
        for (conf, expected) in [
            ("[automount]\nenabled = false\n", Level::Ok),
            ("[automount]\noptions = \"metadata\"\n", Level::Warning),
            ("[AutoMount]\nOptions=metadata,umask=22\n", Level::Warning),
            ("[boot]\noptions = \"metadata\"\n", Level::Note),
            ("", Level::Note),
            ("[automount]\nenabled = maybe\n", Level::Unknown),
        ] {
            let mut system = machine("wsl1");
            system.files.insert(wsl::CONF.to_owned(), conf.to_owned());
            assert_eq!(level(&run(&system)), expected, "{conf:?}");
        }
    }
}
