//! Whether git believes anybody.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "git-tls", about: "whether git checks the certificates of hosts", run };

const WHY: &str = "whoever is on the way can be the repository: what comes directly proves nothing";

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let mut remarks = Vec::new();
    // git looks at no value, only whether it is there
    if system.variables.contains_key("GIT_SSL_NO_VERIFY") {
        let remark = Remark::problem("GIT_SSL_NO_VERIFY is set (environment)", WHY);
        remarks.push(remark.fix("unset GIT_SSL_NO_VERIFY"));
    }
    // of one URL, the last value counts
    let mut switches = std::collections::BTreeMap::new();
    for value in system.git.config.iter().filter(|value| value.key == "http.sslverify") {
        switches.insert(value.subsection.as_deref(), value.value.to_ascii_lowercase());
    }
    for (url, value) in switches {
        if !matches!(value.as_str(), "false" | "no" | "off" | "0") {
            continue;
        }
        let key = url.map_or("http.sslVerify".to_owned(), |url| format!("http.{url}.sslVerify"));
        let fix = format!("git config --global --unset-all {key}");
        remarks.push(Remark::problem(format!("{key}={value} in git's settings"), WHY).fix(fix));
    }
    Ok(Sight::of(remarks, || "certificates are checked".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{git_value, healthy, level};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn the_last_value_for_a_url_counts() {
        for (values, expected) in [
            (&["false"][..], Level::Problem),
            (&["No"][..], Level::Problem),
            (&["false", "true"], Level::Ok),
            (&["true", "0"], Level::Problem),
        ] {
            for url in [None, Some("https://git.example")] {
                let mut system = healthy();
                system.git.config =
                    values.iter().map(|value| git_value("http.sslverify", url, value)).collect();
                assert_eq!(level(&run(&system)), expected, "{values:?} {url:?}");
            }
        }
    }
}
