//! Lints of go.sum files, in each of their formats.

use gosum_evidence::lint::{Fixed, GraphUse, Lint, Linted, Untold};
use gosum_evidence::policy::{Date, Policy, Unverified};
use gosum_evidence::rule::{Case, Form, Lack, Lacking, Needs, SumFile};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::sum_form::flaws;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_report::lint::{FORMATS, Options};

use super::hostile::{EVIL, FILE};

const TEXT: &str = "example.com/b v1.0.0 h2:x\r\nexample.com/a v1.0.0 h1:x\noops\n\n\n\n\n";

/// Returns a lint of a file `name`, with something of everything, of which the reasons say `why`.
pub(super) fn mixed(name: &str, why: &str) -> Lint {
    let text = TEXT.as_bytes();
    let file = SumFile { name: name.into(), sum: GoSum::parse(text) };
    let form = Form { name: name.into(), flaws: flaws(text) };
    let subject = |name: &str| Subject::new(ModuleVersion::parse(name).unwrap(), Artifact::GoMod);
    let needs = Needs {
        name: name.into(),
        unneeded: vec![(subject("example.com/a@v1.0.0"), 2)],
        lacking: vec![Lacking {
            subject: subject("example.com/c@v1.0.0"),
            required: Some(Location { file: "go.mod".into(), line: 5 }),
            why: Lack::Graph,
        }],
    };
    let case = Case { files: &[file], forms: &[form], needs: &[needs], ..Case::default() };
    let policy = Policy::plain(Vec::new(), Date::parse("2026-11-26").unwrap());
    let mut lint = Lint::new("0.0.0", &[case], &policy, Unverified::Fail);
    lint.files = vec![Linted { file: name.into(), lines: 2, graph: GraphUse::Untold }];
    lint.fixed = vec![Fixed { file: name.into(), flaws: 2, added: vec![why.to_owned()] }];
    lint.untold = vec![Untold { file: name.into(), reason: why.to_owned() }];
    lint.judged()
}

pub(super) fn render(lint: &Lint, format: &str) -> String {
    let (_, format) = FORMATS.iter().find(|(name, _)| *name == format).unwrap();
    let mut out = Vec::new();
    format.render(lint, Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn something_of_everything() {
    let lint = mixed("go.sum", "the go.mod of example.com/d@v1.0.0 is not known");
    for format in ["text", "json", "github"] {
        insta::assert_snapshot!(format!("lint_{format}"), render(&lint, format));
    }
}

#[test]
fn what_is_folded_in_text_is_all_there_for_machines() {
    let lint = mixed("go.sum", "why");
    assert!(render(&lint, "text").contains("and 1 more of go-sum-white-space (--all names them)"));
    let mut all = Vec::new();
    FORMATS[0].1.render(&lint, Options { all: true, ..Options::default() }, &mut all).unwrap();
    assert!(!String::from_utf8(all).unwrap().contains("--all"));
    let sarif: serde_json::Value = serde_json::from_str(&render(&lint, "sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), lint.findings.len() + lint.untold.len());
}

#[test]
fn what_could_not_be_told_weighs_as_much_as_the_user_says() {
    let mut lint = mixed("go.sum", "why");
    lint.findings.clear();
    assert!(render(&lint.clone().judged(), "text").starts_with("untold: "));
    assert!(render(&lint, "github").contains("::error file=go.sum,line=1,title=gosum%3A untold::why"));
    lint.unverified = Unverified::Warn;
    assert!(render(&lint.clone().judged(), "text").starts_with("clean: 2 lines, not all could be told"));
    assert!(render(&lint, "github").contains("::warning file=go.sum,line=1,title=gosum%3A untold::why"));
}

#[test]
fn names_and_reasons_that_want_to_do_harm_are_inert() {
    let lint = mixed(FILE, EVIL);
    for (name, _) in FORMATS {
        let shown = render(&lint, name);
        let is_harmful = |c: char| {
            c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2066}' | '\u{feff}'))
        };
        assert!(!shown.contains(is_harmful), "{name}: {shown:?}");
        let own = ["::error ", "::warning ", "::notice "];
        let commands = shown.lines().filter(|line| line.trim_start().starts_with("::"));
        assert!(commands.clone().all(|line| own.iter().any(|own| line.starts_with(own))), "{name}: {shown}");
        assert!(name == "github" || commands.count() == 0, "{name}: {shown}");
    }
}
