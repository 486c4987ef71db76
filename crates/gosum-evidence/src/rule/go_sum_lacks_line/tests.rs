use gosum_mod::name::id::{Artifact, ModuleVersion};

use super::*;
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
