//! What is kept from one audit to the next.

use std::time::Duration;

use gosum_world::World;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use serde_json::Value;

use super::run::{Place, answer, codes};
use super::world::{ADDRESS, GIT, One};

const HOUR: Duration = Duration::from_secs(3600);
const LATER: Duration = Duration::from_secs(25 * 3600);

fn place(world: &World, go_sum: &str) -> Place {
    let place = Place::in_world(world).file("go.sum", go_sum);
    let cache = place.path("cache");
    place.env("GOSUM_CACHE", cache.to_str().unwrap())
}

fn world() -> (World, Place) {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = place(&world, &go_sum);
    (world, place)
}

/// Returns how many requests `audit` makes, and what it reports.
fn asked(world: &World, place: &Place, args: &str) -> (usize, u8, Value) {
    let before = world.log().len();
    let (code, report) = place.audit(args);
    (world.log().len() - before, code, report)
}

fn cached(report: &Value) -> Vec<u64> {
    let sources = report["run"]["sources"].as_array().unwrap();
    sources.iter().map(|source| source["from_cache"].as_u64().unwrap()).collect()
}

/// Everything at the two hosts is down.
fn take_down(world: &World) {
    world.add_fault(Fault::answer("proxy.example/*", Page::text(503, "down\n")));
    world.add_fault(Fault::answer(GIT, Page::text(503, "down\n")));
}

#[test]
fn what_was_answered_a_short_while_ago_is_not_asked_again_and_the_report_is_the_same() {
    let (world, mut place) = world();
    let first = place.run("audit --no-run --format json");
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    place.now += HOUR;
    let before = world.log().len();
    let second = place.run("audit --no-run --format json");
    assert_eq!(second.stdout, first.stdout);
    assert_eq!(world.log().len(), before);
    let (requests, code, report) = asked(&world, &place, ".");
    assert_eq!((requests, code, cached(&report)), (0, 0, vec![2, 2, 0]));
    assert_eq!(report["run"]["sources"][0]["oldest_seen"], "2026-11-26T12:00:00Z");
    assert_eq!(report["counts"]["verified_by_earlier"], Value::Null);
    let text = place.run("audit").stdout;
    assert!(text.contains("proxy        2           2           0      2"), "{text}");
}

#[test]
fn what_is_older_than_it_may_be_is_asked_again() {
    let (world, mut place) = world();
    place.audit(".");
    assert!(asked(&world, &place, "--max-age 0").0 > 0);
    place.now += HOUR;
    assert_eq!(asked(&world, &place, "--max-age 61m").0, 0);
    assert!(asked(&world, &place, "--max-age 30m").0 > 0);
    place.now += LATER;
    assert!(asked(&world, &place, ".").0 > 0);
    // it has been seen anew
    assert_eq!(asked(&world, &place, ".").0, 0);
    assert!(asked(&world, &place, "--refresh").0 > 0);
    assert!(asked(&world, &place, "--no-cache").0 > 0);
}

#[test]
fn what_was_seen_in_the_future_is_not_recent() {
    let (world, mut place) = world();
    place.audit(".");
    place.now -= HOUR;
    assert!(asked(&world, &place, ".").0 > 0);
}

#[test]
fn where_a_source_is_down_what_it_said_before_counts_and_is_counted_apart() {
    let (world, mut place) = world();
    place.audit(".");
    take_down(&world);
    place.now += LATER;
    let (code, report) = place.audit(". --retries 0");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report:#}");
    assert_eq!(report["counts"]["verified_by_earlier"], 2);
    let proxy = answer(&report, 0, "proxy");
    assert_eq!((&proxy["cached"], &proxy["seen"]), (&true.into(), &"2026-11-26T12:00:00Z".into()));
    assert!(proxy["not_asked_again"].as_str().unwrap().contains("status 503: down"), "{proxy}");
    let text = place.run("audit --retries 0").stdout;
    assert!(text.starts_with(
        "verified: 2 lines: 2 verified by both paths, 2 of the verified by answers seen earlier"
    ));
    assert!(text.contains(
        "\ndirect: 2 answers were seen earlier, the oldest at 2026-11-26T12:00:00Z, and not asked for again: "
    ));
    for forbidden in ["--refresh", "--no-cache"] {
        let (code, report) = place.audit(&format!(". --retries 0 {forbidden}"));
        assert_eq!((code, &report["verdict"]), (3, &"unverified".into()), "{forbidden}");
    }
}

#[test]
fn who_refuses_or_has_nothing_any_more_is_not_down() {
    let (world, mut place) = world();
    place.audit(".");
    place.now += LATER;
    for (status, word) in [(403, "unavailable"), (404, "absent")] {
        world.add_fault(Fault::answer("proxy.example/*", Page::text(status, "no\n")));
        let (code, report) = place.audit(". --source proxy");
        assert_eq!((code, answer(&report, 0, "proxy")["answer"].as_str()), (3, Some(word)));
    }
}

#[test]
fn offline_what_was_seen_answers_whatever_its_age_and_the_rest_is_not_asked() {
    let (world, mut place) = world();
    place.audit(". --source proxy");
    place.now += LATER;
    let (requests, code, report) = asked(&world, &place, "--offline");
    assert_eq!((requests, code, &report["counts"]["verified_proxy_only"]), (0, 0, &2.into()), "{report:#}");
    assert_eq!(report["counts"]["verified_by_earlier"], 2);
    let direct = answer(&report, 0, "direct");
    assert_eq!((&direct["answer"], &direct["reason"]), (&"not-asked".into(), &"offline".into()));
    assert_eq!(answer(&report, 0, "proxy")["not_asked_again"], "offline");
    assert_eq!(asked(&world, &place, "--offline --no-cache").1, 3);
    // of whom the user requires by name, it must be known
    for (args, config) in [("--require proxy,direct", ""), (".", "[audit]\nrequire = [\"direct\"]\n")] {
        std::fs::write(place.path("gosum.toml"), config).unwrap();
        let (requests, code, report) = asked(&world, &place, &format!("{args} --offline"));
        assert_eq!((requests, code, &report["counts"]["unverified"]), (0, 3, &2.into()), "{report:#}");
        let direct = answer(&report, 0, "direct");
        assert_eq!(direct["answer"], "unavailable");
        assert_eq!(direct["reason"], "the network is not used, and no answer of it was kept");
    }
}

#[test]
fn that_there_is_nothing_is_believed_for_a_few_minutes_and_known_offline() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer(GIT, Page::text(404, "no such repository\n")));
    let mut place = place(&world, &go_sum);
    assert_eq!(place.audit(".").0, 3);
    place.now += Duration::from_secs(60);
    let (requests, code, report) = asked(&world, &place, ".");
    assert_eq!((requests, code, answer(&report, 0, "direct")["answer"].as_str()), (0, 3, Some("absent")));
    place.now += HOUR;
    assert!(asked(&world, &place, ".").0 > 0);
    place.now += LATER;
    // silence would pass, and this is none
    let (code, report) = place.audit("--offline");
    assert_eq!((code, answer(&report, 0, "direct")["answer"].as_str()), (3, Some("absent")));
}

#[test]
fn what_could_not_be_had_or_must_not_be_believed_is_not_kept() {
    let (world, place) = world();
    world.add_fault(Fault::answer("proxy.example/*.mod", Page::text(503, "down\n")));
    let files = Files::new().file("go.mod", "module github.com/example/other\n");
    let other = Release::new("github.com/example/other@v1.0.0", 0, &files, "").unwrap();
    world.add_fault(Fault::body("proxy.example/*.zip", other.zip()));
    let (code, report) = place.audit(". --source proxy --retries 0");
    assert_eq!((code, codes(&report)), (1, vec!["source-untrusted"]));
    let faults = world.log().len();
    world.clear_faults();
    assert_eq!(place.audit(". --source proxy").0, 0);
    assert_eq!(world.log().len(), faults + 2);
    // what was believed before does not stand any more
    world.add_fault(Fault::body("proxy.example/*.zip", other.zip()));
    assert_eq!(place.audit(". --source proxy --refresh").0, 1);
    world.clear_faults();
    let (requests, code, _) = asked(&world, &place, "--source proxy");
    assert_eq!((requests, code), (1, 0));
}

#[test]
fn no_source_answers_in_the_name_of_another() {
    let (world, place) = world();
    assert_eq!(place.audit(". --source proxy").0, 0);
    let other = place.env("GOPROXY", "https://other.example");
    let (code, report) = other.audit(". --source proxy --offline");
    assert_eq!((code, answer(&report, 0, "proxy")["answer"].as_str()), (3, Some("not-asked")));
    // what follows the proxies asks none, and who asks is nobody's name
    let same = other.env("GOPROXY", "https://user:secret@proxy.example,direct");
    assert_eq!(same.audit(". --source proxy --offline").0, 0);
    // what another repository would answer in the place of the own
    assert_eq!(same.audit(". --source direct").0, 0);
    let moved = same
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "url.https://git.example/.insteadOf")
        .env("GIT_CONFIG_VALUE_0", "https://github.com/");
    assert_eq!(moved.audit(". --source direct --offline").0, 3);
    drop(world);
}

#[test]
fn no_credentials_are_kept() {
    let (_world, place) = world();
    let place = place
        .env("GOPROXY", "https://user:s3cret@proxy.example")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "url.https://user:t0ken@github.com/.insteadOf")
        .env("GIT_CONFIG_VALUE_0", "https://github.com/");
    assert_eq!(place.audit(".").0, 0);
    let files = walk(&place.path("cache"));
    assert!(files.len() > 2);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for secret in ["s3cret", "t0ken"] {
            let is_in = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_in, "{secret} in {}", file.display());
        }
    }
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_broken_or_foreign_file_is_set_aside_and_asked_for_again() {
    let (world, place) = world();
    let file = place.path("cache/evidence-1/answers.redb");
    let rot = |bytes: &mut Vec<u8>| bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(5000);
    let foreign = |bytes: &mut Vec<u8>| *bytes = b"notes of somebody else\n".to_vec();
    for spoil in [&rot as &dyn Fn(&mut Vec<u8>), &cut, &foreign] {
        assert_eq!(place.audit(".").0, 0);
        let mut bytes = std::fs::read(&file).unwrap();
        spoil(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
        let before = world.log().len();
        let done = place.run("audit");
        assert_eq!(done.code, 0);
        assert!(done.stderr.contains("it was set aside as"), "{}", done.stderr);
        assert!(world.log().len() > before);
        assert_eq!(asked(&world, &place, ".").0, 0);
    }
}

#[cfg(unix)]
#[test]
fn where_nothing_can_be_written_the_audit_says_so_and_goes_on() {
    let (world, place) = world();
    let place = place.file("cache/evidence-1", "no folder");
    let done = place.run("audit");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.starts_with("gosum: not all answers could be kept: cannot use "), "{}", done.stderr);
    drop(world);
}

/// A world whose one tag has been seen, and is then moved to a commit in which `file` is other.
fn moved(file: &str) -> (World, Place, [String; 2]) {
    let mut one = One::new();
    let go_sum = one.go_sum();
    let files = one.revision.files.clone().file(file, "package colors // other\n");
    let later = one.draft.commit(ADDRESS, "main", &files);
    let commits = [&one.revision, &later].map(|revision| revision.commit);
    let world = one.draft.start().unwrap();
    let mut place = place(&world, &go_sum);
    assert_eq!(place.audit(".").0, 0);
    world.change(|sites| sites.repository(ADDRESS).unwrap().tag("v1.0.0", commits[1]));
    place.now += LATER;
    (world, place, commits.map(|commit| commit.to_string()))
}

#[test]
fn a_moved_tag_is_told_from_where_to_where_and_since_when() {
    // a file that is no part of the module
    let (_world, place, [before, now]) = moved("vendor/x/x.go");
    let (code, report) = place.audit(".");
    assert_eq!((code, codes(&report)), (0, vec!["tag-moved"]), "{report:#}");
    let finding = &report["findings"][0];
    assert_eq!((&finding["level"], &finding["artifact"]), (&"note".into(), &"zip".into()));
    assert_eq!(
        finding["message"],
        format!(
            "tag v1.0.0 was seen to lead to commit {before} at 2026-11-26T12:00:00Z, and to {now} since \
             2026-11-27T13:00:00Z; the content is the same"
        )
    );
    let moved = &answer(&report, 0, "direct")["moved"];
    assert_eq!((&moved["commit"], &moved["first_seen"]), (&before.into(), &"2026-11-26T12:00:00Z".into()));
    assert_eq!(place.audit(". --deny tag-moved").0, 1);
    // it stays so, from the cache too, and after all that can be asked again is gone
    assert_eq!(codes(&place.audit("--offline").1), ["tag-moved"]);
    let cleared = place.run("cache clear");
    assert_eq!((cleared.code, cleared.stderr.as_str()), (0, ""));
    let (_, report) = place.audit(".");
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.ends_with("since 2026-11-27T13:00:00Z; whether the content was the same is not known"),
        "{message}"
    );
    // unless that is wanted
    place.run("cache clear --sightings");
    assert_eq!(codes(&place.audit(".").1), Vec::<&str>::new());
}

#[test]
fn a_moved_tag_is_a_part_of_the_difference_where_there_is_one() {
    let (_world, place, [before, now]) = moved("colors.go");
    let (code, report) = place.audit(".");
    assert_eq!((code, codes(&report)), (1, vec!["proxy-direct-differ"]), "{report:#}");
    let message = report["findings"][0]["message"].as_str().unwrap();
    let told = format!("was seen to lead to commit {before} at 2026-11-26T12:00:00Z, and to {now} since");
    assert!(message.contains(&told), "{message}");
}

#[test]
fn a_commit_that_was_hashed_is_not_fetched_again() {
    let (world, mut place) = world();
    place.audit(".");
    place.now += LATER;
    let before = world.log().len();
    let (code, report) = place.audit(". --source direct");
    assert_eq!((code, cached(&report)), (0, vec![2]), "{report:#}");
    let fetches = |since: usize| {
        let bodies = world.log().into_iter().skip(since);
        bodies.filter(|exchange| exchange.target.ends_with("/git-upload-pack")).count()
    };
    // where the tag leads is asked, and no more
    assert_eq!(fetches(before), 1, "{:#?}", world.log());
    assert_eq!(report["counts"]["verified_by_earlier"], Value::Null);
    assert_eq!(answer(&report, 0, "direct")["ref"], "refs/tags/v1.0.0");
    let fresh = place.run("audit --source direct --no-run --format json --no-cache");
    let kept = place.run("audit --source direct --no-run --format json --max-age 0");
    assert_eq!(kept.stdout, fresh.stdout);
    let before = world.log().len();
    assert_eq!(cached(&place.audit(". --source direct --refresh").1), [0]);
    assert_eq!(fetches(before), 2);
}

#[test]
fn two_audits_at_once_fetch_a_repository_once() {
    let (world, place) = world();
    world.add_fault(Fault::delay(GIT, Duration::from_millis(200)).saying("command=fetch"));
    let codes = std::thread::scope(|scope| {
        let audits = [(); 2].map(|()| scope.spawn(|| place.audit(". --source direct").0));
        audits.map(|audit| audit.join().unwrap())
    });
    assert_eq!(codes, [0, 0]);
    let packs = world.log().into_iter().filter(|exchange| exchange.target.ends_with("/git-upload-pack"));
    // each asks where the tag leads
    assert_eq!(packs.count(), 3);
}

#[test]
fn the_cache_is_shown_pruned_and_cleared() {
    let (world, mut place) = world();
    let stats = |place: &Place| -> Value {
        let done = place.run("cache stats --format json");
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        serde_json::from_str(&done.stdout).unwrap()
    };
    assert_eq!(stats(&place)["total"], serde_json::json!({"files": 0, "bytes": 0}));
    place.audit(".");
    let shown = stats(&place);
    assert_eq!((&shown["contents"], &shown["tags"]), (&2.into(), &1.into()), "{shown:#}");
    assert_eq!(shown["sources"][0]["source"], "direct");
    assert_eq!(shown["sources"][1]["source"], "proxy https://proxy.example");
    assert_eq!(shown["sources"][1]["answers"], 2);
    let text = place.run("cache stats").stdout;
    assert!(
        text.contains("\nproxy https://proxy.example\n  2 answers, seen from 2026-11-26T12:00:00Z"),
        "{text}"
    );

    assert!(place.run("cache prune").stdout.starts_with("0 answers and 0 files removed; "));
    place.now += 100 * 24 * HOUR;
    let pruned = place.run("cache prune --unused 90d").stdout;
    assert!(pruned.starts_with("6 answers and 0 files removed; "), "{pruned}");
    assert_eq!(stats(&place)["tags"], 1);
    place.audit(".");
    assert!(place.run("cache clear").stdout.ends_with(" KiB\n"));
    assert!(asked(&world, &place, ".").0 > 0);

    let nowhere = Place::new().run("cache stats");
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.stderr.contains("set GOSUM_CACHE, or name one with --cache-dir"), "{}", nowhere.stderr);
}
