//! Where Go's folders are.

use std::path::Path;

use super::{Check, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-layout", about: "whether Go's folders are named, and lie where they may", run };

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    for name in ["GOPATH", "GOMODCACHE", "GOCACHE"] {
        let setting = system.setting(name)?;
        if setting.value.is_empty() && setting.error.is_none() {
            let why = "go has nowhere to keep modules and builds, and stops with an error";
            let fix = "export HOME=/path/of/the/user  # containers and system services often lack it";
            remarks.push(Remark::problem(format!("{name} is empty, and has no default here"), why).fix(fix));
        }
    }
    for name in ["GOBIN", "GOCACHE"] {
        let setting = system.setting(name)?;
        if !setting.value.is_empty() && !is_absolute(&setting.value, &system.os) {
            let why = "go takes absolute paths alone, and stops with an error; there is no way to do without a build cache";
            remarks.push(Remark::problem(shown(name, setting), why).fix(unset(name, setting)));
        }
    }
    for (name, folder) in &system.folders {
        if let Some(error) = &folder.error {
            let why = "go and gosum cannot keep there what they have fetched";
            let fix = format!("see what is there: ls -ld {}", folder.path);
            remarks.push(Remark::problem(format!("{name} {}: {error}", folder.path), why).fix(fix));
        }
    }
    let gopath = system.setting("GOPATH")?;
    let root = system.settings.get("GOROOT").filter(|root| !root.value.is_empty());
    if root.is_some_and(|root| Path::new(&root.value) == Path::new(&gopath.value)) {
        let why = "GOPATH must not be the folder of the toolchain itself: go warns, and ignores it";
        remarks.push(Remark::problem(shown("GOPATH", gopath), why).fix(unset("GOPATH", gopath)));
    }
    let go_mod = Path::new(&gopath.value).join("go.mod");
    if !gopath.value.is_empty() && system.project.iter().any(|file| Path::new(&file.path) == go_mod) {
        let why = "go ignores a go.mod in GOPATH itself: what is built there is in no module";
        let seen = format!("{} is there", go_mod.display());
        remarks.push(Remark::warning(seen, why).fix(format!("rm {}", go_mod.display())));
    }
    Ok(Sight::of(remarks, || {
        let paths = system.folders.iter().map(|(name, folder)| format!("{name} {}", folder.path));
        paths.collect::<Vec<_>>().join(", ")
    }))
}

/// Returns whether a path is absolute on a system, which need not be this one.
fn is_absolute(path: &str, os: &str) -> bool {
    match os {
        "windows" => {
            path.as_bytes().get(1..3).is_some_and(|drive| drive == b":\\" || drive == b":/")
                || path.starts_with(r"\\")
        }
        _ => path.starts_with('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level, set};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn relative_folders_are_wrong() {
        for (name, value, os, expected) in [
            ("GOCACHE", "/x", "linux", Level::Ok),
            ("GOCACHE", "x", "linux", Level::Problem),
            ("GOCACHE", "off", "linux", Level::Problem),
            ("GOCACHE", "", "linux", Level::Problem),
            ("GOBIN", "bin", "linux", Level::Problem),
            ("GOBIN", "", "linux", Level::Ok),
            ("GOCACHE", r"C:\x", "linux", Level::Problem),
            ("GOCACHE", "/x", "windows", Level::Problem),
        ] {
            let mut system = healthy();
            system.os = os.to_owned();
            set(&mut system, "GOBIN", "");
            set(&mut system, "GOCACHE", if os == "windows" { r"C:\cache" } else { "/cache" });
            set(&mut system, name, value);
            assert_eq!(level(&run(&system)), expected, "{name}={value} on {os}");
        }
        for path in [r"C:\x", "C:/x", r"\\server\share"] {
            assert!(is_absolute(path, "windows"), "{path}");
        }
    }
}
