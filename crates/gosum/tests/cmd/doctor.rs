//! `gosum doctor`: recorded machines, what is recorded of this one, and faults that are really there.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::run::{Done, Place};
use super::world::One;

#[cfg(unix)]
mod real;

fn machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/doctor")
}

fn json(done: &Done) -> Value {
    serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"))
}

/// Returns the check `id` of a report.
fn check<'r>(report: &'r Value, id: &str) -> &'r Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

/// Returns what was seen by the check `id` at its level, in one text.
fn seen(report: &Value, id: &str) -> String {
    let check = check(report, id);
    let remarks = check["remarks"].as_array().unwrap().iter();
    let texts: Vec<&str> = remarks.map(|remark| remark["seen"].as_str().unwrap()).collect();
    format!("{}: {}", check["level"].as_str().unwrap(), texts.join("; "))
}

#[test]
fn recorded_machines_are_told_what_is_wrong_with_them() {
    for (name, code) in [
        ("bare", 1),
        ("broken", 1),
        ("container", 1),
        ("healthy", 0),
        ("macos", 0),
        ("unreadable", 1),
        ("windows", 0),
        ("wsl1", 1),
        ("wsl2", 0),
        ("wsl2-drvfs", 1),
    ] {
        let view = machines().join(name);
        let done = Place::new().run(&format!("doctor --all --view {}", view.display()));
        let expected = std::fs::read_to_string(view.with_extension("txt")).unwrap();
        assert_eq!((done.code, done.stderr.as_str()), (code, ""), "{name}");
        assert_eq!(done.stdout, expected, "{name}: if that is meant, write it to {name}.txt");
        let report = json(&Place::new().run(&format!("doctor --format json --view {}", view.display())));
        let levels: Vec<&str> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| check["level"].as_str().unwrap())
            .collect();
        assert_eq!((&report["schema"], levels.len()), (&Value::from(1), 50), "{name}");
        assert_eq!(report["verdict"] == "problems", code == 1, "{name}");
        assert_eq!(levels.contains(&"problem"), code == 1, "{name}");
        for (level, count) in report["counts"].as_object().unwrap() {
            let lines = expected.lines().filter(|line| line.starts_with(&format!("{level} ")));
            assert_eq!(lines.count() as u64, count.as_u64().unwrap(), "{level} of {name}");
        }
    }
}

#[test]
fn a_record_is_seen_as_the_machine_was() {
    let place = Place::new();
    let here = place.run("doctor --all --record view");
    assert!(here.code <= 1 && here.stderr.is_empty(), "{here:?}");
    let there = place.run("doctor --all --view view");
    assert_eq!((there.code, there.stdout), (here.code, here.stdout));
    let again = place.run("doctor --record view");
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("view is not empty"), "{}", again.stderr);
}

#[test]
fn without_go_and_git_it_works_and_says_so() {
    let report = json(&Place::new().run("doctor --format json"));
    assert_eq!(seen(&report, "go-command"), "note: no go in PATH");
    assert_eq!(seen(&report, "git-command"), "note: no git in PATH");
    assert!(seen(&report, "folder-layout").starts_with("problem: GOPATH is empty"));
    assert!(seen(&report, "checksum-database").starts_with("problem: GOSUMDB=off (environment)"));
}

#[test]
fn no_password_is_recorded() {
    let secrets = "https://me:s3cret@";
    let place = Place::new()
        .file(
            "gitconfig",
            format!(
                "[url \"{secrets}mirror.example/\"]\n\tinsteadOf = {secrets}git.example/\n\
                 [http]\n\textraHeader = Authorization: s3cret\n\
                 [credential]\n\thelper = !echo password=s3cret\n\
                 [filter \"x\"]\n\tsmudge = decrypt --key s3cret\n"
            ),
        )
        .file(".netrc", "machine a.example login me password s3cret\n")
        .file("go.mod", "module example.com/a\n// s3cret\n")
        .env("GOPROXY", &format!("{secrets}proxy.example,direct"))
        .env("GOSUMDB", &format!("sum.example+1+key {secrets}sum.example"))
        .env("GOAUTH", "prog --token=s3cret")
        .env("GOFLAGS", "-ldflags=-X=main.key=s3cret")
        .env("GOCACHEPROG", "cacher --token s3cret")
        .env("CC", "gcc -DKEY=s3cret")
        .env("HTTPS_PROXY", &format!("{secrets}gate.example"))
        .env("ALL_PROXY", &format!("{secrets}gate.example"))
        .env("GITHUB_TOKEN", "s3cret")
        .env("CC_FOR_TARGET", "s3cret");
    let (home, config) = (place.dir().display().to_string(), place.path("gitconfig").display().to_string());
    let place = place.env("HOME", &home).env("GIT_CONFIG_GLOBAL", &config);
    let done = place.run("doctor --all --record view");
    assert!(
        done.stdout.contains("mirror.example") && done.stdout.contains("gate.example"),
        "{}",
        done.stdout
    );
    assert!(!done.stdout.contains("s3cret"), "{}", done.stdout);
    let mut folders = vec![place.path("view")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                files += 1;
                let text = std::fs::read_to_string(&entry).unwrap();
                assert!(!text.contains("s3cret"), "{}: {text}", entry.display());
            }
        }
    }
    assert!(files > 0);
}

#[test]
fn settings_of_git_are_seen_where_git_reads_them() {
    let place = Place::new()
        .file("home/.gitconfig", "[core]\n\tautocrlf = true\n\tattributesFile = ~/attributes\n")
        .file("home/attributes", "# all\n*.txt text eol=crlf\n");
    let home = place.path("home").display().to_string();
    let report = json(&place.env("HOME", &home).run("doctor --format json"));
    assert_eq!(seen(&report, "git-line-ends"), "warning: core.autocrlf=true in git's settings");
    assert!(
        seen(&report, "git-attributes").ends_with("/attributes has 1 lines such as `*.txt text eol=crlf`")
    );
}

#[test]
fn a_broken_go_mod_and_git_config_are_told() {
    let place = Place::new().file("go.mod", "nonsense here\n").file("gitconfig", "[core\n");
    let config = place.path("gitconfig").display().to_string();
    let report = json(&place.env("GIT_CONFIG_GLOBAL", &config).run("doctor --format json"));
    assert!(seen(&report, "godebug").starts_with("problem: "), "{}", seen(&report, "godebug"));
    assert!(seen(&report, "git-config").contains("is malformed"), "{}", seen(&report, "git-config"));
    assert_eq!(check(&report, "git-tls")["level"], "unknown");
}

/// Returns the report of a machine that is told all the same, with exit code 1; seen again from its record.
fn broken(place: &Place) -> Value {
    let done = place.run("doctor --format json --record view");
    assert_eq!((done.code, done.stderr.as_str()), (1, ""));
    let text = place.run("doctor");
    assert!(text.code == 1 && text.stdout.starts_with("problems: ") && text.stderr.is_empty(), "{text:?}");
    let report = json(&done);
    assert_eq!(check(&report, "git-config")["level"], "ok", "the other layers are told, too: {report:#}");
    assert_eq!(json(&place.run("doctor --format json --view view")), report);
    report
}

/// Returns a place with a file of Go's settings.
fn with_settings(text: impl AsRef<[u8]>) -> Place {
    let place = Place::new().file("env", text);
    let file = place.path("env").display().to_string();
    place.env("GOENV", &file)
}

#[test]
fn a_file_of_settings_that_can_be_read_is_no_matter() {
    let place = with_settings("# a comment\n\nGOPRIVATE=git.example\nGOFLAGS=\n");
    let report = json(&place.run("doctor --format json"));
    assert_eq!(check(&report, "settings-files")["level"], "ok", "{report:#}");
    let none = json(&Place::new().env("GOENV", "off").run("doctor --format json"));
    assert_eq!(check(&none, "settings-files")["seen"], "there are none");
}

#[test]
fn a_folder_in_the_place_of_the_settings_is_told() {
    let place = Place::new().file("env/file", "");
    let file = place.path("env").display().to_string();
    let place = place.env("GOENV", &file);
    // whoever would tell a name to somebody does not run without them
    let audit = place.run("env");
    assert_eq!(audit.code, 2);
    assert!(audit.stderr.contains("cannot read Go's settings in"), "{}", audit.stderr);
    let report = broken(&place);
    let seen = seen(&report, "settings-files");
    assert!(seen.starts_with(&format!("problem: cannot read {file}: ")), "{seen}");
}

#[test]
fn settings_that_are_not_utf_8_are_told_and_the_others_hold() {
    let report = broken(&with_settings(b"GOFLAGS=-mod=mod\nGOPRIVATE=git.example,\xff\n"));
    assert!(seen(&report, "settings-files").contains("line 2 of "), "{}", seen(&report, "settings-files"));
    assert!(seen(&report, "go-flags").starts_with("problem: GOFLAGS=-mod=mod ("), "{report:#}");
}

#[test]
fn nobody_is_asked_with_settings_that_are_not_all_known() {
    let world = One::new().draft.start().unwrap();
    let place = Place::in_world(&world).file("env", b"GOPRIVATE=git.example,\xff\n");
    let file = place.path("env").into_os_string();
    let report = json(&place.env_os("GOENV", file).run("doctor --format json --network --host github.com"));
    assert_eq!(world.log().len(), 0);
    for id in ["proxy-reach", "git-host-reach"] {
        assert!(seen(&report, id).contains("line 1 is not UTF-8"), "{}", seen(&report, id));
    }
}

#[test]
fn lines_of_settings_without_effect_are_told() {
    let place = with_settings(
        "\u{feff}GOPROXY=off\nexport GOFLAGS=-p=1\nhttps://me:s3cret@git.example=\nGONOSUMCHECK=1\nGOPRIVATE=a.example\r\n",
    );
    let done = place.run("doctor --format json");
    assert_eq!(done.code, 1, "{}", done.stderr);
    let seen = seen(&json(&done), "settings-files");
    for words in [
        "a carriage return ends the value of GOPRIVATE",
        "line 1, which begins with `\\u{feff}GOPROXY`, of ",
        "line 2, which begins with `export GOFLAGS`, of ",
        "line 3, of ",
        "GONOSUMCHECK in ",
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert!(!done.stdout.contains("s3cret"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_told() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(b"sum.example\xff".to_vec());
    let report = broken(&Place::new().env_os("GONOSUMDB", value));
    assert_eq!(
        seen(&report, "go-settings").split("; ").next().unwrap(),
        "problem: the environment variable GONOSUMDB is not UTF-8"
    );
    assert_eq!(check(&report, "checksum-database")["level"], "unknown");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let done = Place::new().run("doctor --format json -C none");
    assert_eq!((done.code, done.stderr.as_str()), (1, ""));
    let seen = seen(&json(&done), "godebug");
    assert!(seen.starts_with("problem: the current folder cannot be told: "), "{seen}");
}

#[test]
fn a_clock_before_1970_is_told() {
    let mut place = Place::new();
    place.now = std::time::SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(86_400);
    let report = broken(&place);
    assert_eq!(seen(&report, "clock"), "problem: the clock says 86400 seconds before 1970");
}

#[test]
fn what_is_no_view_is_wrong_use() {
    let place = Place::new().file("empty/other.txt", "").file("cut/view.json", "{\"os\": \"linux\"");
    for (args, words) in [
        ("doctor --view none", "cannot read view.json in none"),
        ("doctor --view empty", "cannot read view.json in empty"),
        ("doctor --view cut", "cannot read view.json in cut"),
        ("doctor --view empty --network", "cannot be used with"),
        ("doctor --host git.example", "--network"),
        ("doctor --network --host ftp://git.example", "a host is a name"),
    ] {
        let done = place.run(args);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args}");
        assert!(done.stderr.contains(words), "{args}: {}", done.stderr);
    }
}

#[cfg(unix)]
#[test]
fn no_link_in_a_view_is_followed() {
    let place = Place::new();
    let view = place.path("view");
    copy(&machines().join("healthy"), &view);
    std::fs::remove_file(view.join("proc/meminfo")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", view.join("proc/meminfo")).unwrap();
    let report = json(&place.run("doctor --format json --view view"));
    assert_eq!(check(&report, "memory")["level"], "unknown");
    assert!(check(&report, "memory")["reason"].as_str().unwrap().contains("a link"));
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().map(|entry| entry.unwrap()) {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

#[test]
fn hostile_views_write_no_escapes_and_no_lines_of_their_own() {
    let place = Place::new();
    let text = std::fs::read_to_string(machines().join("healthy/view.json")).unwrap();
    let text = text.replace("git version 2.47.3", "git\\u001b[2J\\nfine: 0 problems \\u202e");
    let done = place.file("view/view.json", text).run("doctor --all --view view");
    assert!(!done.stdout.contains(['\u{1b}', '\u{202e}']), "{}", done.stdout);
    assert!(!done.stdout.lines().skip(1).any(|line| line.starts_with("fine:")), "{}", done.stdout);
}

#[test]
fn servers_are_asked_with_network_alone() {
    let world = One::new().draft.start().unwrap();
    let place = Place::in_world(&world);
    let quiet = json(&place.run("doctor --format json"));
    assert_eq!(check(&quiet, "proxy-reach")["level"], "skipped");
    assert_eq!(world.log().len(), 0, "nobody is asked without --network");
    let report = json(&place.run("doctor --format json --network --host github.com"));
    assert_eq!(check(&report, "proxy-reach")["level"], "ok", "{report:#}");
    assert_eq!(check(&report, "git-host-reach")["level"], "ok", "{report:#}");
    let reason = check(&report, "database-reach")["reason"].as_str().unwrap();
    assert_eq!(reason, "no checksum database is asked");
    let off = json(&place.env("GOPROXY", "off").run("doctor --format json --network --host github.com"));
    assert_eq!(check(&off, "git-host-reach")["level"], "skipped");
}

/// Answers every request with these lines before its body.
fn server(head: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    address
}

#[test]
fn the_clocks_of_servers_are_compared_with_this_one() {
    // the clock of a place stands at noon
    for (head, level) in [
        ("200 OK\r\nDate: Thu, 26 Nov 2026 12:00:03 GMT", "ok"),
        ("200 OK\r\nDate: Thu, 26 Nov 2026 12:02:00 GMT", "warning"),
        ("200 OK\r\nDate: Thu, 26 Nov 2026 11:00:00 GMT", "problem"),
        ("200 OK\r\nDate: Thu, 26 Nov 2026 11:00:00 GMT\r\nAge: 3600", "ok"),
        ("200 OK\r\nDate: yesterday", "ok"),
    ] {
        let place = Place::new().env("GOPROXY", "https://proxy.example").route("proxy.example", server(head));
        let report = json(&place.run("doctor --format json --network"));
        assert_eq!(check(&report, "clock")["level"], level, "{head}: {}", check(&report, "clock"));
        assert_eq!(check(&report, "proxy-reach")["level"], "ok", "{head}");
    }
}

#[test]
fn servers_that_fail_are_told() {
    for (head, level) in
        [("503 Service Unavailable", "problem"), ("401 Unauthorized", "warning"), ("404 Not Found", "ok")]
    {
        let place = Place::new().env("GOPROXY", "https://proxy.example").route("proxy.example", server(head));
        let report = json(&place.run("doctor --format json --network"));
        assert_eq!(check(&report, "proxy-reach")["level"], level, "{head}");
    }
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let place = Place::new().env("GOPROXY", "https://proxy.example").route("proxy.example", nobody);
    let done = place.run("doctor --format json --network");
    assert_eq!(done.code, 1);
    assert!(seen(&json(&done), "proxy-reach").contains("does not answer"), "{}", done.stdout);
}
