//! Whether what `go install` makes is found.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "tools-in-path", about: "whether the folder of go install is in PATH", run };

fn run(system: &System) -> Answer {
    let Some(folder) = system.folders.get("GOBIN") else {
        return Err(Blind::Skipped("go install has nowhere to put programs".to_owned()));
    };
    if !folder.exists {
        return Err(Blind::Skipped(format!("nothing was installed: no {}", folder.path)));
    }
    let separator = if system.os == "windows" { ';' } else { ':' };
    let path = system.variable("PATH").unwrap_or_default();
    let is_it = |entry: &str| entry.trim_end_matches('/') == folder.path.trim_end_matches('/');
    if path.split(separator).any(is_it) {
        return Ok(Sight::Fine(format!("{} is in PATH", folder.path)));
    }
    let seen = format!("{} holds {} programs and is not in PATH", folder.path, system.tools.len());
    let why = "what go install makes is not found, or one of that name from elsewhere is";
    Ok(Sight::Seen(vec![Remark::note(seen, why).fix(format!("export PATH=\"$PATH:{}\"", folder.path))]))
}
