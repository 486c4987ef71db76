//! The program itself: its process, its pipes, its faults.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use super::run::Place;
use super::world::One;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gosum"));
    command.env_clear().env("GOENV", "off").stdin(Stdio::null());
    command
}

#[test]
fn prints_its_version() {
    let output = program().arg("--version").output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"gosum 0.1.0\n".to_vec()));
}

#[cfg(unix)]
#[test]
fn gowork_may_name_the_workspace_around_the_current_folder() {
    let place = Place::new()
        .file("w/go.work", "go 1.26\n\nuse ./a\n")
        .file("w/a/go.mod", "module example.com/a\n\ngo 1.26\n")
        .file("w/a/go.sum", "");
    std::os::unix::fs::symlink(place.path("w"), place.path("link")).unwrap();
    let audit = |pwd: &str, gowork: &str| {
        let mut program = program();
        program.args(["audit", "--offline", "--no-cache"]).current_dir(place.path("w/a"));
        let output = program.env("PWD", place.path(pwd)).env("GOWORK", gowork).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let go_work = |folder: &str| place.path(folder).join("go.work").display().to_string();
    assert_eq!(audit("w/a", &go_work("w")), (Some(0), String::new()));
    // by the name that the user came by
    assert_eq!(audit("link/a", &go_work("link")), (Some(0), String::new()));
    // a PWD of another folder counts for nothing
    assert_eq!(audit("link", &go_work("w")), (Some(0), String::new()));
    let (code, said) = audit("w/a", "");
    assert_eq!(code, Some(0));
    assert!(said.starts_with(&format!("gosum: {} uses this module: ", go_work("w"))), "{said}");
}

#[test]
fn a_workspace_is_found_from_the_folder_of_a_module() {
    let place = Place::new()
        .file("go.work", "go 1.21\n\nuse ./app\n")
        .file("go.work.sum", "")
        .file("app/go.mod", "module example.com/app\n\ngo 1.21\n")
        .file("app/go.sum", "");
    let root = std::fs::canonicalize(place.dir()).unwrap();
    let verify = |gowork: &str| {
        let mut command = program();
        command.arg("verify").current_dir(root.join("app")).env("GOWORK", gowork).env("GOPATH", &root);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, _, stderr) = verify("");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("go.work uses this module"), "{stderr}");
    let (code, stdout, stderr) = verify(root.join("go.work").to_str().unwrap());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("verified: "), "{stdout}");
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_fault() {
    let place = Place::new().file("go.sum", "oops\n".repeat(50_000));
    let mut child = program()
        .args(["audit", "--offline", "--format", "json"])
        .arg(place.path("go.sum"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut start).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_hundred_thousand_lines_are_planned_within_200_mb() {
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let lines: String =
        (0..100_000).map(|n| format!("example.com/some/module/m{n} v1.{n}.0/go.mod {hash}\n")).collect();
    let place = Place::new().file("go.sum", lines);
    let mut child = program()
        .args(["audit", "--offline"])
        .arg(place.path("go.sum"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let kilobytes = |name| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        // pages of the program itself, of which a debug build has many, are the system's to drop
        if let (Some(all), Some(program)) = (kilobytes("VmHWM:"), kilobytes("RssFile:")) {
            peak = peak.max(all.saturating_sub(program));
        }
    }
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert!(stdout.starts_with("unverified: 100000 lines: 100000 unverified\n"), "{stdout}");
    assert!(stdout.lines().count() < 40, "what is alike is folded");
    assert!(peak > 0 && peak < 200_000, "{peak} kB");
}

/// Panics when it is written to.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("the screen is on fire")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_a_fault_of_gosum_and_asks_for_a_report() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let err = super::run::Kept::default();
    let code = place.run_into("audit", Box::new(Broken), Box::new(err.clone()));
    assert_eq!(code, 4);
    let said = err.text();
    assert!(
        said.contains("this is a fault of gosum itself: the screen is on fire\nplease report it"),
        "{said}"
    );
    // a panic in a thread that sends requests comes out in the same way
    let code = place.run_into("audit -x", Box::new(io::sink()), Box::new(Broken));
    assert_eq!(code, 4);
}

#[test]
fn output_that_cannot_be_written_is_told() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let place = Place::new().file("go.sum", "");
    let err = super::run::Kept::default();
    let code = place.run_into("audit", Box::new(Full), Box::new(err.clone()));
    assert_eq!(code, 2);
    assert!(err.text().starts_with("gosum: cannot write the report: "), "{}", err.text());
}
