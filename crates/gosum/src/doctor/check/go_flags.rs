//! Flags that every go command takes.

use gosum_mod::setting::goflags::{GoFlags, ModMode};

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "go-flags", about: "flags in GOFLAGS that change what is verified, or what is built", run };

fn run(system: &System) -> Answer {
    let setting = system.setting("GOFLAGS")?;
    let flags =
        GoFlags::parse(&setting.value).map_err(|error| Blind::Unknown(format!("GOFLAGS: {error}")))?;
    let seen = shown("GOFLAGS", setting);
    let fix = || unset("GOFLAGS", setting);
    let mut remarks = Vec::new();
    if flags.mode == Some(ModMode::Mod) {
        let why = "with -mod=mod every build adds to go.sum what it lacks, so a line that nobody reviewed is never an error";
        remarks.push(Remark::problem(seen.clone(), why).fix(fix()));
    }
    for flag in &flags.others {
        let name = flag.trim_start_matches('-').split('=').next().unwrap_or_default();
        let (level, why): (fn(String, &str) -> Remark, &str) = match name {
            "insecure" => (problem, "-insecure lets modules come over connections that nobody vouches for"),
            "overlay" => (warning, "-overlay puts other files in the place of those that go.sum vouches for"),
            "toolexec" => {
                (warning, "-toolexec runs another program in the place of each compiler and linker")
            }
            "modcacherw" => (
                warning,
                "-modcacherw leaves the module cache writable: any program can change what was verified",
            ),
            "asmflags" | "gcflags" | "ldflags" | "tags" => {
                (note, "builds on this machine differ from those without the flag")
            }
            _ => continue,
        };
        remarks.push(level(seen.clone(), why).fix(fix()));
    }
    if let Some(file) = &flags.modfile {
        let why = "-modfile: go.mod and go.sum of the folder are not those that count";
        remarks.push(Remark::note(format!("{seen}: {file} stands for go.mod"), why).fix(fix()));
    }
    Ok(Sight::of(remarks, || if setting.value.is_empty() { "GOFLAGS is empty".to_owned() } else { seen }))
}

fn problem(seen: String, why: &str) -> Remark {
    Remark::problem(seen, why)
}

fn warning(seen: String, why: &str) -> Remark {
    Remark::warning(seen, why)
}

fn note(seen: String, why: &str) -> Remark {
    Remark::note(seen, why)
}
