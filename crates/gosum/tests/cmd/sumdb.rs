//! The checksum database beside the other sources.

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::{Draft, Revision};
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;
use serde_json::Value;

use super::run::{Place, answer, codes};
use super::world::{ADDRESS, One};

const DATABASE: &str = "proxy.example/sumdb/sum.example";

fn place(world: &World, database: &SumDb) -> Place {
    let place = Place::in_world(world).env("GOSUMDB", &database.key());
    let cache = place.path("cache");
    place.env("GOSUM_CACHE", cache.to_str().unwrap())
}

fn recorded(one: &One) -> SumDb {
    let mut database = SumDb::new("sum.example", 1);
    database.record(&one.release);
    database
}

#[test]
fn its_record_is_compared_and_a_second_audit_needs_no_request() {
    let mut one = One::new();
    let database = recorded(&one);
    let go_sum = one.go_sum();
    one.draft.sites.add_sumdb(DATABASE, database.clone());
    let world = one.draft.start().unwrap();
    let place = place(&world, &database).file("go.sum", go_sum);
    for (from_cache, downloaded) in [(0, 2), (2, 0)] {
        let before = world.log().len();
        let (code, report) = place.audit(".");
        assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report:#}");
        assert_eq!(report["sources"][2]["name"], "sumdb");
        assert_eq!(report["sources"][2]["agree"], 2);
        let run = &report["run"]["sources"][2];
        assert_eq!(
            (&run["from_cache"], &run["downloaded"]),
            (&from_cache.into(), &downloaded.into()),
            "{report:#}"
        );
        let asked =
            world.log().iter().skip(before).filter(|exchange| exchange.target.contains("/sumdb/")).count();
        assert_eq!(asked > 0, downloaded > 0);
    }
}

#[test]
fn what_was_proven_answers_offline_and_is_asked_for_anew_where_that_is_wanted() {
    let mut one = One::new();
    let database = recorded(&one);
    let go_sum = one.go_sum();
    one.draft.sites.add_sumdb(DATABASE, database.clone());
    let world = one.draft.start().unwrap();
    let place = place(&world, &database).file("go.sum", go_sum);
    assert_eq!(answer(&place.audit("--offline").1, 0, "sumdb")["reason"], "offline");
    assert_eq!(place.audit(".").0, 0);
    let lookups = || world.log().iter().filter(|exchange| exchange.target.contains("/lookup/")).count();
    let before = (world.log().len(), lookups());
    let (code, report) = place.audit("--offline");
    assert_eq!((code, &report["sources"][2]["agree"], world.log().len()), (0, &2.into(), before.0));
    assert_eq!(report["run"]["sources"][2]["from_cache"], 2);
    // a record is one for good
    assert_eq!(answer(&report, 0, "sumdb")["cached"], Value::Null);
    assert_eq!(place.audit(". --refresh").0, 0);
    assert!(lookups() > before.1);
}

#[test]
fn a_database_that_has_signed_two_logs_is_no_network_error() {
    let one = One::new();
    let mut databases = [recorded(&one), SumDb::new("sum.example", 1)];
    let other = format!("{ADDRESS} v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    databases[1].record_text(one.release.module(), other);
    let go_sum = one.go_sum();
    let mut draft = one.draft;
    draft.sites.add_sumdb(DATABASE, databases[0].clone());
    let world = draft.start().unwrap();
    let place = place(&world, &databases[0]).file("go.sum", &go_sum);
    assert_eq!(place.audit(".").0, 0);
    world.change(|sites| sites.add_sumdb(DATABASE, databases[1].clone()));
    std::fs::remove_dir_all(place.path("cache/sumdb/sum.example/lookup")).unwrap();
    let (code, report) = place.audit(".");
    assert_eq!((code, &report["verdict"]), (1, &"mismatch".into()), "{report:#}");
    assert_eq!(codes(&report), ["sumdb-untrusted"; 2]);
    let reason = answer(&report, 0, "sumdb")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("has signed two trees that contradict each other"), "{reason}");
    let file = reason.rsplit_once("kept in ").unwrap().1;
    let evidence = std::fs::read_to_string(file).unwrap();
    assert_eq!(evidence.matches("go.sum database tree\n").count(), 2, "{evidence}");
    // the first head is still the one that is believed
    world.change(|sites| sites.add_sumdb(DATABASE, databases[0].clone()));
    assert_eq!(place.audit(".").0, 0);
}

#[test]
fn a_database_that_does_not_answer_leaves_the_others_to_verify() {
    for (page, word, code, found) in [
        (Page::text(404, "no"), "absent", 0, &["not-in-database"; 2][..]),
        (Page::text(500, "out of order"), "unavailable", 0, &[]),
        (Page::text(200, "<html>sign in</html>"), "untrusted", 1, &["sumdb-untrusted"; 2]),
    ] {
        let mut one = One::new();
        let (database, go_sum) = (recorded(&one), one.go_sum());
        one.draft.sites.add_sumdb(DATABASE, database.clone());
        let world = one.draft.start().unwrap();
        world.add_fault(Fault::answer("proxy.example/sumdb/sum.example/lookup/*", page));
        let place = place(&world, &database).file("go.sum", go_sum);
        let (got, report) = place.audit(". --retries 0");
        assert_eq!((got, &answer(&report, 0, "sumdb")["answer"]), (code, &word.into()), "{report:#}");
        assert_eq!(codes(&report), found);
        // nothing is called fine that had to be told
        let (got, _) = place.audit(". --retries 0 --require proxy,direct,sumdb");
        assert_eq!(got, if code == 1 { 1 } else { 3 }, "{word}");
    }
}

#[test]
fn private_names_are_told_to_no_database() {
    for (key, value) in [("GOPRIVATE", "github.com/example"), ("GONOSUMDB", "github.com/*")] {
        let mut one = One::new();
        let (database, go_sum) = (recorded(&one), one.go_sum());
        one.draft.sites.add_sumdb(DATABASE, database.clone());
        let world = one.draft.start().unwrap();
        let place = place(&world, &database).file("go.sum", go_sum).env(key, value);
        let (_, report) = place.audit(".");
        let sumdb = answer(&report, 0, "sumdb");
        assert_eq!((&sumdb["answer"], &sumdb["reason"]), (&"not-asked".into(), &"private".into()));
        assert!(world.log().iter().all(|exchange| !exchange.target.contains("/sumdb/")));
    }
}

#[test]
fn a_value_that_names_no_database_is_wrong_use() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    for (value, words) in [
        ("a b c", "GOSUMDB: more than a key and a URL"),
        ("nonsense", "GOSUMDB: the checksum database's key is none"),
    ] {
        let done = Place::in_world(&world).file("go.sum", &go_sum).env("GOSUMDB", value).run("audit");
        assert_eq!(done.code, 2);
        assert!(done.stderr.contains(words), "{}", done.stderr);
    }
}

/// A hundred modules in one repository.
struct Many {
    draft: Draft,
    revision: Revision,
    releases: Vec<Release>,
    database: SumDb,
}

impl Many {
    fn new() -> Many {
        let mut draft = Draft::new("proxy.example");
        let address = "github.com/example/many";
        let mut files = Files::new();
        for number in 0..100 {
            files = files
                .file(&format!("m{number:02}/go.mod"), format!("module {address}/m{number:02}\n"))
                .file(&format!("m{number:02}/a.go"), format!("package m // {number}\n"));
        }
        let revision = draft.commit(address, "main", &files);
        let mut database = SumDb::new("sum.example", 2);
        let mut releases = Vec::new();
        for number in 0..100 {
            let folder = format!("m{number:02}");
            draft.tag(&format!("{folder}/v1.0.0"), &revision);
            let release = draft.publish(&format!("{address}/{folder}@v1.0.0"), &revision, &folder).unwrap();
            database.record(&release);
            releases.push(release);
        }
        Many { draft, revision, releases, database }
    }

    fn zips(&self) -> String {
        self.releases.iter().map(|release| release.sum(Artifact::Zip)).collect()
    }

    /// Audits `go_sum`, and returns who is said to stand alone, for each finding.
    fn accused(mut self, go_sum: &str, database: &SumDb) -> Vec<String> {
        self.draft.sites.add_sumdb(DATABASE, database.clone());
        let world = self.draft.start().unwrap();
        let (code, report) = place(&world, database).file("go.sum", go_sum).audit(".");
        assert_eq!((code, &report["counts"]["mismatch"]), (1, &100.into()));
        let findings = report["findings"].as_array().unwrap().iter();
        let accused = findings.map(|finding: &Value| {
            let message = finding["message"].as_str().unwrap();
            let alone = message.strip_suffix(" stands alone").and_then(|text| text.rsplit_once("; "));
            let named = message.split("; ").find_map(|part| part.strip_suffix(" stands alone"));
            named.or(alone.map(|(_, name)| name)).unwrap_or(message).to_owned()
        });
        accused.collect()
    }
}

#[test]
fn one_flipped_byte_at_each_source_in_turn_is_found_where_it_is() {
    let other = |line: &str| {
        let (key, _) = line.rsplit_once(' ').unwrap();
        format!("{key} h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    };
    let accused_alone = |accused: Vec<String>, source: &str| {
        assert!(accused.len() >= 100);
        assert!(accused.iter().all(|accused| accused == source), "{source}: {accused:?}");
    };
    let many = Many::new();
    let (go_sum, database) = (many.zips(), many.database.clone());
    let edited: String = go_sum.lines().map(other).collect();
    accused_alone(many.accused(&edited, &database), "go.sum");

    let mut many = Many::new();
    let database = many.database.clone();
    for release in many.releases.clone() {
        many.draft.proxy().publish(&release.tampered("a.go", "package m // another\n"));
    }
    accused_alone(many.accused(&go_sum, &database), "proxy");

    let mut many = Many::new();
    let database = many.database.clone();
    let files = (0..100).fold(many.revision.files.clone(), |files, number| {
        files.file(&format!("m{number:02}/a.go"), "package m // moved\n")
    });
    let moved = many.draft.commit("github.com/example/many", "main", &files);
    for number in 0..100 {
        many.draft.tag(&format!("m{number:02}/v1.0.0"), &moved);
    }
    accused_alone(many.accused(&go_sum, &database), "direct");

    let many = Many::new();
    let mut database = SumDb::new("sum.example", 2);
    for release in &many.releases {
        database.record_text(release.module(), other(&release.sum(Artifact::Zip)));
    }
    accused_alone(many.accused(&go_sum, &database), "sumdb");
}

#[test]
fn gos_own_toolchains_are_held_to_the_database_and_in_no_repository() {
    let mut one = One::new();
    let files = Files::new().file("go.mod", "module golang.org/toolchain\n").file("bin/go", "#!\n");
    let revision = one.draft.commit("github.com/example/toolchain", "main", &files);
    let module = "golang.org/toolchain@v0.0.1-go1.22.3.linux-amd64";
    let release = one.draft.publish(module, &revision, "").unwrap();
    let mut database = recorded(&one);
    database.record(&release);
    one.draft.sites.add_sumdb(DATABASE, database.clone());
    let world = one.draft.start().unwrap();
    let go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
    // as in Go, no list of private names keeps it from the database
    let place = place(&world, &database).file("go.sum", &go_sum).env("GONOSUMDB", "golang.org");
    let (code, report) = place.audit(".");
    assert_eq!((code, &report["counts"]["verified_proxy_only"]), (0, &2.into()), "{report:#}");
    let [direct, sumdb] = ["direct", "sumdb"].map(|source| answer(&report, 0, source));
    assert_eq!((&direct["answer"], &direct["reason"]), (&"not-asked".into(), &"toolchain".into()));
    assert_eq!(sumdb["answer"], "hash");
    assert!(world.log().iter().all(|exchange| exchange.host == "proxy.example"));
}
