//! Repositories of other users, which git refuses to read.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-owner", about: "repositories that somebody else owns, and safe.directory", run };

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let mut remarks = Vec::new();
    let safe = safe_folders(system);
    if safe.contains(&"*") {
        let why = "git reads the configuration of every repository, whoever owns it, and runs what that says";
        let remark = Remark::warning("safe.directory=* in git's settings", why);
        remarks.push(remark.fix("git config --global --unset-all safe.directory"));
        return Ok(Sight::Seen(remarks));
    }
    let user = system.on_unix()?.uid;
    let Some(tree) = &system.git.work_tree else {
        return Err(Blind::Skipped("the current folder is in no repository".to_owned()));
    };
    let Some(owner) = tree.uid else {
        return Err(Blind::Unknown(format!("who owns {} cannot be told", tree.path)));
    };
    // git takes the user before sudo for root's equal
    let sudo = system.variable("SUDO_UID").and_then(|uid| uid.parse::<u32>().ok()).filter(|_| user == 0);
    let is_safe = safe.iter().any(|folder| is_below(&tree.path, folder));
    if owner != user && Some(owner) != sudo && !is_safe {
        let seen = format!("the repository {} belongs to user {owner}, this is user {user}", tree.path);
        let why = "git refuses to read it (dubious ownership), and so does go when it stamps a build with the revision";
        let fix = format!("git config --global --add safe.directory {}", tree.path);
        remarks.push(Remark::warning(seen, why).fix(fix));
    }
    Ok(Sight::of(remarks, || "the repository here is one's own, or is said to be safe".to_owned()))
}

/// Returns the folders that are safe: an empty value takes back those before it.
fn safe_folders(system: &System) -> Vec<&str> {
    let mut safe = Vec::new();
    for value in system.git.config.iter().filter(|value| value.key == "safe.directory") {
        match value.value.as_str() {
            "" => safe.clear(),
            folder => safe.push(folder),
        }
    }
    safe
}

/// Returns whether `path` is what a value of safe.directory names: a folder, or all below one that ends in `/*`.
fn is_below(path: &str, folder: &str) -> bool {
    match folder.strip_suffix("/*") {
        Some(above) => path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/')),
        None => path == folder.trim_end_matches('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{git_value, healthy, level};
    use super::*;
    use crate::doctor::sight::Level;
    use crate::doctor::system::User;

    #[test]
    fn safe_folders_excuse_other_owners() {
        for (values, expected) in [
            (&[][..], Level::Warning),
            (&["/home/gopher/project"][..], Level::Ok),
            (&["/home/gopher/project/"], Level::Ok),
            (&["/home/gopher/*"], Level::Ok),
            (&["/home/gopher/proj"], Level::Warning),
            (&["/home/gopher/project", ""], Level::Warning),
            (&["*", "", "/home/gopher/project"], Level::Ok),
            (&["*"], Level::Warning),
        ] {
            let mut system = healthy();
            system.git.work_tree.as_mut().unwrap().uid = Some(7);
            system.git.config = values.iter().map(|value| git_value("safe.directory", None, value)).collect();
            assert_eq!(level(&run(&system)), expected, "{values:?}");
        }
    }

    #[test]
    fn root_by_sudo_may_read_what_its_caller_owns() {
        let mut system = healthy();
        system.user = Some(User { uid: 0, gids: vec![0] });
        assert_eq!(level(&run(&system)), Level::Warning);
        system.variables.insert("SUDO_UID".to_owned(), "1000".to_owned());
        assert_eq!(level(&run(&system)), Level::Ok);
    }
}
