//! `url.*.insteadOf`: which hosts stand in for others.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-rewrites", about: "URLs that git's settings put in the place of others", run };

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let rewrites = system.git.config.iter().filter(|value| value.key == "url.insteadof");
    let remarks = rewrites.map(|value| {
        let (from, base) = (&value.value, value.subsection.as_deref().unwrap_or_default());
        let seen = format!("{from} is fetched from {base}");
        let fix = format!("git config --global --unset-all url.{base}.insteadOf");
        let is_encrypted = |url: &str| !url.starts_with("http://") && !url.starts_with("git://");
        if !is_encrypted(base) && is_encrypted(from) {
            let why = "an encrypted connection becomes one that whoever is on the way can change";
            return Remark::problem(seen, why).fix(fix);
        }
        match (host(from), host(base)) {
            // the same host over another protocol, as for private repositories
            (Some(old), Some(new)) if old == new => {
                Remark::note(seen, "the same host is asked in another way; gosum does the same").fix(fix)
            }
            _ => {
                let why = "go records the first address and reads the second: what comes directly is what the second has";
                Remark::warning(seen, why).fix(fix)
            }
        }
    });
    Ok(Sight::of(remarks.collect(), || "none".to_owned()))
}

/// Returns the host of a URL, or of what ssh takes for one, without a user.
fn host(url: &str) -> Option<&str> {
    let rest = url.split("://").last()?;
    rest.split(['/', ':']).next()?.rsplit('@').next()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{git_value, healthy, level};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn the_way_and_the_host_decide() {
        for (from, base, expected) in [
            ("https://git.example/", "http://git.example/", Level::Problem),
            ("https://git.example/", "git://git.example/", Level::Problem),
            ("https://git.example/", "https://mirror.example/git/", Level::Warning),
            ("https://", "https://mirror.example/", Level::Warning),
            ("https://git.example/", "ssh://git@git.example/", Level::Note),
            ("https://git.example/", "git@git.example:", Level::Note),
            ("http://git.example/", "https://git.example/", Level::Note),
        ] {
            let mut system = healthy();
            system.git.config = vec![git_value("url.insteadof", Some(base), from)];
            assert_eq!(level(&run(&system)), expected, "{from} {base}");
        }
    }
}
