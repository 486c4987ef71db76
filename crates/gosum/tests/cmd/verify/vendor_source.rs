//! The vendor folder as a source of an audit.

use std::fs;
use std::path::Path;

use gosum_mod::name::id::Artifact;
use gosum_world::draft::Draft;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::Value;

use super::machine::{A, B, Machine};
use super::vendored::{LIST, list, machine};
use crate::run::{Place, answer, codes};

/// A file, what is told of it, and what is done to it.
type Change<'a> = (&'a str, &'a str, &'a dyn Fn(&Machine));

const BOTH: &str = "--source modcache,vendor --offline";

fn write(machine: &Machine, name: &str, text: &str) {
    let path = machine.place.path("vendor").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn remove_from_cache(machine: &Machine, module: &str) {
    fs::remove_file(machine.file(module, "zip")).unwrap();
    fs::remove_dir_all(machine.folder(module)).unwrap();
}

/// Returns the answers of vendor, a line of go.sum each: a hash with its reason, or the word and the reason.
fn vendor(report: &Value) -> Vec<String> {
    let artifacts = report["artifacts"].as_array().unwrap();
    let one = |at: usize| {
        let answer = answer(report, at, "vendor");
        format!("{}: {}", answer["answer"].as_str().unwrap(), answer["reason"].as_str().unwrap())
    };
    (0..artifacts.len()).map(one).collect()
}

/// Returns the exit code, the codes of the findings and their messages.
fn found(machine: &Machine, args: &str) -> (u8, Vec<String>, String) {
    let (code, report) = machine.place.audit(args);
    let messages = report["findings"].as_array().unwrap().iter();
    let messages: Vec<&str> = messages.map(|finding| finding["message"].as_str().unwrap()).collect();
    (code, codes(&report).into_iter().map(str::to_owned).collect(), messages.join("\n"))
}

#[test]
fn what_go_mod_vendor_makes_agrees_and_verifies_nothing() {
    let machine = machine();
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    assert_eq!(
        vendor(&report),
        [
            "hash: 2 of its 2 files are in vendor, the others are as modcache has them",
            "not-asked: not-vendored",
            "hash: 3 of its 4 files are in vendor, the others are as modcache has them",
            "not-asked: not-vendored",
            "not-asked: not-vendored",
            "not-asked: not-vendored",
        ]
    );
    let of_a = answer(&report, 2, "vendor");
    assert_eq!(of_a["h1"], answer(&report, 2, "modcache")["h1"]);
    assert_eq!(of_a["defects"], serde_json::json!(["partial"]));
    assert!(of_a["from"].as_str().unwrap().ends_with("/vendor/example.com/a"), "{of_a}");
    let row = report["sources"].as_array().unwrap().iter().find(|row| row["name"] == "vendor").unwrap();
    assert_eq!((&row["agree"], &row["not_asked"]), (&2.into(), &4.into()), "{row}");

    let (code, report) = machine.place.audit("--source vendor --offline");
    assert_eq!((code, &report["verdict"]), (3, &"unverified".into()), "{report}");
    let text = machine.place.run("audit --source vendor --offline").stdout;
    assert!(text.contains("vendor partial, 2 lines: a part of a module verifies nothing\n"), "{text}");
    for format in ["html", "markdown", "sarif", "jsonl", "junit", "github", "gitlab"] {
        let done = machine.place.run(&format!("audit {BOTH} --format {format}"));
        assert_eq!(done.code, 0, "{format}: {done:?}");
    }
}

#[test]
fn every_file_that_is_changed_added_or_removed_is_a_mismatch() {
    let changes: [Change<'_>; 7] = [
        ("example.com/a/a.go", "changed", &|machine| write(machine, "example.com/a/a.go", "package evil\n")),
        ("example.com/a/empty", "missing", &|machine| {
            fs::remove_file(machine.place.path("vendor/example.com/a/empty")).unwrap();
        }),
        ("example.com/a/sub/z.go", "added", &|machine| {
            write(machine, "example.com/a/sub/z.go", "package b\n");
        }),
        ("example.com/a/other/z.go", "added", &|machine| write(machine, "example.com/a/other/z.go", "")),
        ("example.com/a/go.mod", "added", &|machine| write(machine, "example.com/a/go.mod", "module evil\n")),
        ("example.com/Bb/LICENSE", "changed", &|machine| write(machine, "example.com/Bb/LICENSE", "mine\n")),
        ("example.com/a/sub/b.go", "a folder", &|machine| {
            fs::remove_file(machine.place.path("vendor/example.com/a/sub/b.go")).unwrap();
            fs::create_dir(machine.place.path("vendor/example.com/a/sub/b.go")).unwrap();
        }),
    ];
    for (name, what, change) in changes {
        let machine = machine();
        change(&machine);
        let (code, codes, messages) = found(&machine, BOTH);
        assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
        let start =
            "vendor is not what the module has: go.sum and modcache against vendor; vendor stands alone: ";
        assert!(messages.starts_with(&format!("{start}{name:?} is {what}; ")), "{messages}");
        // nobody else is asked: go.sum says what the rest was found to be
        let (code, codes, messages) = found(&machine, "--source vendor --offline");
        assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
        assert!(messages.contains("go.sum against vendor; vendor stands alone"), "{messages}");
    }
    // what is of no module is of no line of go.sum: verify finds it
    let machine = machine();
    write(&machine, "example.com/evil/x.go", "package evil\n");
    assert_eq!(found(&machine, BOTH).0, 0);
}

#[cfg(unix)]
#[cfg(unix)]
#[test]
fn what_differs_is_no_silence_though_it_has_no_hash() {
    let machine = machine();
    write(&machine, "example.com/a/evil.go", "package a\n");
    write(&machine, "example.com/a/b\nc", "");
    for args in [BOTH.to_owned(), format!("{BOTH} --require modcache")] {
        let (code, codes, messages) = found(&machine, &args);
        assert_eq!((code, codes), (1, vec!["source-untrusted".to_owned()]), "{messages}");
        assert!(messages.contains("\"example.com/a/evil.go\" is added"), "{messages}");
    }
    // a package that the module does not have, and which may be anybody's
    let machine = self::machine();
    fs::write(list(&machine), LIST.replace("a/sub\n", "a/sub\nevil.example/p\n")).unwrap();
    let (code, _, _) = found(&machine, BOTH);
    assert_eq!(code, 3);
    let (_, report) = machine.place.audit(BOTH);
    assert!(vendor(&report)[2].ends_with("the module has no package evil.example/p"), "{report:#}");
}

#[test]
fn what_is_vendored_and_recorded_nowhere_leaves_nothing_unvendored() {
    let machine = machine();
    machine.forget_zip(A);
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 3, "{report:#}");
    assert!(
        vendor(&report).iter().any(|said| said.contains("has packages here, and no go.sum records it")),
        "{report:#}"
    );
}

#[test]
fn a_link_is_not_followed_and_differs_whatever_it_leads_to() {
    for (name, is_there) in [("a.go", true), ("z.go", false)] {
        let machine = machine();
        let path = machine.place.path("vendor/example.com/a").join(name);
        let target = machine.folder(A).join("a.go");
        if is_there {
            fs::remove_file(&path).unwrap();
        }
        std::os::unix::fs::symlink(target, path).unwrap();
        let (code, codes, messages) = found(&machine, BOTH);
        assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]), "{name}");
        assert!(messages.contains(&format!("\"example.com/a/{name}\" is a link")), "{messages}");
    }
}

#[test]
fn a_copy_that_is_not_what_go_sum_records_is_no_reference() {
    let machine = machine();
    let tampered = machine.release(A).clone().tampered("a.go", "package a // evil\n");
    machine.cache.add(&tampered).unwrap();
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 1, "{report}");
    assert_eq!(codes(&report), ["go-sum-differs"]);
    assert_eq!(
        vendor(&report)[2],
        "unavailable: no copy of the module to hold it against: what modcache has of it is not what go.sum records"
    );
    // nor one that cannot be read
    fs::write(machine.file(A, "zip"), "no zip").unwrap();
    let (code, report) = machine.place.audit("--source vendor --offline");
    assert_eq!(code, 3, "{report}");
    assert!(
        vendor(&report)[2].starts_with("unavailable: no copy of the module to hold it against: modcache: "),
        "{report}"
    );
}

#[test]
fn what_the_cache_lacks_comes_from_the_proxies_unless_offline() {
    let mut machine = machine();
    remove_from_cache(&machine, A);
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 3, "{report}");
    assert_eq!(
        vendor(&report)[2],
        "unavailable: no copy of the module to hold it against: modcache: not in the module cache"
    );
    let mut draft = Draft::new("proxy.example");
    machine.releases.iter().for_each(|release| draft.proxy().publish(release));
    let world = draft.start().unwrap();
    machine.place = machine.place.env("GOPROXY", "https://proxy.example");
    let reachable = Place::in_world(&world);
    let proxy = reachable.vars().get(std::ffi::OsStr::new("GOPROXY")).unwrap().to_str().unwrap().to_owned();
    for (host, address) in world.routes() {
        machine.place = machine.place.route(&host, address);
    }
    machine.place = machine.place.env("GOPROXY", &proxy);
    let (code, report) = machine.place.audit("--source proxy,vendor");
    assert_eq!(code, 0, "{report}");
    assert_eq!(vendor(&report)[2], "hash: 3 of its 4 files are in vendor, the others are as proxy has them");
    assert_eq!(
        vendor(&report)[0],
        "hash: 2 of its 2 files are in vendor, the others are as modcache has them"
    );
    // what is vendored today is looked at anew each time
    write(&machine, "example.com/a/a.go", "package evil\n");
    let (code, codes, messages) = found(&machine, "--source proxy,vendor");
    assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]));
    assert!(messages.contains("go.sum and proxy against vendor; vendor stands alone"), "{messages}");
    // a private name is sent to no proxy, not for a reference either
    machine.place = machine.place.env("GOPRIVATE", "example.com").env("GOVCS", "*:off");
    let (code, report) = machine.place.audit("--source modcache,vendor");
    assert_eq!(code, 3, "{report}");
    let why = &vendor(&report)[2];
    assert!(why.contains("modcache: not in the module cache; proxy: private; direct: "), "{why}");
}

#[test]
fn explain_names_the_file_and_the_line() {
    let machine = machine();
    let text = "package a\n// evil\n";
    write(&machine, "example.com/a/a.go", text);
    fs::remove_file(machine.place.path("vendor/example.com/a/empty")).unwrap();
    let args = format!("explain {A} --between modcache,vendor --offline");
    let done = machine.place.run(&args);
    assert_eq!(done.code, 0, "{done:?}");
    let start = format!("differ: {A}: go.sum and modcache against vendor: 2 files differ");
    assert!(done.stdout.starts_with(&start), "{}", done.stdout);
    for part in [
        "; a build with -mod=vendor compiles what vendor has, which stands alone\n",
        "--- modcache/a.go\n+++ vendor/a.go\n",
        "\n+// evil\n",
        "find out who changed it; `go mod vendor` makes it anew",
    ] {
        assert!(done.stdout.contains(part), "{part}: {}", done.stdout);
    }
    // the line of go.sum is not in question
    assert!(!done.stdout.contains("who wrote the line"), "{}", done.stdout);
    let names = machine.place.run(&format!("{args} --files")).stdout;
    assert_eq!(names, "M\ta.go\nD\tempty\n");
    // of a module that is not vendored there is nothing to compare
    let done = machine.place.run("explain example.com/a@v1.1.0 --between modcache,vendor --offline");
    assert_eq!(done.code, 3, "{done:?}");
    assert!(done.stdout.contains("vendor is not asked: not-vendored"), "{done:?}");
}

#[test]
fn explain_looks_at_vendor_where_no_two_copies_differ() {
    let mut machine = machine();
    let mut draft = Draft::new("proxy.example");
    machine.releases.iter().for_each(|release| draft.proxy().publish(release));
    let world = draft.start().unwrap();
    let reachable = Place::in_world(&world);
    let proxy = reachable.vars().get(std::ffi::OsStr::new("GOPROXY")).unwrap().to_str().unwrap().to_owned();
    for (host, address) in world.routes() {
        machine.place = machine.place.route(&host, address);
    }
    machine.place = machine.place.env("GOPROXY", &proxy).env("GOVCS", "*:off");
    let same = machine.place.run(&format!("explain {A}"));
    assert_eq!(same.code, 3, "{same:?}");
    assert!(same.stdout.contains("3 of its 4 files are in vendor"), "{same:?}");
    write(&machine, "example.com/a/a.go", "package evil\n");
    let differs = machine.place.run(&format!("explain {A}"));
    assert_eq!(differs.code, 0, "{differs:?}");
    assert!(differs.stdout.contains("--- proxy/a.go\n+++ vendor/a.go\n"), "{differs:?}");
    // it is no more than looked at
    fs::remove_file(list(&machine)).unwrap();
    let without = machine.place.run(&format!("explain {A}"));
    assert!(without.stderr.contains("vendor is left out: no vendor/modules.txt"), "{without:?}");
}

#[test]
fn hash_prints_the_vendored_hash_with_its_defect() {
    let machine = machine();
    let done = machine.place.run(&format!("hash {B} --from modcache,vendor --offline"));
    assert_eq!(done.code, 0, "{done:?}");
    let sum = machine.release(B).sum(Artifact::Zip);
    assert!(done.stdout.contains(&format!("vendor\t{sum}")), "{done:?}");
    assert!(done.stderr.contains(": partial: 2 of its 2 files are in vendor"), "{done:?}");
    write(&machine, "example.com/Bb/b.go", "package evil\n");
    assert_eq!(machine.place.run(&format!("hash {B} --from modcache,vendor --offline")).code, 1);
}

#[test]
fn one_that_is_required_must_have_been_told() {
    let machine = machine();
    let with = |args: &str| machine.place.audit(&format!("{BOTH} {args}")).0;
    assert_eq!(with("--require vendor,modcache"), 0);
    remove_from_cache(&machine, B);
    fs::write(machine.place.path("gosum.toml"), "[audit]\nrequire = [\"sumdb\"]\n").unwrap();
    let (code, report) = machine.place.audit("--source modcache,vendor --require vendor --offline");
    assert_eq!((code, &report["counts"]["untold"]), (3, &1.into()), "{report}");
    let done = machine.place.run("audit --source modcache --require vendor --offline");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("--require names vendor, which --source does not ask"), "{done:?}");
}

#[test]
fn a_change_can_be_accepted_where_others_verify_the_rest() {
    let machine = machine();
    write(&machine, "example.com/a/a.go", "package patched\n");
    let (_, report) = machine.place.audit(BOTH);
    let h1 = |source: &str| answer(&report, 2, source)["h1"].as_str().unwrap().to_owned();
    let allow = format!(
        "[[allow]]\nmodule = \"example.com/a\"\nversion = \"v1.0.0\"\nartifact = \"zip\"\nmodcache = {:?}\nvendor = {:?}\n\
         reason = \"patched\"\nuntil = \"2027-01-01\"\n",
        h1("modcache"),
        h1("vendor")
    );
    fs::write(machine.place.path("gosum.toml"), allow).unwrap();
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!((code, &report["counts"]["allowed"]), (0, &1.into()), "{report}");
    // where nobody else has it, nothing is accepted
    let (code, _) = machine.place.audit("--source vendor --offline");
    assert_eq!(code, 1);
    write(&machine, "example.com/a/a.go", "package patched_again\n");
    assert_eq!(machine.place.audit(BOTH).0, 1);
}

#[test]
fn the_folder_and_its_list_must_be_there() {
    let machine = machine();
    fs::remove_file(list(&machine)).unwrap();
    let done = machine.place.run(&format!("audit {BOTH}"));
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("no vendor/modules.txt, so that nobody knows what is vendored"), "{done:?}");
    fs::create_dir(list(&machine)).unwrap();
    let done = machine.place.run(&format!("audit {BOTH}"));
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("modules.txt"), "{done:?}");

    fs::remove_dir_all(machine.place.path("vendor")).unwrap();
    for command in [
        format!("audit {BOTH}"),
        format!("init {BOTH}"),
        format!("hash {A} --from vendor --offline"),
        format!("explain {A} --between modcache,vendor --offline"),
    ] {
        let done = machine.place.run(&command);
        assert_eq!(done.code, 2, "{command}");
        let says = format!("there is no such folder: {}", machine.place.path("vendor").display());
        assert!(done.stderr.contains(&says), "{command}: {done:?}");
    }
    let done = machine.place.run("audit go.sum --source modcache,vendor --offline");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("go.sum is no folder with one of them"), "{done:?}");
}

#[test]
fn a_list_that_contradicts_go_mod_leaves_nothing_unvendored() {
    for (from, to, says) in [
        (
            LIST,
            &*LIST.replace("# example.com/a v1.0.0", "# example.com/a v1.1.0"),
            "modules.txt has v1.1.0 of it",
        ),
        ("example.com/a/sub\n", "example.com/a/sub\nodd line\n", "says nothing to the go command"),
    ] {
        let machine = machine();
        fs::write(list(&machine), LIST.replace(from, to)).unwrap();
        let (_, report) = machine.place.audit(BOTH);
        let answers = vendor(&report);
        let untold = answers.iter().filter(|answer| answer.contains(says)).count();
        assert_eq!(untold, 1, "{answers:?}");
        assert!(
            answers.iter().all(|answer| !answer.contains("not-vendored") || answer == &answers[1]),
            "{answers:?}"
        );
    }
}

#[test]
fn a_replacement_is_held_against_what_replaces_it_and_a_folder_against_nothing() {
    let mut machine = machine();
    let files = Files::new().file("go.mod", "module example.com/fork\n").file("a.go", "package a // fork\n");
    let fork = Release::new("example.com/fork@v1.5.0", 1_700_000_000, &files, "").unwrap();
    machine.cache.add(&fork).unwrap();
    machine.releases.push(fork);
    machine.write_go_sum(&machine.go_sum());
    let go_mod = machine.place.read("go.mod");
    let replace = "\nreplace example.com/a => example.com/fork v1.5.0\n";
    fs::write(machine.place.path("go.mod"), format!("{go_mod}{replace}")).unwrap();
    let replaced = LIST
        .replace("a v1.0.0\n", "a v1.0.0 => example.com/fork v1.5.0\n")
        .replace("example.com/a/sub\n", "");
    fs::write(list(&machine), replaced + "# example.com/a => example.com/fork v1.5.0\n").unwrap();
    fs::remove_dir_all(machine.place.path("vendor/example.com/a")).unwrap();
    write(&machine, "example.com/a/a.go", "package a // fork\n");
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 0, "{report}");
    let answers = vendor(&report);
    assert_eq!(answers[2], "not-asked: not-vendored", "{answers:?}");
    assert_eq!(
        answers[6], "hash: 1 of its 2 files are in vendor, the others are as modcache has them",
        "{answers:?}"
    );
    write(&machine, "example.com/a/a.go", "package a // evil\n");
    let (code, codes, messages) = found(&machine, BOTH);
    assert_eq!((code, codes), (1, vec!["vendor-differs".to_owned()]));
    assert!(messages.contains("\"example.com/a/a.go\" is changed"), "{messages}");

    fs::write(machine.place.path("go.mod"), format!("{go_mod}\nreplace example.com/a => ../a\n")).unwrap();
    let replaced = LIST.replace("a v1.0.0\n", "a v1.0.0 => ../a\n") + "# example.com/a => ../a\n";
    fs::write(list(&machine), replaced).unwrap();
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 0, "{report}");
    assert_eq!(vendor(&report)[2], "not-asked: not-vendored");
}

#[test]
fn a_workspace_has_its_vendor_folder_beside_go_work() {
    let mut machine = machine();
    let go_mod = machine.place.read("go.mod");
    for name in ["go.mod", "go.sum"] {
        fs::remove_file(machine.place.path(name)).unwrap();
    }
    let sums = machine.go_sum();
    machine.place =
        machine.place.file("go.work", "go 1.21\n\nuse ./x\n").file("x/go.mod", go_mod).file("x/go.sum", sums);
    fs::write(list(&machine), format!("## workspace\n{LIST}")).unwrap();
    let (code, report) = machine.place.audit(BOTH);
    assert_eq!(code, 0, "{report}");
    assert_eq!(
        vendor(&report)[2],
        "hash: 3 of its 4 files are in vendor, the others are as modcache has them"
    );
    write(&machine, "example.com/a/a.go", "package evil\n");
    assert_eq!(found(&machine, BOTH).0, 1);
    // the module alone has none
    let done = machine.place.run("audit x --source modcache,vendor --offline");
    let says = format!("there is no such folder: {}", machine.place.path("x").join("vendor").display());
    assert!(done.code == 2 && done.stderr.contains(&says), "{done:?}");
    assert!(Path::new(&machine.place.path("vendor")).is_dir());
}
