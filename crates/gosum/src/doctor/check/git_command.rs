//! git's version.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-command", about: "which git the go command runs, and its version", run };

/// The first version that speaks the protocol which the go command asks for.
const PROTOCOL: (u32, u32) = (2, 18);
/// The first version that refuses a repository of somebody else's.
const OWNERS: (u32, u32) = (2, 36);

fn run(system: &System) -> Answer {
    let Some(git) = system.program("git") else {
        let why = "gosum needs none; go cannot fetch a module directly, which it does for private names and where no proxy \
                   has it";
        return Ok(Sight::Seen(vec![Remark::note("no git in PATH", why).fix("install git")]));
    };
    let Some(text) = &git.version else {
        let seen = format!("{} does not tell its version", git.path);
        let why = "go runs it for every module that it fetches directly";
        return Ok(Sight::Seen(vec![Remark::warning(seen, why).fix("git --version")]));
    };
    let seen = format!("{}: {text}", git.path);
    let why = match number(text) {
        None => return Ok(Sight::Seen(vec![Remark::note(seen, "this is no version as git writes it")])),
        Some(version) if version < PROTOCOL => {
            "it does not speak version 2 of git's protocol, which go asks for: every fetch lists all tags and branches"
        }
        Some(version) if version < OWNERS => {
            "it reads the configuration of repositories that other users own, and so runs what they say"
        }
        Some(_) => return Ok(Sight::Fine(seen)),
    };
    Ok(Sight::Seen(vec![Remark::warning(seen, why).fix("install a newer git")]))
}

/// Returns the first two numbers of `git version 2.39.5`.
fn number(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, expected) in [
            ("git version 2.9.5", Level::Warning),
            ("git version 2.35.9", Level::Warning),
            ("git version 2.36.0", Level::Ok),
            ("git version 3.0", Level::Ok),
            ("git version 2.39.5 (Apple Git-154)", Level::Ok),
            ("git version 2.51.0.windows.2", Level::Ok),
            ("jj 0.1", Level::Note),
        ] {
            let mut system = healthy();
            system.programs.get_mut("git").unwrap()[0].version = Some(version.to_owned());
            assert_eq!(level(&run(&system)), expected, "{version}");
        }
    }
}
