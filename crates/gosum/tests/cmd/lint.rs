//! `gosum lint`: a go.sum by its lines, and by the module graph behind it.

use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::Value;

use super::run::{Done, Place, codes};

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const A: &str = "module example.com/a\n\ngo 1.20\n\nrequire example.com/b v1.0.0\n";
const B: &str = "module example.com/b\n\ngo 1.16\n\nrequire example.com/c v1.0.0\n";
const C: &str = "module example.com/c\n\ngo 1.16\n";
const MAIN: &str = "module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0 // indirect\n)\n";

/// Returns a project with its go.sum, and a module cache that has these go.mod files.
fn project(go_sum: &str, cached: &[(&str, &str)]) -> Place {
    let mut place = Place::new().file("go.mod", MAIN).file("go.sum", go_sum);
    for (name, text) in cached {
        place = place.file(&format!("cache/cache/download/example.com/{name}/@v/v1.0.0.mod"), text);
    }
    let cache = place.path("cache");
    place.env("GOMODCACHE", cache.to_str().unwrap())
}

const CACHED: [(&str, &str); 3] = [("a", A), ("b", B), ("c", C)];

fn line(name: &str, file: &str, hash: &str) -> String {
    format!("example.com/{name} v1.0.0{file} {hash}\n")
}

/// Returns what the go command would keep: b is pruned to its own go.mod, so that c's is read for it.
fn tidy() -> String {
    let go_mod = |name, text: &str| line(name, "/go.mod", &go_mod_h1(text.as_bytes()).to_string());
    line("a", "", H1) + &go_mod("a", A) + &line("b", "", H1) + &go_mod("b", B) + &go_mod("c", C)
}

fn lint(place: &Place, args: &str) -> (u8, Value) {
    let done = place.run(&format!("lint --format json {args}"));
    let report = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    (done.code, report)
}

/// Returns what was found: code, place, artifact.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &Value| {
        let at = finding["at"].get(0).map(|at| format!("{}:{}", text(&at["file"]), at["line"]));
        let module = [&finding["module"], &finding["artifact"]].map(text).join(" ");
        format!("{} {} {module}", text(&finding["code"]), at.unwrap_or_default()).trim_end().to_owned()
    };
    findings.map(one).collect()
}

#[test]
fn what_go_mod_tidy_would_leave_is_clean() {
    let done = project(&tidy(), &CACHED).run("lint");
    assert_eq!((done.code, &*done.stderr), (0, ""));
    assert_eq!(
        done.stdout,
        "clean: 5 lines\n  go.sum: held against the module graph; which further zips a build needs depends on imports, which \
         are not looked at\n"
    );
}

#[test]
fn lines_for_nothing_and_missing_lines_are_named() {
    let noise = line("nobody", "", H1) + &line("c", "", H1).replace("v1.0.0", "v0.9.0");
    let (code, report) = lint(&project(&(tidy() + &noise), &CACHED), "--allow go-sum-order");
    let unneeded =
        ["go-sum-unneeded go.sum:6 example.com/nobody zip", "go-sum-unneeded go.sum:7 example.com/c zip"];
    assert_eq!((code, found(&report)), (0, unneeded.map(str::to_owned).to_vec()));
    assert_eq!(report["verdict"], "clean");
    assert_eq!(lint(&project(&(tidy() + &noise), &CACHED), "--deny go-sum-unneeded").0, 1);
    for (dropped, expected) in [
        (0, "go-sum-lacks-line go.mod:6 example.com/a zip"),
        (1, "go-sum-lacks-line go.mod:6 example.com/a go.mod"),
        (2, "go-sum-lacks-line go.mod:7 example.com/b zip"),
        (3, "go-sum-lacks-line go.mod:7 example.com/b go.mod"),
        (4, "go-sum-lacks-line  example.com/c go.mod"),
    ] {
        let tidy = tidy();
        let left: String = tidy
            .split_inclusive('\n')
            .enumerate()
            .filter(|(at, _)| *at != dropped)
            .map(|(_, line)| line)
            .collect();
        let (code, report) = lint(&project(&left, &CACHED), "");
        assert_eq!((code, found(&report)), (1, vec![expected.to_owned()]), "{left}");
        // a merge that lost the whole file is no other case
        assert_eq!(found(&lint(&project("", &CACHED), "").1).len(), 5);
    }
}

#[test]
fn a_go_mod_alone_lacks_all_and_one_without_requirements_nothing() {
    let place = project("", &CACHED);
    std::fs::remove_file(place.path("go.sum")).unwrap();
    assert_eq!((lint(&place, "").0, found(&lint(&place, "").1).len()), (1, 5));
    let done = Place::new().file("go.mod", "module example.com/m\n\ngo 1.21\n").run("lint");
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(Place::new().run("lint").code, 2);
}

#[test]
fn a_go_mod_that_cannot_be_had_is_neither_a_finding_nor_a_pass() {
    let noise = line("nobody", "", H1);
    let place = project(&(tidy() + &noise), &[("a", A), ("b", B)]);
    let (code, report) = lint(&place, "");
    assert_eq!((code, &report["verdict"], codes(&report)), (3, &"untold".into(), vec![]));
    assert_eq!(
        report["untold"][0]["reason"],
        "the go.mod of example.com/c@v1.0.0 is not known: cannot read go.mod: modcache: not in the module cache"
    );
    assert_eq!((lint(&place, "--unverified warn").0, lint(&place, "--no-graph").0), (0, 0));
    let done = place.run("lint");
    assert!(done.stdout.contains("help: `--fetch` reads go.mod files"), "{}", done.stdout);
    // what is missing is known all the same, and a finding comes first
    let (code, report) = lint(&project("", &[("a", A), ("b", B)]), "");
    assert_eq!((code, found(&report).len(), report["untold"].as_array().unwrap().len()), (1, 4, 1));
}

#[test]
fn a_go_mod_with_another_hash_than_the_recorded_one_is_not_believed() {
    let poisoned = "module example.com/c\n\ngo 1.16\n\nrequire example.com/nobody v1.0.0\n";
    let place = project(&(tidy() + &line("nobody", "", H1)), &[("a", A), ("b", B), ("c", poisoned)]);
    let (code, report) = lint(&place, "");
    assert_eq!((code, codes(&report)), (3, vec![]));
    let reason = report["untold"][0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("modcache: another go.mod than the one that go.sum records"), "{reason}");
}

#[test]
fn a_main_module_that_go_would_change_first_is_not_judged() {
    for (go_mod, words) in [
        ("module example.com/m\n\nrequire example.com/a v1.0.0\n", "has no go statement"),
        ("module example.com/m\n\ngo 1.21\n\nrequire example.com/a master\n", "go.mod:5"),
        (
            "module example.com/m\n\ngo 1.21\n\nreplace example.com/a => ./nowhere\n\nrequire example.com/a v1.0.0\n",
            "nowhere",
        ),
        ("\u{1b}[31m\n", "go.mod:1"),
    ] {
        let (code, report) = lint(&project(&tidy(), &CACHED).file("go.mod", go_mod), "");
        let reason = report["untold"][0]["reason"].as_str().unwrap();
        assert!(code == 3 && reason.contains(words), "{code}: {reason}");
    }
}

const UNTIDY: &str = "example.com/b v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n\
                      example.com/a  v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\
                      example.com/b v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\
                      example.com/a v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

#[test]
fn each_line_that_go_would_not_have_written_is_named() {
    let (code, report) = lint(&Place::new().file("go.sum", UNTIDY), "go.sum");
    let expected = [
        "go-sum-crlf go.sum:1",
        "go-sum-order go.sum:2",
        "go-sum-white-space go.sum:2",
        "go-sum-white-space go.sum:3",
        "go-sum-duplicate go.sum:4",
        "go-sum-unneeded go.sum:5",
        "go-sum-white-space go.sum:5",
    ];
    assert_eq!((code, found(&report)), (0, expected.map(str::to_owned).to_vec()));
    assert_eq!(report["files"][0]["graph"], "no-go-mod");
    let config = "[audit]\nfail-on = \"warn\"\n\n[rules]\ngo-sum-order = \"allow\"\n";
    let (code, report) = lint(&Place::new().file("go.sum", UNTIDY).file("gosum.toml", config), "go.sum");
    assert_eq!((code, found(&report).len()), (1, 6));
}

#[cfg(unix)]
#[test]
fn fix_writes_what_go_would_and_leaves_the_rest_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let place = Place::new().file("real/go.sum", UNTIDY);
    let real = place.path("real/go.sum");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real/go.sum", place.path("go.sum")).unwrap();
    let done = place.run("lint --fix go.sum");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("fixed\n  go.sum: 7 flaws of writing\n"), "{}", done.stdout);
    assert_eq!(place.read("real/go.sum"), line("a", "", H1) + &line("b", "", H1));
    assert!(place.path("go.sum").symlink_metadata().unwrap().is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    let before = real.metadata().unwrap().modified().unwrap();
    assert_eq!(place.run("lint --fix go.sum").code, 0);
    assert_eq!(real.metadata().unwrap().modified().unwrap(), before);
}

#[test]
fn fix_takes_no_side() {
    // the first of two hashes decides, and nothing moves around what cannot be read
    let two = line("b", "", "h1:z") + &line("a", "", H1) + &line("b", "", "h1:y");
    let place = Place::new().file("go.sum", &two);
    assert_eq!(place.run("lint --fix go.sum").code, 1);
    assert_eq!(place.read("go.sum"), line("a", "", H1) + &line("b", "", "h1:z") + &line("b", "", "h1:y"));
    let conflict =
        "<<<<<<< ours\r\nexample.com/b v1.0.0 h1:z\n=======\nexample.com/a v1.0.0 h1:y\n>>>>>>> theirs\n";
    let place = Place::new().file("go.sum", conflict);
    let done = place.run("lint --fix go.sum");
    assert_eq!((done.code, place.read("go.sum")), (1, conflict.replace('\r', "")));
    assert!(
        done.stderr.contains("go.sum:1: nothing is moved or removed while this line cannot be read"),
        "{}",
        done.stderr
    );
    assert_eq!(place.run("lint --fix -").code, 2);
}

#[test]
fn a_byte_order_mark_is_named_and_goes_with_fix() {
    let (a, b) = (line("a", "", H1), line("b", "", H1));
    let place = Place::new().file("go.sum", format!("\u{feff}{b}{a}"));
    let done = place.run("lint go.sum");
    assert_eq!(done.code, 1, "{done:?}");
    let named = "go.sum:1\n    go-sum-malformed: the file begins with a byte order mark";
    assert!(done.stdout.contains(named), "{}", done.stdout);
    let done = place.run("lint --fix go.sum");
    assert_eq!((done.code, place.read("go.sum")), (0, a.clone() + &b), "{done:?}");
    assert!(!done.stderr.contains("cannot be read"), "{}", done.stderr);
    // a hash that has not counted so far does not begin to
    let two = format!("\u{feff}{}{b}{a}", line("b", "", "h1:z"));
    let place = Place::new().file("go.sum", &two);
    let done = place.run("lint --fix go.sum");
    assert_eq!((done.code, place.read("go.sum")), (1, two));
    assert!(done.stderr.contains("go.sum:1: nothing is moved or removed"), "{}", done.stderr);
}

#[test]
fn a_file_that_cannot_be_written_stays_as_it_was() {
    let place = Place::new().file("go.sum", UNTIDY);
    let mut permissions = place.path("go.sum").metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(place.path("go.sum"), permissions).unwrap();
    let done = place.run("lint --fix go.sum");
    assert_eq!((done.code, &*place.read("go.sum")), (2, UNTIDY));
    assert!(done.stderr.contains("cannot write go.sum: it is read-only"), "{}", done.stderr);
}

/// A world with modules a and b at the addresses of a git host; b is required by a.
fn world(tampered: bool) -> (World, Vec<Release>) {
    let mut draft = Draft::new("proxy.example");
    let mut releases = Vec::new();
    for (name, require) in [("a", "require github.com/example/b v1.0.0\n"), ("b", "")] {
        let path = format!("github.com/example/{name}");
        let files = Files::new()
            .file("go.mod", format!("module {path}\n\ngo 1.20\n\n{require}"))
            .file("a.go", format!("package {name}\n"));
        let revision = draft.commit(&path, "main", &files);
        draft.tag("v1.0.0", &revision);
        releases.push(draft.publish(&format!("{path}@v1.0.0"), &revision, "").unwrap());
    }
    if tampered {
        draft.proxy().publish(&releases[0].clone().tampered("a.go", "package a // and more\n"));
    }
    (draft.start().unwrap(), releases)
}

const REQUIRES: &str = "module example.com/m\n\ngo 1.21\n\nrequire github.com/example/a v1.0.0\n";

#[test]
fn missing_lines_are_added_where_two_sources_agree_and_no_other() {
    for (tampered, args, code, added) in [
        (false, "--fix --fetch", 0, vec![Artifact::Zip, Artifact::GoMod]),
        // the proxy has another zip than the repository: nobody can tell which line is right
        (true, "--fix --fetch", 1, vec![Artifact::GoMod]),
        (false, "--fetch", 1, vec![]),
        (false, "--fix", 1, vec![]),
    ] {
        let (world, releases) = world(tampered);
        let place = Place::in_world(&world).file("go.mod", REQUIRES).file("go.sum", "");
        let done = place.run(&format!("lint --no-cache {args}"));
        let expected: String = added.iter().map(|artifact| releases[0].sum(*artifact)).collect();
        assert_eq!((done.code, place.read("go.sum")), (code, expected), "{args}: {done:?}");
        if tampered {
            let words = "github.com/example/a v1.0.0 is not added: the sources differ: direct against proxy";
            assert!(done.stderr.contains(words), "{}", done.stderr);
        }
        assert_eq!(args.contains("fetch"), !world.log().is_empty());
    }
}

#[test]
fn a_private_module_has_one_source_and_gets_no_line() {
    let (world, _) = world(false);
    let place = Place::in_world(&world).file("go.mod", REQUIRES).file("go.sum", "");
    let place = place.env("GOPRIVATE", "github.com/example/*");
    let done = place.run("lint --no-cache --fix --fetch");
    assert_eq!((done.code, &*place.read("go.sum")), (1, ""), "{done:?}");
    assert!(done.stderr.contains("fewer than two sources give its hash"), "{}", done.stderr);
    assert!(world.log().iter().all(|exchange| !exchange.address().starts_with("proxy.example")));
}

#[test]
fn of_a_workspace_each_module_is_held_against_its_own_graph() {
    let place = project("", &CACHED)
        .file("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n")
        .file("go.work.sum", line("nobody", "", H1))
        .file("x/go.mod", MAIN.replace("/m\n", "/x\n"))
        .file("x/go.sum", line("a", "", H1) + &line("nobody", "", H1))
        .file("y/go.mod", "module example.com/y\n\ngo 1.21\n")
        .file("y/go.sum", line("a", "", H1));
    let (code, report) = lint(&place.env("GOWORK", ""), "");
    // nothing removes lines of go.work.sum, and together the files need not be complete
    let expected =
        ["go-sum-unneeded x/go.sum:2 example.com/nobody zip", "go-sum-unneeded y/go.sum:1 example.com/a zip"];
    let found = found(&report);
    let of_modules: Vec<_> = found.iter().filter(|one| !one.contains(" go.sum")).cloned().collect();
    assert_eq!((code, of_modules), (0, expected.map(str::to_owned).to_vec()), "{report:#}");
    assert_eq!(report["files"][0]["graph"], "workspace");
}

#[test]
fn a_module_of_a_workspace_need_not_be_complete_by_itself() {
    let place = project("", &CACHED)
        .file("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n\nreplace example.com/b => ./b\n")
        .file("b/go.mod", B)
        .file("x/go.mod", MAIN.replace("/m\n", "/x\n"))
        .file("x/go.sum", line("a", "", H1) + &line("nobody", "", H1))
        .file("y/go.mod", MAIN.replace("/m\n", "/y\n"))
        .file("z/go.mod", MAIN.replace("/m\n", "/z\n"));
    let place = place.env("GOWORK", "");
    // what nobody needs is told all the same, and the rest may stand elsewhere in the workspace
    for path in ["x", "x/go.sum"] {
        let (code, report) = lint(&place, path);
        let expected = ["go-sum-unneeded x/go.sum:2 example.com/nobody zip"];
        assert_eq!((code, found(&report)), (0, expected.map(str::to_owned).to_vec()), "{report:#}");
    }
    let done = place.run("lint x");
    assert!(done.stderr.contains("go.work uses this module"), "{}", done.stderr);
    assert!(!place.run("lint --no-graph x").stderr.contains("go.work"));
    let (code, report) = lint(&place, "y");
    assert_eq!((code, found(&report)), (0, Vec::new()), "{report:#}");
    // a module that the workspace does not use, and one without it
    assert_eq!(lint(&place, "z").0, 1);
    let place = place.env("GOWORK", "off");
    for path in ["x", "x/go.sum", "y"] {
        let (code, report) = lint(&place, path);
        let is_lacking = |one: &String| one.starts_with("go-sum-lacks-line");
        assert!(code == 1 && found(&report).iter().any(is_lacking), "{report:#}");
    }
}

fn hostile() -> Done {
    let name = "g\u{1b}]0;x\u{7}\u{202e}.sum";
    let text = "\u{1b}[2J\u{9b}31m x\n::error::x ](javascript:1) h1:<b>\nexample.com/a v1.0.0 h1:\u{202e}x\n";
    let place = Place::new().file(name, text);
    place.run(&format!("lint {name}"))
}

#[test]
fn names_and_lines_full_of_escapes_are_inert() {
    let done = hostile();
    assert_eq!(done.code, 1, "{done:?}");
    let shown = done.stdout + &done.stderr;
    assert!(shown.contains("\\u{1b}]0;x\\u{7}\\u{202e}.sum:1"), "{shown}");
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{shown:?}");
    let place = Place::new().file("go.sum", "\u{1b}[2J x\n::error::x v1 h1:%0A\n");
    for format in ["json", "sarif", "github"] {
        let shown = place.run(&format!("lint --format {format} go.sum")).stdout;
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    }
}

#[test]
fn formats_for_machines_have_every_finding() {
    let text = line("b", "", H1) + &line("a", "", H1) + "oops\n";
    let place = project(&text, &[]);
    let done = place.run("lint --format sarif --format json=lint.json --format github=notes");
    assert_eq!(done.code, 1);
    let sarif: Value = serde_json::from_str(&done.stdout).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let results = run["results"].as_array().unwrap();
    let ids: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    // what could not be told fails as well, and is no finding of a rule
    assert_eq!(ids.iter().filter(|id| **id == "untold").count(), 2, "{ids:?}");
    assert!(ids.contains(&"go-sum-malformed") && ids.contains(&"go-sum-order"), "{ids:?}");
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let json: Value = serde_json::from_str(&place.read("lint.json")).unwrap();
    assert_eq!((&json["schema"], &json["verdict"]), (&1.into(), &"findings".into()));
    let notes = place.read("notes");
    assert!(
        notes.contains("::error file=go.sum,line=3,title=gosum%3A go-sum-malformed::a line has 3 fields"),
        "{notes}"
    );
    let wrong = place.run("lint --format html");
    assert!(wrong.code == 2 && wrong.stderr.contains("there are text, json, sarif, github"), "{wrong:?}");
}

#[test]
fn standard_input_and_many_lines() {
    let mut place = Place::new();
    place.stdin =
        (0..20_000).map(|at| format!("example.com/m{at:06} v1.0.0 {H1}\n")).collect::<String>().into();
    let done = place.run("lint -");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.starts_with("clean: 20000 lines\n  <stdin>: "), "{}", done.stdout);
}
