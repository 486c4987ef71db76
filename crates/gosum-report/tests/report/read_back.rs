//! Reports read back with what others use to read them.

use std::collections::BTreeSet;

use gosum_evidence::evidence::{Answer, Evidence, Lasting, SourceName};
use gosum_evidence::judge::judge;
use gosum_evidence::policy::{Date, Policy, Unverified};
use gosum_evidence::report::Report;
use gosum_evidence::rule::{Case, rules};
use gosum_evidence::subject::Location;
use gosum_evidence::verdict::Verdict;
use gosum_report::format::{COMMENT, Options};
use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_sarif::sarif::{ResultLevel, Run, Sarif};

use super::agree::many;
use super::hostile::foreign;
use super::{SOURCES, clean, hash, line, mixed, render, report, unavailable};

fn sarif(report: &Report) -> Run {
    let text = render(report, "sarif", Options::default());
    let log: Sarif = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_value(&log.version).unwrap(), "2.1.0");
    let [run] = <[Run; 1]>::try_from(log.runs).unwrap();
    run
}

fn succeeded(run: &Run) -> bool {
    run.invocations.as_ref().unwrap()[0].execution_successful
}

/// Returns rule, level, file and line of each result.
fn results(run: &Run) -> Vec<(String, ResultLevel, String, i64)> {
    let one = |result: &serde_sarif::sarif::Result| {
        let place = result.locations.as_ref().unwrap()[0].physical_location.clone().unwrap();
        let level = result.level.unwrap();
        let file = place.artifact_location.unwrap().uri.unwrap();
        (result.rule_id.clone().unwrap(), level, file, place.region.unwrap().start_line.unwrap())
    };
    run.results.as_ref().unwrap().iter().map(one).collect()
}

fn fingerprints(run: &Run) -> BTreeSet<String> {
    let one = |result: &serde_sarif::sarif::Result| {
        result.partial_fingerprints.clone().unwrap()["gosum/v1"].clone()
    };
    run.results.as_ref().unwrap().iter().map(one).collect()
}

#[test]
fn sarif_has_a_page_for_each_rule_and_a_rule_for_each_result() {
    let run = sarif(&mixed());
    let pages = run.tool.driver.rules.as_ref().unwrap();
    assert_eq!(pages.len(), rules().len() + 4);
    let codes: BTreeSet<&str> = pages.iter().map(|page| page.id.as_str()).collect();
    assert_eq!(codes.len(), pages.len(), "a code stands for one thing");
    for page in pages {
        let help = page.help.as_ref().unwrap();
        assert!(help.markdown.as_ref().unwrap().starts_with(&format!("# `{}`", page.id)), "{}", page.id);
        assert!(!page.short_description.as_ref().unwrap().text.contains(['#', '\n']), "{}", page.id);
        assert!(page.default_configuration.is_some());
    }
    for result in run.results.as_ref().unwrap() {
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(Some(&pages[index].id), result.rule_id.as_ref());
    }
}

#[test]
fn what_could_not_be_told_is_no_clean_report() {
    let run = sarif(&mixed());
    let at = |code: &str, level, line| (code.to_owned(), level, "go.sum".to_owned(), line);
    let expected = [
        at("go-sum-malformed", ResultLevel::Error, 7),
        at("proxy-direct-differ", ResultLevel::Error, 2),
        at("unverified", ResultLevel::Error, 4),
        at("unverified", ResultLevel::Error, 5),
        at("unverified", ResultLevel::Error, 6),
    ];
    assert_eq!(results(&run), expected);
    assert!(!succeeded(&run));
    assert!(succeeded(&sarif(&clean())) && results(&sarif(&clean())).is_empty());

    let warned = Report { unverified: Unverified::Warn, ..mixed() };
    let run = sarif(&warned);
    assert!(succeeded(&run));
    assert_eq!(results(&run).iter().filter(|(_, level, ..)| *level == ResultLevel::Warning).count(), 3);

    let partial = sarif(&Report { complete: false, ..clean() });
    assert!(!succeeded(&partial));
    assert_eq!(results(&partial), [at("interrupted", ResultLevel::Error, 1)]);
    // a part of the module graph is not known
    let part = sarif(&Report { verdict: Verdict::Unverified, graph_incomplete: true, ..clean() });
    assert_eq!((succeeded(&part), results(&part)), (false, vec![at("unverified", ResultLevel::Error, 1)]));
}

/// An artifact that version control lastingly has not, and perhaps something that passes.
fn gone(proxy: Answer) -> Report {
    let mut gone = line("example.com/a@v1.0.0", 1, hash("a"), proxy, unavailable("no repository"));
    let evidence = Evidence::from(Answer::Absent("no repository".into())).lasting(Some(Lasting::OriginGone));
    gone.answers.insert(SourceName::DIRECT, evidence);
    report(vec![gone], "")
}

#[test]
fn a_lasting_reason_has_its_own_code_unless_something_may_pass() {
    let codes =
        |report: &Report| results(&sarif(report)).into_iter().map(|(code, ..)| code).collect::<Vec<_>>();
    assert_eq!(codes(&gone(hash("a"))), ["origin-gone"]);
    assert_eq!(codes(&gone(unavailable("status 503"))), ["unverified"]);
}

#[test]
fn a_mismatch_without_a_finding_is_shown_all_the_same() {
    let comparisons = vec![line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("b"))];
    let mut policy = Policy::plain(SOURCES.to_vec(), Date::parse("2026-11-26").unwrap());
    policy.levels.insert("proxy-direct-differ", None);
    policy.levels.insert("go-sum-differs", None);
    let case = Case { comparisons: &comparisons, ..Case::default() };
    let judgement = judge(&case, &SOURCES, &policy);
    let report = Report::new("0.0.0", comparisons, &SOURCES, judgement, String::new());
    assert_eq!(report.findings, []);
    let shown = results(&sarif(&report));
    assert_eq!(shown, [("mismatch".to_owned(), ResultLevel::Note, "go.sum".to_owned(), 1)]);
    assert!(render(&report, "github", Options::default()).starts_with("::notice file=go.sum,line=1,"));
    assert!(render(&report, "gitlab", Options::default()).contains(r#""severity": "info""#));
    let markdown = render(&report, "markdown", Options::default());
    assert!(
        markdown.contains("**proxy-direct-differ**: left out, since its level is `allow`\n"),
        "{markdown}"
    );
    // it fails nothing
    let junit = render(&report, "junit", Options::default());
    assert!(junit.contains(r#"failures="0""#) && junit.contains("the hashes differ"), "{junit}");
}

#[test]
fn fingerprints_stay_when_lines_move_and_change_with_the_hashes() {
    let moved = |by: usize, direct: &str| {
        let mut lines = many(0, 5, 5);
        for comparison in &mut lines {
            comparison.at[0].line += by;
        }
        lines[0].answers.insert(SourceName::DIRECT, hash(direct).into());
        report(lines, &format!("{}oops\noops\n", "\n".repeat(by)))
    };
    let before = fingerprints(&sarif(&moved(0, "b")));
    assert_eq!(before.len(), 12, "no two are the same");
    assert_eq!(fingerprints(&sarif(&moved(7, "b"))), before);
    let after = fingerprints(&sarif(&moved(0, "c")));
    assert_eq!(after.difference(&before).count(), 1);
    let gitlab = render(&moved(0, "b"), "gitlab", Options::default());
    assert!(before.iter().all(|fingerprint| gitlab.contains(fingerprint)));
}

#[test]
fn what_has_several_places_is_shown_at_the_first() {
    let mut both = line("example.com/a@v1.0.0", 3, hash("a"), hash("a"), hash("b"));
    both.at.push(Location { file: "sub dir/go.sum".into(), line: 4 });
    let run = sarif(&report(vec![both], ""));
    let result = &run.results.as_ref().unwrap()[0];
    assert_eq!(result.locations.as_ref().unwrap().len(), 1);
    let related = &result.related_locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap();
    assert_eq!(related.artifact_location.as_ref().unwrap().uri.as_deref(), Some("sub%20dir/go.sum"));
}

#[test]
fn what_no_line_is_about_is_shown_at_the_go_mod() {
    let mut lineless = line("example.com/a@v1.0.0", 3, hash("a"), hash("a"), hash("b"));
    lineless.at.clear();
    let report = report(vec![lineless], "");
    assert_eq!(results(&sarif(&report))[0].2, "go.mod");
    assert!(render(&report, "gitlab", Options::default()).contains(r#""path": "go.mod""#));
    assert!(render(&report, "github", Options::default()).contains("file=go.mod,line=1,"));
}

fn statuses(report: &Report) -> Vec<(String, TestCaseStatus)> {
    let read =
        quick_junit::Report::deserialize_from_str(&render(report, "junit", Options::default())).unwrap();
    let cases = read.test_suites[0].test_cases.iter();
    cases
        .map(|case| {
            (
                format!("{} {}", case.classname.as_ref().unwrap().as_str(), case.name.as_str()),
                case.status.clone(),
            )
        })
        .collect()
}

#[test]
fn junit_has_a_test_for_each_artifact() {
    let kind = |status: &TestCaseStatus| match status {
        TestCaseStatus::Success { .. } => "success",
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => "failure",
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => "error",
        TestCaseStatus::Skipped { .. } => "skipped",
    };
    let all = |report: &Report| -> Vec<String> {
        statuses(report).iter().map(|(name, status)| format!("{name}: {}", kind(status))).collect()
    };
    let told = |word: &str| {
        [
            "gosum go-sum-malformed go.sum:7: failure".to_owned(),
            "example.com/a v1.0.0: success".to_owned(),
            "example.com/b v1.0.0: failure".to_owned(),
            "example.com/c v1.0.0: success".to_owned(),
            format!("example.com/d v1.0.0: {word}"),
            format!("example.com/e v1.0.0: {word}"),
            format!("example.com/e v1.1.0/go.mod: {word}"),
        ]
    };
    assert_eq!(all(&mixed()), told("error"));
    assert_eq!(all(&Report { unverified: Unverified::Warn, ..mixed() }), told("skipped"));
    assert_eq!(all(&Report { complete: false, ..clean() })[0], "gosum interrupted: error");
}

#[test]
fn github_shows_no_more_than_is_shown_of_a_step() {
    let report = report(many(0, 12, 30), "oops\n");
    let text = render(&report, "github", Options::default());
    assert_eq!(text.lines().count(), 11);
    let last = text.lines().last().unwrap();
    let told = "%0A33 more annotations are not shown: 3 of proxy-direct-differ, 30 of unverified";
    assert!(
        last.starts_with("::notice title=gosum%3A mismatch::42 lines: 12 differ, 30 unverified")
            && last.ends_with(told)
    );
}

#[test]
fn markdown_fits_and_says_what_it_leaves_out() {
    let large = report(many(2_700, 300, 2_000), &"oops\n".repeat(50));
    for all in [false, true] {
        for max_bytes in [None, Some(1 << 20), Some(900)] {
            let text = render(&large, "markdown", Options { all, max_bytes, ..Options::default() });
            let max = max_bytes.unwrap_or(COMMENT);
            assert!(text.len() <= max && text.starts_with("**mismatch**: 5000 lines: "), "{}", text.len());
            assert!(
                text.contains(&format!(", for which there is no room in {max} bytes")) || max > COMMENT,
                "{max}"
            );
            assert_eq!(foreign(&text), Vec::<String>::new());
        }
    }
    // however many differ, what could not be told is seen, and causes of it
    let text = render(&large, "markdown", Options::default());
    assert!(
        text.contains("\n### mismatch\n") && text.contains("\n### unverified\n\n- `direct unavailable at "),
        "{text}"
    );
}

#[test]
fn a_long_difference_is_folded_and_cut() {
    let of = |lines, max_bytes| {
        let options = Options { max_bytes: Some(max_bytes), ..Options::default() };
        render(&report(many(0, lines, 0), ""), "markdown", options)
    };
    let whole = of(20, 1 << 20);
    assert!(
        whole.contains("\n<details>\n<summary>The two go.sum sets</summary>\n\n```diff\n--- go.sum.proxy\n"),
        "{whole}"
    );
    assert!(whole.ends_with("\n```\n\n</details>\n"), "{whole}");
    let cut = of(200, 1 << 20);
    assert!(cut.ends_with("\n```\n\nand 103 more lines\n\n</details>\n"), "{cut}");
    // there is room for a part of that alone
    let part = of(200, 50_000);
    assert!(part.contains("\n```\n\nand 253 more lines\n\n</details>\n\n**"), "{part}");
}

#[test]
fn advice_is_markdown_of_its_own() {
    for rule in rules() {
        assert_eq!(foreign(rule.info().help), Vec::<String>::new(), "{}", rule.info().code);
    }
}

#[test]
fn json_lines_are_the_artifacts_of_json_and_then_the_rest() {
    let (json, lines) =
        (render(&mixed(), "json", Options::default()), render(&mixed(), "jsonl", Options::default()));
    let mut whole: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.pop().unwrap();
    assert_eq!(whole.as_object_mut().unwrap().remove("artifacts").unwrap(), serde_json::Value::Array(lines));
    assert_eq!(last, whole);
}

#[test]
fn what_an_allowance_covers_is_no_result_and_is_counted() {
    let allowed = super::allowed();
    assert_eq!(allowed.counts.allowed, 1);
    let run = sarif(&allowed);
    assert!(succeeded(&run) && results(&run).is_empty());
    let notes = &run.invocations.as_ref().unwrap()[0].tool_execution_notifications.as_ref().unwrap();
    assert!(notes.iter().any(|note| note.message.text.as_deref() == Some("1 line passes by allowances")));
    let junit = render(&allowed, "junit", Options::default());
    assert!(junit.contains("allowed until 2027-01-01: looked at (gosum.toml:5)"), "{junit}");
    assert!(matches!(statuses(&allowed)[0].1, TestCaseStatus::Success { .. }));
}
