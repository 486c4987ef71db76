//! An audit of a thousand lines, of which sixty are unverified: what people see of it at first.

use std::sync::Arc;

use gosum_evidence::compare::{Answers, Comparison};
use gosum_evidence::evidence::{Answer, Evidence, NotAsked, Origin, SourceName};
use gosum_evidence::report::Report;
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_report::format::Options;

use super::{hash, render, report, unavailable};

/// One line: what a source says, and what it asked.
fn line(module: &str, (proxy, direct): (Answer, Answer), repository: &str) -> Comparison {
    let module = ModuleVersion::parse(module).unwrap();
    let from = |url: String| Origin {
        from: Some(Arc::from(url)).filter(|url: &Arc<str>| !url.is_empty()),
        ..Origin::default()
    };
    let proxied = from(format!("https://proxy.example/{}/@v/{}.zip", module.path(), module.version()));
    Comparison {
        at: Vec::new(),
        answers: Answers::from_iter([
            (SourceName::GO_SUM, hash("a").into()),
            (SourceName::PROXY, Evidence::new(proxy, proxied)),
            (SourceName::DIRECT, Evidence::new(direct, from(repository.to_owned()))),
        ]),
        subject: Subject::new(module, Artifact::Zip),
    }
}

fn not_found(path: &str) -> Answer {
    Answer::Absent(format!("https://proxy.example/{path}/@v/v1.0.0.zip: status 404: not found").into())
}

fn thousand() -> Report {
    let sound = || (hash("a"), hash("a"));
    let lacks = |direct: Answer| (hash("a"), direct);
    let mut lines = Vec::new();
    for at in 0..938 {
        let path = format!("forge.example/user{}/module{at}", at % 100);
        lines.push(line(&format!("{path}@v1.{at}.0"), sound(), &format!("https://{path}")));
    }
    for at in ["forge.example/user3/changed@v1.2.3", "forge.example/user4/changed@v0.9.0"] {
        let path = at.split('@').next().unwrap();
        lines.push(line(at, lacks(hash("b")), &format!("https://{path}")));
    }
    // a company's own modules, of which nobody else knows
    for at in 0..18 {
        let path = format!("git.corp.example/team/m{}", at % 6);
        let why = format!(
            "https://{path}?go-get=1: cannot resolve the host name: no such host is known to the resolver of this machine"
        );
        lines.push(line(&format!("{path}@v1.0.{at}"), (not_found(&path), unavailable(&why)), ""));
    }
    // tags that are gone, of four repositories of a host that answers
    for at in 0..12 {
        let path = format!("forge.example/gone/r{}", at % 4);
        let why = Answer::Absent(format!("no tag `v1.{at}.1`").into());
        lines.push(line(&format!("{path}@v1.{at}.1"), lacks(why), &format!("https://{path}")));
    }
    // a host that is down
    for at in 0..10 {
        let path = format!("down.example/r{}", at % 5);
        let why =
            unavailable(&format!("https://{path}/info/refs?service=git-upload-pack: connection refused"));
        lines.push(line(&format!("{path}@v1.{at}.0"), lacks(why), &format!("https://{path}")));
    }
    for at in 0..14 {
        let path = "forge.example/large/monorepo";
        let why = unavailable("host cannot send a go.mod alone");
        lines.push(line(&format!("{path}@v0.{at}.0"), lacks(why), &format!("https://{path}")));
    }
    for at in 0..6 {
        let path = format!("forge.example/refused/r{at}");
        let answers = (unavailable("status 403: this module version is not available"), hash("a"));
        lines.push(line(&format!("{path}@v1.{at}.0"), answers, &format!("https://{path}")));
    }
    lines.sort_by(|a, b| a.subject.cmp(&b.subject));
    for (at, comparison) in lines.iter_mut().enumerate() {
        comparison.at = vec![Location { file: "go.sum".into(), line: at + 1 }];
    }
    assert_eq!(lines.len(), 1000);
    report(lines, "")
}

#[test]
fn the_first_screen_of_a_large_report_is_readable() {
    let report = Report { run: None, ..thousand() };
    assert_eq!((report.counts.mismatch, report.counts.unverified), (2, 60));
    let text = render(&report, "text", Options::default());
    insta::assert_snapshot!("large_text", text);
    let (before, after) = text.split_once("\nunverified\n").unwrap();
    assert!(before.lines().count() + after.lines().count() <= 45, "{text}");
    assert!(after.lines().all(|line| line.chars().count() <= 120), "{after}");

    let all = render(&report, "text", Options { all: true, ..Options::default() });
    let named = all.lines().filter(|line| line.contains("(go.sum:")).count();
    // each line of the company's modules is named for both sources
    assert_eq!(named, 2 + 60 + 18, "{all}");
    let verbose = render(&report, "text", Options { verbose: true, ..Options::default() });
    assert!(verbose.starts_with(&text) && verbose.contains("\nverified\n"));
}

#[test]
fn modules_of_one_host_that_nobody_knows_may_be_private() {
    let hint = "private? GOPRIVATE=git.corp.example/*";
    let of = |count: usize, other: Answer| {
        let mine = (0..count).map(|at| {
            let path = format!("git.corp.example/m{at}");
            line(&format!("{path}@v1.0.0"), (not_found(&path), hash("a")), &format!("https://{path}"))
        });
        let lines =
            mine.chain([line("other.example/a@v1.0.0", (other, hash("a")), "https://other.example/a")]);
        render(&report(lines.collect(), ""), "text", Options::default())
    };
    let four = of(4, hash("a"));
    let words = "  help: no proxy has any of the 4 modules of git.corp.example: ";
    assert!(four.ends_with(&format!("{words}{hint}\n")), "{four}");
    assert!(!of(3, hash("a")).contains(hint));
    // it is enough to be told for sure
    assert!(of(4, unavailable("status 503")).contains(hint));

    // one module that is known, and the host is
    let known = |at: usize| if at == 0 { hash("a") } else { unavailable("status 503") };
    let lines = (0..6).map(|at| line(&format!("forge.example/m{at}@v1.0.0"), (known(at), hash("a")), ""));
    let text = render(&report(lines.collect(), ""), "text", Options::default());
    assert!(!text.contains("private"), "{text}");
    // a proxy that fails for all says nothing of anybody
    let lines = (0..6).map(|at| line(&format!("forge.example/m{at}@v1.0.0"), (known(1), hash("a")), ""));
    let text = render(&report(lines.collect(), ""), "text", Options::default());
    assert!(!text.contains("private"), "{text}");
}

#[test]
fn names_that_no_proxy_was_told_are_in_no_hint() {
    let of = |asked: usize, withheld: &Evidence| {
        let one = |at: usize| {
            let path = format!("git.corp.example/m{at}");
            let mut line = line(
                &format!("{path}@v1.0.0"),
                (not_found(&path), unavailable("no such host")),
                &format!("https://{path}"),
            );
            if at >= asked {
                line.answers.insert(SourceName::PROXY, withheld.clone());
            }
            line
        };
        render(&report((0..9).map(one).collect(), ""), "text", Options::default())
    };
    for withheld in [Answer::NotAsked(NotAsked::Private), unavailable("private by this change alone")] {
        let withheld = withheld.into();
        assert!(!of(0, &withheld).contains("no proxy has any"));
        assert!(!of(3, &withheld).contains("no proxy has any"));
        assert!(of(4, &withheld).contains("no proxy has any of the 4 modules of git.corp.example: "));
    }
}

#[test]
fn findings_of_one_kind_are_folded() {
    let text = |options| {
        let malformed = "oops\n".repeat(9);
        render(&report(Vec::new(), &malformed), "text", options)
    };
    let folded = text(Options::default());
    assert!(folded.ends_with("  and 6 more of go-sum-malformed (--all names them)\n"), "{folded}");
    assert_eq!(folded.matches("go-sum-malformed: ").count(), 3);
    let all = text(Options { all: true, ..Options::default() });
    assert_eq!(all.matches("go-sum-malformed: ").count(), 9);
}

#[test]
fn more_causes_than_fit_are_counted() {
    let cause =
        |at: usize| (hash("a"), unavailable(&format!("odd thing number {at}, {}", "and so on ".repeat(20))));
    let lines = (0..30)
        .map(|at| line(&format!("forge.example/m{at}@v1.0.0"), cause(at), "https://forge.example/\u{1b}m"));
    let report = report(lines.collect(), "");
    let text = render(&report, "text", Options::default());
    let (_, after) = text.split_once("\nunverified\n").unwrap();
    assert!(after.ends_with("…\n  and 10 causes of fewer lines\n  --all names the lines\n"), "{after}");
    assert!(after.lines().all(|line| line.chars().count() <= 120), "{after}");
    let all = render(&report, "text", Options { all: true, ..Options::default() });
    assert!(all.contains("odd thing number 29, ") && !all.contains('…'));
}
