//! The modes that new files get.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check { id: "umask", about: "the modes that new files get", run };

const STATUS: &str = "/proc/self/status";

fn run(system: &System) -> Answer {
    system.on_linux()?;
    let text = system.file(STATUS)?.ok_or_else(|| Blind::Unknown(format!("there is no {STATUS}")))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Umask:"));
    let line = line.ok_or_else(|| Blind::Skipped("this kernel does not tell the umask".to_owned()))?.trim();
    let umask = u32::from_str_radix(line, 8)
        .map_err(|_| Blind::Unknown(format!("the umask {line:?} is no octal number")))?;
    let seen = format!("the umask is {line}");
    let is_shared = |mode: u32| mode & 0o020 != 0 && mode & 0o2000 != 0;
    let shared = system.folders.iter().find(|(_, folder)| {
        folder.exists && folder.unix.as_ref().and_then(|facts| facts.bits()).is_some_and(is_shared)
    });
    let remark = match shared {
        _ if umask & 0o002 == 0 => {
            let why = "every new file, in caches too, can be changed by every user of this machine";
            Remark::problem(seen, why).fix("umask 022")
        }
        Some((name, folder)) if umask & 0o020 != 0 => {
            let seen = format!("{seen}, and {name} {} is shared by a group", folder.path);
            let why = "what one member fetches, the others cannot change or remove: their go commands fail";
            Remark::warning(seen, why).fix("umask 002")
        }
        _ => return Ok(Sight::Fine(seen)),
    };
    Ok(Sight::Seen(vec![remark]))
}
