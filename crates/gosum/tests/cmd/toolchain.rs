//! The toolchain that a project selects.

use gosum_world::World;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;

use super::run::{Place, answer, codes};
use super::world::One;

const TOOLCHAIN: &str = "golang.org/toolchain@v0.0.1-go1.22.1.linux-amd64";
const GO_MOD: &str = "module example.com/m\n\ngo 1.20\n\ntoolchain go1.22.1\n";

fn toolchain() -> Release {
    let files = Files::new().file("bin/go", "the program").file("VERSION", "go1.22.1\n");
    Release::new(TOOLCHAIN, 1_700_000_000, &files, "").unwrap()
}

/// Returns a world whose proxy serves `served`, whose database has recorded the toolchain if it `knows` it, and a project in it.
fn project(served: &Release, knows: bool) -> (World, Place) {
    let mut one = One::new();
    let mut database = SumDb::new("sum.example", 1);
    database.record(&one.release);
    if knows {
        database.record(&toolchain());
    }
    let go_sum = one.go_sum();
    one.draft.proxy().publish(served);
    one.draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).env("GOSUMDB", &database.key());
    let cache = place.path("cache");
    let place = place.env("GOSUM_CACHE", cache.to_str().unwrap());
    (world, place.file("go.sum", go_sum).file("go.mod", GO_MOD))
}

fn asked(world: &World) -> usize {
    world.log().iter().filter(|exchange| exchange.target.contains("golang.org/toolchain")).count()
}

#[test]
fn it_is_one_artifact_more_where_the_user_asks_for_it() {
    let (world, place) = project(&toolchain(), true);
    let (code, report) = place.audit(".");
    assert_eq!((code, report["artifacts"].as_array().unwrap().len(), asked(&world)), (0, 2, 0));
    let (code, report) = place.audit("--toolchain=linux-amd64 . --write-sums out");
    assert_eq!((code, codes(&report)), (0, vec![]), "{report:#}");
    let artifact = &report["artifacts"][2];
    assert_eq!(artifact["module"], "golang.org/toolchain");
    assert_eq!(
        (&artifact["version"], &artifact["artifact"]),
        (&"v0.0.1-go1.22.1.linux-amd64".into(), &"zip".into())
    );
    assert_eq!((&artifact["at"][0]["file"], &artifact["at"][0]["line"]), (&"go.mod".into(), &5.into()));
    let hash = toolchain().zip_h1().to_string();
    for source in ["proxy", "sumdb"] {
        assert_eq!(answer(&report, 2, source)["h1"], *hash, "{report:#}");
    }
    assert_eq!(answer(&report, 2, "direct")["reason"], "toolchain");
    assert_eq!(report["counts"]["verified_proxy_only"], 1);
    for file in ["go.sum.proxy", "go.sum.direct", "go.sum.diff", "go.sum.unanswered"] {
        assert!(!place.read(&format!("out/{file}")).contains("toolchain"), "{file}");
    }
    // neither does a project without a go.sum get a line
    std::fs::remove_file(place.path("go.sum")).unwrap();
    let (code, report) = place.audit("--toolchain=linux-amd64 --write-sums out");
    assert_eq!((code, report["artifacts"].as_array().unwrap().len()), (0, 1), "{report:#}");
    assert_eq!(place.read("out/go.sum.proxy"), "");
}

#[test]
fn one_that_the_database_knows_otherwise_is_a_mismatch_and_one_that_it_does_not_know_is_not_verified() {
    let (_world, place) = project(&toolchain().tampered("bin/go", "another program"), true);
    let (code, report) = place.audit("--toolchain=linux-amd64");
    assert_eq!((code, codes(&report)), (1, vec!["sumdb-differs"]), "{report:#}");
    let (_world, place) = project(&toolchain(), false);
    let (code, report) = place.audit("--toolchain=linux-amd64");
    assert_eq!((code, &report["artifacts"][2]["verdict"]), (3, &"unverified".into()), "{report:#}");
    // nor is one that no proxy has
    let (code, report) = place.audit("--toolchain=plan9-386");
    assert_eq!((code, &report["counts"]["unverified"]), (3, &1.into()), "{report:#}");
}

#[test]
fn the_machines_own_platform_is_meant_where_none_is_named() {
    let (world, place) = project(&toolchain(), true);
    let done = place.run("audit --toolchain .");
    assert!(done.stderr.is_empty() && asked(&world) > 0, "{done:?}");
    assert_eq!(place.run("audit --toolchain=linux").code, 2);
}

#[test]
fn what_selects_none_is_told() {
    let (world, place) = project(&toolchain(), true);
    for (go_mod, setting, told) in [
        ("go 1.21\n", "auto", "go.mod: no toolchain to audit: every Go that selects one is new enough"),
        (GO_MOD, "local", "no toolchain to audit: the environment's GOTOOLCHAIN lets none be downloaded"),
        (GO_MOD, "go1.23.0+path", "no toolchain to audit: the environment's GOTOOLCHAIN lets none"),
    ] {
        let done = Place::in_world(&world)
            .env("GOSUMDB", place.vars()[std::ffi::OsStr::new("GOSUMDB")].to_str().unwrap())
            .env("GOTOOLCHAIN", setting)
            .file("go.sum", place.read("go.sum"))
            .file("go.mod", go_mod)
            .run("audit --toolchain --no-cache");
        assert!(done.code == 0 && done.stderr.contains(told), "{done:?}");
    }
    std::fs::remove_file(place.path("go.mod")).unwrap();
    assert!(place.run("audit --toolchain").stderr.contains("no go.mod beside it selects a toolchain"));
    assert_eq!(asked(&world), 0);
}

#[test]
fn nobody_is_asked_where_nobody_could_tell() {
    let (world, place) = project(&toolchain(), true);
    for args in ["--source proxy", "--source direct,sumdb", "--source proxy,direct"] {
        let done = place.run(&format!("audit --toolchain {args}"));
        assert!(done.code == 2 && done.stderr.contains("--source does not ask both"), "{done:?}");
    }
    let place = place.env("GOSUMDB", "off");
    let done = place.run("audit --toolchain");
    assert!(done.code == 2 && done.stderr.contains("GOSUMDB is off"), "{done:?}");
    let wrong = place.env("GOSUMDB", "").env("GOTOOLCHAIN", "bash").run("audit --toolchain");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("GOTOOLCHAIN: \"bash\" names no toolchain"),
        "{wrong:?}"
    );
    assert_eq!(asked(&world), 0);
}

#[test]
fn a_workspace_selects_by_its_own_file() {
    let (_world, place) = project(&toolchain(), true);
    let place = place.file("go.work", "go 1.22.1\n\nuse ./x\n").file("x/go.mod", "module example.com/x\n");
    std::fs::copy(place.path("go.sum"), place.path("x/go.sum")).unwrap();
    let (code, report) = place.audit("--toolchain=linux-amd64");
    let artifact = &report["artifacts"][2];
    assert_eq!((code, &artifact["at"][0]["file"]), (0, &"go.work".into()), "{report:#}");
    // of two paths that select the same one, both are named
    let place = place.env("GOWORK", "off").file("x/go.mod", GO_MOD);
    let (code, report) = place.audit("--toolchain=linux-amd64 . x");
    let at = report["artifacts"][2]["at"].as_array().unwrap();
    assert_eq!((code, at.len(), &at[1]["file"]), (0, 2, &"x/go.mod".into()), "{report:#}");
}
