//! GOPROXY: whether its entries can be reached, and whether version control is one of them.

use gosum_mod::setting::goproxy::{ListEnd, ProxyList};

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "proxy-list",
    about: "entries of GOPROXY that are never asked, and whether `direct` is reached",
    run,
};

fn run(system: &System) -> Answer {
    let setting = system.setting("GOPROXY")?;
    if let Some(error) = &setting.error {
        return Err(Blind::Unknown(format!("GOPROXY: {error}")));
    }
    let list =
        ProxyList::parse(&setting.value).map_err(|error| Blind::Unknown(format!("GOPROXY: {error}")))?;
    let seen = shown("GOPROXY", setting);
    let fix = || unset("GOPROXY", setting);
    let mut remarks = Vec::new();
    if let Some(entry) = behind_end(&setting.value) {
        let why = "nothing behind `direct` or `off` is ever asked";
        remarks.push(Remark::warning(format!("{seen}: {entry} is never reached"), why).fix(fix()));
    }
    match (list.end, list.proxies.is_empty()) {
        (ListEnd::Direct, false) => {}
        (ListEnd::Direct, true) => {
            let why =
                "no module proxy is asked: gosum has version control alone, and cannot compare the two paths";
            remarks.push(Remark::note(seen.clone(), why).fix("gosum audit --source proxy=default,direct"));
        }
        (ListEnd::Off, true) => {
            let why = "go downloads nothing, and gosum asks nobody";
            remarks.push(Remark::warning(seen.clone(), why).fix(fix()));
        }
        _ => {
            let seen = format!("{seen} never reaches `direct`");
            let why = "what these proxies do not have cannot be had, and whatever they serve stands alone in a build";
            let fix = format!(
                "go env -w GOPROXY={},direct  # unless that is what is wanted",
                without_end(&setting.value)
            );
            remarks.push(Remark::warning(seen, why).fix(fix));
        }
    }
    for proxy in list.proxies.iter().filter(|proxy| proxy.url.starts_with("http://")) {
        let why = "plain http: whoever is on the way can change what this proxy sends";
        remarks.push(Remark::warning(format!("{seen}: {}", proxy.url), why).fix("use its https URL"));
    }
    Ok(Sight::of(remarks, || seen))
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', '|']).map(str::trim).filter(|entry| !entry.is_empty())
}

fn is_end(entry: &str) -> bool {
    matches!(entry, "direct" | "off")
}

/// Returns the first entry behind the one that ends the list.
fn behind_end(list: &str) -> Option<&str> {
    entries(list).skip_while(|entry| !is_end(entry)).nth(1)
}

fn without_end(list: &str) -> String {
    entries(list).take_while(|entry| !is_end(entry)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level, set};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn lists_are_read_to_their_end() {
        for (value, expected) in [
            ("https://proxy.example,direct", Level::Ok),
            ("https://proxy.example|https://b.example|direct", Level::Ok),
            ("https://proxy.example", Level::Warning),
            ("https://proxy.example,off", Level::Warning),
            ("direct,https://proxy.example", Level::Warning),
            ("http://proxy.example,direct", Level::Warning),
            ("direct", Level::Note),
            ("off", Level::Warning),
            ("https://...@proxy.example,direct", Level::Ok),
        ] {
            let mut system = healthy();
            set(&mut system, "GOPROXY", value);
            assert_eq!(level(&run(&system)), expected, "{value}");
        }
    }
}
