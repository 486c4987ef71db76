//! Reports of which pages are made, for the tests here and for those in a browser.

use std::sync::Arc;

use gosum_evidence::compare::{Answers, Comparison};
use gosum_evidence::diff::sums::sums;
use gosum_evidence::evidence::{
    Answer, CommitSaid, Defect, Evidence, Lasting, Moved, NotAsked, Origin, SignatureKind, SourceName, Sum,
};
use gosum_evidence::judge::judge;
use gosum_evidence::policy::{Absence, Accepted, Allowance, Date, Policy};
use gosum_evidence::report::{Base, Report, Run, SourceRun};
use gosum_evidence::rule::{Case, SumFile};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::{Artifact, ModuleVersion};

use crate::{hash, unavailable};

const SOURCES: [SourceName; 3] = [SourceName::PROXY, SourceName::DIRECT, SourceName::SUMDB];

/// One report and the name of its page.
pub(crate) type Named = (&'static str, Report);

/// Returns all of them.
pub(crate) fn all() -> [Named; 4] {
    [("clean", clean()), ("findings", findings()), ("large", large()), ("hostile", hostile())]
}

/// An audit in which all is as it should be.
pub(crate) fn clean() -> Report {
    report((0..40).map(|at| sound(at, "a")).collect(), "", Vec::new())
}

/// Fifty findings of several rules, something unverified, something allowed.
pub(crate) fn findings() -> Report {
    let mut lines: Vec<Comparison> = (0..60).map(|at| sound(at, "a")).collect();
    let say = |at: usize, [go_sum, proxy, direct]: [Answer; 3]| {
        line(&module(at), [go_sum, proxy, direct, own(at, "a")])
    };
    // the tag was moved; and with every third, go.sum stands alone
    for at in (0..24).step_by(2) {
        let proxy = own(at, if at % 3 == 0 { "b" } else { "a" });
        lines[at] = say(at, [own(at, "a"), proxy, own(at, "b")]);
    }
    lines[1] = say(1, ["a", "b", "c"].map(|seed| own(1, seed)));
    let other = Answer::Untrusted("zip of another module: `example.com/other@v1.0.0`".into());
    lines[3] = say(3, [own(3, "a"), other, own(3, "a")]);
    for at in [5, 7, 9] {
        let why = "no branch and no tag leads to the commit";
        let fork = own(at, "a").with_defect(Defect::CommitNotInRepository, why);
        lines[at] = say(at, [own(at, "a"), own(at, "a"), fork]);
    }
    let mut put = |at: usize, line: Comparison| lines[at] = line;
    for at in 31..40 {
        let gone = Answer::Absent(format!("no tag `v1.{at}.0`").into());
        put(at, say(at, [own(at, "a"), own(at, "a"), gone]));
    }
    for at in 41..45 {
        let why = format!("https://git.example/team/m{at}: status 503: the server is being repaired");
        let mut line = say(at, [own(at, "a"), own(at, "a"), unavailable(&why)]);
        line.answers.insert(SourceName::SUMDB, Answer::NotAsked(NotAsked::Private).into());
        put(at, line);
    }
    for line in &mut lines[51..55] {
        line.answers.insert(SourceName::SUMDB, Answer::Absent("status 404: not found".into()).into());
    }
    let differs = [
        (SourceName::GO_SUM, "a56"),
        (SourceName::PROXY, "a56"),
        (SourceName::DIRECT, "b56"),
        (SourceName::SUMDB, "a56"),
    ];
    let pinned = differs.map(|(name, seed)| (name, sum(seed)));
    lines[56] = say(56, ["a", "a", "b"].map(|seed| own(56, seed)));
    lines[57] = say(57, [own(57, "a"), own(57, "a"), Answer::Absent("no such tag".into())]);
    if let Some(direct) = lines[57].answers.get_mut(&SourceName::DIRECT) {
        direct.lasting = Some(Lasting::TagGone);
    }
    let allowance = |at: usize, what| Allowance {
        at: Location { file: "gosum.toml".into(), line: at },
        subject: lines[at].subject.clone(),
        what,
        reason: "the author moved the tag, only the README differs".to_owned(),
        until: Date::parse("2027-03-01").unwrap(),
    };
    let missing = Accepted::Missing {
        source: SourceName::DIRECT,
        answer: Absence::Absent,
        why: Lasting::TagGone,
        hash: sum("a57"),
    };
    let allowances = vec![allowance(56, Accepted::Hashes(pinned.into())), allowance(57, missing)];
    let malformed = "\n".repeat(60) + &"oops\n".repeat(29);
    let mut report = report(lines, &malformed, allowances);
    report.base = Some(Base { name: "origin/main".to_owned(), commit: Some("4f".repeat(20)), config: None });
    report
}

/// Five thousand artifacts, of which a few differ and some are unverified.
pub(crate) fn large() -> Report {
    let mut lines: Vec<Comparison> = (0..5000).map(|at| sound(at, "a")).collect();
    for at in (0..5000).step_by(250) {
        lines[at] = line(&module(at), ["a", "a", "b", "a"].map(|seed| own(at, seed)));
    }
    for at in (7..5000).step_by(25) {
        let gone = Answer::Absent(format!("no tag `v1.{at}.0`").into());
        lines[at] = line(&module(at), [own(at, "a"), own(at, "a"), gone, own(at, "a")]);
    }
    report(lines, "", Vec::new())
}

/// What wants to do harm in a page.
pub(crate) const EVIL: &str = "</script></style></textarea>--><!--<script>window.evil=1</script>\
    <img src=x onerror=\"window.evil=2\"><svg onload='window.evil=3'>\"'><a href=\"javascript:window.evil=4\">x</a>\
    <style>body{display:none}</style><base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example/>\
    `${window.evil=5}` \u{1b}[2J\u{202e}\r\n\u{7}\u{2028}&lt;b&gt;&#60;script&#62;]]>";

/// Every text that comes from outside wants to do harm.
pub(crate) fn hostile() -> Report {
    let evil = || Arc::<str>::from(EVIL);
    let urls = [
        "javascript:window.evil=6",
        "data:text/html,<script>window.evil=7</script>",
        "https://git.example@evil.example/",
        "https://git.example/\" onmouseover=\"window.evil=8",
        "http://evil.example/x.zip",
        EVIL,
        "https://git.example/fine?a=1&b=2#c",
    ];
    let mut lines = Vec::new();
    for (at, url) in urls.iter().enumerate() {
        let origin = Origin {
            from: Some((*url).into()),
            asked_for: Some((*url).into()),
            reference: Some(evil()),
            commit: Some(evil()),
            subdir: Some(evil()),
            time: None,
            content_of: Some(evil()),
            moved: Some(Arc::new(Moved { commit: evil(), first: 0, last: 1, since: 2, zip: None })),
            said: Some(Arc::new(CommitSaid {
                resolved_by: "tag",
                tag_object: Some(evil()),
                tag_signature: Some(SignatureKind::Unknown),
                author_time: Some(EVIL.to_owned()),
                committer_time: format!("{EVIL}2"),
                commit_signature: SignatureKind::None,
            })),
        };
        let answers =
            [Answer::Untrusted(evil()), Answer::Unavailable(evil()), Answer::Absent(evil()), hash("b")];
        let module = ModuleVersion::parse(&format!("example.com/a{at}@v1.0.0")).unwrap();
        let defective = hash("a").with_defect(Defect::InvalidZip, evil());
        let recorded = Answer::Hash { h1: Sum::Text(evil()), defects: Vec::new() };
        lines.push(Comparison {
            subject: Subject::new(module, Artifact::GoMod),
            at: vec![Location { file: evil(), line: at }],
            answers: Answers::from_iter([
                (SourceName::GO_SUM, if at % 2 == 0 { recorded } else { hash("a") }.into()),
                (SourceName::PROXY, Evidence::new(answers[at % 4].clone(), origin.clone())),
                (SourceName::DIRECT, Evidence::new(defective, origin.clone())),
                (SourceName::further(EVIL.to_owned()), Evidence::new(answers[(at + 1) % 4].clone(), origin)),
            ]),
        });
    }
    // one that is unverified, and one that is allowed
    for (at, answer) in [(90, Answer::Unavailable(evil())), (91, Answer::Absent(evil()))] {
        lines.push(line(&module(at), [hash("a"), hash("a"), answer, hash("a")]));
    }
    if let Some(direct) = lines[8].answers.get_mut(&SourceName::DIRECT) {
        direct.lasting = Some(Lasting::TagGone);
    }
    let missing = Accepted::Missing {
        source: SourceName::DIRECT,
        answer: Absence::Absent,
        why: Lasting::TagGone,
        hash: sum("a"),
    };
    let allowance = Allowance {
        at: Location { file: evil(), line: 1 },
        subject: lines[8].subject.clone(),
        what: missing,
        reason: EVIL.to_owned(),
        until: Date::parse("2027-03-01").unwrap(),
    };
    let mut report = report(lines, &format!("{}\n", EVIL.replace(['\r', '\n'], " ")), vec![allowance]);
    report.base =
        Some(Base { name: EVIL.to_owned(), commit: Some(EVIL.to_owned()), config: Some(EVIL.to_owned()) });
    let line = EVIL.replace(['\r', '\n'], " ");
    report.diff =
        format!("--- {line}\n+++ {line}\n@@ {line}\n {line}\n-{line}\n+{line} b\n-c{line}\n{line}\n");
    report.complete = false;
    for judged in &mut report.artifacts {
        judged.via = vec![EVIL.to_owned(); 2];
    }
    report
}

fn sum(seed: &str) -> Sum {
    Sum::H1(go_mod_h1(seed.as_bytes()))
}

/// Returns the name of a module that stands at `at` in the order of all.
fn module(at: usize) -> String {
    let words = [
        "cache",
        "colors",
        "config",
        "http-router",
        "logging",
        "metrics",
        "queue",
        "text-template",
        "uuid",
        "yaml",
    ];
    let word = words[at % words.len()];
    let group = at / 4;
    match at % 4 {
        0 => format!("forge.example/group{group:04}/a-{word}@v0.{at}.0"),
        1 => format!("forge.example/group{group:04}/b-{word}/v2@v2.{at}.1"),
        2 => format!("forge.example/group{group:04}/c-{word}@v0.0.0-20240102030405-{at:012x}"),
        _ => format!("forge.example/group{group:04}/d-{word}@v1.{at}.0"),
    }
}

/// Returns a hash of the module at `at` alone.
fn own(at: usize, seed: &str) -> Answer {
    hash(&format!("{seed}{at}"))
}

/// Returns a line of go.sum that all sources agree on.
fn sound(at: usize, seed: &str) -> Comparison {
    let mut line = line(&module(at), std::array::from_fn(|_| own(at, seed)));
    if at % 3 == 2 {
        line.subject.artifact = Artifact::GoMod;
    }
    line
}

/// Returns what go.sum, the proxy, version control and the checksum database say of `module`.
fn line(module: &str, [go_sum, proxy, direct, sumdb]: [Answer; 4]) -> Comparison {
    let module = ModuleVersion::parse(module).unwrap();
    let (path, version) = (module.path().as_str(), module.version().as_str());
    let proxied = Origin {
        from: Some(format!("https://proxy.example/{path}/@v/{version}.zip").into()),
        ..Origin::default()
    };
    let cloned = Origin {
        from: Some(format!("https://{path}").into()),
        reference: (!module.version().is_pseudo()).then(|| format!("refs/tags/{version}").into()),
        commit: Some("3b346cd0a0b1c2d3e4f5061728394a5b6c7d8e9f".into()),
        subdir: Some("".into()),
        said: Some(Arc::new(CommitSaid {
            resolved_by: "tag",
            tag_object: None,
            tag_signature: None,
            author_time: None,
            committer_time: "2024-01-02T03:04:05Z".to_owned(),
            commit_signature: SignatureKind::Openpgp,
        })),
        ..Origin::default()
    };
    Comparison {
        subject: Subject::new(module, Artifact::Zip),
        at: Vec::new(),
        answers: Answers::from_iter([
            (SourceName::GO_SUM, go_sum.into()),
            (SourceName::PROXY, Evidence::new(proxy, proxied)),
            (SourceName::DIRECT, Evidence::new(direct, cloned)),
            (SourceName::SUMDB, sumdb.into()),
        ]),
    }
}

fn report(mut lines: Vec<Comparison>, go_sum: &str, allowances: Vec<Allowance>) -> Report {
    lines.sort_by(|a, b| a.subject.cmp(&b.subject));
    for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.at.is_empty()) {
        line.at = vec![Location { file: "go.sum".into(), line: at + 1 }];
    }
    let files = [SumFile { name: "go.sum".into(), sum: GoSum::parse(go_sum.as_bytes()) }];
    let mut policy = Policy::plain(SOURCES.to_vec(), Date::parse("2026-11-26").unwrap());
    policy.required.pop();
    policy.allowances = allowances;
    let judgement = judge(&Case { comparisons: &lines, files: &files, ..Case::default() }, &SOURCES, &policy);
    let diff = sums(&lines).diff;
    let mut report = Report::new("0.0.0", lines, &SOURCES, judgement, diff);
    let cost = |name: SourceName| SourceRun {
        name,
        from_cache: 0,
        oldest_seen: None,
        downloaded: report.artifacts.len(),
        requests: 2 * report.artifacts.len() as u64,
        bytes: 34_567_890,
        ms: 4321,
    };
    report.run = Some(Run { ms: 5678, sources: SOURCES.map(cost).to_vec(), ..Run::default() });
    report
}
