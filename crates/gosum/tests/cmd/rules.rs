//! What rules find in worlds that are made for them.

use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::Value;

use super::run::{Place, codes};
use super::world::{ADDRESS, GO_MOD, MODULE, One};

const RULE: &str = "go-mod-differs-from-zip";

/// Returns what the rule with this code found: level, place, message.
fn found(report: &Value, code: &str) -> Vec<(String, u64, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .filter(|finding| finding["code"] == code)
        .map(|finding| {
            let line = finding["at"][0]["line"].as_u64().unwrap();
            (text(&finding["level"]), line, text(&finding["message"]))
        })
        .collect()
}

#[test]
fn a_proxy_whose_zip_holds_another_go_mod_than_it_serves_is_warned_of() {
    let one = One::new();
    let (inside, go_sum) = (one.release.go_mod_h1(), one.go_sum());
    let other = format!("module {ADDRESS}\n\ngo 1.20\n\nrequire example.com/other v1.0.0\n");
    let alone = go_mod_h1(other.as_bytes());
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::body(GO_MOD, other));
    let message =
        format!("proxy: the go.mod in the zip has the hash {inside}, and the one by itself {alone}");
    // go.sum says what the proxy says, and nobody else is asked
    let told = format!("{}{ADDRESS} v1.0.0/go.mod {alone}\n", go_sum.split_inclusive('\n').next().unwrap());
    let place = Place::in_world(&world).file("go.sum", &told);
    let (code, report) = place.audit(". --source proxy");
    assert_eq!((code, found(&report, RULE)), (0, vec![("warn".into(), 2, message.clone())]), "{report:#}");
    assert_eq!(place.audit(&format!(". --source proxy --deny {RULE}")).0, 1);
    assert_eq!(codes(&place.audit(&format!(". --source proxy --allow {RULE}")).1), Vec::<&str>::new());
    // version control has one go.mod, and does not explain it
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!((code, found(&report, RULE)), (1, vec![("warn".into(), 2, message)]), "{report:#}");
    // of one artifact alone nothing is said
    let alone = told.lines().next().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", alone).audit(". --source proxy");
    assert_eq!((code, codes(&report)), (0, vec![]));
}

#[test]
fn attributes_that_change_the_go_mod_on_its_way_into_the_zip_are_noted() {
    let mut one = One::new();
    let text = "module github.com/example/colors\n\ngo 1.20\n";
    let committed = Files::new().file("go.mod", text).file("a.go", "package a\n");
    let committed = committed.file(".gitattributes", "go.mod text eol=crlf\n");
    let commit = one.draft.commit(ADDRESS, "main", &committed);
    one.draft.tag("v1.0.0", &commit);
    let archived = committed.file("go.mod", text.replace('\n', "\r\n"));
    let honest = Release::new(MODULE, commit.time, &archived, "").unwrap();
    one.draft.proxy().publish(&honest);
    // the go.mod by itself is what was committed
    let path = GO_MOD.strip_prefix("proxy.example/").unwrap();
    one.draft.proxy().put(path, "text/plain", text);
    let (inside, alone) = (honest.go_mod_h1(), go_mod_h1(text.as_bytes()));
    let go_sum = format!("{}{ADDRESS} v1.0.0/go.mod {alone}\n", honest.sum(Artifact::Zip));
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(".");
    assert_eq!((code, &report["counts"]["verified_both"]), (0, &2.into()), "{report:#}");
    let message = |names: &str| {
        let hashes = format!("the go.mod in the zip has the hash {inside}, and the one by itself {alone}");
        format!("{names}: {hashes}; the repository's attributes change it on its way into the zip")
    };
    assert_eq!(found(&report, RULE), [("note".into(), 2, message("direct and proxy"))]);
    let (_, report) = place.audit(". --source direct");
    assert_eq!(found(&report, RULE), [("note".into(), 2, message("direct"))]);
    // the proxy alone cannot tell
    let (_, report) = place.audit(". --source proxy");
    assert_eq!(found(&report, RULE)[0].0, "warn");
}

#[test]
fn a_module_without_a_go_mod_has_none_that_could_differ() {
    let mut one = One::new();
    let commit = one.draft.commit(ADDRESS, "main", &Files::new().file("a.go", "package a\n"));
    one.draft.tag("v1.1.0", &commit);
    let release = one.draft.publish(&format!("{ADDRESS}@v1.1.0"), &commit, "").unwrap();
    let go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
    let world = one.draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!((code, codes(&report)), (0, vec![]), "{report:#}");
}

const RETRACTED: &str = "retracted";
const LIST: &str = "proxy.example/github.com/example/colors/@v/list";

/// Returns a world in which version v1.1.0 of the module retracts v1.0.0 `because`, and the go.sum of v1.0.0.
fn retracting(because: &str) -> (World, String) {
    let mut one = One::new();
    let go_mod = format!(
        "module {ADDRESS}\n\ngo 1.20\n\nretract (\n\tv1.1.0-pre\n\t[v0.9.0, v1.0.0] // {because}\n)\n"
    );
    let files = one.revision.files.clone().file("go.mod", go_mod);
    let commit = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.1.0", &commit);
    one.draft.publish(&format!("{ADDRESS}@v1.1.0"), &commit, "").unwrap();
    let go_sum = one.go_sum();
    (one.draft.start().unwrap(), go_sum)
}

fn asked(world: &World, text: &str) -> usize {
    world.log().iter().filter(|exchange| exchange.address().contains(text)).count()
}

#[test]
fn whether_a_version_is_retracted_is_asked_when_the_user_wants_to_know() {
    let (world, go_sum) = retracting("red is green");
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(".");
    assert_eq!((code, codes(&report)), (0, vec![]));
    assert_eq!(place.audit(&format!(". --allow {RETRACTED}")).0, 0);
    assert_eq!(asked(&world, "v/list"), 0);
    let message = "its authors retracted it, as the go.mod of v1.1.0 says: \"red is green\"".to_owned();
    for (args, code, level) in [
        ("--warn retracted", 0, "warn"),
        ("--deny retracted", 1, "deny"),
        ("--deny retracted --source proxy", 1, "deny"),
        ("--deny retracted --source direct", 1, "deny"),
    ] {
        let (done, report) = place.audit(args);
        assert_eq!((done, codes(&report)), (code, vec![RETRACTED]), "{args}: {report:#}");
        assert_eq!(found(&report, RETRACTED), [(level.to_owned(), 1, message.clone())], "{args}");
    }
    assert_eq!(asked(&world, "v/list"), 3);
    let noted = place.file("gosum.toml", "[rules]\nretracted = \"note\"\n").audit(".");
    assert_eq!((noted.0, found(&noted.1, RETRACTED)[0].0.as_str()), (0, "note"));
}

#[test]
fn what_hostile_authors_say_moves_no_cursor() {
    let (world, go_sum) = retracting("\u{202e}neerg \u{85}");
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit --warn retracted");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("v1.1.0 says: \"\\u202eneerg\""), "{}", done.stdout);
}

#[test]
fn the_name_of_a_private_module_is_told_to_no_proxy_when_its_repository_says_what_is_retracted() {
    let (world, go_sum) = retracting("red is green");
    let place = Place::in_world(&world).file("go.sum", &go_sum).env("GOPRIVATE", "github.com/example/*");
    let (code, report) = place.audit("--warn retracted");
    assert_eq!((code, codes(&report)), (0, vec![RETRACTED]), "{report:#}");
    assert_eq!(asked(&world, "proxy.example"), 0);
    // with the repository out of reach nobody is asked
    let done = place.run("audit --deny retracted --source proxy --unverified warn");
    let untold = "could not tell which versions of github.com/example/colors are retracted: nobody is asked";
    assert!(done.code == 0 && done.stderr.contains(untold), "{done:?}");
    assert_eq!(asked(&world, "proxy.example"), 0);
}

#[test]
fn an_audit_does_not_fail_for_what_could_not_be_told_of_retracted_versions() {
    let (world, go_sum) = retracting("red is green");
    world.add_fault(Fault::answer(LIST, Page::text(503, "later\n")));
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit --deny retracted --source proxy --retries 0");
    let untold = "could not tell which versions of github.com/example/colors are retracted: ";
    assert!(done.code == 0 && done.stderr.contains(untold), "{done:?}");
    assert!(done.stderr.contains("@v/list: status 503: later"), "{done:?}");
    // the repository tells in the place of the proxy
    let (code, report) = place.audit("--deny retracted --retries 0");
    assert_eq!((code, codes(&report)), (1, vec![RETRACTED]), "{report:#}");
}

#[test]
fn a_module_without_tags_is_what_its_newest_commit_says() {
    let mut draft = Draft::new("proxy.example");
    let files = |retract: &str| {
        let go_mod = format!("module {ADDRESS}\n\ngo 1.20\n{retract}");
        Files::new().file("go.mod", go_mod).file("colors.go", "package colors\n")
    };
    let first = draft.commit(ADDRESS, "main", &files(""));
    let version = first.pseudo_version();
    let release = draft.publish(&format!("{ADDRESS}@{version}"), &first, "").unwrap();
    let newest = draft.commit(ADDRESS, "main", &files(&format!("\nretract {version} // too early\n")));
    draft.publish(&format!("{ADDRESS}@{}", newest.pseudo_version()), &newest, "").unwrap();
    let go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
    let world = draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    for (source, by) in [("proxy", newest.pseudo_version()), ("direct", format!("commit {}", newest.commit))]
    {
        let (code, report) = place.audit(&format!("--warn retracted --source {source}"));
        let message = format!("its authors retracted it, as the go.mod of {by} says: \"too early\"");
        assert_eq!((code, found(&report, RETRACTED)), (0, vec![("warn".to_owned(), 1, message)]), "{source}");
    }
}

/// Returns a world whose tag has moved to other `files`, with a proxy that tells the time of the first commit and not its id.
fn silently_moved(files: impl FnOnce(Files) -> Files) -> (One, String, String) {
    let mut one = One::new();
    let release = Release::new(MODULE, one.revision.time, &one.revision.files, "").unwrap();
    one.draft.proxy().publish(&release);
    let new = one.draft.commit(ADDRESS, "main", &files(one.revision.files.clone()));
    one.draft.tag("v1.0.0", &new);
    let old = one.revision.commit.to_string();
    (one, old, new.commit.to_string())
}

#[test]
fn a_proxy_that_names_no_commit_is_told_the_one_whose_content_it_has() {
    let (one, old, new) = silently_moved(|files| files.file("colors.go", "package colors\n"));
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(".");
    let [(_, line, message)] = &found(&report, "proxy-direct-differ")[..] else { panic!("{report:#}") };
    assert_eq!((code, *line), (1, 1));
    let expected = format!("; the proxy has the content of commit {old}, the repository now has {new}");
    assert!(message.ends_with(&expected), "{message}");
    let answer = &report["artifacts"][0]["answers"]["proxy"];
    assert_eq!((&answer["content_of"], &answer["commit"]), (&Value::from(old.as_str()), &Value::Null));
    let text = place.run("audit .").stdout;
    assert!(text.contains(&format!("  the content of commit {old}\n")), "{text}");
}

#[test]
fn a_commit_of_the_time_with_other_content_is_not_told() {
    let (mut one, ..) = silently_moved(|files| files.file("colors.go", "package colors\n"));
    let lie = Release::new(MODULE, one.revision.time, &one.revision.files, "").unwrap();
    one.draft.proxy().publish(&lie.tampered("colors.go", "package colors // nobody committed this\n"));
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let (_, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!(report["artifacts"][0]["answers"]["proxy"]["content_of"], Value::Null);
    let message = &found(&report, "proxy-direct-differ")[0].2;
    assert!(!message.contains("commit"), "{message}");
}

#[test]
fn a_tag_that_moved_to_the_same_content_is_proved_where_no_source_names_the_commit() {
    let (one, old, new) = silently_moved(|files| files);
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    assert_eq!(codes(&place.audit(".").1), Vec::<&str>::new());
    let (code, report) = place.audit(". --warn tag-moved");
    let message = format!(
        "proxy tells the time of commit {old}, and tag v1.0.0 now leads to {new}; the content is the same"
    );
    assert_eq!((code, found(&report, "tag-moved")), (0, vec![("warn".into(), 1, message)]));
    // where the tag is still where it was, no history is asked for
    let one = One::new();
    let go_sum = one.go_sum();
    let mut draft = one.draft;
    draft.proxy().publish(&Release::new(MODULE, one.revision.time, &one.revision.files, "").unwrap());
    let world = draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(". --warn tag-moved");
    assert_eq!((code, codes(&report)), (0, Vec::<&str>::new()));
    let lines = world.log().into_iter().flat_map(|exchange| exchange.git_lines);
    assert!(lines.into_iter().all(|line| line != "filter tree:0"));
}
