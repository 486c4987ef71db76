//! What rules find in worlds that are made for them.

use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::Artifact;
use gosum_world::fault::Fault;
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
