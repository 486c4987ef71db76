//! Whose folders they are.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-owner", about: "caches, and files in them, that belong to another user", run };

fn run(system: &System) -> Answer {
    let user = system.on_unix()?.uid;
    let mut remarks = Vec::new();
    for (name, folder) in &system.folders {
        let Some(facts) = &folder.unix else { continue };
        // folders for temporary files, and folders above, are often the system's
        if facts.uid != user && folder.exists && !name.ends_with("TMPDIR") {
            let seen = format!("{name} {} belongs to user {}, this is user {user}", folder.path, facts.uid);
            let why = "whoever owns it can put other bytes in the place of what was verified; and files that one user leaves \
                       there are often not the other's to change";
            let fix =
                format!("chown -R {user} {}  # or choose another one: go env -w {name}=...", folder.path);
            // root may do anything anyway; and a container's root often works on what a volume brings
            let is_usual = facts.uid == 0 || user == 0;
            let remark = if is_usual { Remark::warning(seen, why) } else { Remark::problem(seen, why) };
            remarks.push(remark.fix(fix));
        } else if let Some(first) = folder.foreign.first().filter(|_| user != 0) {
            let seen = format!("{name} holds {} of user {}, this is user {user}", first.path, first.uid);
            let why = "left behind by a run as another user, as with sudo: go cannot change or remove it, and fails later";
            remarks.push(Remark::warning(seen, why).fix(format!("sudo chown -R {user} {}", folder.path)));
        }
    }
    Ok(Sight::of(remarks, || format!("all belong to user {user}, or to the system")))
}
