//! `gosum verify`: what is on this machine, held against go.sum.

mod machine;
mod planted;
mod source;
mod toolchain;
mod vendor_source;
mod vendored;

use std::fs;

use self::machine::{A, A2, B, Machine};
use crate::run::Place;

#[test]
fn what_was_not_touched_is_verified() {
    let machine = Machine::new();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    let counts = &report["counts"];
    for (count, expected) in
        [("modules", 3), ("zips", 3), ("zips_recorded", 3), ("trees", 3), ("go_mods", 3), ("untold", 0)]
    {
        assert_eq!(counts[count], expected, "{count}");
    }
    let text = machine.run("").stdout;
    assert!(text.starts_with("verified: nothing found, in 3 module versions\n"), "{text}");
    assert!(text.contains("3 zips hashed, all held against go.sum"), "{text}");
}

#[test]
fn what_the_cache_lacks_is_counted_and_no_finding() {
    let machine = Machine::new();
    for extension in ["zip", "ziphash", "mod", "info", "lock"] {
        fs::remove_file(machine.file(A, extension)).unwrap();
    }
    fs::remove_dir_all(machine.folder(A)).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    assert_eq!(
        (&report["counts"]["zips_absent"], &report["counts"]["go_mods_absent"]),
        (&1.into(), &1.into())
    );
    let text = machine.run("").stdout;
    assert!(text.contains("not in the cache: 1 zip and 1 go.mod file that go.sum records"), "{text}");
}

#[test]
fn an_empty_cache_verifies_nothing() {
    let machine = Machine::new();
    fs::remove_dir_all(machine.cache.root()).unwrap();
    let done = machine.run("");
    assert_eq!(done.code, 3);
    assert!(done.stdout.contains("the cache has none of the modules: nothing was verified"), "{done:?}");
    fs::create_dir_all(machine.cache.root()).unwrap();
    let done = machine.run("");
    assert_eq!(done.code, 3);
    assert!(done.stdout.contains("the cache has none of the modules: nothing was verified"), "{done:?}");
    assert!(done.stdout.contains("  0 zips hashed\n"), "{}", done.stdout);
    assert!(done.stdout.contains("  0 go.mod files hashed\n"), "{}", done.stdout);
}

#[test]
fn a_module_that_requires_nothing_needs_no_go_sum() {
    let machine = Machine::new();
    fs::remove_file(machine.place.path("go.sum")).unwrap();
    let done = machine.run("");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("has no go.sum to hold the module cache against"), "{done:?}");
    fs::write(machine.place.path("go.mod"), "module example.com/project\n\ngo 1.21\n").unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"], &report["counts"]["modules"]), (0, &"verified".into(), &0.into()));
}

#[test]
fn all_looks_at_what_go_sum_does_not_name() {
    let machine = Machine::new();
    machine.write_go_sum("");
    fs::write(machine.folder(A2).join("a.go"), "package evil\n").unwrap();
    let (code, codes, _) = machine.found("--all");
    // go.mod requires two that go.sum has no lines for
    assert_eq!(
        (code, codes.as_slice()),
        (1, &["cached-tree-differs".into(), "go-sum-lacks-line".into()][..])
    );
    // without any project
    fs::remove_file(machine.place.path("go.mod")).unwrap();
    fs::remove_file(machine.place.path("go.sum")).unwrap();
    let (code, report) = machine.verify("--all");
    assert_eq!((code, &report["counts"]["modules"]), (1, &3.into()), "{report}");
    assert_eq!(report["counts"]["zips_recorded"], 0);
    assert_eq!(report["files"][0]["file"], "a.go");
    let done = machine.run("");
    assert_eq!(done.code, 2);
    // a tree that is there alone, with nothing to hold it against
    for extension in ["zip", "ziphash", "mod", "info", "lock"] {
        fs::remove_file(machine.file(A2, extension)).unwrap();
    }
    let (code, report) = machine.verify("--all");
    assert_eq!(code, 3);
    assert_eq!(report["untold"][0]["place"], "example.com/a@v1.1.0", "{report}");
}

#[test]
fn the_cache_is_where_go_says() {
    let machine = Machine::new();
    let moved = machine.place.path("elsewhere");
    fs::rename(machine.cache.root(), &moved).unwrap();
    let Machine { place, .. } = machine;
    assert_eq!(place.run("verify").code, 3);
    let place = place.env("GOMODCACHE", moved.to_str().unwrap());
    assert_eq!(place.run("verify").code, 0);
    // the file that `go env -w` writes
    let settings = place.path("env");
    fs::write(&settings, format!("GOMODCACHE={}\n", moved.display())).unwrap();
    let place = place.env("GOMODCACHE", "").env("GOENV", settings.to_str().unwrap());
    assert_eq!(place.run("verify").code, 0);
    let done = Place::new().file("go.sum", "").run("verify");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("no module cache: set GOMODCACHE, GOPATH or HOME"), "{done:?}");
}

#[test]
fn who_asks_nobody_needs_no_settings_of_the_network() {
    let machine = Machine::new();
    let place = machine.place.env("GOPROXY", ",");
    assert_eq!(place.run("verify").code, 0);
    let done = place.run("verify --fetch");
    assert!(done.code == 2 && done.stderr.contains("GOPROXY"), "{done:?}");
}

#[test]
fn levels_are_the_users() {
    let machine = Machine::new();
    machine.change(A, "zip", |zip| zip.extend(b"tail"));
    assert_eq!(machine.run("").code, 0);
    assert_eq!(machine.run("--deny cached-zip-irregular").code, 1);
    let (code, report) = machine.verify("--allow cached-zip-irregular");
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (0, 0));
    fs::write(machine.place.path("gosum.toml"), "[rules]\ncached-zip-irregular = \"deny\"\n").unwrap();
    assert_eq!(machine.run("").code, 1);
    let done = machine.run("--allow cached-zip-differs");
    assert_eq!(done.code, 2, "{done:?}");
}

#[test]
fn a_module_that_another_process_holds_is_not_judged() {
    let machine = Machine::new();
    let lock = fs::OpenOptions::new().write(true).open(machine.file(A, "lock")).unwrap();
    lock.lock().unwrap();
    // what is sound is sound, whoever holds the lock
    assert_eq!(machine.run("").code, 0);
    fs::write(machine.file(A, "partial"), "").unwrap();
    fs::remove_file(machine.folder(A).join("a.go")).unwrap();
    fs::write(machine.file(A, "zip5.tmp"), "half").unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, report["findings"].as_array().unwrap().len()), (3, 0), "{report}");
    assert!(report["untold"][0]["reason"].as_str().unwrap().starts_with("another process holds its lock"));
    drop(lock);
    assert_eq!(machine.found("").1, ["cached-partial"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told_and_no_pass() {
    use std::os::unix::fs::PermissionsExt as _;
    let close = |path: &std::path::Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        // who may read everything cannot be shown a closed door
        fs::read_dir(path).is_err() && fs::read(path).is_err()
    };
    let machine = Machine::new();
    let sub = machine.folder(A).join("sub");
    if close(&sub) {
        let (code, report) = machine.verify("");
        assert_eq!(code, 3, "{report}");
        assert!(report["untold"][0]["reason"].as_str().unwrap().contains("sub: "), "{report}");
    }
    fs::set_permissions(&sub, fs::Permissions::from_mode(0o755)).unwrap();
    // a folder in the place of a file cannot be read by anybody
    let machine = Machine::new();
    fs::remove_file(machine.file(A, "mod")).unwrap();
    fs::create_dir(machine.file(A, "mod")).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!(code, 3, "{report}");
    assert_eq!(report["untold"][0]["place"], "cache/download/example.com/a/@v/v1.0.0.mod");
}

#[test]
fn a_read_only_cache_is_read() {
    let machine = Machine::new();
    let mut folders = vec![machine.cache.root().to_owned()];
    let mut all = folders.clone();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            all.push(entry.path());
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    let protect = |readonly: bool| {
        for path in &all {
            let mut permissions = fs::metadata(path).unwrap().permissions();
            permissions.set_readonly(readonly);
            fs::set_permissions(path, permissions).unwrap();
        }
    };
    protect(true);
    let code = machine.run("").code;
    protect(false);
    assert_eq!(code, 0);
}

#[test]
fn a_go_sum_of_100_000_lines_takes_a_moment() {
    let machine = Machine::new();
    let mut text = machine.go_sum();
    for number in 0..50_000 {
        let sum = machine.release(B).zip_h1();
        text += &format!("example.com/m{number} v1.0.0 {sum}\nexample.com/m{number} v1.0.0/go.mod {sum}\n");
    }
    machine.write_go_sum(&text);
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["counts"]["zips_absent"]), (0, &50_000.into()));
}

#[test]
fn names_from_disk_are_harmless_to_look_at() {
    let machine = Machine::new();
    fs::write(machine.folder(A).join("evil\u{1b}[2J\u{202e}.go"), "").unwrap();
    let text = machine.run("").stdout;
    assert!(text.contains("is added") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    let json = machine.run("--format json").stdout;
    assert!(!json.contains('\u{1b}') && !json.contains('\u{202e}'), "{json}");
}

#[cfg(unix)]
#[test]
fn links_in_the_cache_lead_nowhere_and_are_told() {
    for link in ["cache/download/example.com/round", "example.com/round", "round"] {
        let machine = Machine::new();
        let place = machine.cache.root().join(link);
        std::os::unix::fs::symlink(".", &place).unwrap();
        let (code, report) = machine.verify("--all");
        assert_eq!((code, &report["counts"]["untold"]), (3, &1.into()), "{link}: {report}");
        assert!(report["untold"].to_string().contains("a link: what is behind it"), "{report}");
        // the go command finds nothing through it that go.sum names
        assert_eq!(machine.verify("").0, 0, "{link}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_in_the_cache_are_not_waited_for() {
    for extension in ["zip", "ziphash", "mod", "info"] {
        let machine = Machine::new();
        let file = machine.file(A, extension);
        fs::remove_file(&file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        let (code, report) = machine.verify("");
        assert_eq!(code, 3, "{extension}: {report}");
        assert!(report["untold"].to_string().contains("no regular file"), "{report}");
    }
}
