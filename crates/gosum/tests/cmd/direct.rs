//! Repositories of all kinds, and repositories that fail.

use super::run::{Place, answer, codes};
use super::world::{ADDRESS, GIT, One};
use gosum_mod::name::id::Artifact;
use gosum_mod::name::pseudo::timestamp;
use gosum_world::draft::Draft;
use gosum_world::fault::Fault;
use gosum_world::git::Filters;
use gosum_world::page::Page;
use gosum_world::proxy::Proxy;
use gosum_world::release::Release;
use gosum_world::repository::{Files, ObjectFormat, Repository};
use serde_json::Value;

/// Returns what version control answers on the zip of the one module when `change` was made to the world.
fn direct(change: impl FnOnce(&mut One)) -> (u8, Value) {
    let mut one = One::new();
    let go_sum = one.go_sum();
    change(&mut one);
    let world = one.draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(". --retries 0");
    assert_eq!(codes(&report), Vec::<&str>::new());
    (code, answer(&report, 0, "direct").clone())
}

fn with_fault(fault: Fault) -> (u8, Value) {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(fault);
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(". --retries 0 --timeout 2s");
    (code, answer(&report, 0, "direct").clone())
}

fn assert_answer((code, answer): &(u8, Value), word: &str, reason: &str) {
    assert_eq!((*code, &answer["answer"]), (3, &word.into()), "{answer}");
    assert!(answer["reason"].as_str().unwrap().contains(reason), "{answer}");
}

#[test]
fn a_repository_without_the_tag_does_not_have_the_version() {
    let without = direct(|one| one.draft.repository(ADDRESS).delete_reference("refs/tags/v1.0.0"));
    assert_answer(&without, "absent", "no tag `v1.0.0`");
}

#[test]
fn an_empty_repository_does_not_have_it_either() {
    let empty = direct(|one| one.draft.sites.add_repository(ADDRESS, Repository::new(ObjectFormat::Sha1)));
    assert_answer(&empty, "absent", "");
}

#[test]
fn a_repository_that_is_gone_or_private_is_told_apart() {
    let gone = with_fault(Fault::answer(GIT, Page::text(404, "Not Found\n")));
    assert_answer(&gone, "absent", "no such repository (status 404)");
    let private = with_fault(Fault::answer(GIT, Page::text(401, "Repository not found.\n")));
    assert_answer(&private, "unavailable", "refused (status 401): \"Repository not found.\"");
}

#[test]
fn servers_that_break_off_or_fall_silent_are_unavailable() {
    assert_answer(
        &with_fault(Fault::answer(GIT, Page::text(500, "out of order\n"))),
        "unavailable",
        "status 500",
    );
    let cut = with_fault(Fault::cut(GIT, 200).saying("command=fetch"));
    assert_answer(&cut, "unavailable", "");
    let silent = with_fault(Fault::stall(GIT, 0, None));
    assert_answer(&silent, "unavailable", "no complete answer before the deadline");
    let page = with_fault(Fault::answer(GIT, Page::html(200, "<html>hello</html>")));
    assert_answer(&page, "unavailable", "");
}

#[test]
fn every_limit_stops_a_repository_and_is_named() {
    let mut one = One::new();
    let files = (one.revision.files.clone())
        .file(".gitattributes", "*.txt eol=crlf\n")
        .file("a/b/c.txt", "text\n".repeat(500));
    let first = one.draft.commit(ADDRESS, "main", &files);
    let second = one.draft.commit(ADDRESS, "main", &files.file("a/b/c.txt", "text\n".repeat(501)));
    one.draft.tag("v1.1.0", &first);
    let module = format!("{ADDRESS}@{}", second.pseudo_version());
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world);
    let hash = |limit: &str| {
        place.run(&format!("hash {module} {ADDRESS}@v1.1.0 --from direct --retries 0 --limit {limit}"))
    };
    assert_eq!(hash("objects=1000").code, 0);
    for limit in [
        "listing-bytes=100",
        "pack-bytes=100",
        "objects=2",
        "object-bytes=100",
        "unpacked-bytes=100",
        "read-bytes=20",
        "converted-bytes=100",
        "kept-bytes=100",
        "history-bytes=100",
        "tree-depth=1",
        "tree-entries=3",
        "attribute-bytes=10",
        "attribute-steps=1",
    ] {
        let done = hash(limit);
        let (name, value) = limit.split_once('=').unwrap();
        assert_eq!(done.code, 3, "{limit}: {done:?}");
        let named = done.stderr.contains(&format!("the limit `{name}`"));
        assert!(named && done.stderr.contains(&format!("more than {value} ")), "{limit}: {}", done.stderr);
    }
    let done = hash("object-bytes=0");
    assert!(done.code == 2 && done.stderr.contains("a limit of nothing"), "{done:?}");
    let done = hash("bytes=1");
    assert!(done.code == 2 && done.stderr.contains("there is no limit `bytes`"), "{done:?}");
}

#[test]
fn a_version_that_go_would_refuse_is_not_hashed() {
    let other_major = direct(|one| {
        let files = one.revision.files.clone().file("go.mod", "module github.com/example/colors/v2\n");
        let commit = one.draft.commit(ADDRESS, "main", &files);
        one.draft.tag("v1.0.0", &commit);
    });
    assert_answer(&other_major, "unavailable", "of another major version");
    let collision = direct(|one| {
        let files = one.revision.files.clone().file("COLORS.go", "package colors\n");
        let commit = one.draft.commit(ADDRESS, "main", &files);
        one.draft.tag("v1.0.0", &commit);
    });
    assert_answer(&collision, "unavailable", "the go command makes no zip of this");
}

#[test]
fn other_version_control_is_named() {
    let mut draft = Draft::new("proxy.example");
    let address = "go.example.org/old";
    draft.sites.add_page(address, Page::go_import(address, "hg", "https://hg.example.org/old"));
    draft.sites.add_page(
        "go.example.org/srv",
        Page::go_import("go.example.org/srv", "mod", "https://mod.example.org"),
    );
    draft.sites.add_page(
        "go.example.org/ssh",
        Page::go_import("go.example.org/ssh", "git", "git://git.example.org/x"),
    );
    let world = draft.start().unwrap();
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let names = ["old", "srv", "ssh", "none"];
    let go_sum: String = names.iter().map(|name| format!("go.example.org/{name} v1.0.0 {hash}\n")).collect();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(". --source direct");
    assert_eq!(code, 3);
    let reason = |index: usize| answer(&report, index, "direct")["reason"].as_str().unwrap().to_owned();
    // in the order of go.sum: none, old, srv, ssh
    assert!(reason(0).starts_with("https://go.example.org/none?go-get=1: status 404"), "{}", reason(0));
    assert_eq!(answer(&report, 0, "direct")["answer"], "absent");
    assert_eq!(reason(1), "needs hg");
    assert!(
        reason(2).starts_with("https://mod.example.org/go.example.org/srv/@v/v1.0.0.zip"),
        "{}",
        reason(2)
    );
    assert!(reason(3).contains("`git`"), "{}", reason(3));
}

#[test]
fn a_module_server_in_the_place_of_a_repository_answers_with_a_mark() {
    let mut one = One::new();
    let address = "go.example.org/colors";
    let files = Files::new().file("go.mod", format!("module {address}\n")).file("a.go", "package colors\n");
    let release = Release::new(&format!("{address}@v1.0.0"), 1_700_000_000, &files, "").unwrap();
    let mut server = Proxy::new();
    server.publish(&release);
    one.draft.sites.add_proxy("mod.example.org", server);
    one.draft.sites.add_page(address, Page::go_import(address, "mod", "https://mod.example.org"));
    one.draft.proxy().publish(&release);
    let world = one.draft.start().unwrap();
    let go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
    let (code, report) = Place::in_world(&world).file("go.sum", go_sum).audit(".");
    // the hash is the same and has no vote
    assert_eq!(
        (code, &report["verdict"], &report["sources"][1]["agree"]),
        (3, &"unverified".into(), &2.into())
    );
    for index in 0..2 {
        let direct = answer(&report, index, "direct");
        assert_eq!((&direct["answer"], &direct["defects"][0]), (&"hash".into(), &"via-module-server".into()));
    }
}

#[test]
fn a_commit_that_only_a_pull_request_leads_to_is_hashed_and_marked() {
    let mut one = One::new();
    let files = one.revision.files.clone().file("evil.go", "package colors // not reviewed\n");
    let fork = one.draft.commit(ADDRESS, "fork", &files);
    let below = one.draft.commit(ADDRESS, "fork", &files.clone().file("more.go", "package colors\n"));
    let repository = one.draft.repository(ADDRESS);
    repository.set_reference("refs/pull/7/head", below.commit);
    repository.delete_reference("refs/heads/fork");
    // the parent of what the pull request leads to
    let version = fork.pseudo_version();
    let release = one.draft.publish(&format!("{ADDRESS}@{version}"), &fork, "").unwrap();
    let world = one.draft.start().unwrap();
    let audit = |go_sum: &str| Place::in_world(&world).file("go.sum", go_sum).audit(".");
    let (code, report) = audit(&release.sum(Artifact::Zip));
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, codes(&report)), (3, vec!["commit-not-in-repository"]), "{report:#}");
    assert_eq!(report["findings"][0]["level"], "warn");
    assert_eq!(direct["defects"][0], "commit-not-in-repository");
    assert_eq!(direct["commit"], fork.commit.to_string());
    assert_eq!(direct["reason"], "no branch and no tag leads to the commit, only refs/pull/7/head");
    // other content than go.sum has denies
    let other = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let (code, report) = audit(&format!("{ADDRESS} {version} {other}\n"));
    assert_eq!(code, 1);
    let of_rule = |finding: &&Value| finding["code"] == "commit-not-in-repository";
    let finding = report["findings"].as_array().unwrap().iter().find(of_rule).unwrap();
    assert_eq!(finding["level"], "deny");
}

#[test]
fn a_commit_that_nothing_leads_to_is_found_by_the_id_that_the_proxy_tells() {
    let mut one = One::new();
    let files = one.revision.files.clone().file("lost.go", "package colors\n");
    let lost = one.draft.commit(ADDRESS, "gone", &files);
    one.draft.repository(ADDRESS).delete_reference("refs/heads/gone");
    let version = lost.pseudo_version();
    let release = one.draft.publish(&format!("{ADDRESS}@{version}"), &lost, "").unwrap();
    // a version that does not fit the commit which the proxy names for it
    let other = version.replace("v0.0.0-20", "v0.0.0-19");
    let lying = one.draft.publish(&format!("{ADDRESS}@{other}"), &lost, "").unwrap();
    let world = one.draft.start().unwrap();
    let audit = |go_sum: String| Place::in_world(&world).file("go.sum", go_sum).audit(". --retries 0");
    let (code, report) = audit(release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod));
    assert_eq!((code, codes(&report)), (3, vec!["commit-not-in-repository"; 2]), "{report:#}");
    for (index, artifact) in [Artifact::Zip, Artifact::GoMod].into_iter().enumerate() {
        let direct = answer(&report, index, "direct");
        assert_eq!(direct["h1"], release.sum(artifact).split_whitespace().nth(2).unwrap());
        assert_eq!(
            (&direct["commit"], &direct["resolved_by"]),
            (&lost.commit.to_string().into(), &"pseudo-version".into())
        );
        assert_eq!(direct["defects"][0], "commit-not-in-repository");
        assert_eq!(
            direct["reason"],
            "no branch and no tag leads to the commit, only its id, which the proxy knows"
        );
    }
    let (code, report) = audit(lying.sum(Artifact::Zip));
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, &direct["answer"]), (3, &"absent".into()), "{report:#}");
    // nobody tells the id
    let (_, report) =
        Place::in_world(&world).file("go.sum", release.sum(Artifact::Zip)).audit(". --source direct");
    assert_eq!(answer(&report, 0, "direct")["answer"], "absent");
}

#[test]
fn a_commit_on_which_head_stands_alone_is_the_repositorys_own() {
    let mut one = One::new();
    let files = one.revision.files.clone().file("detached.go", "package colors\n");
    let before = one.draft.commit(ADDRESS, "gone", &files);
    let at_head = one.draft.commit(ADDRESS, "gone", &files.file("more.go", "package colors\n"));
    let repository = one.draft.repository(ADDRESS);
    repository.set_reference("refs/other/head", at_head.commit);
    repository.set_head("refs/other/head");
    repository.delete_reference("refs/heads/gone");
    let [at_head, before] = [at_head, before].map(|revision| {
        let version = revision.pseudo_version();
        one.draft.publish(&format!("{ADDRESS}@{version}"), &revision, "").unwrap()
    });
    let world = one.draft.start().unwrap();
    let audit = |release: &Release| {
        Place::in_world(&world).file("go.sum", release.sum(Artifact::Zip)).audit(". --source direct")
    };
    let (_, report) = audit(&at_head);
    let direct = answer(&report, 0, "direct");
    assert_eq!(
        (&direct["answer"], &direct["defects"]),
        (&"hash".into(), &Value::Array(vec![])),
        "{report:#}"
    );
    // what lies before it is not fetched by the go command
    let (_, report) = audit(&before);
    let direct = answer(&report, 0, "direct");
    assert_eq!(direct["defects"][0], "commit-not-in-repository", "{report:#}");
}

#[test]
fn a_path_that_leaves_the_protocol_open_is_absent_only_where_every_protocol_says_so() {
    let address = "git.example/team/colors.git";
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let mut draft = Draft::new("proxy.example");
    draft.sites.add_page("git.example/other", Page::text(200, "somebody else's\n"));
    let world = draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", format!("{address} v1.0.0 {hash}\n"));
    let place = place.env("GIT_SSH_COMMAND", "echo no such host >&2; exit 255;");
    let (code, report) = place.audit(". --source direct --retries 0");
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, &direct["answer"]), (3, &"unavailable".into()), "{report:#}");
    let reason = direct["reason"].as_str().unwrap();
    assert!(reason.contains("status 404") && reason.contains("no such host"), "{reason}");
}

#[test]
fn a_repository_that_is_named_in_two_ways_is_asked_in_both() {
    // with `.git` in the path it may be anywhere at the host; with a page it is at one place
    let mut draft = Draft::new("proxy.example");
    let path = "go.example.org/colors";
    draft.sites.add_page("git.example/other", Page::text(200, "somebody else's\n"));
    draft.sites.add_page(path, Page::go_import(path, "git", "https://git.example/team/colors"));
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let world = draft.start().unwrap();
    let go_sum = format!("git.example/team/colors.git v1.0.0 {hash}\n{path} v1.0.0 {hash}\n");
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let place = place.env("GIT_SSH_COMMAND", "echo no such host >&2; exit 255;");
    let (_, report) = place.audit(". --source direct --retries 0");
    let said = |index: usize| answer(&report, index, "direct")["answer"].as_str().unwrap().to_owned();
    assert_eq!((said(0), said(1)), ("unavailable".into(), "absent".into()), "{report:#}");
}

#[test]
fn a_go_mod_line_on_a_commit_that_is_fetched_anyway_costs_nothing() {
    let mut one = One::new();
    let sub = format!("{ADDRESS}/sub");
    let files = one.revision.files.clone().file("sub/go.mod", format!("module {sub}\n"));
    let commit = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.1.0", &commit);
    one.draft.annotated_tag("sub/v1.1.0", &commit);
    let root = one.draft.publish(&format!("{ADDRESS}@v1.1.0"), &commit, "").unwrap();
    let nested = one.draft.publish(&format!("{sub}@v1.1.0"), &commit, "sub").unwrap();
    let world = one.draft.start().unwrap();
    let go_sum = root.sum(Artifact::Zip) + &nested.sum(Artifact::GoMod);
    let (code, report) = Place::in_world(&world).file("go.sum", go_sum).audit(". --source direct");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report:#}");
    assert_eq!(answer(&report, 1, "direct")["tag_object"].as_str().unwrap().len(), 40);
    // a greeting, a listing, a pack
    assert_eq!(report["run"]["sources"][0]["requests"], 3);
}

#[test]
fn a_commit_tells_what_it_says_of_itself() {
    let mut one = One::new();
    let revision = one.revision.clone();
    one.draft.annotated_tag("v1.0.0", &revision);
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(".");
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, &direct["resolved_by"]), (0, &"tag".into()));
    assert_eq!(direct["committer_time"], "2023-11-14T23:13:20Z");
    assert_eq!((&direct["commit_signature"], &direct["tag_signature"]), (&"none".into(), &"none".into()));
    assert_eq!(direct["tag_object"].as_str().unwrap().len(), 40);
    let text = place.run("audit -v").stdout;
    assert!(text.contains("by tag; committed 2023-11-14T23:13:20Z"), "{text}");
}

#[test]
fn govcs_decides_what_is_asked() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = || Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place().env("GOVCS", "github.com:hg").audit(". --source direct");
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, &direct["answer"]), (3, &"unavailable".into()));
    assert_eq!(direct["reason"], format!("GOVCS disallows git for the public `{ADDRESS}`"));
    assert!(world.log().is_empty(), "nothing is asked");
    assert_eq!(place().env("GOVCS", "public:off,github.com/example:git").audit(".").0, 3);
    assert_eq!(place().env("GOVCS", "github.com/example:git,public:off").audit(".").0, 0);
    let done = place().env("GOVCS", "git").run("audit");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("GOVCS: the entry \"git\" has no colon"), "{}", done.stderr);
}

#[test]
fn modules_that_differ_in_case_alone_are_different_modules() {
    let mut draft = Draft::new("proxy.example");
    let mut go_sum = String::new();
    for address in ["github.com/example/colors", "github.com/Example/colors"] {
        let files = Files::new()
            .file("go.mod", format!("module {address}\n"))
            .file("a.go", format!("package a // {address}\n"));
        let revision = draft.commit(address, "main", &files);
        draft.tag("v1.0.0", &revision);
        go_sum += &draft.publish(&format!("{address}@v1.0.0"), &revision, "").unwrap().sum(Artifact::Zip);
    }
    let world = draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!((code, &report["counts"]["verified_both"]), (0, &2.into()));
}

/// A repository with many versions, of which only the go.mod of most is wanted.
fn many_versions(filters: Filters, large: bool) -> (Draft, String) {
    let mut draft = Draft::new("proxy.example");
    let mut go_sum = String::new();
    for version in 0..12 {
        let mut files = Files::new()
            .file("go.mod", format!("module {ADDRESS}\n\ngo 1.{version}\n"))
            .file("a/b/deep.go", "package b\n");
        if large {
            // what does not compress costs what it weighs
            let noise: Vec<u8> =
                (0u32..200_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            files = files.file("data.bin", [&noise[..], &[version]].concat());
        }
        let revision = draft.commit(ADDRESS, "main", &files);
        draft.tag(&format!("v1.{version}.0"), &revision);
        let release = draft.publish(&format!("{ADDRESS}@v1.{version}.0"), &revision, "").unwrap();
        go_sum += &release.sum(Artifact::GoMod);
        if version == 3 {
            go_sum += &release.sum(Artifact::Zip);
        }
    }
    draft.repository(ADDRESS).policy.filters = filters;
    (draft, go_sum)
}

#[test]
fn one_repository_is_asked_once_for_all_its_versions() {
    for (filters, requests) in [(Filters::All, 4), (Filters::BlobNoneAndTreeZero, 6)] {
        let (draft, go_sum) = many_versions(filters, true);
        let world = draft.start().unwrap();
        let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
        assert_eq!((code, &report["counts"]["verified_both"]), (0, &13.into()), "{report:#}");
        let git: Vec<_> = world.log().into_iter().filter(|exchange| exchange.host == "github.com").collect();
        assert_eq!(git.len(), requests, "{filters:?} {git:#?}");
        let bytes: u64 = git.iter().map(|exchange| exchange.bytes).sum();
        assert!(bytes < 300_000, "{filters:?}: {bytes} bytes for one zip of 200 kB and eleven go.mod files");
    }
}

#[test]
fn a_host_without_filters_is_asked_within_the_budget() {
    let (draft, go_sum) = many_versions(Filters::None, true);
    let world = draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    assert_eq!(place.audit(".").0, 0);
    let (code, report) = place.audit(". --mod-only-budget 100KiB");
    assert_eq!((code, &report["counts"]["unverified"]), (3, &11.into()));
    let reason = answer(&report, 0, "direct")["reason"].as_str().unwrap();
    assert!(reason.contains("host cannot send a go.mod alone"), "{reason}");
}

#[test]
fn a_pseudo_version_is_held_to_the_history() {
    let mut draft = Draft::new("proxy.example");
    let files = |n: u8| {
        Files::new().file("go.mod", format!("module {ADDRESS}\n\ngo 1.{n}\n")).file("a.go", "package a\n")
    };
    let tagged = draft.commit(ADDRESS, "main", &files(1));
    draft.tag("v1.2.0", &tagged);
    let plain = draft.commit(ADDRESS, "main", &files(2));
    draft.commit(ADDRESS, "main", &files(3));
    let untagged = plain.pseudo_version();
    let (time, rev) = untagged.strip_prefix("v0.0.0-").unwrap().split_once('-').unwrap();
    let after = format!("v1.2.1-0.{time}-{rev}");
    let mut go_sum = String::new();
    for version in [&untagged, &after] {
        let release = draft.publish(&format!("{ADDRESS}@{version}"), &plain, "").unwrap();
        go_sum += &release.sum(Artifact::Zip);
    }
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let wrong = [
        (format!("v1.3.1-0.{time}-{rev}"), "no tag `v1.3.0`"),
        (format!("v0.0.0-20200101000000-{rev}"), "the commit is of"),
        (format!("v0.0.0-{time}-{}", &rev[..11]), "should be"),
        (format!("v0.0.0-{time}-0123456789ab"), "no branch or tag reaches a commit `0123456789ab`"),
        (format!("v1.0.0-{time}-{rev}"), "without a tag before it is v0"),
        (
            format!("v1.2.1-0.{}-{}", timestamp(tagged.time), &tagged.commit.to_string()[..12]),
            "has the tag `v1.2.0` itself",
        ),
    ];
    for (version, _) in &wrong {
        go_sum += &format!("{ADDRESS} {version} {hash}\n");
    }
    let world = draft.start().unwrap();
    let (_, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(". --source direct");
    let of = |version: &str| {
        let artifacts = report["artifacts"].as_array().unwrap();
        let found = artifacts.iter().find(|artifact| artifact["version"] == version);
        found.unwrap_or_else(|| panic!("{version}"))["answers"]["direct"].clone()
    };
    for version in [&untagged, &after] {
        assert_eq!(of(version)["commit"], plain.commit.to_string(), "{version}");
    }
    assert_eq!(report["counts"]["verified_direct_only"], 2);
    for (version, reason) in &wrong {
        let said = of(version);
        assert!(said["reason"].as_str().is_some_and(|said| said.contains(reason)), "{version}: {said}");
    }
}

#[test]
fn attributes_that_change_bytes_are_followed() {
    let mut draft = Draft::new("proxy.example");
    let files = Files::new()
        .file(
            ".gitattributes",
            "*.bat eol=crlf\n*.txt working-tree-encoding=UTF-16\n*.jp working-tree-encoding=ISO-2022-JP\n",
        )
        .file("go.mod", format!("module {ADDRESS}\n"))
        .file("b.txt", "b\n")
        .file("run.bat", "echo one\necho two\n");
    let converted = draft.commit(ADDRESS, "main", &files);
    draft.tag("v1.0.0", &converted);
    let encoded = draft.commit(ADDRESS, "main", &files.clone().file("a.jp", "\u{3042}\n"));
    draft.tag("v1.1.0", &encoded);
    // what git archive gives: the attributes are applied
    let archived = files.file("run.bat", "echo one\r\necho two\r\n").file("b.txt", b"\xff\xfeb\0\n\0");
    let release = Release::new(&format!("{ADDRESS}@v1.0.0"), 0, &archived, "").unwrap();
    let world = draft.start().unwrap();
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let go_sum = release.sum(Artifact::Zip) + &format!("{ADDRESS} v1.1.0 {hash}\n");
    let (code, report) = Place::in_world(&world).file("go.sum", go_sum).audit(". --source direct");
    assert_eq!((code, &report["artifacts"][0]["verdict"]), (3, &"verified".into()), "{report:#}");
    let encoded = answer(&report, 1, "direct");
    assert_eq!(encoded["answer"], "unavailable");
    assert_eq!(encoded["reason"], "unsupported encoding ISO-2022-JP: \"a.jp\"");
}

#[test]
fn the_commit_is_the_one_that_the_tag_leads_to_whatever_the_listing_says() {
    let mut draft = Draft::new("proxy.example");
    let files = |text: &str| Files::new().file("go.mod", format!("module {ADDRESS}\n")).file("a.go", text);
    let clean = draft.commit(ADDRESS, "main", &files("package a\n"));
    let evil = draft.commit(ADDRESS, "main", &files("package evil\n"));
    let tag = draft.repository(ADDRESS).annotated_tag("v1.0.0", evil.commit, 0);
    let release = Release::new(&format!("{ADDRESS}@v1.0.0"), 0, &evil.files, "").unwrap();
    let world = draft.start().unwrap();
    let line = format!("{tag} refs/tags/v1.0.0 peeled:{}\n", clean.commit);
    let listing = format!("{:04x}{line}0000", line.len() + 4);
    world.add_fault(Fault::body(GIT, listing).saying("command=ls-refs"));
    let sums = [Artifact::Zip, Artifact::GoMod];
    for sums in [sums.map(|artifact| release.sum(artifact)).concat(), release.sum(sums[1])] {
        let (code, report) = Place::in_world(&world).file("go.sum", sums).audit(". --source direct");
        assert_eq!(code, 0);
        for index in 0..report["artifacts"].as_array().unwrap().len() {
            assert_eq!(answer(&report, index, "direct")["commit"], evil.commit.to_string());
        }
    }
}
