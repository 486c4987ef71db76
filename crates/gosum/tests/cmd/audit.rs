//! What an audit comes to, and how it is told.

use super::run::{Place, answer, codes};
use super::world::{ADDRESS, GIT, MODULE, One, ZIP};
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use serde_json::Value;

#[test]
fn everything_is_verified_by_both_paths() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit --no-run");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    assert_eq!(
        done.stdout,
        "verified: 2 lines: 2 verified by both paths\n\n\
         source   lines  agree  differ  unanswered  not asked\n\
         proxy        2      2       0           0          0\n\
         direct       2      2       0           0          0\n\
         sumdb        2      0       0           0          2\n\
         proxy = direct on 2 of 2 lines that both answered\n"
    );
    let (code, report) = place.audit(".");
    assert_eq!((code, &report["verdict"], &report["complete"]), (0, &"verified".into(), &true.into()));
    let direct = answer(&report, 0, "direct");
    assert_eq!(direct["from"], "https://github.com/example/colors");
    assert_eq!(direct["ref"], "refs/tags/v1.0.0");
    assert_eq!(direct["commit"], one.revision.commit.to_string());
    assert_eq!(direct["subdir"], "");
    assert_eq!(answer(&report, 0, "proxy")["from"], format!("https://{ZIP}"));
    let run = &report["run"]["sources"];
    assert_eq!((&run[0]["requests"], &run[0]["downloaded"]), (&2.into(), &2.into()));
    assert_eq!((&run[1]["requests"], &run[1]["downloaded"]), (&3.into(), &2.into()));
}

#[test]
fn timings_say_what_each_source_did_and_how_often() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit --timings --format json");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let rows = report["run"]["timings"].as_array().unwrap();
    let row = |source: Option<&str>, what: &str| {
        let is_it = |row: &&Value| row["source"].as_str() == source && row["what"] == what;
        rows.iter().find(is_it).unwrap_or_else(|| panic!("no {what} of {source:?} in {rows:#?}"))
    };
    for source in &report["run"]["sources"].as_array().unwrap()[..2] {
        let name = source["name"].as_str();
        let requests = row(name, "request");
        assert_eq!((&requests["count"], &requests["bytes"]), (&source["requests"], &source["bytes"]));
        assert_eq!(row(name, "hash")["count"], 1);
    }
    assert_eq!(row(Some("proxy"), "ask")["count"], 2);
    for stage in ["load", "plan", "gather", "judge"] {
        let row = row(None, stage);
        assert_eq!((&row["count"], &row["p50_us"]), (&1.into(), &row["max_us"]), "{stage}");
    }
    for line in rows {
        let source = line["source"].as_str().unwrap_or("-");
        let is_told = |told: &&str| {
            let words: Vec<&str> = told.split_whitespace().collect();
            words[..2] == [source, line["what"].as_str().unwrap()]
                && words[2].parse().ok() == line["count"].as_u64()
        };
        assert!(done.stderr.lines().any(|told| is_told(&told)), "{line} in {}", done.stderr);
    }
    let plain = place.audit(".").1;
    assert!(plain["run"].get("timings").is_none());
}

#[test]
fn a_tampered_zip_is_a_difference_with_both_commits_named() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    one.draft.proxy().publish(&one.release.clone().tampered("colors.go", "package colors // and more\n"));
    let world = one.draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!((code, &report["verdict"]), (1, &"mismatch".into()));
    assert_eq!(codes(&report), ["proxy-direct-differ"]);
    let finding = &report["findings"][0];
    assert_eq!((&finding["artifact"], &finding["at"][0]["line"]), (&"zip".into(), &1.into()));
    let commit = one.revision.commit.to_string();
    assert_eq!(
        finding["message"],
        format!(
            "the hashes differ: go.sum and direct against proxy; proxy stands alone; the proxy names the same commit {commit}"
        )
    );
    assert_eq!(report["counts"]["verified_both"], 1);
}

#[test]
fn a_moved_tag_is_a_difference_and_the_info_is_asked_only_then() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    let files = one.revision.files.clone().file("colors.go", "package colors // moved\n");
    let later = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.0.0", &later);
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(". --write-sums sums");
    assert_eq!((code, codes(&report)), (1, vec!["proxy-direct-differ"]));
    assert_eq!(answer(&report, 0, "proxy")["commit"], one.revision.commit.to_string());
    assert_eq!(answer(&report, 0, "direct")["commit"], later.commit.to_string());
    let infos = world.log().iter().filter(|exchange| exchange.target.ends_with(".info")).count();
    assert_eq!(infos, 1);

    let line =
        |source: &str, artifact: usize| answer(&report, artifact, source)["h1"].as_str().unwrap().to_owned();
    let (zip, go_mod) = ("github.com/example/colors v1.0.0", "github.com/example/colors v1.0.0/go.mod");
    assert_eq!(place.read("sums/go.sum.proxy"), go_sum);
    assert_eq!(
        place.read("sums/go.sum.direct"),
        format!("{zip} {}\n{go_mod} {}\n", line("direct", 0), line("direct", 1))
    );
    let diff = format!(
        "--- go.sum.proxy\n+++ go.sum.direct\n@@ -1,2 +1,2 @@\n-{zip} {}\n+{zip} {}\n {go_mod} {}\n",
        line("proxy", 0),
        line("direct", 0),
        line("proxy", 1)
    );
    assert_eq!((&place.read("sums/go.sum.diff"), &report["diff"]), (&diff, &diff.as_str().into()));
    assert_eq!(place.read("sums/go.sum.unanswered"), "");
}

#[test]
fn an_edited_line_differs_from_both_paths() {
    let one = One::new();
    let go_sum = one.go_sum().replacen("h1:", "h1:A", 1);
    let world = one.draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", &go_sum).audit(".");
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-differs"]));
}

#[test]
fn two_hashes_for_one_key_are_a_finding_and_the_first_counts() {
    let one = One::new();
    let line = one.go_sum().lines().next().unwrap().to_owned();
    let other = "github.com/example/colors v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let world = one.draft.start().unwrap();
    let (code, report) = Place::in_world(&world).file("go.sum", format!("{line}\n{other}\n")).audit(".");
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-two-hashes"]));
    assert_eq!(report["artifacts"][0]["verdict"], "verified");
    let (code, report) = Place::in_world(&world).file("go.sum", format!("{other}\n{line}\n")).audit(".");
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-differs", "go-sum-two-hashes"]));
}

#[test]
fn one_source_failing_ends_nothing() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer("proxy.example/*", Page::text(403, "not for you\n")));
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(". --write-sums sums");
    assert_eq!((code, &report["counts"]["unverified"]), (3, &2.into()));
    assert_eq!(answer(&report, 0, "proxy")["answer"], "unavailable");
    assert_eq!(answer(&report, 0, "proxy")["reason"], format!("https://{ZIP}: status 403: not for you"));
    assert_eq!(answer(&report, 0, "direct")["answer"], "hash");
    assert_eq!(place.read("sums/go.sum.proxy"), "");
    assert_eq!(place.read("sums/go.sum.diff"), "");
    let unanswered = place.read("sums/go.sum.unanswered");
    assert!(
        unanswered.starts_with("github.com/example/colors v1.0.0 proxy unavailable https://"),
        "{unanswered}"
    );
    assert_eq!(place.audit(". --unverified warn").0, 0);
    let (code, report) = place.audit(". --require direct");
    assert_eq!((code, &report["counts"]["verified_direct_only"]), (0, &2.into()));
    let (code, report) = place.audit(". --source direct");
    assert_eq!((code, &report["counts"]["verified_direct_only"]), (0, &2.into()));
}

#[test]
fn lines_can_be_left_out_and_then_count_for_nothing() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit --lines zips --no-run");
    assert_eq!(done.code, 0);
    assert!(
        done.stdout.starts_with("verified: 1 line: 1 verified by both paths, 1 left out\n"),
        "{}",
        done.stdout
    );
    assert!(
        done.stdout.contains("proxy        2      1       0           0          1\n"),
        "{}",
        done.stdout
    );
    assert!(!world.log().iter().any(|exchange| exchange.target.ends_with(".mod")));
    let other = "example.org/b v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let place = place.file("go.sum", format!("{other}{go_sum}"));
    let (code, report) = place.audit(". --skip example.org --write-sums sums");
    assert_eq!((code, &report["counts"]["left_out"]), (0, &1.into()));
    assert!(place.read("sums/go.sum.unanswered").contains("v1.0.0 direct not-asked not-selected\n"));
    assert_eq!(place.audit(". --only github.com/example").1["counts"]["left_out"], 1);
}

#[test]
fn patterns_that_leave_nothing_to_audit_are_wrong_use() {
    let place = Place::new().file("go.sum", One::new().go_sum());
    for patterns in ["--only example.org", "--skip github.com", "--only github.com --skip *.com/example"] {
        let done = place.run(&format!("audit {patterns}"));
        assert_eq!(
            (done.code, done.stderr.as_str()),
            (2, "gosum: --only and --skip, or those of the config file, leave no line of go.sum to audit\n")
        );
    }
}

#[test]
fn private_names_are_told_to_no_proxy() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    for key in ["GOPRIVATE", "GONOPROXY"] {
        let place = Place::in_world(&world).env(key, "github.com/example").file("go.sum", &go_sum);
        let (code, report) = place.audit(".");
        assert_eq!((code, &report["counts"]["verified_direct_only"]), (0, &2.into()));
        assert_eq!(answer(&report, 0, "proxy")["reason"], "private");
        assert_eq!(place.run(&format!("hash {MODULE}")).code, 0);
    }
    assert!(world.log().iter().all(|exchange| exchange.host != "proxy.example"));
}

#[test]
fn goproxy_says_who_is_asked() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = |goproxy: &str| Place::in_world(&world).env("GOPROXY", goproxy).file("go.sum", &go_sum);
    let (code, report) = place("direct").audit(".");
    assert_eq!((code, &answer(&report, 0, "proxy")["reason"]), (0, &"no-proxy".into()));
    assert_eq!(place("direct").audit(". --source proxy").0, 3);
    assert_eq!(place("direct").run("audit --require proxy").code, 2);
    let (code, report) = place("off").audit(".");
    assert_eq!((code, &answer(&report, 0, "direct")["reason"]), (3, &"offline".into()));
    assert_eq!(place("https://proxy.example").audit(". --offline").0, 3);
    let wrong = place("nowhere").run("audit");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains(r#"the entry "nowhere""#), "{}", wrong.stderr);
}

#[test]
fn same_evidence_gives_the_same_report_whatever_the_number_of_jobs() {
    let demo = gosum_world::demo::world().unwrap();
    let place = Place::in_world(&demo.world).file("go.sum", &demo.go_sum);
    let reports: Vec<String> = ["1", "3", "64"]
        .iter()
        .flat_map(|jobs| ["html", "json", "text"].map(|format| (jobs, format)))
        .map(|(jobs, format)| place.run(&format!("audit --no-run --jobs {jobs} --format {format}")).stdout)
        .collect();
    assert!(reports[0].contains("proxy-direct-differ"));
    for pair in reports.chunks(3).collect::<Vec<_>>().windows(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

#[test]
fn a_page_to_look_at_shows_the_numbers_and_the_hashes_that_differ() {
    let demo = gosum_world::demo::world().unwrap();
    let place = Place::in_world(&demo.world).file("go.sum", &demo.go_sum);
    let done = place.run("audit --format html=audit.html --format json");
    assert_eq!(done.code, 1);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let page = place.read("audit.html");
    // what could not be told is a number for programs: lines of it have other verdicts
    for (key, count) in report["counts"].as_object().unwrap().iter().filter(|(key, _)| *key != "untold") {
        assert!(page.contains(&format!("data-count=\"{key}\">{count}<")), "{key}");
    }
    let differing = report["artifacts"].as_array().unwrap().iter().filter(|one| one["verdict"] == "mismatch");
    let answers = differing.flat_map(|one| one["answers"].as_object().unwrap().values());
    let hashes: Vec<&str> = answers.filter_map(|answer| answer["h1"].as_str()).collect();
    assert!(hashes.len() >= 6);
    for h1 in hashes {
        assert!(page.contains(h1), "{h1}");
    }
    assert_eq!(page.matches("stands alone</span>").count(), 2);
}

#[test]
fn reports_go_to_files_whole_or_not_at_all() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum).file("old.json", "old");
    let done = place.run("audit --format json=old.json --format text");
    assert_eq!(done.code, 0);
    assert!(done.stdout.starts_with("verified: "));
    assert!(place.read("old.json").starts_with("{\n  \"schema\": 1,"));
    let done = place.run("audit --format json=new.json");
    assert_eq!((done.stdout.as_str(), done.code), ("", 0));
    assert_eq!(done.stderr, "gosum: verified; the report is in the files that --format names\n");
    let asked = world.log().len();
    assert_eq!(place.run("audit --format json=nowhere/new.json").code, 2);
    assert_eq!(place.run("audit --write-sums old.json").code, 2);
    assert_eq!(world.log().len(), asked, "what cannot be written is told before anyone is asked");
    let names: Vec<_> =
        std::fs::read_dir(place.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "no temporary file is left behind: {names:?}");
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_written_and_a_pipe_is_written_into() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new().file("go.sum", "").file("there/report.json", "old");
    std::fs::set_permissions(place.path("there/report.json"), PermissionsExt::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("there/report.json", place.path("link.json")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(place.path("pipe")).status();
    let reader = made.is_ok_and(|made| made.success()).then(|| {
        let pipe = place.path("pipe");
        std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap())
    });
    let pipe = if reader.is_some() { "--format json=pipe" } else { "" };
    assert_eq!(place.run(&format!("audit --format json=link.json {pipe}")).code, 0);
    assert!(place.path("link.json").is_symlink());
    assert!(place.read("there/report.json").starts_with("{\n  \"schema\": 1,"));
    let mode = std::fs::metadata(place.path("there/report.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    if let Some(reader) = reader {
        assert!(reader.join().unwrap().starts_with("{\n  \"schema\": 1,"));
    }
    assert_eq!(place.run("audit --format text=/dev/null").code, 0);
}

#[test]
fn requests_are_printed_on_demand() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let done = place.run("audit -x");
    assert!(done.stderr.contains(&format!("# get https://{ZIP}\n")), "{}", done.stderr);
    assert!(done.stderr.contains(&format!("# get https://{ZIP}: 200 (")), "{}", done.stderr);
    assert!(
        done.stderr.contains("# post https://github.com/example/colors/git-upload-pack\n"),
        "{}",
        done.stderr
    );
}

#[test]
fn an_interrupt_gives_a_partial_report_that_says_so() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::stall(GIT, 0, None));
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let interrupt = place.interrupt.clone();
    let (code, report) = std::thread::scope(|scope| {
        let audit = scope.spawn(|| place.audit("."));
        while !world.log().iter().any(|exchange| exchange.host == "github.com") {
            std::thread::yield_now();
        }
        interrupt.raise();
        audit.join().unwrap()
    });
    assert_eq!((code, &report["complete"]), (130, &false.into()));
    assert_eq!(answer(&report, 0, "direct")["answer"], "unavailable");
    let text = place.run("audit");
    assert_eq!(text.code, 130);
    assert!(text.stdout.contains("\ninterrupted: this report is partial"), "{}", text.stdout);
}
