//! A report the names and messages of which want to do harm, in every format.

use std::sync::Arc;

use gosum_evidence::evidence::{Answer, Evidence, Origin, SourceName, Sum};
use gosum_evidence::judge::judge;
use gosum_evidence::policy::{Accepted, Allowance, Date, Policy};
use gosum_evidence::report::{Base, Report};
use gosum_evidence::rule::Case;
use gosum_evidence::subject::Location;
use gosum_report::format::{Options, formats};
use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};
use serde_json::Value;

use super::{hash, line, render, unavailable};

/// What terminals, XML, HTML, Markdown, forges and the runners of workflows obey.
pub(super) const EVIL: &str = "\u{1b}[2J\u{202e}<script>alert(1)</script>\r\n::error::x\n::stop-commands::y ]]> --> <![CDATA[ <!-- & \" ' \
    ``` ` | \\| @someone #1 [x](javascript:y) ![i](https://i.example/p.png) https://evil.example www.evil.example **b** _e_ \
    \u{7}\u{9b}31m\u{7f}\u{200b}\u{2066}\u{feff}\u{fffe}%0A,a:b</details>\n# h\n</failure>\n";
/// A name of a file.
pub(super) const FILE: &str = "./we`ird\\\u{202e}|<b>,:%?#\"'\n::error::x/go.sum";

/// One line of each kind, all of them hostile wherever something foreign can be.
pub(super) fn hostile() -> Report {
    let evil = || Arc::<str>::from(EVIL);
    let mirror = SourceName::further("proxy:\u{1b}\u{202e}`|<b>@a".to_owned());
    let sources = [SourceName::PROXY, SourceName::DIRECT, mirror.clone()];
    let text = || Answer::Hash { h1: Sum::Text(format!("h1:{EVIL}").into()), defects: Vec::new() };
    let mut lines = vec![
        line("example.com/a@v1.0.0", 1, hash("a"), Answer::Untrusted(evil()), hash("a")),
        line("example.com/b@v1.0.0", 2, hash("a"), hash("a"), unavailable(EVIL)),
        line("example.com/c@v1.0.0", 3, text(), hash("a"), hash("b")),
        line("example.com/d@v1.0.0", 4, hash("a"), hash("a"), hash("b")),
        line("example.com/e@v1.0.0", 5, hash("a"), hash("a"), hash("a")),
    ];
    for (at, comparison) in lines.iter_mut().enumerate() {
        let place = |number| Location { file: FILE.into(), line: number };
        comparison.at = vec![place(at + 1), place(at + 100)];
        let (from, commit) = (Some(evil()), Some(evil()));
        let asked_for = Some(evil());
        let origin = Origin { from, asked_for, reference: Some(evil()), commit, ..Origin::default() };
        comparison.answers.insert(mirror.clone(), Evidence::new(hash("a"), origin));
    }
    let pinned = lines[3].answers.iter().filter_map(|(source, evidence)| {
        let recomputed = *source != SourceName::GO_SUM;
        recomputed.then(|| (source.clone(), evidence.answer.sum().unwrap().clone()))
    });
    let mut policy = Policy::plain(sources[..2].to_vec(), Date::parse("2026-11-26").unwrap());
    policy.allowances = vec![Allowance {
        at: Location { file: FILE.into(), line: 9 },
        subject: lines[3].subject.clone(),
        what: Accepted::Hashes(pinned.collect()),
        reason: EVIL.to_owned(),
        until: Date::parse("2027-01-01").unwrap(),
    }];
    let judgement = judge(&Case { comparisons: &lines, ..Case::default() }, &sources, &policy);
    let mut report = Report::new(
        "0.0.0",
        lines,
        &sources,
        judgement,
        format!("--- a\n+++ b\n+{}", EVIL.trim_end().replace('\n', "\n+")),
    );
    report.base = Some(Base { name: EVIL.to_owned(), commit: None, config: Some(EVIL.to_owned()) });
    report.complete = false;
    assert_eq!((report.counts.mismatch, report.counts.unverified, report.counts.allowed), (2, 1, 1));
    report
}

fn all() -> Options {
    Options { all: true, verbose: true, ..Options::default() }
}

#[test]
fn no_format_lets_control_characters_through() {
    let harmful = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    for format in formats() {
        let text = render(&hostile(), format.name(), all());
        assert!(!text.chars().any(harmful), "{}: {text:?}", format.name());
        assert!(text.ends_with('\n'), "{}", format.name());
    }
}

#[test]
fn no_format_starts_a_line_with_a_command_of_a_runner_but_the_one_for_them() {
    for format in formats().iter().filter(|format| format.name() != "github") {
        let text = render(&hostile(), format.name(), all());
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{}: {text}", format.name());
    }
}

#[test]
fn json_means_what_was_said() {
    let report: Value = serde_json::from_str(&render(&hostile(), "json", all())).unwrap();
    assert_eq!(report["artifacts"][0]["answers"]["proxy"]["reason"], EVIL);
    let lines = render(&hostile(), "jsonl", all());
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[1]["answers"]["direct"]["reason"], EVIL);
    assert_eq!(lines[5]["base"]["name"], EVIL);
}

/// Returns whether `text`, which people are shown, has nothing in it that turns the direction of writing or is not seen.
fn is_plain(text: &str) -> bool {
    !text.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{2066}', '\u{9b}', '\r'])
}

#[test]
fn sarif_has_messages_without_links_and_places_that_are_references() {
    let log: Value = serde_json::from_str(&render(&hostile(), "sarif", all())).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    for entry in results.iter().chain(notifications) {
        let text = entry["message"]["text"].as_str().unwrap();
        assert!(is_plain(text) && !text.replace("\\](", "").contains("]("), "{text}");
    }
    for result in results {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "we%60ird/%E2%80%AE%7C%3Cb%3E%2C%3A%25%3F%23%22%27%0A%3A%3Aerror%3A%3Ax/go.sum");
    }
}

#[test]
fn gitlab_has_plain_descriptions() {
    let entries: Vec<Value> = serde_json::from_str(&render(&hostile(), "gitlab", all())).unwrap();
    assert_eq!(entries.len(), 7);
    assert!(entries.iter().all(|entry| is_plain(entry["description"].as_str().unwrap())), "{entries:?}");
}

#[test]
fn junit_is_well_formed_and_holds_what_was_said() {
    let read = quick_junit::Report::deserialize_from_str(&render(&hostile(), "junit", all())).unwrap();
    let [suite] = read.test_suites.as_slice() else { panic!("{read:?}") };
    assert_eq!((suite.tests, suite.failures, suite.errors), (6, 2, 2));
    let names: Vec<&str> = suite.test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["interrupted", "v1.0.0", "v1.0.0", "v1.0.0", "v1.0.0", "v1.0.0"]);
    let quick_junit::TestCaseStatus::NonSuccess { description, .. } = &suite.test_cases[1].status else {
        panic!("{suite:?}")
    };
    let text = description.as_ref().unwrap().as_str();
    assert!(text.contains("<script>alert(1)</script>\\u{d}\\u{a}::error::x"), "{text}");
    // what two rules say and advise, and four answers, each on its line
    assert_eq!(text.lines().count(), 8, "{text}");
}

#[test]
fn github_is_given_annotations_and_no_other_command() {
    let text = render(&hostile(), "github", all());
    assert_eq!(text.lines().count(), 8, "{text}");
    for line in text.lines() {
        let (command, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
        assert!(["error", "notice"].contains(&command), "{line}");
        let (properties, message) = rest.split_once("::").unwrap();
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "title"].contains(&key) && !value.contains(':'), "{line}");
        }
        assert!(is_plain(message), "{line}");
        // the only line ends are ours
        assert!(message.matches("%0A").count() <= 1, "{line}");
    }
}

#[test]
fn markdown_has_all_that_is_foreign_in_code() {
    for options in [all(), Options::default()] {
        let text = render(&hostile(), "markdown", options);
        assert_eq!(foreign(&text), Vec::<String>::new(), "{text}");
    }
}

/// Returns what of `text` is not what the format itself writes, when it is read as Markdown.
pub(super) fn foreign(text: &str) -> Vec<String> {
    const OURS: [&str; 3] = ["<details>\n", "<summary>The two go.sum sets</summary>\n", "</details>\n"];
    let extensions =
        Extensions::ENABLE_TABLES | Extensions::ENABLE_STRIKETHROUGH | Extensions::ENABLE_FOOTNOTES;
    let mut found = Vec::new();
    let mut in_block = false;
    for event in Parser::new_ext(text, extensions) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Start(
                Tag::HtmlBlock | Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell,
            ) => {}
            Event::Start(Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Strong) => {}
            Event::Start(Tag::Heading { level, .. }) if level as usize == 3 => {}
            Event::Html(html) if OURS.contains(&&*html) => {}
            Event::Text(text) if !in_block && text.contains(['@', '#', '<', '`', '|', '\\']) => {
                found.push(text.into_string());
            }
            Event::Text(text) if !in_block && (text.contains("www") || text.contains("//")) => {
                found.push(text.into_string());
            }
            Event::Text(_) | Event::Code(_) | Event::SoftBreak | Event::HardBreak | Event::End(_) => {}
            event => found.push(format!("{event:?}")),
        }
    }
    found
}

#[test]
fn hostile_reports() {
    for format in ["text", "markdown", "junit", "github"] {
        insta::assert_snapshot!(format!("hostile_{format}"), render(&hostile(), format, Options::default()));
    }
}
