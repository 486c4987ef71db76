//! Vendor folders, held against the modules that they say they were made of.

use std::fs;
use std::path::{Path, PathBuf};

use gosum_world::draft::Draft;

use super::machine::{A, Machine};
use crate::run::Place;

pub(super) const LIST: &str = "# example.com/Bb v0.0.0-20231114221320-0a0a0a0a0a0a\n## explicit\nexample.com/Bb\n\
                    # example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\nexample.com/a/sub\n";

/// Returns a machine whose project has a vendor folder, as `go mod vendor` makes it.
pub(super) fn machine() -> Machine {
    let machine = Machine::new();
    let vendor = machine.place.path("vendor");
    let files = [
        ("example.com/Bb", "b.go"),
        ("example.com/Bb", "LICENSE"),
        ("example.com/a", "a.go"),
        ("example.com/a", "empty"),
        ("example.com/a", "sub/b.go"),
    ];
    for (module, path) in files {
        let release =
            machine.releases.iter().find(|release| release.to_string().starts_with(&format!("{module}@")));
        let content = release.unwrap().files().find(|(other, _)| *other == path).unwrap().1;
        let file = vendor.join(module).join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
    fs::write(vendor.join("modules.txt"), LIST).unwrap();
    machine
}

pub(super) fn list(machine: &Machine) -> PathBuf {
    machine.place.path("vendor/modules.txt")
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

#[test]
fn what_go_mod_vendor_makes_is_verified() {
    let machine = machine();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    assert_eq!(report["counts"]["vendored"], 5);
    let text = machine.run("").stdout;
    assert!(text.contains("5 vendored files compared with their modules"), "{text}");
}

#[test]
fn every_file_that_is_changed_added_or_removed_is_named() {
    let mut all = Vec::new();
    files(&machine().place.path("vendor/example.com"), &mut all);
    let names: Vec<String> =
        all.iter().map(|path| path.to_str().unwrap().rsplit_once("/vendor/").unwrap().1.to_owned()).collect();
    assert_eq!(names.len(), 5);
    for name in names {
        let path = |machine: &Machine| machine.place.path("vendor").join(&name);
        for (what, change) in [("changed", true), ("missing", false)] {
            let machine = machine();
            match change {
                true => fs::write(path(&machine), "package evil\n").unwrap(),
                false => fs::remove_file(path(&machine)).unwrap(),
            }
            let (code, codes, messages) = machine.found("");
            assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
            assert!(messages.contains(&format!("{name:?} is {what}")), "{messages}");
        }
    }
    for name in [
        "evil.go",
        "example.com/evil/x.go",
        "example.com/a/z.go",
        "example.com/a/a_test.go",
        "example.com/a/go.mod",
    ] {
        let machine = machine();
        let path = machine.place.path("vendor").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "package evil\n").unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
        assert!(messages.contains(&format!("{name:?} is added")), "{messages}");
    }
}

#[test]
fn every_line_of_modules_txt_counts() {
    let lines: Vec<&str> = LIST.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let machine = machine();
        let mut fewer = lines.clone();
        fewer.remove(at);
        fs::write(list(&machine), fewer.concat()).unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!(code, 1, "{} removed: {codes:?} {messages}", lines[at]);
    }
    for (from, to, says) in [
        ("a v1.0.0", "a v1.1.0", "modules.txt has v1.1.0 of it"),
        ("go 1.21", "go 1.22", "is marked with go 1.22, and its go.mod has go 1.21"),
        ("explicit; ", "", "does not mark it as explicit"),
        ("a/sub\n", "a/sub\nexample.com/a/more\n", "the module has no package example.com/a/more"),
        ("a v1.0.0", "a v1.0.0 => ../a", "is marked as replaced by ../a, and go.mod says not replaced"),
        ("## explicit\n", "## explicit; odd\n", "says nothing to the go command"),
    ] {
        let machine = machine();
        fs::write(list(&machine), LIST.replacen(from, to, 1)).unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!(code, 1, "{to}");
        assert!(
            codes.contains(&"vendor-list-differs".to_owned()) && messages.contains(says),
            "{to}: {messages}"
        );
    }
    let machine = machine();
    fs::remove_file(list(&machine)).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (1, vec!["vendor-list-differs".to_owned()]), "{messages}");
}

#[test]
fn a_replacement_is_what_its_files_are_held_against() {
    let machine = machine();
    let go_mod = machine.place.read("go.mod") + "\nreplace example.com/a => ../a\n";
    fs::write(machine.place.path("go.mod"), go_mod).unwrap();
    let replaced = LIST.replace("a v1.0.0\n", "a v1.0.0 => ../a\n") + "# example.com/a => ../a\n";
    fs::write(list(&machine), replaced).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["counts"]["vendored_uncompared"]), (0, &1.into()), "{report}");
    assert_eq!(report["counts"]["vendored"], 2);
}

#[test]
fn what_cannot_be_compared_is_told_or_fetched() {
    let mut machine = machine();
    let release = machine.release(A).clone();
    fs::remove_dir_all(machine.cache.root()).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!(code, 3, "{report}");
    let reasons = report["untold"].to_string();
    assert!(reasons.contains("modcache: not in the module cache"), "{reasons}");

    let mut draft = Draft::new("proxy.example");
    machine.releases.iter().for_each(|release| draft.proxy().publish(release));
    let world = draft.start().unwrap();
    let reachable = Place::in_world(&world);
    let proxy = reachable.vars().get(std::ffi::OsStr::new("GOPROXY")).unwrap().to_str().unwrap().to_owned();
    for (host, address) in world.routes() {
        machine.place = machine.place.route(&host, address);
    }
    machine.place = machine.place.env("GOPROXY", &proxy);
    let (code, report) = machine.verify("--fetch");
    assert_eq!((code, &report["counts"]["vendored"]), (0, &5.into()), "{report}");

    // a copy in the cache that go.sum does not record stands in nobody's way
    machine.cache.add(&release.clone().tampered("a.go", "package evil\n")).unwrap();
    let (code, codes, _) = machine.found("");
    assert_eq!((code, codes), (1, vec!["cached-zip-differs".to_owned()]));
    let (_, report) = machine.verify("--fetch");
    assert_eq!(
        (&report["counts"]["vendored"], &report["counts"]["untold"]),
        (&5.into(), &0.into()),
        "{report}"
    );
    fs::remove_dir_all(machine.cache.root()).unwrap();

    // a proxy with another copy is no help
    let mut draft = Draft::new("proxy.example");
    machine.releases.iter().for_each(|release| draft.proxy().publish(release));
    draft.proxy().publish(&release.tampered("a.go", "package evil\n"));
    let world = draft.start().unwrap();
    for (host, address) in world.routes() {
        machine.place = machine.place.route(&host, address);
    }
    let (code, report) = machine.verify("--fetch");
    assert_eq!(code, 3, "{report}");
    assert!(report["untold"].to_string().contains("is not what go.sum records"), "{report}");
}

#[test]
fn a_folder_of_that_name_without_a_go_mod_is_nobodys() {
    let machine = machine();
    fs::remove_file(machine.place.path("go.mod")).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["counts"]["vendored"]), (0, &0.into()), "{report}");
}
