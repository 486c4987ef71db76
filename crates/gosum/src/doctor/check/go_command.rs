//! Which go command runs.

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "go-command", about: "which go command runs, and its version", run };

fn run(system: &System) -> Answer {
    let found = system.programs.get("go").map(Vec::as_slice).unwrap_or_default();
    let Some(go) = found.first() else {
        let why =
            "gosum needs none; what builds modules here does, and the settings of its go.env are not known";
        return Ok(Sight::Seen(vec![
            Remark::note("no go in PATH", why).fix("install Go, or add its bin folder to PATH"),
        ]));
    };
    let version =
        |version: &Option<String>| version.clone().unwrap_or_else(|| "of unknown version".to_owned());
    let mut remarks = Vec::new();
    let others = found.iter().filter(|other| other.real != go.real && other.version != go.version);
    for other in others {
        let seen = format!(
            "{} ({}) is found first, {} ({}) behind it",
            go.path,
            version(&go.version),
            other.path,
            version(&other.version)
        );
        let why =
            "a shell, an editor or a CI step with another PATH runs another Go, with other go.env settings";
        remarks.push(Remark::warning(seen, why).fix("remove one of them, or order PATH the same everywhere"));
    }
    if go.version.is_none() {
        let why =
            "it is no part of a toolchain with a file VERSION, such as a wrapper: what it runs is not known";
        remarks.push(Remark::note(format!("{}: version not known", go.path), why).fix("go version"));
    }
    if let Some(root) = system.settings.get("GOROOT").filter(|root| !root.value.is_empty()) {
        let own = system.program(&own_go(&root.value));
        let seen = match own {
            None => Some(format!("{}, where no toolchain is", shown("GOROOT", root))),
            Some(own) if own.real != go.real => {
                Some(format!("{}, but the first go is {}", shown("GOROOT", root), go.path))
            }
            Some(_) => None,
        };
        let why = "one Go's command with another's compilers and standard library: builds fail or differ";
        remarks.extend(seen.map(|seen| Remark::warning(seen, why).fix(unset("GOROOT", root))));
    }
    Ok(Sight::of(remarks, || format!("{}: {}", go.path, version(&go.version))))
}

/// Returns the go command of the toolchain in a folder.
pub(in crate::doctor) fn own_go(root: &str) -> String {
    format!("{}/bin/go", root.trim_end_matches('/'))
}
