use gosum_mod::name::id::{Artifact, ModuleVersion};

use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};
use crate::subject::{Location, Subject};

#[test]
fn says_what_lacks_and_where_it_is_required() {
    let lacking = |artifact, why, required| Lacking {
        subject: Subject::new(ModuleVersion::parse("example.com/a@v1.0.0").unwrap(), artifact),
        required,
        why,
    };
    let at = Location { file: "go.mod".into(), line: 5 };
    let needs = Needs {
        name: "go.sum".into(),
        unneeded: Vec::new(),
        lacking: vec![
            lacking(Artifact::GoMod, Lack::Graph, None),
            lacking(Artifact::Zip, Lack::Required, Some(at)),
        ],
    };
    let found = GoSumLacksLine.check(&Case { needs: &[needs], ..Case::default() });
    assert_eq!(found.len(), 2);
    assert!(found[0].at.is_empty() && found[0].message.contains("no line for this go.mod"));
    assert_eq!(found[1].at[0].to_string(), "go.mod:5");
    assert!(found[1].message.contains("or drops the requirement"));
}

#[test]
fn is_silent_where_nothing_lacks() {
    let needs = Needs { name: "go.sum".into(), unneeded: Vec::new(), lacking: Vec::new() };
    assert!(GoSumLacksLine.check(&Case { needs: &[needs], ..Case::default() }).is_empty());
}

fn required(cached: Cached) -> Cached {
    Cached { required_at: Some(Location { file: "go.mod".into(), line: 5 }), ..cached }
}

#[test]
fn a_lone_line_for_the_zip_is_usual_where_nothing_requires_the_version() {
    let alone = Cached { go_mod_line: None, ..cached() };
    assert!(check(&GoSumLacksLine, alone.clone()).is_empty());
    let found = check(&GoSumLacksLine, required(alone));
    assert_eq!((found[0].level, found[0].at[0].line), (Level::Deny, 5));
}

#[test]
fn what_is_required_has_a_line() {
    let neither = Cached { zip_line: None, go_mod_line: None, ..cached() };
    assert!(check(&GoSumLacksLine, neither.clone()).is_empty());
    let found = check(&GoSumLacksLine, required(neither));
    assert_eq!(found[0].message, "go.mod requires it, and go.sum has no line for its go.mod");
    assert_eq!(found[0].at[0].line, 5);
    let no_zip = required(Cached { zip_line: None, ..cached() });
    assert_eq!(check(&GoSumLacksLine, no_zip.clone())[0].level, Level::Warn);
    assert!(check(&GoSumLacksLine, Cached { zip: Found::Missing, ..no_zip }).is_empty());
}
