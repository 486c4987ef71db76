//! Installed programs that this machine cannot run.

use super::Check;
use crate::doctor::format;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "foreign-tools", about: "installed tools that were built for another system", run };

fn run(system: &System) -> Answer {
    if system.tools.is_empty() {
        return Err(Blind::Skipped("go install has made no program here".to_owned()));
    }
    let foreign = system.tools.iter().filter_map(|tool| {
        let format = tool.format.as_deref()?;
        (!format::runs_on(format, &system.os, &system.arch)).then(|| format!("{} ({format})", tool.name))
    });
    let foreign: Vec<String> = foreign.collect();
    if foreign.is_empty() {
        return Ok(Sight::Fine(format!("{} programs for {}/{}", system.tools.len(), system.os, system.arch)));
    }
    let seen = format!("built for another system than {}/{}: {}", system.os, system.arch, foreign.join(", "));
    let why = "exec format error: editors and go generate call them by name; GOOS or GOARCH was set when they were installed, \
               or the folder came from another machine";
    let fix = "GOOS= GOARCH= go install PACKAGE@VERSION  # for each";
    Ok(Sight::Seen(vec![Remark::warning(seen, why).fix(fix)]))
}
