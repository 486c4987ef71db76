//! Whole reports, each scenario in every format.

#![expect(clippy::unwrap_used, reason = "a scenario that cannot be made fails the test")]

mod agree;
mod hostile;
mod html;
mod large;
mod lint;
mod read_back;
mod schema;
mod schema_of_disk;
mod schema_of_lint;

use std::sync::Arc;

use gosum_evidence::compare::{Answers, Comparison};
use gosum_evidence::diff::sums::sums;
use gosum_evidence::evidence::{Answer, Defect, Evidence, NotAsked, Origin, Outdated, Seen, SourceName, Sum};
use gosum_evidence::judge::judge;
use gosum_evidence::policy::{Accepted, Allowance, Date, Policy};
use gosum_evidence::report::{Report, Run, SourceRun};
use gosum_evidence::rule::{Case, SumFile};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_report::format::{Options, named};

const SOURCES: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

fn hash(seed: &str) -> Answer {
    Answer::hash(go_mod_h1(seed.as_bytes()))
}

/// Returns a comparison on the zip of `module`, at `line` of go.sum.
fn line(module: &str, line: usize, go_sum: Answer, proxy: Answer, direct: Answer) -> Comparison {
    let module = ModuleVersion::parse(module).unwrap();
    let url = |host: &str| Some(Arc::from(format!("https://{host}/{}", module.path())));
    let proxied =
        Origin { from: Some(format!("https://proxy.example/{module}.zip").into()), ..Origin::default() };
    let cloned = Origin {
        from: url("git.example"),
        reference: Some(format!("refs/tags/{}", module.version()).into()),
        commit: Some("3b346cd0a0b1c2d3e4f5061728394a5b6c7d8e9f".into()),
        subdir: Some("".into()),
        ..Origin::default()
    };
    Comparison {
        subject: Subject::new(module, Artifact::Zip),
        at: vec![Location { file: "go.sum".into(), line }],
        answers: Answers::from_iter([
            (SourceName::GO_SUM, go_sum.into()),
            (SourceName::PROXY, Evidence::new(proxy, proxied)),
            (SourceName::DIRECT, Evidence::new(direct, cloned)),
        ]),
    }
}

fn report(comparisons: Vec<Comparison>, go_sum: &str) -> Report {
    let files = [SumFile { name: "go.sum".into(), sum: GoSum::parse(go_sum.as_bytes()) }];
    let policy = Policy::plain(SOURCES.to_vec(), Date::parse("2026-11-26").unwrap());
    let judgement =
        judge(&Case { comparisons: &comparisons, files: &files, ..Case::default() }, &SOURCES, &policy);
    let diff = sums(&comparisons).diff;
    let mut report = Report::new("0.0.0", comparisons, &SOURCES, judgement, diff);
    let cost = |name: SourceName| SourceRun {
        name,
        from_cache: 0,
        oldest_seen: None,
        downloaded: 3,
        requests: 4,
        bytes: 5,
        ms: 6,
    };
    report.run = Some(Run { ms: 7, sources: SOURCES.map(cost).to_vec(), ..Run::default() });
    report
}

fn render(report: &Report, format: &str, options: Options) -> String {
    let mut out = Vec::new();
    named(format).unwrap().render(report, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn unavailable(reason: &str) -> Answer {
    Answer::Unavailable(reason.into())
}

/// One of each verdict, and one finding on a line.
fn mixed() -> Report {
    let invalid = Answer::Hash {
        h1: Sum::H1(go_mod_h1(b"a")),
        defects: vec![(Defect::InvalidZip, "\"A.go\": differs from `a.go` in case alone".into())],
    };
    let refused = || unavailable("https://git.example/example.com/e: status 401");
    let mut e2 = line("example.com/e@v1.1.0", 6, hash("a"), hash("a"), refused());
    e2.subject.artifact = Artifact::GoMod;
    report(
        vec![
            line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("a")),
            line("example.com/b@v1.0.0", 2, hash("a"), hash("a"), hash("b")),
            line("example.com/c@v1.0.0", 3, hash("a"), Answer::NotAsked(NotAsked::Private), hash("a")),
            line("example.com/d@v1.0.0", 4, hash("a"), invalid, hash("a")),
            line("example.com/e@v1.0.0", 5, hash("a"), hash("a"), refused()),
            e2,
        ],
        "\n\n\n\n\n\noops\n",
    )
}

/// A tag that was moved, which is accepted.
fn allowed() -> Report {
    let comparisons = vec![line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("b"))];
    let sum = |seed: &str| hash(seed).sum().unwrap().clone();
    let pinned = [(SourceName::PROXY, sum("a")), (SourceName::DIRECT, sum("b"))];
    let mut policy = Policy::plain(SOURCES.to_vec(), Date::parse("2026-11-26").unwrap());
    policy.allowances = vec![Allowance {
        at: Location { file: "gosum.toml".into(), line: 5 },
        subject: comparisons[0].subject.clone(),
        what: Accepted::Hashes(pinned.into()),
        reason: "looked at".to_owned(),
        until: Date::parse("2027-01-01").unwrap(),
    }];
    let judgement = judge(&Case { comparisons: &comparisons, ..Case::default() }, &SOURCES, &policy);
    Report::new("0.0.0", comparisons, &SOURCES, judgement, String::new())
}

/// Lines of which one is verified by what was seen earlier.
fn earlier() -> Report {
    let mut seen = line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("a"));
    let direct = seen.answers.get(&SourceName::DIRECT).unwrap().clone();
    let outdated = Some(Outdated::Offline);
    seen.answers.insert(SourceName::DIRECT, direct.seen(Seen { time: 1_795_694_400, outdated }));
    let mut report = report(vec![seen, line("example.com/b@v1.0.0", 2, hash("a"), hash("a"), hash("a"))], "");
    report.run.as_mut().unwrap().sources[1].oldest_seen = Some("2026-11-26T12:00:00Z".to_owned());
    report
}

/// Lines that are verified by the proxy, which alone is required.
fn missed() -> Report {
    let answers = [
        unavailable("https://git.example/a: status 503"),
        unavailable("https://git.example/b: status 503"),
        Answer::Absent("no tag `v1.0.0`".into()),
        hash("a"),
        Answer::NotAsked(NotAsked::NotSelected),
    ];
    let line = |(number, direct)| {
        line(&format!("example.com/a{number}@v1.0.0"), number, hash("a"), hash("a"), direct)
    };
    let comparisons: Vec<_> = (1..).zip(answers).map(line).collect();
    let policy = Policy::plain(vec![SourceName::PROXY], Date::parse("2026-11-26").unwrap());
    let judgement = judge(&Case { comparisons: &comparisons, ..Case::default() }, &SOURCES, &policy);
    Report::new("0.0.0", comparisons, &SOURCES, judgement, String::new())
}

fn clean() -> Report {
    report(vec![line("example.com/a@v1.0.0", 1, hash("a"), hash("a"), hash("a"))], "")
}

#[test]
fn mixed_reports() {
    insta::assert_snapshot!("mixed_text", render(&mixed(), "text", Options::default()));
    for format in ["json", "jsonl", "markdown", "junit", "github", "gitlab"] {
        insta::assert_snapshot!(format!("mixed_{format}"), render(&mixed(), format, Options::default()));
    }
}

#[test]
fn clean_reports() {
    insta::assert_snapshot!("clean_text", render(&clean(), "text", Options::default()));
    for format in ["json", "markdown", "junit", "github", "gitlab"] {
        insta::assert_snapshot!(format!("clean_{format}"), render(&clean(), format, Options::default()));
    }
    let verbose = Options { verbose: true, ..Options::default() };
    insta::assert_snapshot!("clean_verbose", render(&clean(), "text", verbose));
}

#[test]
fn what_is_allowed() {
    for format in ["text", "markdown", "junit", "github", "gitlab"] {
        insta::assert_snapshot!(format!("allowed_{format}"), render(&allowed(), format, Options::default()));
    }
}

/// SARIF without the pages of its rules.
#[test]
fn sarif() {
    for (name, report) in [("mixed", mixed()), ("clean", clean())] {
        let mut log: serde_json::Value =
            serde_json::from_str(&render(&report, "sarif", Options::default())).unwrap();
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
        rules.retain(|rule| rule["id"] == "tag-moved");
        rules[0]["help"] = "(its page)".into();
        insta::assert_snapshot!(format!("{name}_sarif"), serde_json::to_string_pretty(&log).unwrap());
    }
}

#[test]
fn a_report_without_a_run_has_neither_times_nor_their_columns() {
    let report = Report { run: None, ..mixed() };
    let text = render(&report, "text", Options::default());
    assert!(text.contains("source   lines  agree  differ  unanswered  not asked\n"), "{text}");
    assert!(!render(&report, "json", Options::default()).contains("\"run\""));
}

#[test]
fn what_is_alike_is_folded_unless_asked_for() {
    let refused = || unavailable("https://git.example/example.com/a: status 503");
    let lines = (1..=9).map(|n| line(&format!("example.com/a@v1.0.{n}"), n, hash("a"), hash("a"), refused()));
    let report = report(lines.collect(), "");
    let folded = render(&report, "text", Options::default());
    assert!(
        folded.contains("  direct unavailable at https://git.example/example.com/a, 9 lines: status 503\n"),
        "{folded}"
    );
    assert!(folded.contains("    and 6 more (--all names them)\n"), "{folded}");
    let all = render(&report, "text", Options { all: true, ..Options::default() });
    assert!(all.contains("example.com/a v1.0.9  (go.sum:9)\n") && !all.contains("more"), "{all}");
}

#[test]
fn colours_are_only_added() {
    let plain = render(&mixed(), "text", Options::default());
    let coloured = render(&mixed(), "text", Options { color: true, ..Options::default() });
    let stripped: String = {
        let mut out = String::new();
        let mut rest = coloured.as_str();
        while let Some(at) = rest.find('\u{1b}') {
            out.push_str(&rest[..at]);
            rest = &rest[at + rest[at..].find('m').unwrap() + 1..];
        }
        out + rest
    };
    assert_ne!(coloured, plain);
    assert_eq!(stripped, plain);
}

#[test]
fn a_graph_of_which_a_part_is_missing_is_named_in_every_format_for_people() {
    let mut part = clean();
    part.note_incomplete_graph();
    let headline = "1 line: 1 verified by both paths, graph incomplete";
    let why = "a part of the module graph could not be loaded";
    let shown = |format| render(&part, format, Options::default());
    assert!(shown("text").starts_with(&format!("unverified: {headline}\ngraph incomplete: {why}; ")));
    assert!(
        shown("markdown")
            .starts_with(&format!("**unverified**: {headline}\n\n**graph incomplete**: {why}; "))
    );
    for format in ["github", "gitlab", "sarif", "html"] {
        assert!(shown(format).contains(why), "{format}");
        assert!(!render(&clean(), format, Options::default()).contains(why), "{format}");
    }
    assert!(shown("github").contains(headline));
    assert!(shown("json").contains("\"graph_incomplete\": true"));
}

#[test]
fn whether_both_paths_agree_is_said_only_where_both_were_asked() {
    let comparisons = |proxy: &Answer, direct: &Answer| {
        vec![line("example.com/a@v1.0.0", 1, hash("a"), proxy.clone(), direct.clone())]
    };
    let says = |report: &Report| {
        let all = ["text", "markdown", "html"].map(|format| {
            let text = render(report, format, Options::default());
            text.contains("lines that both answered") && !text.contains("over the lines that both answered")
        });
        assert!(all.iter().all(|says| *says == all[0]), "{all:?}");
        all[0]
    };
    let not_asked = Answer::NotAsked(NotAsked::Offline);
    for (proxy, direct, expected) in [
        (hash("a"), hash("a"), true),
        (hash("a"), unavailable("status 500"), true),
        (hash("a"), not_asked.clone(), false),
        (not_asked.clone(), hash("a"), false),
        (not_asked.clone(), not_asked, false),
    ] {
        assert_eq!(says(&report(comparisons(&proxy, &direct), "")), expected, "{proxy:?} {direct:?}");
    }
    let mut alone = report(comparisons(&hash("a"), &hash("a")), "");
    alone.sources.remove(1);
    assert!(!says(&alone));
}
