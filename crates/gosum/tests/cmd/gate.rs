//! A change must not loosen the gate that it has to pass.

use gosum_world::World;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::repository::Files;
use serde_json::Value;

use super::base::Tree;
use super::policy::{moved, sound, without_tag};
use super::run::{Place, codes};
use super::world::{ADDRESS, One, ZIP};

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// Returns a work tree that adds the lines of `world`, with the gosum.toml `before` at the branch `main` and `now` in it;
/// without one where the text is empty.
fn change((world, go_sum): &(World, String), before: &str, now: &str) -> Tree {
    let tree = Tree { place: Place::in_world(world), ..Tree::new() };
    let mut files = [vec![("README", "")], vec![("go.sum", go_sum.as_str())]];
    for (files, config) in files.iter_mut().zip([before, now]) {
        files.extend(Some(("gosum.toml", config)).filter(|_| !config.is_empty()));
    }
    tree.commit(&files[0]).now(&files[1])
}

/// Returns the exit code of an audit of what is new since `main`, and its report.
fn judged(tree: &Tree, args: &str) -> (u8, Value) {
    tree.place.audit(&format!(". --retries 0 --base main {args}"))
}

/// Returns the messages of the findings of `policy-changed`.
fn changes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let changes = findings.filter(|finding| finding["code"] == "policy-changed");
    changes.map(|finding| finding["message"].as_str().unwrap()).collect()
}

/// Returns the gosum.toml that accepts all that is found in `world`.
fn accepted((world, go_sum): &(World, String)) -> String {
    let place = Place::in_world(world).file("go.sum", go_sum);
    place.run("init --retries 0");
    place.read("gosum.toml")
}

#[test]
fn a_change_is_judged_by_the_policy_of_its_base() {
    let (differing, gone) = (moved("hello\n"), without_tag());
    let pinned = [accepted(&differing), accepted(&gone)];
    for (world, code, before, now, key) in [
        (&differing, 1, "", "[audit]\nskip = [\"github.com/example/*\"]\n", "skip"),
        (&differing, 1, "", "[audit]\nonly = [\"example.org\"]\n", "only"),
        (&differing, 1, "", "[rules]\nproxy-direct-differ = \"allow\"\n", "[rules] proxy-direct-differ"),
        (&differing, 1, "", "[rules]\nproxy-direct-differ = \"warn\"\n", "[rules] proxy-direct-differ"),
        (&differing, 1, "[rules]\nproxy-direct-differ = \"deny\"\n", "", "[rules] proxy-direct-differ"),
        (
            &differing,
            1,
            "[audit]\nfail-on = \"warn\"\n[rules]\nproxy-direct-differ = \"warn\"\n",
            "[rules]\nproxy-direct-differ = \"warn\"\n",
            "fail-on",
        ),
        (&differing, 1, "", &pinned[0], "[[allow]] (1 added)"),
        (&gone, 3, "", &pinned[1], "[[allow]] (2 added)"),
        (&gone, 3, "", "[audit]\nrequire = [\"proxy\"]\n", "require"),
        (&gone, 3, "", "[audit]\nunverified = \"warn\"\n", "unverified"),
        (&gone, 3, "", "[audit]\nunverified = \"warn\"\nrequire = []\n", "require, unverified"),
        (&gone, 3, "[audit]\nhosts = [\"example.org\"]\n", "[audit]\nhosts = [\"github.com\"]\n", "hosts"),
    ] {
        let tree = change(world, before, now);
        let (got, report) = judged(&tree, "");
        assert_eq!(got, code, "{now}: {report:#}");
        let said = changes(&report);
        let what =
            if now.is_empty() { "main:gosum.toml is gone" } else { "gosum.toml differs from that of main" };
        let told = format!("{what}, which judges this audit: {key}");
        assert_eq!(said[0], told);
        let done = tree.place.run("audit --retries 0 --base main");
        assert!(done.stderr.starts_with(&format!("gosum: {told}\n")), "{done:?}");
    }
}

#[test]
fn a_file_that_is_named_judges() {
    let world = moved("hello\n");
    let tree = change(&world, "", &accepted(&world));
    let (code, report) = judged(&tree, "--config gosum.toml");
    assert_eq!((code, codes(&report)), (0, vec![]));
    let (code, report) = judged(&tree, "--deny policy-changed --warn proxy-direct-differ");
    assert_eq!((code, codes(&report)[0]), (1, "policy-changed"));
}

#[test]
fn the_policy_of_the_base_is_found_as_that_of_the_work_tree_is() {
    let world = without_tag();
    let go_sum = world.1.as_str();
    let (loose, strict) = ("[audit]\nrequire = [\"proxy\"]\n", "[audit]\nunverified = \"fail\"\n");
    let of = |before: &[(&str, &str)], now: &[(&str, &str)]| {
        let tree = Tree { place: Place::in_world(&world.0), ..Tree::new() };
        tree.commit(before).now(&[now, &[("a/b/go.sum", go_sum)]].concat())
    };
    let audit = |tree: &Tree, args: &str| tree.place.run(&format!("audit --retries 0 --base main {args}"));
    // at the root, whatever is nearer in the work tree
    let tree = of(&[("gosum.toml", loose)], &[("gosum.toml", loose)]);
    for args in ["a/b", "a/b/go.sum", "-C a/b", "-C a ./b"] {
        assert_eq!(audit(&tree, args).code, 0, "{args}");
    }
    let tree = of(&[("a/gosum.toml", strict), ("gosum.toml", loose)], &[("gosum.toml", loose)]);
    assert_eq!(audit(&tree, "a/b").code, 3);
    let tree = of(&[("gosum.toml", strict)], &[("a/b/gosum.toml", loose), ("gosum.toml", strict)]);
    assert_eq!(audit(&tree, "a/b").code, 3);
    // a revision of one file is one of its commit
    let tree = of(&[("gosum.toml", loose), ("old.sum", "")], &[("gosum.toml", loose)]);
    assert_eq!(tree.place.run("audit --retries 0 a/b --base main:old.sum").code, 0);
    // several paths have one, or it is named
    let two = [("a/b/gosum.toml", strict), ("c/go.sum", ""), ("c/gosum.toml", loose)];
    let done = audit(&of(&two, &two), "a/b c");
    assert!(done.code == 2 && done.stderr.contains("name one with --config"), "{done:?}");
    // what is said without a change of meaning is none
    let tree = of(&[("gosum.toml", loose)], &[("gosum.toml", "audit.require = ['proxy'] # as it was\n")]);
    let done = audit(&tree, "a/b");
    assert_eq!(
        (done.code, &*done.stderr),
        (0, "gosum: a/b has no go.sum lines at main: all lines are new\n")
    );
}

#[test]
fn a_policy_of_the_base_that_cannot_be_read_is_told() {
    let world = sound();
    let done = change(&world, "[audits]\n", "").place.run("audit --base main");
    assert!(done.code == 2 && done.stderr.contains("main:gosum.toml:1:2: unknown key `audits`"), "{done:?}");
    assert!(done.stderr.contains("--config"), "{done:?}");
    // what a link leads to could be anything
    let mut tree = Tree { place: Place::in_world(&world.0), ..Tree::new() };
    let files = Files::new().file("old.toml", "").symlink("gosum.toml", "old.toml");
    tree.repository.commit("main", 1_700_000_000, &files);
    let done = tree.now(&[("go.sum", &world.1)]).place.run("audit --base main");
    assert!(done.code == 2 && done.stderr.contains("gosum.toml is a link or a folder"), "{done:?}");
    let done = change(&world, "", "[audits]\n").place.run("audit --base main");
    assert!(done.code == 2 && done.stderr.contains("gosum.toml:1:2: unknown key `audits`"), "{done:?}");
}

#[test]
fn names_that_become_private_are_told_to_nobody_and_pass_for_nothing() {
    let private = format!("[audit]\nprivate = [\"{ADDRESS}\"]\n");
    let world = sound();
    let tree = change(&world, "", &private);
    let (code, report) = judged(&tree, "");
    assert_eq!((code, changes(&report).len()), (3, 1), "{report:#}");
    let proxy = &report["artifacts"][0]["answers"]["proxy"];
    assert_eq!(proxy["answer"], "unavailable");
    assert!(proxy["reason"].as_str().unwrap().contains("private by this change"), "{proxy}");
    assert!(world.0.log().iter().all(|exchange| exchange.host == "github.com"));
    assert_eq!(judged(&tree, "--config gosum.toml").0, 0);
    // what was private stays so
    let world = sound();
    assert_eq!(judged(&change(&world, &private, &private), "").0, 0);
    let (code, report) = judged(&change(&world, &private, "[audit]\nprivate = []\n"), "");
    assert_eq!((code, changes(&report).len()), (0, 1));
    assert!(world.0.log().iter().all(|exchange| exchange.host == "github.com"));
    // where the environment decides, the file does not
    let world = sound();
    let tree = change(&world, "", &private);
    let tree = Tree { place: tree.place.env("GONOPROXY", "none").env("GONOSUMDB", "none"), ..tree };
    assert_eq!(judged(&tree, "").0, 0);
}

#[test]
fn an_allowance_that_a_change_brings_is_pointed_at_where_it_would_count() {
    let world = moved("hello\n");
    let tree = change(&world, "", &accepted(&world));
    let (_, report) = judged(&tree, "");
    let found = report["findings"].as_array().unwrap();
    let about =
        found.iter().find(|finding| finding["module"] == ADDRESS && finding["code"] == "policy-changed");
    let about = about.unwrap();
    assert_eq!((&about["level"], &about["at"][0]["line"]), (&"warn".into(), &5.into()));
    assert!(about["message"].as_str().unwrap().contains("does not count"), "{about}");
    // merged first, it counts
    let pinned = accepted(&world);
    assert_eq!(judged(&change(&world, &pinned, &pinned), "").0, 0);
    // and one that the change takes away does not go wrong with it
    assert_eq!(judged(&change(&world, &pinned, ""), "").0, 0);
}

#[test]
fn a_change_may_take_away_what_has_expired() {
    let (differing, fine) = (moved("hello\n"), sound());
    let pinned = accepted(&differing);
    let after = |now: &str| {
        let mut tree = change(&fine, &pinned, now);
        tree.place.now += std::time::Duration::from_secs(200 * 24 * 60 * 60);
        judged(&tree, "")
    };
    let (code, report) = after(&pinned);
    assert_eq!((code, codes(&report)), (1, vec!["allowance-expired"]));
    assert_eq!(after("[audit]\n").0, 0);
    assert_eq!(after(&pinned.replace("2027-05-25", "2027-12-25")).0, 0);
}

#[test]
fn a_workspace_that_a_change_brings_hides_no_lines() {
    let line = |name: &str| format!("example.com/{name} v1.0.0 {H1}\n");
    let modules = |tree: &Tree, args: &str| {
        let audit = format!("--offline --no-cache --source direct --base main {args}");
        let (_, report) = tree.place.audit(&audit);
        let artifacts = report["artifacts"].as_array().unwrap();
        artifacts.iter().map(|artifact| artifact["module"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let base = [("go.mod", "module example.com/m\n"), ("go.sum", &*line("a"))];
    let now = [
        ("go.sum", &*(line("a") + &line("evil"))),
        ("go.work", "use ./empty\n"),
        ("go.work.sum", ""),
        ("empty/go.mod", "module example.com/empty\n"),
    ];
    let tree = Tree::new().commit(&base).now(&base).now(&now);
    assert_eq!(modules(&tree, ""), ["example.com/evil"]);
    let said = tree.place.run("audit --offline --no-cache --base main").stderr;
    assert!(said.contains("go.sum was audited at main"), "{said}");
    // a module that go.work uses no more
    let base = [
        ("go.work", "use (\n\t./x\n\t./y\n)\n"),
        ("x/go.mod", "module example.com/x\n"),
        ("x/go.sum", ""),
        ("y/go.mod", "module example.com/y\n"),
        ("y/go.sum", ""),
    ];
    let now = [("go.work", "use ./x\n"), ("y/go.sum", &*line("evil"))];
    assert_eq!(modules(&Tree::new().commit(&base).now(&base).now(&now), ""), ["example.com/evil"]);
}

#[test]
fn a_hash_of_a_workspace_does_not_cover_another_one_in_a_module() {
    let line = |hash: &str| format!("example.com/a v1.0.0 {hash}\n");
    let other = "h1:Pzzua72AuRCkCpiJRSHxs8I0npxJT9yy08t5T6k6c6U=";
    let place = Place::new()
        .file("go.work", "use ./x\n")
        .file("go.work.sum", line(H1))
        .file("x/go.mod", "module example.com/x\n")
        .file("x/go.sum", line(other));
    let (code, report) = place.audit(". --offline --no-cache");
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-two-hashes"]), "{report:#}");
    assert_eq!(report["findings"][0]["at"][0]["file"], "x/go.sum");
}

#[test]
fn where_the_base_has_folders_without_end_all_lines_are_new() {
    let deep = format!("{}go.sum", "d/".repeat(300));
    let tree = Tree::new().commit(&[(&deep, "")]);
    let line = format!("example.com/a v1.0.0 {H1}\n");
    let tree = tree.now(&[("new/go.mod", "module example.com/m\n"), ("new/go.sum", &line)]);
    let (code, report) = tree.place.audit("new --offline --no-cache --base main");
    assert_eq!((code, report["artifacts"].as_array().unwrap().len()), (3, 1));
    let said = tree.place.run("audit new --offline --no-cache --base main").stderr;
    assert!(said.contains("whether new/go.sum was elsewhere at main is not known"), "{said}");
    assert!(said.contains("all lines are new"), "{said}");
}

/// Returns the go.sum of `world` with another hash for the zip.
fn edited((_, go_sum): &(World, String)) -> String {
    let hash = go_sum.lines().next().unwrap().rsplit_once(' ').unwrap().1;
    go_sum.replacen(hash, H1, 1)
}

#[test]
fn a_hash_that_no_source_gives_is_never_hidden() {
    let world = sound();
    let place = Place::in_world(&world.0).file("go.sum", edited(&world));
    for level in ["allow", "note"] {
        let config = format!("[rules]\ngo-sum-differs = \"{level}\"\n");
        let place = Place::in_world(&world.0).file("go.sum", edited(&world)).file("gosum.toml", config);
        let done = place.run("audit");
        assert!(done.code == 2 && done.stderr.contains("`go-sum-differs` is at least `warn`"), "{done:?}");
    }
    let done = place.run("audit --allow go-sum-differs");
    assert!(
        done.code == 2 && done.stderr.contains("--allow: `go-sum-differs` is at least `warn`"),
        "{done:?}"
    );
    let done = place.run("audit --warn go-sum-differs");
    assert_eq!(done.code, 0);
    assert!(done.stdout.starts_with("mismatch: 2 lines: 1 differ"), "{done:?}");
    assert!(done.stdout.contains("warn: go-sum-differs: "), "{done:?}");
}

#[test]
fn a_mismatch_whose_rule_is_left_out_is_listed_with_that() {
    let world = moved("hello\n");
    let place = Place::in_world(&world.0).file("go.sum", &world.1);
    let done = place.run("audit --allow proxy-direct-differ");
    assert_eq!(done.code, 0);
    assert!(done.stdout.starts_with("mismatch: 2 lines: 1 differ"), "{done:?}");
    let told = "    proxy-direct-differ: left out, since its level is `allow`\n";
    assert!(done.stdout.contains(told), "{done:?}");
    let (_, report) = place.audit(". --allow proxy-direct-differ");
    assert_eq!(report["artifacts"][0]["rules_left_out"], serde_json::json!(["proxy-direct-differ"]));
    assert_eq!(report["artifacts"][1].get("rules_left_out"), None);
}

#[test]
fn a_mismatch_that_only_warns_hides_no_silence() {
    let world = sound();
    world.0.add_fault(Fault::answer("github.com/example/colors/*", Page::text(503, "later\n")));
    let place = Place::in_world(&world.0).file("go.sum", edited(&world));
    let (code, report) = place.audit(". --retries 0 --warn go-sum-differs");
    assert_eq!((code, codes(&report)), (3, vec!["go-sum-differs"]));
    assert_eq!((&report["counts"]["mismatch"], &report["counts"]["untold"]), (&1.into(), &2.into()));
    // told by all
    let told = sound();
    let (code, report) =
        Place::in_world(&told.0).file("go.sum", edited(&told)).audit(". --retries 0 --warn go-sum-differs");
    assert_eq!((code, &report["counts"]["untold"]), (0, &0.into()));
}

#[test]
fn a_difference_that_is_accepted_is_untold_while_a_source_is_down() {
    let world = moved("hello\n");
    let config = accepted(&world);
    let place = Place::in_world(&world.0).file("go.sum", &world.1).file("gosum.toml", &config);
    world.0.add_fault(Fault::answer(ZIP, Page::text(503, "later\n")));
    let (code, report) = place.audit(". --retries 0");
    assert_eq!((code, codes(&report)), (3, vec![]), "{report:#}");
    assert_eq!(report["artifacts"][0]["verdict"], "unverified");
    let done = place.run("audit --retries 0");
    assert!(done.stdout.starts_with("unverified: 2 lines: 1 unverified"), "{done:?}");
    assert!(done.stdout.contains("proxy unavailable"), "{done:?}");
    // another hash is one however silent the rest is
    let other = moved("hello again\n");
    other.0.add_fault(Fault::answer(ZIP, Page::text(503, "later\n")));
    let place = Place::in_world(&other.0).file("go.sum", &other.1).file("gosum.toml", &config);
    assert_eq!(place.audit(". --retries 0").0, 1);
}

#[test]
fn the_record_of_the_database_is_no_recomputation_of_what_go_sum_says() {
    let mut one = One::new();
    let mut database = gosum_world::sumdb::SumDb::new("sum.example", 1);
    let line = format!("{ADDRESS} v1.0.0 {H1}\n");
    database.record_text(one.release.module(), line.clone());
    one.draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).env("GOSUMDB", &database.key()).file("go.sum", &line);
    let (code, report) = place.audit(". --no-cache");
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-differs", "sumdb-differs"]), "{report:#}");
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "no source that recomputed it gives the hash that go.sum and sumdb record: direct and proxy give another one"
    );
}
