//! Every format tells the same numbers.

use std::collections::BTreeMap;

use gosum_evidence::compare::Comparison;
use gosum_evidence::report::Report;
use gosum_evidence::verdict::Verdict;
use gosum_report::format::{Options, formats};
use serde_json::Value;

use super::{clean, earlier, hash, line, missed, render, report, unavailable};

type Counts = BTreeMap<String, usize>;

/// Returns how many artifacts there are of each verdict, and what is allowed and left out.
fn expected(report: &Report) -> Counts {
    of_object(&serde_json::to_value(report.counts).unwrap())
}

/// Returns `counts` without those that are only told where there are some.
fn of_some(mut counts: Counts) -> Counts {
    counts.retain(|name, count| name != "verified_by_earlier" || *count > 0);
    counts
}

/// Returns `counts` without those that only formats for programs have.
fn of_people(mut counts: Counts) -> Counts {
    counts.remove("untold");
    counts
}

fn of_object(counts: &Value) -> Counts {
    let counts = counts.as_object().unwrap().iter();
    counts.map(|(name, count)| (name.clone(), usize::try_from(count.as_u64().unwrap()).unwrap())).collect()
}

/// Returns the numbers of the sentence that begins with how many lines there are.
fn of_headline(text: &str) -> Counts {
    const WORDS: [(&str, &str); 8] = [
        ("allowed", " allowed"),
        ("left_out", " left out"),
        ("mismatch", " differ"),
        ("unverified", " unverified"),
        ("verified_both", " verified by both paths"),
        ("verified_by_earlier", " of the verified by answers seen earlier"),
        ("verified_direct_only", " verified by version control only"),
        ("verified_proxy_only", " verified by proxy only"),
    ];
    let (_, parts) = text
        .lines()
        .next()
        .unwrap()
        .split_once(if text.contains(" lines: ") { " lines: " } else { " line: " })
        .unwrap();
    let of =
        |words: &str| parts.split(", ").find_map(|part| part.strip_suffix(words)?.parse().ok()).unwrap_or(0);
    WORDS.map(|(name, words)| (name.to_owned(), of(words))).into()
}

/// Returns the numbers that `text`, a report in `format`, tells.
fn told(format: &str, text: &str) -> Counts {
    let json = || serde_json::from_str::<Value>(text).unwrap();
    match format {
        "text" | "markdown" => of_headline(text),
        "github" => of_headline(text.lines().last().unwrap().split("%0A").next().unwrap()),
        "json" => of_object(&json()["counts"]),
        "jsonl" => {
            let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
            of_object(&last["counts"])
        }
        "html" => {
            let numbers = text.split("data-count=\"").skip(1).map(|part| {
                let (name, rest) = part.split_once("\">").unwrap();
                (name.to_owned(), rest.split('<').next().unwrap().parse().unwrap())
            });
            numbers.collect()
        }
        "sarif" => of_object(&json()["runs"][0]["properties"]["counts"]),
        "junit" => {
            let read = quick_junit::Report::deserialize_from_str(text).unwrap();
            let numbers = read.test_suites[0].properties.iter().filter_map(|property| {
                Some((property.name.as_str().to_owned(), property.value.as_str().parse().ok()?))
            });
            numbers.filter(|(name, _)| name != "findings").collect()
        }
        // it has nothing but entries
        "gitlab" => Counts::new(),
        format => panic!("what does {format} tell?"),
    }
}

/// Returns how many entries a list has, with those that it counts and does not show.
fn listed(format: &str, text: &str) -> Option<usize> {
    let json = || serde_json::from_str::<Value>(text).unwrap();
    let entries = |value: &Value| value.as_array().unwrap().len();
    match format {
        "gitlab" => Some(entries(&json())),
        "sarif" => {
            let run = &json()["runs"][0];
            let left_out = run["properties"]["resultsLeftOut"].as_u64().unwrap();
            Some(entries(&run["results"]) + usize::try_from(left_out).unwrap())
        }
        "github" => {
            let last = text.lines().last().unwrap();
            let left_out = last
                .split_once("%0A")
                .map_or(0, |(_, rest)| rest.split(' ').next().unwrap().parse().unwrap());
            Some(text.lines().count() - 1 + left_out)
        }
        _ => None,
    }
}

fn agree(report: &Report) {
    for format in formats() {
        let text = render(report, format.name(), Options::default());
        let told = of_some(told(format.name(), &text));
        if format.name() != "gitlab" {
            let is_for_people = matches!(format.name(), "text" | "markdown" | "github" | "html");
            let expected = if is_for_people { of_people(expected(report)) } else { expected(report) };
            assert_eq!(told, expected, "{}", format.name());
        }
        if let Some(listed) = listed(format.name(), &text) {
            assert_eq!(listed, report.findings.len() + report.counts.unverified, "{}", format.name());
        }
    }
    let junit = render(report, "junit", Options::default());
    let suite = &quick_junit::Report::deserialize_from_str(&junit).unwrap().test_suites[0];
    let apart = report.findings.iter().filter(|finding| finding.subject.is_none()).count();
    assert_eq!(suite.tests, suite.test_cases.len());
    assert_eq!(suite.tests, report.artifacts.len() + apart);
    assert_eq!((suite.failures, suite.errors), (report.counts.mismatch + apart, report.counts.unverified));
    let lines = render(report, "jsonl", Options::default());
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["module"].is_string() {
            *verdicts.entry(line["verdict"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    for verdict in [Verdict::Verified, Verdict::Unverified, Verdict::Mismatch] {
        let judged = report.artifacts.iter().filter(|judged| judged.verdict == verdict).count();
        assert_eq!(verdicts.get(&verdict.to_string()).copied().unwrap_or(0), judged);
    }
}

/// `verified` lines that are so, `mismatch` that differ, and `unverified` that could not be told.
pub(super) fn many(verified: usize, mismatch: usize, unverified: usize) -> Vec<Comparison> {
    let mut lines: Vec<Comparison> = (0..verified + mismatch + unverified)
        .map(|at| {
            let direct = match at {
                at if at < verified => hash("a"),
                at if at < verified + mismatch => hash("b"),
                at => unavailable(&format!("https://git.example/{}: status 503", at % 40)),
            };
            line(&format!("example.com/m{at:05}@v1.0.0"), at + 1, hash("a"), hash("a"), direct)
        })
        .collect();
    lines.sort_by(|a, b| a.subject.cmp(&b.subject));
    lines
}

#[test]
fn on_a_clean_report() {
    agree(&clean());
}

#[test]
fn on_answers_that_were_seen_earlier() {
    let report = earlier();
    assert_eq!(report.counts.verified_by_earlier, 1);
    agree(&report);
    for format in ["text", "markdown", "html"] {
        let text = render(&report, format, Options::default());
        let told = "direct: 1 answer was seen earlier, the oldest at 2026-11-26T12:00:00Z, and not asked for again: offline";
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn on_sources_without_which_lines_are_verified() {
    let report = missed();
    assert_eq!((report.counts.verified_both, report.counts.verified_proxy_only), (1, 4));
    agree(&report);
    for format in ["text", "markdown", "html"] {
        let text = render(&report, format, Options::default());
        let told = "direct: no hash on 3 lines that are verified without it: unavailable: status 503; and 1 other reason";
        assert!(text.contains(told), "{text}");
        assert!(!text.contains("proxy: no hash"), "{text}");
    }
}

#[test]
fn on_fifty_findings() {
    let report = report(many(3, 20, 10), &"oops\n".repeat(30));
    assert_eq!(report.findings.len(), 50);
    agree(&report);
}

#[test]
fn on_five_thousand_artifacts() {
    let report = report(many(4000, 200, 800), "");
    assert_eq!(report.artifacts.len(), 5000);
    agree(&report);
}

#[test]
fn what_does_not_fit_is_counted() {
    // more than code scanning shows
    let report = report(many(0, 50, 5_450), "");
    agree(&report);
    let log: Value = serde_json::from_str(&render(&report, "sarif", Options::default())).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 5_000);
    assert_eq!(run["properties"]["resultsLeftOut"], 500);
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let text = "500 more results than fit are left out, the lighter ones";
    assert!(notifications.iter().any(|one| one["message"]["text"] == text && one["level"] == "error"));
}
