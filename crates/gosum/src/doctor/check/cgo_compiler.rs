//! Whether there is a C compiler for what is built.

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "cgo-compiler",
    about: "whether CGO_ENABLED, GOOS and GOARCH have a C compiler that fits",
    run,
};

fn run(system: &System) -> Answer {
    let [enabled, os, arch, cc] = ["CGO_ENABLED", "GOOS", "GOARCH", "CC"].map(|name| system.setting(name));
    let (enabled, os, arch, cc) = (enabled?, os?, arch?, cc?);
    let target = format!("{}/{}", os.value, arch.value);
    let is_cross = os.value != system.os || arch.value != system.arch;
    let compiler = cc.value.split_whitespace().next().unwrap_or_default();
    let is_there = system.program(compiler).is_some();
    let off = "go env -w CGO_ENABLED=0  # or CGO_ENABLED=0 for this build";
    let remark = match enabled.value.as_str() {
        "1" if is_cross && cc.is_default() => {
            let seen = format!("{}, target {target}, and CC is not set", shown("CGO_ENABLED", enabled));
            let why = format!(
                "go runs {compiler}, which compiles for this machine: the build fails in runtime/cgo"
            );
            Remark::problem(seen, why).fix(format!("export CC={}  # or {off}", cross(&os.value, &arch.value)))
        }
        "1" if !is_there => {
            let seen = format!("{}, and no {compiler} in PATH", shown("CGO_ENABLED", enabled));
            let why =
                "packages with C code fail to build; go reads CC, in the environment and from `go env -w`";
            Remark::problem(seen, why).fix(format!("install {compiler}, or {off}"))
        }
        "" if !cc.is_default() && !is_there => {
            let seen = format!("{}, which is not in PATH", shown("CC", cc));
            let why = "with CC set in the environment, go builds packages with C code and fails";
            Remark::warning(seen, why).fix(unset("CC", cc))
        }
        "" if is_cross => {
            let seen = format!("target {target} on {}/{}, CGO_ENABLED is not set", system.os, system.arch);
            let why = "go leaves C code out when it builds for another system: packages that need it are missing, and others \
                       take their pure Go parts";
            Remark::note(seen, why).fix("export CGO_ENABLED=1 CC=...  # if C code is needed")
        }
        "" if !is_there => {
            let why = "go leaves C code out: net and os/user take their pure Go parts, and packages that need C do not build";
            Remark::note(format!("no C compiler ({compiler}) in PATH"), why)
                .fix(format!("install {compiler} if C code is needed"))
        }
        _ => return Ok(Sight::Fine(format!("target {target}, C compiler {compiler}"))),
    };
    Ok(Sight::Seen(vec![remark]))
}

/// Returns the usual name of a compiler for another system.
fn cross(os: &str, arch: &str) -> &'static str {
    match (os, arch) {
        ("linux", "arm64") => "aarch64-linux-gnu-gcc",
        ("linux", "amd64") => "x86_64-linux-gnu-gcc",
        ("linux", "arm") => "arm-linux-gnueabihf-gcc",
        ("windows", "amd64") => "x86_64-w64-mingw32-gcc",
        _ => "a-compiler-for-it",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level, set};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn a_compiler_must_be_there_and_fit() {
        for (settings, expected) in [
            (&[][..], Level::Ok),
            (&[("GOARCH", "arm64")][..], Level::Note),
            (&[("GOARCH", "arm64"), ("CGO_ENABLED", "1")], Level::Problem),
            (&[("GOARCH", "arm64"), ("CGO_ENABLED", "1"), ("CC", "gcc -m64")], Level::Ok),
            (&[("GOARCH", "arm64"), ("CGO_ENABLED", "0")], Level::Ok),
            (&[("CC", "none")], Level::Warning),
            (&[("CC", "none"), ("CGO_ENABLED", "1")], Level::Problem),
        ] {
            let mut system = healthy();
            settings.iter().for_each(|(name, value)| set(&mut system, name, value));
            assert_eq!(level(&run(&system)), expected, "{settings:?}");
        }
    }
}
