//! A module version, asked of all sources.

use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_world::draft::Draft;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::proxy::Endpoint;
use gosum_world::release::{self, Release};
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;
use serde_json::json;

use super::super::run::Place;
use super::super::world::{ADDRESS, GIT, MODULE, One, ZIP};
use super::{Moved, causes, explained, files};

const EVIL: &str = "package colors\n\nimport \"net/http\"\n\nconst Red = 0xff0000\n\n\
                    func init() { http.Get(\"http://collector.example/\") }\n";

#[test]
fn a_moved_tag_is_told_down_to_the_line() {
    let moved = Moved::new(|files| files.file("LICENSE", "Do what you want.\n"));
    let (old, new) = (moved.old.commit.to_string(), moved.new.commit.to_string());
    let [zip, go_mod] =
        [0, 1].map(|line| moved.go_sum.lines().nth(line).unwrap().split(' ').next_back().unwrap().to_owned());
    let newer = Release::new(MODULE, 0, &moved.new.files, "").unwrap().zip_h1().to_string();
    let (_world, place) = moved.start();
    let done = place.run(&format!("explain {MODULE}"));
    let expected = format!(
        "\
differ: {MODULE}: go.sum and proxy against direct: 1 file differs, it cannot reach a build
go.sum: go.sum:1 records the hash of the zip that proxy has; go refuses that of direct, which stands alone

zip
  go.sum  {zip}  go.sum:1
  proxy   {zip}
          https://{ZIP}
          refs/tags/v1.0.0  commit {old} of 2023-11-14T23:13:20Z
  direct  {newer}  stands alone
          https://{ADDRESS}
          refs/tags/v1.0.0  commit {new} of 2023-11-15T00:13:20Z
  sumdb   not-asked  gosumdb-off

go.mod
  {go_mod}  go.sum, proxy, direct

cause: refs/tags/v1.0.0 moved: it names commit {new}, and proxy has the content of commit {old}
  proof: proxy names commit {old}, the content of which is in the repository and hashes to {zip}
         what proxy has hashes to the same
         refs/tags/v1.0.0 names commit {new}, the content of which hashes to {newer}
         commit {old} was made at 2023-11-14T23:13:20Z, and commit {new} at 2023-11-15T00:13:20Z
help: builds that go through proxy keep the older content. Ask the author for a new version.

files  1 changed, 0 only in proxy, 0 only in direct, 0 renamed, 2 the same
  in no build: 1
    changed  LICENSE  licence  18 bytes, +1 -1

- only in proxy, + only in direct

--- proxy/LICENSE
+++ direct/LICENSE
@@ -1 +1 @@
-Do what you like.
+Do what you want.
"
    );
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, &*expected, ""));
}

#[test]
fn json_has_all_of_it() {
    let moved = Moved::new(|files| files.file("LICENSE", "Do what you want.\n"));
    let (old, new) = (moved.old.commit.to_string(), moved.new.commit.to_string());
    let (_world, place) = moved.start();
    let (code, account) = explained(&place, MODULE);
    assert_eq!(code, 0);
    assert_eq!(
        (&account["schema"], &account["outcome"], &account["module"], &account["version"]),
        (&json!(1), &json!("differ"), &json!(ADDRESS), &json!("v1.0.0"))
    );
    assert_eq!(account["artifacts"][0]["answers"]["proxy"]["commit"], old);
    assert_eq!(account["artifacts"][0]["answers"]["direct"]["commit"], new);
    assert_eq!(account["artifacts"][0]["at"], json!([{"file": "go.sum", "line": 1}]));
    let compared = &account["compared"];
    assert_eq!((&compared["left"]["name"], &compared["right"]["name"]), (&json!("proxy"), &json!("direct")));
    assert_eq!(
        compared["counts"],
        json!({"changed": 1, "only_left": 0, "only_right": 0, "renamed": 0, "same": 2, "can_reach": 0, "inert": 1})
    );
    let file = &compared["files"][0];
    assert_eq!((&file["content"], &file["can_reach"]), (&json!("text"), &json!(false)));
    assert_eq!(
        file["lines"]["hunks"],
        json!([{"header": "@@ -1 +1 @@", "lines": [
            {"sign": "-", "text": "Do what you like."},
            {"sign": "+", "text": "Do what you want."}]}])
    );
    assert_eq!(causes(&account), ["tag-moved"]);
    assert_eq!(compared["causes"][0]["files"], json!(["LICENSE"]));
    assert_eq!(compared["notices"], json!({"all": [], "left_out": 0, "not_read": []}));
}

#[test]
fn a_proxy_that_names_no_commit_is_proved_by_the_content_of_one() {
    let mut moved = Moved::new(|files| files.file("colors.go", "package colors\n\nconst Red = 0xf00\n"));
    let silent = Release::new(MODULE, moved.old.time, &moved.old.files, "").unwrap();
    moved.draft.proxy().publish(&silent);
    let old = moved.old.commit.to_string();
    let (_world, place) = moved.start();
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, causes(&account)), (0, vec!["tag-moved"]));
    let sentence = account["compared"]["causes"][0]["sentence"].as_str().unwrap();
    assert!(sentence.ends_with(&format!("proxy has the content of commit {old}")), "{sentence}");
}

#[test]
fn a_commit_of_the_same_time_with_other_content_proves_nothing() {
    let mut moved = Moved::new(|files| files.file("colors.go", "package colors\n\nconst Red = 0xf00\n"));
    let lie = Release::new(MODULE, moved.old.time, &moved.old.files, "").unwrap();
    moved.draft.proxy().publish(&lie.tampered("colors.go", EVIL));
    let (_world, place) = moved.start();
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, causes(&account)), (0, vec!["not-known"]));
}

#[test]
fn tampered_code_is_pointed_out_and_no_cause_made_up() {
    let mut one = One::new();
    let (go_sum, commit) = (one.go_sum(), one.revision.commit.to_string());
    one.draft.proxy().publish(&one.release.clone().tampered("colors.go", EVIL));
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, account) = explained(&place, MODULE);
    assert_eq!(code, 0);
    assert_eq!(files(&account), [["changed", "colors.go", "compiled Go"]]);
    assert_eq!(causes(&account), ["not-known"]);
    let notices = account["compared"]["notices"]["all"].as_array().unwrap();
    let what: Vec<_> =
        notices.iter().map(|it| (it["what"].as_str().unwrap(), &it["line"], &it["side"])).collect();
    assert_eq!(what, [("net", &json!(3), &json!("left")), ("init", &json!(7), &json!("left"))]);
    // the proxy names the commit of the tag, and serves something else
    let remark = account["remarks"][0].as_str().unwrap();
    assert!(remark.contains("which is the one of direct"), "{remark}");

    let done = place.run(&format!("explain {MODULE}"));
    for line in [
        "cause: not known",
        &format!(
            "help: do not use the copy of proxy until someone explains this: it is not the content of commit {commit}, of which \
             proxy says it is; `gosum explain proxy-direct-differ` says more"
        ),
        "go.sum: go.sum:1 records the hash of the zip that direct has; go refuses that of proxy, which stands alone",
        "  can reach a build: 1",
        "  only in proxy: colors.go:3: import \"net/http\"",
        "  only in proxy: colors.go:7: an init function, which runs when the program starts",
        "-func init() { http.Get(\"http://collector.example/\") }",
    ] {
        assert!(done.stdout.lines().any(|shown| shown == line), "{line}\n{}", done.stdout);
    }
}

#[test]
fn what_can_reach_a_build_is_pointed_out_before_what_cannot() {
    let test = "package colors\n\nimport _ \"net\"\n";
    let moved = Moved::new(|files| files.file("a_test.go", test).file("colors.go", EVIL));
    let (_world, place) = moved.start();
    let done = place.run(&format!("explain {MODULE}"));
    let pointed_out = |text: &str| {
        let from = text.find("worth a look\n").expect("something is pointed out");
        text[from..]
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pointed_out(&done.stdout),
        [
            "  only in direct: colors.go:3: import \"net/http\"",
            "  only in direct: colors.go:7: an init function, which runs when the program starts",
            "  and 1 in files that are in no build, such as tests (--all shows them)",
        ]
    );
    let all = place.run(&format!("explain {MODULE} --all"));
    assert_eq!(pointed_out(&all.stdout)[2], "  only in direct: a_test.go:3: import \"net\"  (in no build)");
}

#[test]
fn a_go_mod_that_differs_beside_the_zip_comes_first() {
    let mut one = One::new();
    let go_mod = format!("module {ADDRESS}\n\ngo 1.20\n\nrequire evil.example/x v1.0.0\n");
    let module = ModuleVersion::parse(MODULE).unwrap();
    one.draft.proxy().put(&Endpoint::Mod.path(&module), "text/plain", go_mod);
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world);
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, &account["outcome"]), (0, &json!("differ")));
    assert_eq!((files(&account).len(), &account["compared"]["go_mod"]["content"]), (0, &json!("text")));
    let done = place.run(&format!("explain {MODULE}"));
    assert!(
        done.stdout
            .starts_with(&format!("differ: {MODULE}: of the go.mod, proxy against direct: the same files; "))
    );
    assert!(done.stdout.contains("\n--- proxy/go.mod\n+++ direct/go.mod\n"), "{}", done.stdout);
    assert!(done.stdout.contains("\n-require evil.example/x v1.0.0\n"), "{}", done.stdout);
}

#[test]
fn sources_that_agree_are_said_to() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let done = Place::in_world(&world).file("go.sum", go_sum).run(&format!("explain {MODULE}"));
    let first = done.stdout.lines().next().unwrap();
    assert_eq!((done.code, first), (0, &*format!("same: {MODULE}: go.sum, proxy and direct agree")));
}

#[test]
fn a_module_that_one_side_alone_has_is_shown_and_one_that_cannot_be_told_is_not() {
    let mut one = One::new();
    one.draft.repository(ADDRESS).delete_reference("refs/tags/v1.0.0");
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world);
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, &account["outcome"]), (0, &json!("one-sided")));
    assert_eq!(account["reason"], "direct does not have it: no tag `v1.0.0`");

    world.add_fault(Fault::answer(GIT, Page::text(403, "no\n")));
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")));
    assert!(account["reason"].as_str().unwrap().starts_with("direct could not tell: "), "{account:#}");

    let (code, account) = explained(&place, &format!("{ADDRESS}@v1.9.9"));
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")), "{account:#}");
}

#[test]
fn a_zip_of_another_module_is_not_believed() {
    let mut one = One::new();
    let module = ModuleVersion::parse(MODULE).unwrap();
    let zip = release::zip([("example.com/other@v1.0.0/a.go", "package a\n")]);
    one.draft.proxy().put(&Endpoint::Zip.path(&module), "application/zip", zip);
    let world = one.draft.start().unwrap();
    let (code, account) = explained(&Place::in_world(&world), MODULE);
    assert_eq!((code, &account["outcome"]), (1, &json!("untrusted")), "{account:#}");
}

#[test]
fn the_module_cache_may_have_what_go_sum_records() {
    let one = One::new();
    let tampered = one.release.clone().tampered("colors.go", EVIL);
    let go_sum = tampered.sum(Artifact::Zip);
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")));
    let reason = account["reason"].as_str().unwrap();
    assert!(reason.starts_with("go.sum has another hash than every copy"), "{reason}");
    assert!(account["remarks"][0].as_str().unwrap().contains("--between"), "{account:#}");

    let cached = |zip: Vec<u8>| {
        let name = format!("cache/cache/download/{ADDRESS}/@v/v1.0.0.zip");
        let place = Place::in_world(&world).file("go.sum", tampered.sum(Artifact::Zip)).file(&name, zip);
        let cache = place.path("cache");
        place.env("GOMODCACHE", cache.to_str().unwrap())
    };
    let (code, account) = explained(&cached(tampered.zip()), MODULE);
    assert_eq!((code, &account["outcome"]), (0, &json!("differ")), "{account:#}");
    let names = ["left", "right"].map(|side| account["compared"][side]["name"].as_str().unwrap());
    assert_eq!(names, ["modcache", "proxy"]);
    assert_eq!(files(&account), [["changed", "colors.go", "compiled Go"]]);
    // the cache may have written the line: the two are one witness, and the proxy is not alone against them
    let done = cached(tampered.zip()).run(&format!("explain {MODULE} --between proxy,modcache"));
    assert!(!done.stdout.contains("stands alone"), "{}", done.stdout);
    let help = format!(
        "help: find out who wrote the line, as with `git log -S '{}' -- go.sum`, ",
        tampered.zip_h1()
    );
    assert!(done.stdout.contains(&help), "{}", done.stdout);

    let (code, account) = explained(&cached(one.release.zip()), MODULE);
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")));
    assert!(account["reason"].as_str().unwrap().contains("the module cache has another one"), "{account:#}");
}

#[test]
fn a_go_sum_with_a_third_hash_is_pointed_out() {
    let mut moved = Moved::new(|files| files.file("LICENSE", "Do what you want.\n"));
    let third = Release::new(MODULE, 0, &moved.old.files, "").unwrap().tampered("colors.go", EVIL);
    moved.go_sum = third.sum(Artifact::Zip);
    let (_world, place) = moved.start();
    let (code, account) = explained(&place, MODULE);
    assert_eq!((code, &account["outcome"]), (0, &json!("differ")));
    let remark = account["remarks"][0].as_str().unwrap();
    assert!(remark.starts_with("go.sum has another hash of the zip than both"), "{remark}");
    let zip = &account["artifacts"][0];
    assert_eq!((&zip["go_sum_agrees_with"], &zip["stands_alone"]), (&json!([]), &json!(null)));
    let text = place.run(&format!("explain {MODULE}")).stdout;
    let expected = format!(
        "differ: {MODULE}: go.sum against proxy against direct: proxy and direct: 1 file differs, it cannot reach a build\n\
         go.sum: go.sum:1 records the hash of the zip that nobody else has, not proxy nor direct\n"
    );
    assert!(text.starts_with(&expected), "{text}");

    let name = format!("cache/cache/download/{ADDRESS}/@v/v1.0.0.zip");
    let place = place.file(&name, third.zip());
    let cache = place.path("cache");
    let place = place.env("GOMODCACHE", cache.to_str().unwrap());
    let (_, account) = explained(&place, MODULE);
    assert_eq!(account["artifacts"][0]["go_sum_agrees_with"], json!(["modcache"]));
    assert!(account["remarks"][0].as_str().unwrap().contains("--between modcache,direct"), "{account:#}");
}

#[test]
fn go_sum_is_said_to_agree_with_whom_it_does() {
    let moved = |line: fn(&Moved) -> String| {
        let mut moved = Moved::new(|files| files.file("LICENSE", "Do what you want.\n"));
        moved.go_sum = line(&moved);
        let (world, place) = moved.start();
        let done = place.run(&format!("explain {MODULE}"));
        drop(world);
        done.stdout.lines().take(2).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let newer = |moved: &Moved| Release::new(MODULE, 0, &moved.new.files, "").unwrap().sum(Artifact::Zip);
    let verdict = "1 file differs, it cannot reach a build";
    assert_eq!(
        moved(newer),
        format!(
            "differ: {MODULE}: go.sum and direct against proxy: {verdict}\n\
             go.sum: go.sum:1 records the hash of the zip that direct has; go refuses that of proxy, which stands alone"
        )
    );
    assert_eq!(
        moved(|_| "example.com/other v1.0.0 h1:x\n".to_owned()),
        format!("differ: {MODULE}: proxy against direct: {verdict}\ngo.sum: no line of {MODULE}")
    );
    assert_eq!(
        moved(|moved| moved.go_sum.lines().nth(1).unwrap().to_owned() + "\n"),
        format!("differ: {MODULE}: proxy against direct: {verdict}\ngo.sum: no line of the zip")
    );
    assert_eq!(
        moved(|moved| moved.go_sum.lines().next().unwrap().replace("h1:", "h2:") + "\n"),
        format!(
            "differ: {MODULE}: proxy against direct: {verdict}\ngo.sum: go.sum:1 records no h1 of the zip"
        )
    );
}

#[test]
fn a_tag_that_was_moved_back_is_not_said_to_have_newer_content() {
    let One { mut draft, revision, .. } = One::new();
    let newer = draft.commit(ADDRESS, "main", &revision.files.clone().file("LICENSE", "Do what you want.\n"));
    draft.publish(MODULE, &newer, "").unwrap();
    draft.tag("v1.0.0", &revision);
    let world = draft.start().unwrap();
    let done = Place::in_world(&world).run(&format!("explain {MODULE}"));
    let help = "help: builds that go through proxy keep the newer content: the tag was moved back to an older commit. Ask";
    assert!(done.stdout.contains(help), "{}", done.stdout);
}

#[test]
fn a_hash_with_nothing_to_compare_it_with_tells_nothing() {
    let one = One::new();
    let (go_sum, go_mod) = (one.go_sum(), one.go_sum().lines().nth(1).unwrap().to_owned());
    let world = one.draft.start().unwrap();
    let place = || Place::in_world(&world).env("GOPROXY", "direct");
    let (code, account) = explained(&place(), MODULE);
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")), "{account:#}");
    let reason = account["reason"].as_str().unwrap();
    assert!(reason.starts_with("only direct has a hash of the zip, and nothing is there"), "{reason}");
    // a line of the go.mod says nothing of the zip
    let (code, account) = explained(&place().file("go.sum", go_mod), MODULE);
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")), "{account:#}");
    let (code, account) = explained(&place().file("go.sum", go_sum), MODULE);
    assert_eq!((code, &account["outcome"]), (0, &json!("same")), "{account:#}");
}

#[test]
fn without_a_network_nothing_can_be_told_but_what_is_here() {
    let one = One::new();
    let place = Place::new().env("GOPROXY", "https://proxy.example").file("a.zip", one.release.zip());
    let (code, account) = explained(&place, &format!("{MODULE} --offline"));
    assert_eq!((code, &account["outcome"]), (3, &json!("untold")));
    assert_eq!(account["reason"], "proxy is not asked: offline; direct is not asked: offline");
    let evil = one.release.tampered("colors.go", EVIL).zip();
    let place = place.file("b.zip", evil);
    let (code, account) = explained(&place, &format!("{MODULE} --offline --between a.zip,b.zip"));
    assert_eq!((code, files(&account).len()), (0, 1));
}

#[test]
fn a_commit_that_only_the_proxy_knows_is_asked_for_by_its_id() {
    let mut draft = One::new().draft;
    let files = Files::new().file("go.mod", format!("module {ADDRESS}\n")).file("a.go", "package colors\n");
    let lost = draft.commit(ADDRESS, "topic", &files);
    draft.repository(ADDRESS).delete_reference("refs/heads/topic");
    let module = format!("{ADDRESS}@{}", lost.pseudo_version());
    let release = draft.publish(&module, &lost, "").unwrap();
    let h1 = release.zip_h1().to_string();
    draft.proxy().publish(&release.tampered("a.go", "package colors // evil\n"));
    let world = draft.start().unwrap();
    let (code, account) = explained(&Place::in_world(&world), &module);
    assert_eq!((code, &account["outcome"]), (0, &json!("differ")), "{account:#}");
    let direct = &account["artifacts"][0]["answers"]["direct"];
    assert_eq!((&direct["h1"], &direct["defects"][0]), (&json!(h1), &json!("commit-not-in-repository")));
}

#[test]
fn the_go_sum_of_the_project_is_found_from_a_folder_below_it() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", go_sum).file("a/b/c.go", "package b\n");
    let done = place.run(&format!("-C a/b explain {MODULE} --format json"));
    let account: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(account["artifacts"][0]["at"][0]["file"], "../../go.sum", "{account:#}");
}

#[test]
fn only_one_platform_is_looked_at_if_asked() {
    let files = |text: &'static str| move |files: Files| files.file("colors_windows.go", text);
    let moved = Moved::new(files("package colors\n\nconst Blue = 1\n"));
    let (_world, place) = moved.start();
    let (_, account) = explained(&place, MODULE);
    assert_eq!(super::files(&account), [["only-right", "colors_windows.go", "compiled Go"]]);
    let (_, account) = explained(&place, &format!("{MODULE} --goos linux --goarch amd64"));
    assert_eq!(
        super::files(&account),
        [["only-right", "colors_windows.go", "inert: not compiled for this platform"]]
    );
    assert_eq!(account["compared"]["builds"], "linux/amd64");
}

#[test]
fn a_commit_that_the_repository_has_no_more_is_said_to_be_gone() {
    let mut one = One::new();
    let mut elsewhere = Draft::new("elsewhere.example");
    let lost =
        elsewhere.commit(ADDRESS, "main", &one.revision.files.clone().file("colors.go", "package colors\n"));
    one.draft.publish(MODULE, &lost, "").unwrap();
    let world = one.draft.start().unwrap();
    let done = Place::in_world(&world).run(&format!("explain {MODULE}"));
    let commit = lost.commit.to_string();
    for line in [
        format!(
            "help: proxy names commit {commit}, to which no branch and no tag of the repository leads now: "
        ),
        format!(
            "note: proxy says that its copy is of commit {commit}, to which no branch and no tag of the repository leads, "
        ),
    ] {
        assert!(done.stdout.lines().any(|shown| shown.starts_with(&line)), "{line}\n{}", done.stdout);
    }
    assert!(!done.stdout.contains("trust neither"), "{}", done.stdout);
}

#[test]
fn each_reason_has_a_line_of_its_own() {
    let one = One::new();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer(GIT, Page::text(403, "no\n")));
    world.add_fault(Fault::answer(ZIP, Page::text(403, "no\n")));
    let done = Place::in_world(&world).run(&format!("explain {MODULE}"));
    let lines: Vec<&str> = done.stdout.lines().take(3).collect();
    assert_eq!((done.code, lines[0]), (3, &*format!("untold: {MODULE}")));
    assert!(lines[1].starts_with("  proxy could not tell: https://proxy.example/"), "{}", done.stdout);
    assert!(lines[2].starts_with("  direct could not tell: https://github.com/"), "{}", done.stdout);
    // the go.mod has the same reason, which is said once
    assert!(done.stdout.ends_with("\n  direct  unavailable  as for the zip\n"), "{}", done.stdout);
}

#[test]
fn the_record_of_the_checksum_database_tells_which_copy_is_not_to_be_used() {
    let mut one = One::new();
    let mut database = SumDb::new("sum.example", 1);
    database.record(&one.release);
    one.draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
    one.draft
        .proxy()
        .publish(&Release::new(MODULE, 0, &one.revision.files, "").unwrap().tampered("colors.go", EVIL));
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).env("GOSUMDB", &database.key());
    let cache = place.path("cache");
    let done = place.env("GOSUM_CACHE", cache.to_str().unwrap()).run(&format!("explain {MODULE}"));
    let first = format!(
        "differ: {MODULE}: sumdb and direct against proxy: 1 file differs, it can reach a build\n\
         go.sum: there is none here; in the folder of a project its line is compared\n"
    );
    assert!(done.stdout.starts_with(&first), "{}", done.stdout);
    let help = "help: do not use the copy of proxy until someone explains this: the checksum database records another hash; ";
    assert!(done.stdout.contains(help), "{}", done.stdout);
}

#[test]
fn a_commit_that_is_given_and_that_nothing_leads_to_is_said_to_be_that() {
    let One { mut draft, revision, .. } = One::new();
    let lost = draft.commit(ADDRESS, "topic", &revision.files.clone().file("LICENSE", "Do what you want.\n"));
    draft.publish(MODULE, &lost, "").unwrap();
    draft.repository(ADDRESS).delete_reference("refs/heads/topic");
    let world = draft.start().unwrap();
    let (code, account) = explained(&Place::in_world(&world), MODULE);
    assert_eq!((code, causes(&account)), (0, vec!["tag-moved"]));
    let commit = lost.commit.to_string();
    let expected = format!(
        "no branch and no tag of the repository leads to commit {commit} now, of which proxy has the content"
    );
    assert_eq!(account["remarks"], json!([expected]));
}
