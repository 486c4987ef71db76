//! The formats of an audit, as the command line gives them.

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::fault::Fault;
use serde_json::Value;

use super::run::{Kept, Place};
use super::world::{ADDRESS, GIT, One};

/// Audits with all arguments of `args`, once, as JSON and as JSON lines, and returns both.
fn both(place: &Place, args: &str) -> (u8, Value, Vec<Value>) {
    let done = place.run(&format!("audit {args} --format json=whole.json --format jsonl"));
    let lines = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (done.code, serde_json::from_str(&place.read("whole.json")).unwrap(), lines)
}

/// Holds the lines against the whole: each artifact stands in one line just as in the report, and the last line is the rest.
fn agree(mut whole: Value, mut lines: Vec<Value>) -> usize {
    let last = lines.pop().unwrap();
    let mut artifacts: Vec<String> = lines.iter().map(Value::to_string).collect();
    let expected = whole.as_object_mut().unwrap().remove("artifacts").unwrap();
    let mut expected: Vec<String> = expected.as_array().unwrap().iter().map(Value::to_string).collect();
    artifacts.sort();
    expected.sort();
    assert_eq!(artifacts, expected);
    assert_eq!(last, whole);
    artifacts.len()
}

#[test]
fn json_lines_say_what_the_report_says() {
    let demo = gosum_world::demo::world().unwrap();
    let place = Place::in_world(&demo.world).file("go.sum", &demo.go_sum);
    // all that a tag leads to is asked once more where it came from
    for args in ["", "--warn tag-moved", "--source proxy", "--lines zips", "--no-run"] {
        let (code, whole, lines) = both(&place, args);
        assert_eq!((code, whole.get("run").is_some()), (1, args != "--no-run"), "{args}");
        let last = lines.last().unwrap();
        assert!(last["counts"].is_object() && last["verdict"] == "mismatch" && last.get("module").is_none());
        assert_eq!(agree(whole, lines), if args == "--lines zips" { 8 } else { 17 }, "{args}");
    }
}

#[test]
fn json_lines_wait_for_what_is_looked_for_once_more() {
    let mut one = One::new();
    let files = one.revision.files.clone().file("lost.go", "package colors\n");
    let lost = one.draft.commit(ADDRESS, "gone", &files);
    one.draft.repository(ADDRESS).delete_reference("refs/heads/gone");
    let release = one.draft.publish(&format!("{ADDRESS}@{}", lost.pseudo_version()), &lost, "").unwrap();
    let go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod) + &one.go_sum();
    let world = one.draft.start().unwrap();
    let (code, whole, lines) = both(&Place::in_world(&world).file("go.sum", go_sum), "--retries 0");
    let defects = |line: &Value| line["answers"]["direct"]["defects"][0] == "commit-not-in-repository";
    // they come last, with what was found in the end
    assert_eq!(lines[..4].iter().map(defects).collect::<Vec<_>>(), [false, false, true, true]);
    assert_eq!((code, agree(whole, lines)), (3, 4));
}

#[test]
fn json_lines_know_what_is_allowed() {
    let mut one = One::new();
    one.draft.repository(ADDRESS).delete_reference("refs/tags/v1.0.0");
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", go_sum);
    assert_eq!(place.run("init --retries 0").code, 0);
    let (code, whole, lines) = both(&place, "");
    assert!(lines[..2].iter().all(|line| line["allowed"]["reason"].is_string()), "{lines:?}");
    assert_eq!((code, agree(whole, lines)), (0, 2));
}

/// Returns what the demo has, with the repository of one module falling silent.
fn stalled() -> (World, String) {
    let demo = gosum_world::demo::world().unwrap();
    demo.world.add_fault(Fault::stall(GIT, 0, None));
    (demo.world, demo.go_sum)
}

#[test]
fn a_json_line_is_there_before_the_audit_has_ended() {
    let (world, go_sum) = stalled();
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let interrupt = place.interrupt.clone();
    let (out, err) = (Kept::default(), Kept::default());
    let early = std::thread::scope(|scope| {
        let args = "audit --format jsonl --format json=whole.json";
        let audit = scope.spawn(|| place.run_into(args, Box::new(out.clone()), Box::new(err.clone())));
        // more than two cannot come as long as a repository is silent, if lines come at the end alone
        while out.text().lines().count() < 3 && !audit.is_finished() {
            std::thread::yield_now();
        }
        let early = out.text();
        assert!(!audit.is_finished(), "{early}");
        interrupt.raise();
        assert_eq!(audit.join().unwrap(), 130);
        early
    });
    let text = out.text();
    assert!(early.ends_with('\n') && text.starts_with(&early));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["complete"], false);
    agree(serde_json::from_str(&place.read("whole.json")).unwrap(), lines);
}

#[test]
fn two_reports_go_to_no_one_file() {
    let place = Place::new().file("go.sum", "").file("folder/old", "");
    for command in ["audit", "lint"] {
        for (first, second) in [("new", "new"), ("new", "folder/../new"), ("folder/old", "./folder/old")] {
            let done = place.run(&format!("{command} --format text={first} --format json={second}"));
            let said = format!("gosum: --format json={second}: another report goes to this file\n");
            assert_eq!((done.code, done.stderr), (2, said), "{command}");
        }
        assert!(!place.path("new").exists());
        let done = place.run(&format!("{command} --format json="));
        assert_eq!(done.stderr, "gosum: --format json=: no file is named after `=`\n", "{command}");
        assert_eq!(place.run(&format!("{command} --format text=a --format json=folder/a")).code, 0);
    }
}

#[test]
fn every_format_is_had_by_its_name() {
    let demo = gosum_world::demo::world().unwrap();
    let place = Place::in_world(&demo.world).file("go.sum", &demo.go_sum);
    for (format, start) in [
        ("github", "::error file=go.sum,line="),
        ("gitlab", "[\n  {\n    \"check_name\": \"proxy-direct-differ\""),
        ("json", "{\n  \"schema\": 1"),
        ("jsonl", "{\"module\":"),
        (
            "junit",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gosum\" tests=\"17\" failures=\"2\" errors=\"0\">",
        ),
        ("markdown", "**mismatch**: 17 lines: 2 differ, 15 verified by both paths\n"),
        ("sarif", "{\n  \"$schema\": "),
        ("text", "mismatch: 17 lines: 2 differ, 15 verified by both paths\n"),
    ] {
        let done = place.run(&format!("audit --format {format}"));
        assert_eq!((done.code, done.stderr.as_str()), (1, ""));
        assert!(done.stdout.starts_with(start), "{format}: {}", done.stdout);
        let done = place.run(&format!("audit --format {format}=report"));
        assert!(done.code == 1 && place.read("report").starts_with(start), "{format}");
    }
    let done = place.run("audit --format yaml");
    assert_eq!(done.code, 2);
    let known = "there are github, gitlab, html, json, jsonl, junit, markdown, sarif, text";
    assert!(done.stderr.contains(known), "{}", done.stderr);
}

#[test]
fn what_could_not_be_told_is_shown_as_what_it_does_to_the_exit_code() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::close(GIT));
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let of = |args: &str| {
        let done = place.run(&format!("audit --retries 0 {args} --format junit --format sarif=log.json"));
        let log: Value = serde_json::from_str(&place.read("log.json")).unwrap();
        let run = &log["runs"][0];
        let succeeded = run["invocations"][0]["executionSuccessful"].as_bool().unwrap();
        (done.code, succeeded, run["results"][0]["level"].as_str().unwrap().to_owned(), done.stdout)
    };
    let (code, succeeded, level, junit) = of("");
    assert_eq!((code, succeeded, level.as_str()), (3, false, "error"));
    assert!(junit.contains(r#"failures="0" errors="2" skipped="0""#), "{junit}");
    let (code, succeeded, level, junit) = of("--unverified warn");
    assert_eq!((code, succeeded, level.as_str()), (0, true, "warning"));
    assert!(junit.contains(r#"failures="0" errors="0" skipped="2""#), "{junit}");
}

#[test]
fn markdown_keeps_to_the_bytes_that_its_readers_take() {
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let lines: String =
        (0..3000).map(|n| format!("example.com/some/module/m{n} v1.{n}.0 {hash}\n")).collect();
    let place = Place::new().file("go.sum", lines);
    let run = |args: &str| place.run(&format!("audit --offline --no-cache --all --format markdown {args}"));
    let (comment, step, small) = (run(""), run("--markdown-bytes 1MiB"), run("--markdown-bytes 2KiB"));
    assert_eq!((comment.code, step.code, small.code), (3, 3, 3));
    assert!((60_000..=65_536).contains(&comment.stdout.len()), "{}", comment.stdout.len());
    assert!(comment.stdout.contains("for which there is no room in 65536 bytes"));
    assert!(step.stdout.len() > 130_000 && !step.stdout.contains("left out"), "{}", step.stdout.len());
    assert!(small.stdout.len() <= 2048 && small.stdout.contains("**unverified**: 3000 lines"), "{small:?}");
    for wrong in ["100", "some", "1TiB"] {
        assert_eq!(run(&format!("--markdown-bytes {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_written_takes_none_of_the_others_away() {
    let place = Place::new().file("go.sum", "oops\n");
    let done =
        place.run("audit --offline --no-cache --format json=/dev/full --format text --format junit=x.xml --write-sums sums");
    assert_eq!(done.code, 2);
    assert!(done.stderr.starts_with("gosum: cannot write /dev/full: "), "{}", done.stderr);
    assert!(done.stdout.starts_with("unverified: 0 lines: 1 bad line in go.sum\n"), "{}", done.stdout);
    assert!(place.read("x.xml").starts_with("<?xml ") && place.read("sums/go.sum.unanswered").is_empty());
}
