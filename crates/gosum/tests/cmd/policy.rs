//! gosum.toml, allowances, and what `gosum init` makes of the first day.

use std::time::Duration;

use gosum_world::World;
use gosum_world::fault::Fault;
use gosum_world::log::Exchange;
use gosum_world::page::Page;

use super::run::{Place, answer, codes};
use super::world::{ADDRESS, GIT, MODULE, One};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns a world in which the tag was moved to a commit with this README since the proxy saw it, and what go.sum says.
pub(crate) fn moved(readme: &str) -> (World, String) {
    let mut one = One::new();
    let files = one.revision.files.clone().file("README", readme);
    let commit = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.0.0", &commit);
    let go_sum = one.go_sum();
    (one.draft.start().unwrap(), go_sum)
}

/// Returns a world in which nothing was moved.
pub(crate) fn sound() -> (World, String) {
    let one = One::new();
    let go_sum = one.go_sum();
    (one.draft.start().unwrap(), go_sum)
}

/// Returns a world in which the tag is gone.
pub(crate) fn without_tag() -> (World, String) {
    let mut one = One::new();
    one.draft.repository(ADDRESS).delete_reference("refs/tags/v1.0.0");
    let go_sum = one.go_sum();
    (one.draft.start().unwrap(), go_sum)
}

/// Returns the exit code of an audit with this gosum.toml, and the codes of what was found.
fn audit((world, go_sum): &(World, String), config: &str, args: &str, days: u32) -> (u8, Vec<String>) {
    let mut place = Place::in_world(world).file("go.sum", go_sum).file("gosum.toml", config);
    place.now += DAY * days;
    let (code, report) = place.audit(&format!(". --retries 0 {args}"));
    (code, codes(&report).into_iter().map(str::to_owned).collect())
}

/// Returns the gosum.toml that `gosum init` writes, and its exit code.
fn init((world, go_sum): &(World, String)) -> (u8, String) {
    let place = Place::in_world(world).file("go.sum", go_sum);
    let done = place.run("init --retries 0");
    let config = std::fs::read_to_string(place.path("gosum.toml")).unwrap_or_default();
    (done.code, config)
}

#[test]
fn red_goes_green_after_init_and_red_again_when_something_changes() {
    let world = moved("hello\n");
    assert_eq!(audit(&world, "", "", 0), (1, vec!["proxy-direct-differ".to_owned()]));
    let (code, config) = init(&world);
    assert_eq!(code, 0);
    let red = |codes: &[&str]| (1, codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
    assert_eq!(audit(&world, &config, "", 0), (0, vec![]));
    assert_eq!(audit(&world, &config, "", 180), (0, vec![]));
    // the date passes
    assert_eq!(audit(&world, &config, "", 181), red(&["proxy-direct-differ", "allowance-expired"]));
    // one hash changes
    let other = moved("hello again\n");
    assert_eq!(audit(&other, &config, "", 0), red(&["proxy-direct-differ", "allowance-unused"]));
    // it is not used any more
    let back = sound();
    assert_eq!(audit(&back, &config, "", 0), (0, vec!["allowance-unused".to_owned()]));
    assert_eq!(audit(&back, &config, "--deny allowance-unused", 0), red(&["allowance-unused"]));
}

#[test]
fn an_edited_pin_accepts_nothing() {
    let world = moved("hello\n");
    let (_, config) = init(&world);
    let pin = config.lines().find(|line| line.starts_with("direct = ")).unwrap();
    let proxy = config.lines().find(|line| line.starts_with("proxy = ")).unwrap();
    let edited = config.replace(pin, &proxy.replace("proxy = ", "direct = "));
    assert_eq!(audit(&world, &edited, "", 0).0, 1);
}

#[test]
fn what_is_allowed_is_shown_with_its_reason_and_where_that_stands() {
    let world = moved("hello\n");
    let (_, config) = init(&world);
    let place = Place::in_world(&world.0).file("go.sum", &world.1).file("gosum.toml", &config);
    let done = place.run("audit");
    assert!(
        done.stdout.starts_with("verified: 2 lines: 1 verified by both paths, 1 allowed\n"),
        "{}",
        done.stdout
    );
    assert!(done.stdout.contains("until 2027-05-25: found by gosum init on 2026-11-26"), "{}", done.stdout);
    assert!(done.stdout.contains("(gosum.toml:5)"), "{}", done.stdout);
    let (_, report) = place.audit(".");
    assert_eq!((&report["verdict"], &report["counts"]["allowed"]), (&"verified".into(), &1.into()));
    assert_eq!(report["artifacts"][0]["verdict"], "mismatch");
    assert_eq!(report["artifacts"][0]["allowed"]["at"]["line"], 5);
}

#[test]
fn a_tag_that_is_gone_is_pinned_and_what_may_pass_is_not() {
    let gone = without_tag();
    assert_eq!(audit(&gone, "", "", 0).0, 3);
    let (code, config) = init(&gone);
    assert_eq!(code, 0);
    assert!(config.contains("why = \"tag-gone\"\nhash = \"h1:"), "{config}");
    assert_eq!(audit(&gone, &config, "", 0), (0, vec![]));
    assert_eq!(audit(&sound(), &config, "", 0).1, ["allowance-unused", "allowance-unused"]);

    let failing = sound();
    failing.0.add_fault(Fault::answer(GIT, Page::text(503, "later\n")));
    let (code, config) = init(&failing);
    assert_eq!(code, 3);
    assert!(!config.contains("[[allow]]"), "{config}");
    // what is pinned as absent is not what fails today
    let (_, pinned) = init(&gone);
    assert_eq!(audit(&failing, &pinned, "", 0), (3, vec![]));
}

#[test]
fn a_host_that_hides_the_repository_is_pinned_as_gone() {
    let hidden = sound();
    hidden.0.add_fault(Fault::answer(GIT, Page::text(401, "Repository not found.\n")));
    let (code, config) = init(&hidden);
    assert_eq!(code, 0);
    assert!(config.contains("answer = \"unavailable\"\nwhy = \"origin-gone\""), "{config}");
    assert_eq!(audit(&hidden, &config, "", 0), (0, vec![]));
}

#[test]
fn init_does_not_pin_what_no_source_gives() {
    let (world, go_sum) = sound();
    let zip = go_sum.lines().next().unwrap();
    let hash = zip.rsplit_once(' ').unwrap().1;
    let edited = go_sum.replacen(hash, "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 1);
    let place = Place::in_world(&world).file("go.sum", &edited);
    let done = place.run("init");
    assert_eq!(done.code, 1, "{done:?}");
    assert!(!place.read("gosum.toml").contains("[[allow]]"));
    assert!(done.stderr.contains("not accepted: ") && done.stderr.contains("go-sum-differs"), "{done:?}");
}

#[test]
fn init_keeps_what_is_there_and_adds_nothing_twice() {
    let (world, go_sum) = moved("hello\n");
    let before = "# ours\n[audit]\nfail-on = \"deny\" # as it was";
    let place = Place::in_world(&world).file("go.sum", &go_sum).file("gosum.toml", before);
    assert_eq!(place.run("init --until 2026-12-24").code, 0);
    let first = place.read("gosum.toml");
    assert!(first.starts_with(&format!("{before}\n\n[[allow]]\n")), "{first}");
    assert!(first.ends_with("until = \"2026-12-24\"\n"), "{first}");
    let done = place.run("init");
    assert_eq!((done.code, place.read("gosum.toml")), (0, first));
    assert!(done.stdout.starts_with("nothing to accept"), "{done:?}");
    for until in ["2028-01-01", "2026-11-25", "soon"] {
        assert_eq!(place.run(&format!("init --until {until}")).code, 2);
    }
}

#[test]
fn levels_are_set_by_the_file_and_by_flags_which_come_first() {
    let world = moved("hello\n");
    let differ = || vec!["proxy-direct-differ".to_owned()];
    let warn = "[rules]\nproxy-direct-differ = \"warn\"\n";
    assert_eq!(audit(&world, warn, "", 0), (0, differ()));
    assert_eq!(audit(&world, warn, "--deny proxy-direct-differ", 0), (1, differ()));
    assert_eq!(audit(&world, "", "--warn proxy-direct-differ", 0), (0, differ()));
    assert_eq!(audit(&world, "", "--allow proxy-direct-differ", 0), (0, vec![]));
    let strict = format!("[audit]\nfail-on = \"warn\"\n{warn}");
    assert_eq!(audit(&world, &strict, "", 0), (1, differ()));
}

#[test]
fn what_cannot_be_meant_is_wrong_use() {
    let (world, go_sum) = sound();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let place = place.file("other.toml", "[linters]\nenable = []\n").file("bad.toml", [0xff, 0xfe]);
    for (args, expected) in [
        ("--config other.toml", "other.toml:1:2: unknown key `linters` in the file"),
        ("--config bad.toml", "cannot read bad.toml"),
        ("--config none.toml", "cannot read none.toml"),
        (
            "--deny proxy-direct-difer",
            "--deny: no rule has the code `proxy-direct-difer`; did you mean `proxy-direct-differ`?",
        ),
        ("--warn source-untrusted", "--warn: `source-untrusted` always denies"),
        ("--allow origin-gone", "--allow: `origin-gone` is a reason"),
        ("--deny tag-moved --warn tag-moved", "both name tag-moved"),
    ] {
        let done = place.run(&format!("audit {args}"));
        assert!(done.code == 2 && done.stderr.contains(expected), "{args}: {done:?}");
    }
}

#[test]
fn the_file_is_read_beside_go_sum_or_at_the_root_of_the_repository() {
    let (world, go_sum) = moved("hello\n");
    let allow = "[rules]\nproxy-direct-differ = \"allow\"\n";
    let place = Place::in_world(&world).file("a/b/go.sum", &go_sum).file("c/go.sum", &go_sum);
    assert_eq!(place.run("audit a/b").code, 1);
    let place = place.file("gosum.toml", allow);
    assert_eq!(place.run("audit a/b").code, 1);
    let place = place.file(".git/HEAD", "ref: refs/heads/main\n");
    assert_eq!(place.run("audit a/b").code, 0);
    assert_eq!(place.run("audit a/b/go.sum c").code, 0);
    let place = place.file("c/gosum.toml", "");
    assert_eq!(place.run("audit c").code, 1);
    let done = place.run("audit a/b c");
    assert!(done.code == 2 && done.stderr.contains("name one with --config"), "{done:?}");
    assert_eq!(place.run("audit a/b c --config gosum.toml").code, 0);
}

#[test]
fn names_that_the_file_keeps_private_are_told_to_nobody() {
    for args in
        ["audit", "hash github.com/example/colors@v1.0.0", "init", "explain github.com/example/colors@v1.0.0"]
    {
        let (world, go_sum) = sound();
        let private = "[audit]\nprivate = [\"github.com/example/*\"]\n";
        let place = Place::in_world(&world).file("go.sum", &go_sum).file("gosum.toml", private);
        let done = place.run(args);
        let asked: Vec<String> = world.log().iter().map(|exchange| exchange.host.clone()).collect();
        assert!(
            !asked.is_empty() && asked.iter().all(|host| host == "github.com"),
            "{args}: {asked:?} {done:?}"
        );
        // a list of the user's own takes its place
        let place = place.env("GONOPROXY", "none");
        place.run(args);
        assert!(world.log().iter().any(|exchange| exchange.host == "proxy.example"), "{args}");
    }
}

#[test]
fn repositories_are_asked_at_the_named_hosts_alone() {
    for (hosts, code) in [
        ("github.com", 0),
        ("github.com/example", 0),
        ("*.com", 0),
        ("github.com/other", 3),
        ("example.org", 3),
    ] {
        let (world, go_sum) = sound();
        let config = format!("[audit]\nhosts = [\"{hosts}\"]\n");
        let place = Place::in_world(&world).file("go.sum", &go_sum).file("gosum.toml", config);
        let done = place.run("audit");
        assert_eq!(done.code, code, "{hosts}: {done:?}");
        let is_asked = world.log().iter().any(|exchange| exchange.host == "github.com");
        assert_eq!(is_asked, code == 0, "{hosts}");
    }
}

#[test]
fn a_redirect_leads_to_no_host_that_is_not_named() {
    let moved_to = |address: &str| {
        let mut one = One::new();
        let repository = one.draft.repository(ADDRESS).clone();
        one.draft.sites.remove(ADDRESS);
        one.draft.sites.add_repository(address, repository);
        one.draft.sites.add_redirect(ADDRESS, 301, &format!("https://{address}"));
        let go_sum = one.go_sum();
        (one.draft.start().unwrap(), go_sum)
    };
    for (address, hosts, code) in [
        ("git.example/colors", "\"github.com\", \"git.example\"", 0),
        ("github.com/other/colors", "\"github.com\"", 0),
        ("git.example/colors", "\"github.com\"", 3),
        ("github.com/other/colors", "\"github.com/example\"", 3),
    ] {
        let (world, go_sum) = moved_to(address);
        let place = Place::in_world(&world).file("go.sum", go_sum);
        assert_eq!(place.run("audit").code, 0, "{address}");
        let asked = world.log().len();
        let place = place.file("gosum.toml", format!("[audit]\nhosts = [{hosts}]\n"));
        let (got, report) = place.audit("--retries 0");
        assert_eq!(got, code, "{address} {hosts}: {report:#}");
        let at = |exchange: &Exchange| format!("{}{}", exchange.host, exchange.target).starts_with(address);
        assert_eq!(world.log()[asked..].iter().any(at), code == 0, "{address} {hosts}");
        if code != 0 {
            let direct = answer(&report, 0, "direct");
            assert_eq!(direct["answer"], "unavailable");
            let reason = direct["reason"].as_str().unwrap();
            assert!(
                reason.contains(&format!("the hosts in the config file do not name `{address}")),
                "{reason}"
            );
            assert!(direct["why"].is_null(), "{direct}");
        }
    }
}

#[test]
fn names_are_private_all_over_the_project() {
    let private = "[audit]\nprivate = [\"github.com/example/*\"]\n";
    for (files, is_followed) in [
        (&["sub/x"][..], false),
        (&["sub/x", ".git/HEAD"], true),
        (&["sub/x", "go.mod"], true),
        (&["sub/x", "go.work"], true),
        (&["sub/x", "go.sum"], true),
        // what lies above the project may be anybody's
        (&["sub/go.mod"], false),
        (&["sub/go.mod", ".git/HEAD"], true),
        (&["sub/.git/HEAD", "go.mod"], false),
    ] {
        for command in ["hash", "explain"] {
            let (world, _) = sound();
            let mut place = Place::in_world(&world).file("gosum.toml", private);
            for file in files {
                place = place.file(file, "");
            }
            let done = place.run(&format!("-C sub {command} {MODULE}"));
            let told = world.log().iter().any(|exchange| exchange.host == "proxy.example");
            assert_eq!(told, !is_followed, "{command} {files:?}: {done:?}");
        }
    }
}

#[test]
fn a_moved_tag_with_the_same_content_is_found_where_somebody_wants_to_know() {
    let mut one = One::new();
    let files = one.revision.files.clone();
    let commit = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.0.0", &commit);
    let go_sum = one.go_sum();
    let world = (one.draft.start().unwrap(), go_sum);
    assert_eq!(audit(&world, "", "", 0), (0, vec![]));
    let moved = || vec!["tag-moved".to_owned()];
    assert_eq!(audit(&world, "[rules]\ntag-moved = \"note\"\n", "", 0), (0, moved()));
    assert_eq!(audit(&world, "", "--deny tag-moved", 0), (1, moved()));
    assert_eq!(audit(&sound(), "", "--deny tag-moved", 0), (0, vec![]));
}

#[test]
fn a_module_that_a_directory_stands_for_is_noted() {
    let (world, go_sum) = sound();
    let go_mod =
        format!("module example.com/main\n\nrequire {ADDRESS} v1.0.0\n\nreplace {ADDRESS} => ../colors\n");
    let place = Place::in_world(&world).file("go.sum", &go_sum).file("go.mod", go_mod);
    let (code, report) = place.audit(".");
    assert_eq!((code, codes(&report)), (0, vec!["replaced-by-directory"; 2]));
    assert_eq!(report["findings"][0]["level"], "note");
    assert_eq!(report["findings"][0]["message"], "the build takes it from ../colors, as go.mod:5 says");
}

#[test]
fn the_file_says_who_must_answer_among_those_that_are_asked() {
    let gone = without_tag();
    assert_eq!(audit(&gone, "[audit]\nrequire = [\"proxy\"]\n", "", 0), (0, vec![]));
    assert_eq!(audit(&gone, "[audit]\nrequire = [\"proxy\"]\n", "--require direct", 0), (3, vec![]));
    assert_eq!(audit(&gone, "[audit]\nrequire = [\"proxy\", \"direct\"]\n", "", 0), (3, vec![]));
    assert_eq!(
        audit(&gone, "[audit]\nrequire = [\"proxy\", \"direct\"]\n", "--source proxy", 0),
        (0, vec![])
    );
    assert_eq!(audit(&gone, "[audit]\nunverified = \"warn\"\n", "", 0), (0, vec![]));
    assert_eq!(audit(&gone, "[audit]\nunverified = \"warn\"\n", "--unverified fail", 0), (3, vec![]));
}
