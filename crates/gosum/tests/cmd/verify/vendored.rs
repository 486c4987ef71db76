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
    vendor(&machine, LIST);
    machine
}

/// The modules.txt of a workspace, as `go work vendor` makes it.
const WORKSPACE: &str = "## workspace\n# example.com/Bb v0.0.0-20231114221320-0a0a0a0a0a0a\n## explicit\nexample.com/Bb\n\
                         # example.com/a v1.1.0 => example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\n\
                         example.com/a/sub\n# example.com/lib v0.0.0 => ./lib\n## explicit; go 1.21\n\
                         # example.com/own v1.0.0 => ./own\n## explicit; go 1.21\nexample.com/own\n\
                         # example.com/a => example.com/a v1.0.0\n";
/// A go.work, and the go.mod files of what it uses.
const WORK: [(&str, &str); 3] = [
    (
        "go.work",
        "go 1.22\n\nuse (\n\t./app\n\t./lib\n)\n\nreplace example.com/a => example.com/a v1.0.0\n\n\
         replace example.com/own v1.0.0 => ./own\n",
    ),
    (
        "app/go.mod",
        "module example.com/app\n\ngo 1.22\n\nrequire (\n\texample.com/a v1.1.0\n\texample.com/lib v0.0.0\n\t\
         example.com/own v1.0.0\n)\n\nreplace example.com/lib v0.0.0 => ../lib\n",
    ),
    (
        "lib/go.mod",
        "module example.com/lib\n\ngo 1.21\n\nrequire example.com/Bb v0.0.0-20231114221320-0a0a0a0a0a0a\n",
    ),
];

/// Returns a machine whose project is a workspace with a vendor folder.
fn workspace() -> Machine {
    let mut machine = Machine::new();
    let go_sum = machine.go_sum();
    for name in ["go.mod", "go.sum"] {
        fs::remove_file(machine.place.path(name)).unwrap();
    }
    machine.place = machine.place.file("go.work.sum", go_sum).file("own/own.go", "package own\n");
    for (name, text) in WORK {
        machine.place = machine.place.file(name, text);
    }
    vendor(&machine, WORKSPACE);
    fs::create_dir_all(machine.place.path("vendor/example.com/own")).unwrap();
    fs::write(machine.place.path("vendor/example.com/own/own.go"), "package own\n").unwrap();
    machine
}

/// Makes a vendor folder of the modules of `machine`.
fn vendor(machine: &Machine, list: &str) {
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
    fs::write(vendor.join("modules.txt"), list).unwrap();
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

/// Removes each line of `text`, which is modules.txt on the machines that `make` makes.
fn each_removed_line_is_found(make: fn() -> Machine, text: &str) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let machine = make();
        let mut fewer = lines.clone();
        fewer.remove(at);
        fs::write(list(&machine), fewer.concat()).unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!(code, 1, "{} removed: {codes:?} {messages}", lines[at]);
    }
}

#[test]
fn every_line_of_modules_txt_counts() {
    each_removed_line_is_found(machine, LIST);
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
fn a_go_mod_that_says_no_version_has_no_marks_in_modules_txt() {
    let machine = machine();
    let go_mod = machine.place.read("go.mod").replace("go 1.21\n", "");
    fs::write(machine.place.path("go.mod"), go_mod).unwrap();
    let is_mark = |line: &&str| line.starts_with("##");
    let unmarked: String = LIST.split_inclusive('\n').filter(|line| !is_mark(line)).collect();
    // those of go 1.16 are made, with go.mod files in them
    let copied = machine.place.path("vendor/example.com/a/go.mod");
    fs::write(copied, "module example.com/a\n\ngo 1.21\n").unwrap();
    fs::write(list(&machine), &unmarked).unwrap();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["counts"]["vendored"]), (0, &6.into()), "{report}");
    fs::write(list(&machine), unmarked.replace("a v1.0.0", "a v1.1.0")).unwrap();
    assert!(machine.found("").2.contains("modules.txt has v1.1.0 of it"));
}

#[test]
fn a_module_that_no_go_sum_records_is_named() {
    let machine = machine();
    machine.forget_zip(A);
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes.last().unwrap().as_str()), (1, "vendor-list-differs"), "{messages}");
    assert!(
        messages.contains("example.com/a@v1.0.0 has packages here, and no go.sum records it"),
        "{messages}"
    );
}

#[test]
fn what_is_added_to_a_module_below_one_that_a_folder_replaces_is_named() {
    let machine = machine();
    let go_mod =
        machine.place.read("go.mod") + "\nrequire example.com v0.0.0\n\nreplace example.com => ./own\n";
    fs::write(machine.place.path("go.mod"), go_mod).unwrap();
    let own = "# example.com v0.0.0 => ./own\n## explicit\nexample.com/own\n";
    fs::write(list(&machine), format!("{own}{LIST}# example.com => ./own\n")).unwrap();
    let vendor = machine.place.path("vendor/example.com");
    fs::create_dir_all(vendor.join("own")).unwrap();
    fs::write(vendor.join("own/own.go"), "package own\n").unwrap();
    assert_eq!(machine.found("").1, [""; 0]);
    fs::write(vendor.join("a/evil.go"), "package a\n").unwrap();
    let (code, _, messages) = machine.found("");
    assert!(code == 1 && messages.contains("\"example.com/a/evil.go\" is added"), "{messages}");
}

#[test]
fn a_file_of_another_size_is_changed_however_large_it_is() {
    let machine = machine();
    let large = fs::File::create(machine.place.path("vendor/example.com/a/empty")).unwrap();
    large.set_len(3 << 30).unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{messages}");
    assert!(messages.contains("\"example.com/a/empty\" is changed"), "{messages}");
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

#[test]
fn what_go_work_vendor_makes_is_verified() {
    let machine = workspace();
    let (code, report) = machine.verify("");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report:#}");
    assert_eq!(report["counts"]["vendored"], 5);
    // what go.work replaces needs no line of the module that uses it either
    fs::rename(machine.place.path("go.work.sum"), machine.place.path("app/go.sum")).unwrap();
    let (code, report) = machine.verify("app");
    assert_eq!((code, &report["counts"]["vendored"]), (0, &0.into()), "{report:#}");
    let named = machine.place.path("go.work").display().to_string();
    let machine = Machine { place: machine.place.env("GOWORK", &named), ..machine };
    let (code, report) = machine.verify("app");
    assert_eq!((code, &report["counts"]["vendored"]), (0, &5.into()), "{report:#}");
}

#[test]
fn every_file_that_a_workspace_vendors_counts() {
    for (name, what) in [
        ("example.com/a/a.go", "changed"),
        ("example.com/Bb/LICENSE", "missing"),
        ("example.com/a/z.go", "added"),
        ("example.com/lib/lib.go", "added"),
        ("evil.go", "added"),
    ] {
        let machine = workspace();
        let path = machine.place.path("vendor").join(name);
        match what {
            "missing" => fs::remove_file(path).unwrap(),
            _ => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "package evil\n").unwrap();
            }
        }
        let (code, codes, messages) = machine.found("");
        assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
        assert!(messages.contains(&format!("{name:?} is {what}")), "{messages}");
    }
}

#[test]
fn every_line_of_the_modules_txt_of_a_workspace_counts() {
    each_removed_line_is_found(workspace, WORKSPACE);
    for (from, to, says) in [
        ("## workspace\n", "## workspace\r\n", "it is that of a module alone, and there is a go.work"),
        ("a v1.1.0 =>", "a v1.2.0 =>", "modules.txt has v1.2.0 of it"),
        (
            "=> ./lib",
            "=> ../lib",
            "is marked as replaced by ../lib, and the workspace says replaced by ./lib",
        ),
        (
            "=> ./own",
            "=> ./evil",
            "is marked as replaced by ./evil, and the workspace says replaced by ./own",
        ),
        (
            "a v1.1.0 => example.com/a v1.0.0",
            "a v1.1.0",
            "as not replaced, and the workspace says replaced by",
        ),
        (
            "## explicit; go 1.21\nexample.com/a\n",
            "## go 1.21\nexample.com/a\n",
            "does not mark it as explicit",
        ),
        ("# example.com/a => example.com/a v1.0.0\n", "", "is replaced, and modules.txt does not say so"),
    ] {
        let machine = workspace();
        fs::write(list(&machine), WORKSPACE.replacen(from, to, 1)).unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!(code, 1, "{to}: {codes:?}");
        assert!(messages.contains(says), "{to}: {messages}");
    }
    let machine = workspace();
    fs::write(list(&machine), format!("{WORKSPACE}## go 1.21\n")).unwrap();
    let (code, _, messages) = machine.found("");
    assert!(code == 1 && messages.contains("and no version of it"), "{messages}");
}

#[test]
fn what_changes_in_a_workspace_is_missed_in_its_modules_txt() {
    for (file, from, to, says) in [
        ("go.work", "a v1.0.0", "a v1.1.0", "the workspace says replaced by example.com/a@v1.1.0"),
        ("go.work", "=> ./own", "=> ./other", "the workspace says replaced by ./other"),
        ("go.work", "\t./lib\n", "", "is marked as explicit, and no go.mod requires it so"),
        (
            "app/go.mod",
            "example.com/own v1.0.0\n",
            "example.com/own v1.1.0\n",
            "example.com/own v1.1.0 is required, and",
        ),
        ("app/go.mod", "=> ../lib", "=> ../other", "the workspace says replaced by ./other"),
        (
            "lib/go.mod",
            "example.com/Bb v",
            "example.com/a v1.0.0\n\nrequire example.com/Bb v",
            "modules.txt has v1.1.0 of it",
        ),
    ] {
        let machine = workspace();
        let path = machine.place.path(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
        let (code, codes, messages) = machine.found("");
        assert_eq!(code, 1, "{file}: {to}");
        assert!(
            codes.contains(&"vendor-list-differs".to_owned()) && messages.contains(says),
            "{to}: {messages}"
        );
    }
}

#[test]
fn the_line_of_a_replaced_module_at_the_end_has_no_marks() {
    let machine = machine();
    let go_mod = machine.place.read("go.mod") + "\nreplace example.com/a => example.com/a v1.1.0\n";
    fs::write(machine.place.path("go.mod"), go_mod).unwrap();
    let a_go =
        machine.release("example.com/a@v1.1.0").files().find(|(path, _)| *path == "a.go").unwrap().1.to_vec();
    fs::write(machine.place.path("vendor/example.com/a/a.go"), a_go).unwrap();
    let replaced = LIST.replace("a v1.0.0\n", "a v1.0.0 => example.com/a v1.1.0\n");
    fs::write(list(&machine), replaced + "# example.com/a => example.com/a v1.1.0\n").unwrap();
    let (code, codes, messages) = machine.found("");
    assert_eq!((code, codes), (0, Vec::new()), "{messages}");
}
