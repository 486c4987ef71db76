//! Projects as they are: with a go.sum, several, or none.

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::{Value, json};

use super::run::{Place, answer, codes};

const A: &str = "github.com/example/a";
const B: &str = "github.com/example/b";
const C: &str = "github.com/example/c";

/// Three modules, of which the first needs the second; the third nobody needs.
struct Three {
    draft: Draft,
    releases: Vec<Release>,
}

impl Three {
    fn new() -> Three {
        let mut three = Three { draft: Draft::new("proxy.example"), releases: Vec::new() };
        for (path, require) in [(A, format!("require {B} v1.0.0\n")), (B, String::new()), (C, String::new())]
        {
            let name = path.rsplit('/').next().unwrap();
            let files = Files::new()
                .file("go.mod", format!("module {path}\n\ngo 1.16\n\n{require}"))
                .file("a.go", format!("package {name}\n"));
            let revision = three.draft.commit(path, "main", &files);
            three.draft.tag("v1.0.0", &revision);
            three.releases.push(three.draft.publish(&format!("{path}@v1.0.0"), &revision, "").unwrap());
        }
        three
    }

    fn start(self) -> (World, Vec<Release>) {
        (self.draft.start().unwrap(), self.releases)
    }
}

const PROJECT: &str = "module example.com/m\n\ngo 1.21\n\nrequire github.com/example/a v1.0.0\n";

#[test]
fn without_a_go_sum_both_paths_say_what_is_needed() {
    let (world, releases) = Three::new().start();
    let place = Place::in_world(&world).file("go.mod", PROJECT);
    let done = place.run("audit --write-sums out");
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert!(done.stderr.ends_with(
        ": there is no go.sum: what the module graph needs today is asked about, and nothing recorded is held against it\n"
    ), "{}", done.stderr);
    let [a, b] = [&releases[0], &releases[1]];
    let expected = a.sum(Artifact::Zip) + &a.sum(Artifact::GoMod) + &b.sum(Artifact::GoMod);
    assert_eq!(place.read("out/go.sum.proxy"), expected);
    assert_eq!(place.read("out/go.sum.direct"), expected);
    assert_eq!(place.read("out/go.sum.diff"), "");
    // a repository is greeted once, although the graph and then the zip are asked of it
    let greetings = world.log().iter().filter(|exchange| exchange.target.contains("info/refs")).count();
    assert_eq!(greetings, 2);
    let (_, report) = place.audit(".");
    let via: Vec<&Value> =
        report["artifacts"].as_array().unwrap().iter().map(|artifact| &artifact["via"]).collect();
    let (by_main, by_a) = (json!(["example.com/m"]), json!(["example.com/m", format!("{A}@v1.0.0")]));
    assert_eq!(via, [&by_main, &by_main, &by_a]);
    let page = place.run("audit --format html").stdout;
    assert!(page.contains(&format!("required by example.com/m → {A}@v1.0.0")), "{page}");
    assert_eq!(place.run("audit -q").stderr, "");
}

#[test]
fn a_go_sum_without_lines_is_none_where_something_is_required() {
    let (world, _) = Three::new().start();
    for empty in ["", "\n\n"] {
        let place = Place::in_world(&world).file("go.mod", PROJECT).file("go.sum", empty);
        let done = place.run("audit");
        assert!(
            done.code == 0 && done.stdout.starts_with("verified: 3 lines: 3 verified by both paths\n"),
            "{done:?}"
        );
        assert!(done.stderr.contains(": go.sum has no lines: what the module graph needs today"), "{done:?}");
        // who names the file means it, and a change is about its lines
        let done = place.run("audit go.sum");
        assert!(done.code == 0 && done.stdout.contains("0 lines"), "{done:?}");
    }
    let place = Place::in_world(&world).file("go.mod", "module example.com/m\n").file("go.sum", "");
    let done = place.run("audit");
    assert_eq!((done.code, &*done.stderr), (0, ""), "{done:?}");
    let place = Place::in_world(&world).file("go.mod", PROJECT).file("go.sum", "oops\n");
    assert_eq!(place.run("audit").code, 1);
}

#[test]
fn a_proxy_that_serves_another_go_mod_shows_as_lines_that_come_and_go() {
    let mut three = Three::new();
    let other = format!("module {A}\n\ngo 1.16\n\nrequire {C} v1.0.0\n");
    let release = three.releases[0].clone();
    let path = gosum_world::proxy::Endpoint::Mod.path(release.module());
    three.draft.proxy().put(&path, "text/plain", other);
    let (world, releases) = three.start();
    let place = Place::in_world(&world).file("go.mod", PROJECT);
    let (code, report) = place.audit(". --write-sums out");
    assert_eq!(
        (code, codes(&report)),
        (1, vec!["go-mod-differs-from-zip", "proxy-direct-differ"]),
        "{report:#}"
    );
    let diff = place.read("out/go.sum.diff");
    let [b, c] = [&releases[1], &releases[2]].map(|release| release.sum(Artifact::GoMod));
    assert!(diff.contains(&format!("+{b}")) && diff.contains(&format!("-{c}")), "{diff}");
    assert_eq!(place.read("out/go.sum.unanswered"), "");
    let sides =
        |index: usize| ["proxy", "direct"].map(|source| answer(&report, index, source)["answer"].clone());
    // in the order of go.sum: a, a/go.mod, b/go.mod, c/go.mod
    assert_eq!(sides(2), ["not-asked", "hash"]);
    assert_eq!(sides(3), ["hash", "not-asked"]);
    // version control's own graph goes on by itself, and greets nobody again
    let greetings = world.log().iter().filter(|exchange| exchange.target.contains("info/refs")).count();
    assert_eq!(greetings, 3);
    assert_eq!(answer(&report, 2, "proxy")["reason"], "not-needed");
}

#[test]
fn a_graph_of_which_a_part_cannot_be_read_is_not_called_fine() {
    let mut three = Three::new();
    three.draft.repository(B).delete_reference("refs/tags/v1.0.0");
    let (world, _) = three.start();
    let (code, report) = Place::in_world(&world).file("go.mod", PROJECT).audit(".");
    assert_eq!((code, &report["verdict"]), (3, &"unverified".into()), "{report:#}");
    let mut three = Three::new();
    // read both ways, and no go.mod that the go command would use
    let files = Files::new().file("go.mod", "module github.com/example/other\n").file("a.go", "package b\n");
    let revision = three.draft.commit(B, "main", &files);
    three.draft.tag("v1.0.0", &revision);
    let module = three.releases[1].module().clone();
    let path = gosum_world::proxy::Endpoint::Mod.path(&module);
    three.draft.proxy().put(&path, "text/plain", "module github.com/example/other\n");
    let (world, _) = three.start();
    let done = Place::in_world(&world).file("go.mod", PROJECT).run("audit");
    assert_eq!(done.code, 3, "{}", done.stdout);
    let words = "go.mod declares the path \"github.com/example/other\", but was required as";
    assert!(done.stderr.contains(words), "{}", done.stderr);
}

#[test]
fn everything_that_is_wrong_with_a_go_mod_is_told_with_its_place() {
    let go_mod = "module example.com/m\n\nrequire github.com/example/a 1.0\nnonsense x\n";
    let done = Place::new().file("go.mod", go_mod).env("GOPROXY", "off").run("audit");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("go.mod:3:1: ") && done.stderr.contains("go.mod:4:1: "), "{}", done.stderr);
}

#[test]
fn replaced_modules_are_audited_under_the_name_that_replaces_them() {
    let (world, releases) = Three::new().start();
    let go_mod = format!(
        "module example.com/m\n\ngo 1.21\n\nrequire (\n\t{A} v1.0.0\n\t{C} v1.0.0\n)\n\n\
         replace {A} => {B} v1.0.0\n\nreplace {C} => ./c\n"
    );
    let place = Place::in_world(&world).file("go.mod", go_mod).file("c/go.mod", format!("module {C}\n"));
    let done = place.run("audit --write-sums out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let b = &releases[1];
    assert_eq!(place.read("out/go.sum.proxy"), b.sum(Artifact::Zip) + &b.sum(Artifact::GoMod));
    assert_eq!(place.audit(".").1["artifacts"][0]["via"], json!(["example.com/m"]));
}

#[test]
fn a_workspace_has_the_lines_of_all_its_files_and_of_several_paths_each_has_its_own() {
    let (world, releases) = Three::new().start();
    let sum = |index: usize| releases[index].sum(Artifact::Zip) + &releases[index].sum(Artifact::GoMod);
    let place = Place::in_world(&world)
        .file("w/go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n")
        .file("w/go.work.sum", sum(0))
        .file("w/x/go.mod", "module example.com/x\n")
        .file("w/x/go.sum", sum(1))
        .file("w/y/go.mod", "module example.com/y\n")
        .file("other.sum", sum(2));
    let (code, report) = place.audit("w");
    assert_eq!((code, &report["counts"]["verified_both"]), (0, &4.into()), "{report:#}");
    let files: Vec<&str> = report["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artifact| artifact["at"][0]["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["w/go.work.sum", "w/go.work.sum", "w/x/go.sum", "w/x/go.sum"]);
    let (code, report) = place.audit("w other.sum w/x");
    assert_eq!((code, &report["counts"]["verified_both"]), (0, &6.into()), "{report:#}");
}

#[test]
fn a_workspace_without_sums_is_a_graph_too() {
    let (world, releases) = Three::new().start();
    let place = Place::in_world(&world).file("go.work", "go 1.21\n\nuse ./x\n").file("x/go.mod", PROJECT);
    let done = place.run("audit --write-sums out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let [a, b] = [&releases[0], &releases[1]];
    // a workspace downloads the whole build list
    let expected =
        a.sum(Artifact::Zip) + &a.sum(Artifact::GoMod) + &b.sum(Artifact::Zip) + &b.sum(Artifact::GoMod);
    assert_eq!(place.read("out/go.sum.direct"), expected);
}

#[test]
fn private_modules_of_a_graph_are_read_from_version_control_alone() {
    let (world, _) = Three::new().start();
    let place = Place::in_world(&world).file("go.mod", PROJECT).env("GOPRIVATE", B);
    let (code, report) = place.audit(".");
    assert_eq!(code, 0, "{report:#}");
    assert!(
        world
            .log()
            .iter()
            .all(|exchange| { exchange.host != "proxy.example" || !exchange.target.contains("example/b") })
    );
}

#[test]
fn gowork_and_modfile_say_which_lines_are_audited() {
    let (world, releases) = Three::new().start();
    let sum = |index: usize| releases[index].sum(Artifact::Zip) + &releases[index].sum(Artifact::GoMod);
    let place = || {
        Place::in_world(&world)
            .file("go.work", "go 1.21\n\nuse ./x\n")
            .file("go.work.sum", sum(0))
            .file("go.mod", "module example.com/m\n")
            .file("go.sum", sum(1))
            .file("alt.mod", "module example.com/m\n")
            .file("alt.sum", sum(2))
            .file("x/go.mod", "module example.com/x\n")
            .file("x/go.sum", sum(2))
    };
    let files = |place: &Place, args: &str| {
        let (code, report) = place.audit(args);
        assert_eq!(code, 0, "{report:#}");
        let artifacts = report["artifacts"].as_array().unwrap().clone();
        let file = |artifact: Value| {
            let file = artifact["at"][0]["file"].as_str().unwrap().to_owned();
            file.strip_prefix(&format!("{}/", place.dir().display())).unwrap_or(&file).to_owned()
        };
        let mut files: Vec<String> = artifacts.into_iter().map(file).collect();
        files.dedup();
        files
    };
    assert_eq!(files(&place(), "."), ["go.work.sum", "x/go.sum"]);
    assert_eq!(files(&place().env("GOWORK", "off"), "."), ["go.sum"]);
    let named = place();
    let go_work = named.path("go.work");
    let named = named.env("GOWORK", go_work.to_str().unwrap());
    assert_eq!(files(&named, "x"), ["go.work.sum", "x/go.sum"]);
    // a file that is named is that file
    assert_eq!(files(&named, "alt.sum"), ["alt.sum"]);
    let alone = named.file("other/go.mod", "module example.com/other\n").run("audit other");
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.contains("other is not one of the modules of "), "{}", alone.stderr);

    let flags = place().env("GOFLAGS", "-modfile=alt.mod");
    assert_eq!(files(&flags, "go.sum"), ["go.sum"]);
    let both = flags.run("audit");
    assert_eq!(both.code, 2);
    assert!(both.stderr.contains("-modfile in GOFLAGS does not go with a workspace"), "{}", both.stderr);
    assert_eq!(files(&flags.env("GOWORK", "off"), "."), ["alt.sum"]);
    let wrong = place().env("GOFLAGS", "-modfile=alt").run("audit");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("its name must end in .mod"), "{}", wrong.stderr);
}

#[test]
fn a_modfile_without_a_sum_is_a_graph() {
    let (world, releases) = Three::new().start();
    let place = Place::in_world(&world)
        .file("go.mod", "module example.com/m\n")
        .file("go.sum", "oops\n")
        .file("sub/alt.mod", PROJECT)
        .env("GOFLAGS", "-modfile=sub/alt.mod");
    let done = place.run("audit --write-sums out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let [a, b] = [&releases[0], &releases[1]];
    let expected = a.sum(Artifact::Zip) + &a.sum(Artifact::GoMod) + &b.sum(Artifact::GoMod);
    assert_eq!(place.read("out/go.sum.direct"), expected);
}

#[test]
fn what_a_build_uses_beside_the_audited_lines_is_remarked() {
    let (world, releases) = Three::new().start();
    let place = Place::in_world(&world)
        .file("go.work", "go 1.21\n\nuse ./x\n")
        .file("x/go.sum", releases[2].sum(Artifact::Zip))
        .file("x/go.mod", "module example.com/x\n")
        .file("y/go.mod", "module example.com/y\n")
        .file("y/go.sum", releases[2].sum(Artifact::Zip))
        .env("GOFLAGS", "-mod=vendor");
    let done = place.run("audit x");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("go.work uses this module: a build reads"), "{}", done.stderr);
    assert!(done.stderr.contains("GOFLAGS has -mod=vendor"), "{}", done.stderr);
    assert!(!place.run("audit y").stderr.contains("uses this module"));
    assert!(!place.run("audit .").stderr.contains("uses this module"));
    assert_eq!(place.run("audit x -q").stderr, "");
    assert!(!place.env("GOWORK", "off").run("audit x").stderr.contains("uses this module"));
}

/// Returns a world in which two modules of one repository come in two rounds of a graph, and the project.
fn in_two_rounds(host: &str) -> (World, String) {
    let mut draft = Draft::new("proxy.example");
    let repository = "github.com/example/two";
    let files = ["x", "y"].iter().fold(Files::new(), |files, name| {
        let go_mod = format!("module {host}/{name}\n\ngo 1.16\n");
        files.file(&format!("{name}/go.mod"), go_mod).file(&format!("{name}/a.go"), "package a\n")
    });
    let revision = draft.commit(repository, "main", &files);
    draft.tag("x/v1.0.0", &revision);
    draft.tag("y/v1.0.0", &revision);
    let go_mod = format!("module {A}\n\ngo 1.16\n\nrequire {host}/y v1.0.0\n");
    let revision = draft.commit(A, "main", &Files::new().file("go.mod", go_mod).file("a.go", "package a\n"));
    draft.tag("v1.0.0", &revision);
    let project =
        format!("module example.com/m\n\ngo 1.16\n\nrequire {A} v1.0.0\n\nrequire {host}/x v1.0.0\n");
    (draft.start().unwrap(), project)
}

#[test]
fn a_repository_that_does_not_answer_is_asked_once_a_run() {
    const TWO: &str = "github.com/example/two";
    let asked = |world: &World| {
        let entries = world.log();
        entries.iter().filter(|exchange| exchange.address().starts_with(TWO)).count()
    };
    let audit = |world: &World, project: &str| {
        Place::in_world(world).file("go.mod", project).audit(". --source direct --retries 1")
    };
    let (world, project) = in_two_rounds(TWO);
    let (code, report) = audit(&world, &project);
    assert_eq!((code, report["artifacts"].as_array().unwrap().len()), (0, 6), "{report:#}");
    // the greeting fails, with its one retry; or all that comes after it
    for (at, status, requests) in [("*", 503, 2), ("*", 404, 1), ("git-upload-pack", 503, 3)] {
        let (world, project) = in_two_rounds(TWO);
        world.add_fault(Fault::answer(&format!("{TWO}/{at}"), Page::text(status, "later\n")));
        let (code, report) = audit(&world, &project);
        assert_eq!((code, &report["verdict"]), (3, &"unverified".into()), "{report:#}");
        let reasons: Vec<&Value> = (2..6).map(|index| &answer(&report, index, "direct")["reason"]).collect();
        assert!(reasons.iter().all(|reason| reason.as_str().unwrap().contains("status ")), "{reasons:?}");
        assert_eq!(asked(&world), requests, "{at} {status}");
    }
}

#[test]
fn a_page_that_does_not_answer_is_asked_once_a_run() {
    let mut draft = Draft::new("proxy.example");
    let go_mod = format!("module {A}\n\ngo 1.16\n\nrequire go.example.org/x v1.1.0\n");
    let revision = draft.commit(A, "main", &Files::new().file("go.mod", go_mod).file("a.go", "package a\n"));
    draft.tag("v1.0.0", &revision);
    draft.sites.add_page("go.example.org/x", Page::text(503, "later\n"));
    let world = draft.start().unwrap();
    let project =
        format!("module example.com/m\n\ngo 1.16\n\nrequire {A} v1.0.0\n\nrequire go.example.org/x v1.0.0\n");
    let place = Place::in_world(&world).file("go.mod", project);
    let (code, report) = place.audit(". --source direct --retries 1");
    assert_eq!((code, &report["verdict"]), (3, &"unverified".into()), "{report:#}");
    let asked = world.log().iter().filter(|exchange| exchange.host == "go.example.org").count();
    assert_eq!(asked, 2, "once, with its one retry");
}
