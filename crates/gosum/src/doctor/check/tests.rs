//! All checks, over the machines in testdata/doctor.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::checks;
use crate::doctor::record;
use crate::doctor::report;
use crate::doctor::sight::{Answer, Level, Sight};
use crate::doctor::system::{GitValue, Setting, System};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/doctor")
}

/// Returns a recorded machine.
pub(super) fn machine(name: &str) -> System {
    record::read(&folder().join(name), name).unwrap()
}

/// Returns a machine on which all is well.
pub(super) fn healthy() -> System {
    machine("healthy")
}

pub(super) fn level(answer: &Answer) -> Level {
    report::level(answer)
}

/// Gives a setting another value, as from the environment.
pub(super) fn set(system: &mut System, name: &str, value: &str) {
    let setting = Setting { value: value.to_owned(), origin: Setting::ENVIRONMENT.to_owned(), error: None };
    assert!(system.settings.insert(name.to_owned(), setting).is_some(), "{name}");
}

pub(super) fn git_value(key: &str, subsection: Option<&str>, value: &str) -> GitValue {
    GitValue { key: key.to_owned(), subsection: subsection.map(str::to_owned), value: value.to_owned() }
}

fn machines() -> Vec<(String, System)> {
    let entries = folder().read_dir().unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), machine(&name))).collect()
}

#[test]
fn every_check_is_seen_firing_and_silent() {
    let machines = machines();
    assert!(machines.len() >= 9, "{}", machines.len());
    for check in checks() {
        let levels: Vec<Level> = machines.iter().map(|(_, system)| level(&(check.run)(system))).collect();
        let fires = |level: &Level| matches!(level, Level::Problem | Level::Warning | Level::Note);
        assert!(levels.iter().any(fires), "{} never fires: {levels:?}", check.id);
        assert!(levels.contains(&Level::Ok), "{} is never silent: {levels:?}", check.id);
    }
}

#[test]
fn every_check_is_silent_on_a_healthy_machine() {
    let system = healthy();
    for check in checks() {
        let answer = (check.run)(&system);
        let is_elsewhere = check.id.starts_with("wsl-") && level(&answer) == Level::Skipped;
        assert!(matches!(answer, Ok(Sight::Fine(_))) || is_elsewhere, "{}: {answer:?}", check.id);
    }
}

#[test]
fn every_remark_says_what_and_why_and_every_problem_how_to_mend_it() {
    for (name, system) in machines() {
        for check in checks() {
            let Ok(Sight::Seen(remarks)) = (check.run)(&system) else { continue };
            assert!(!remarks.is_empty(), "{} on {name}", check.id);
            for remark in remarks {
                assert!(!remark.seen.is_empty() && !remark.why.is_empty(), "{} on {name}", check.id);
                let is_grave = matches!(remark.level, Level::Problem | Level::Warning);
                assert!(!is_grave || remark.fix.is_some(), "{} on {name}: {}", check.id, remark.seen);
                assert!(
                    matches!(remark.level, Level::Problem | Level::Warning | Level::Note),
                    "{} on {name}",
                    check.id
                );
            }
        }
    }
}

#[test]
fn names_of_checks_are_those_of_their_files() {
    let is_kebab = |id: &str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let ids: BTreeSet<&str> = checks().iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), checks().len());
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor/check").read_dir().unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<String> = names
        .filter(|name| !matches!(name.as_str(), "mod.rs" | "tests.rs"))
        .map(|name| name.trim_end_matches(".rs").replace('_', "-"))
        .collect();
    assert_eq!(ids, names.iter().map(String::as_str).collect());
    assert!(checks().iter().all(|check| is_kebab(check.id) && !check.about.is_empty()));
}

#[test]
fn what_cannot_be_looked_at_is_never_fine() {
    let mut system = healthy();
    for file in system.files.keys() {
        system.unreadable.insert(file.clone(), "permission denied".to_owned());
    }
    system.files.clear();
    system.git.error = Some("malformed".to_owned());
    system.settings.clear();
    for check in checks() {
        let level = level(&(check.run)(&system));
        let without_files = [
            "go-command",
            "go-settings",
            "settings-files",
            "unknown-settings",
            "godebug",
            "git-command",
            "git-environment",
            "folder-owner",
            "folder-writable",
            "folder-mode",
            "folder-space",
            "folder-case",
            "open-files",
            "file-size",
            "clock",
            "certificates",
            "proxy-reach",
            "database-reach",
            "git-host-reach",
            "compiler-variables",
            "tools-in-path",
            "foreign-tools",
        ];
        if !without_files.contains(&check.id) {
            assert!(matches!(level, Level::Unknown | Level::Problem), "{}: {level:?}", check.id);
        }
    }
}
