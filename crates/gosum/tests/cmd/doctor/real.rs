//! Faults that are really there: limits, modes and mounts of the process that looks.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{check, seen};
use crate::run::Place;

/// Somebody who is not root.
const OTHER: u32 = 65_534;

/// Returns a place with a home folder that everybody may enter, and its path.
fn home() -> (Place, String) {
    let place = Place::new().file("home/go/pkg/mod/cache/lock", "").file("home/.cache/go-build/README", "");
    std::fs::set_permissions(place.dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let home = place.path("home").display().to_string();
    (place, home)
}

/// Returns the program as a shell starts it at the end of `script`, with a home folder and nothing else.
fn after(script: &str, home: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let doctor = format!("{script}; exec \"$GOSUM\" doctor --format json");
    command.args(["-c", &doctor]).env_clear().stdin(Stdio::null());
    command
        .env("GOSUM", env!("CARGO_BIN_EXE_gosum"))
        .env("HOME", home)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("GOENV", "off").env("GIT_CONFIG_NOSYSTEM", "1").env("HERE", home);
    command
}

/// Runs the program.
fn report(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

/// Returns the program as somebody whom modes hold back, as they do not root.
fn as_other(mut command: Command, place: &Place) -> Command {
    if is_root() {
        // the program need not be where others may go
        let copy = place.path("gosum");
        std::fs::copy(env!("CARGO_BIN_EXE_gosum"), &copy).unwrap();
        command.uid(OTHER).gid(OTHER).env("GOSUM", &copy).current_dir(place.dir());
    }
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[test]
fn a_lowered_limit_of_open_files_is_seen() {
    let (_place, home) = home();
    let report = report(&mut after("ulimit -n 100", &home));
    assert_eq!(seen(&report, "open-files"), "problem: 100 files may be open at once (hard limit 100)");
}

#[test]
fn a_lowered_limit_of_sizes_is_seen() {
    let (_place, home) = home();
    let report = report(&mut after("ulimit -f 2048", &home));
    // a block of the shell's has 512 bytes, or 1024
    assert!(seen(&report, "file-size").starts_with("problem: no file may be larger than"), "{report:#}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_umask_that_gives_all_to_all_is_seen() {
    let (_place, home) = home();
    assert_eq!(seen(&report(&mut after("umask 0", &home)), "umask"), "problem: the umask is 0000");
    assert_eq!(check(&report(&mut after("umask 22", &home)), "umask")["level"], "ok");
}

#[test]
fn a_cache_that_cannot_be_written_is_seen() {
    let (place, home) = home();
    let cache = place.path("home/go/pkg/mod");
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o555)).unwrap();
    let report = report(&mut as_other(after("true", &home), &place));
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = seen(&report, "folder-writable");
    assert!(text.contains(&format!("GOMODCACHE {} cannot be written", cache.display())), "{text}");
}

#[test]
fn settings_that_may_not_be_read_are_seen() {
    let (place, home) = home();
    let place = place.file("home/env", "GOPRIVATE=git.example\n").file("root/go.env", "GOSUMDB=off\n");
    let files = [place.path("home/env"), place.path("root/go.env")];
    for file in &files {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    let mut command = as_other(after("true", &home), &place);
    command.env("GOENV", &files[0]).env("GOROOT", place.path("root"));
    let report = report(&mut command);
    let text = seen(&report, "settings-files");
    for file in &files {
        assert!(text.contains(&format!("cannot read {}: Permission denied", file.display())), "{text}");
    }
    let check = check(&report, "settings-files");
    assert!(check["remarks"][0]["fix"].as_str().unwrap().starts_with("sudo chown "), "{check:#}");
}

#[test]
fn a_cache_that_everybody_can_write_is_seen() {
    let (place, home) = home();
    let cache = place.path("home/go/pkg/mod");
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).unwrap();
    let text = seen(&report(&mut after("true", &home)), "folder-mode");
    assert_eq!(text, format!("problem: GOMODCACHE {} has mode 0777", cache.display()));
}

#[test]
fn a_file_in_the_place_of_a_cache_is_seen() {
    let (place, home) = home();
    std::fs::remove_dir_all(place.path("home/.cache/go-build")).unwrap();
    let place = place.file("home/.cache/go-build", "");
    let text = seen(&report(&mut after("true", &home)), "folder-layout");
    assert_eq!(text, format!("problem: GOCACHE {home}/.cache/go-build: not a folder"));
    drop(place);
}

#[test]
fn links_in_a_circle_are_seen() {
    let (place, home) = home();
    std::fs::remove_dir_all(place.path("home/.cache/go-build")).unwrap();
    std::os::unix::fs::symlink("go-build", place.path("home/.cache/go-build")).unwrap();
    let text = seen(&report(&mut after("true", &home)), "folder-layout");
    assert!(text.starts_with("problem: GOCACHE ") && text.contains("symbolic links"), "{text}");
}

#[test]
fn a_tool_of_another_system_is_seen() {
    let (place, home) = home();
    // for a machine that nobody runs the tests on
    let mut program = b"\x7fELF\x02\x02\x01".to_vec();
    program.resize(64, 0);
    program[19] = 22;
    let place = place.file("home/go/bin/tool", program).file("home/go/bin/script", "#!/bin/sh\n");
    let report = report(&mut after("true", &home));
    let text = seen(&report, "foreign-tools");
    assert!(text.starts_with("warning: ") && text.ends_with(": tool (elf/s390x)"), "{text}");
    assert!(seen(&report, "tools-in-path").contains("2 programs and is not in PATH"));
    drop(place);
}

#[test]
fn git_is_asked_for_its_version_and_nothing_else_runs() {
    let (place, home) = home();
    let place = place
        .file("bin/git", "#!/bin/sh\n[ \"$*\" = --version ] && echo git version 2.1.0\n")
        .file("bin/go", "#!/bin/sh\ntouch \"$HOME/ran\"\n")
        .file("bin/gcc", "#!/bin/sh\ntouch \"$HOME/ran\"\n");
    for name in ["git", "go", "gcc"] {
        let file = place.path("bin").join(name);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let bin = place.path("bin").display().to_string();
    let report = report(after("true", &home).env("PATH", &bin));
    assert_eq!(seen(&report, "git-command"), format!("warning: {bin}/git: git version 2.1.0"));
    assert_eq!(seen(&report, "go-command"), format!("note: {bin}/go: version not known"));
    assert!(!Path::new(&home).join("ran").exists());
}

/// Returns the program in a place of mounts of its own, which `script` makes.
fn mounted(script: &str, home: &str) -> Value {
    let mut command = Command::new("unshare");
    let doctor = format!("set -e; {script}; exec \"$GOSUM\" doctor --format json");
    command.args(["--mount", "/bin/sh", "-c", &doctor]).env_clear().stdin(Stdio::null());
    command
        .env("GOSUM", env!("CARGO_BIN_EXE_gosum"))
        .env("HOME", home)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("GOENV", "off").env("GIT_CONFIG_NOSYSTEM", "1");
    report(&mut command)
}

#[test]
#[ignore = "needs root"]
fn a_full_file_system_is_seen() {
    let (_place, home) = home();
    let cache = format!("{home}/go/pkg/mod");
    let fill = "dd if=/dev/zero of=$HOME/go/pkg/mod/full bs=64k 2>/dev/null || true";
    let report = mounted(&format!("mount -t tmpfs -o size=1m,nr_inodes=50 none {cache}; {fill}"), &home);
    let text = seen(&report, "folder-space");
    assert!(text.contains(&format!("GOMODCACHE {cache}: 0 MiB free of 1")), "{text}");
    assert!(text.contains("inodes free of 50"), "{text}");
    assert!(seen(&report, "folder-file-system").contains("is on tmpfs"));
}

#[test]
#[ignore = "needs root"]
fn a_mount_from_which_nothing_runs_is_seen() {
    let (_place, home) = home();
    let report =
        mounted("mkdir $HOME/tmp; mount -t tmpfs -o noexec none $HOME/tmp; export TMPDIR=$HOME/tmp", &home);
    let text = seen(&report, "folder-noexec");
    assert_eq!(text, format!("problem: TMPDIR {home}/tmp is on {home}/tmp, mounted noexec"));
}

#[test]
#[ignore = "needs root"]
fn a_read_only_mount_is_seen_by_root_too() {
    let (_place, home) = home();
    let report = mounted("mount --bind $HOME/go $HOME/go; mount -o remount,ro,bind $HOME/go", &home);
    let text = seen(&report, "folder-writable");
    assert!(text.starts_with("problem: GOBIN ") && text.contains("GOMODCACHE"), "{text}");
}

#[test]
#[ignore = "needs root"]
fn a_cache_of_another_owner_is_seen() {
    let (place, home) = home();
    std::os::unix::fs::chown(place.path("home/go/pkg/mod"), Some(OTHER), None).unwrap();
    let report = report(&mut after("true", &home));
    let text = seen(&report, "folder-owner");
    assert_eq!(
        text,
        format!("warning: GOMODCACHE {home}/go/pkg/mod belongs to user {OTHER}, this is user 0")
    );
}
