use gosum_mod::file::sum_form::flaws;
use gosum_mod::name::id::{Artifact, ModuleVersion};

use super::super::Form;
use super::*;
use crate::subject::Subject;

#[test]
fn names_each_line_that_nothing_needs() {
    let subject = Subject::new(ModuleVersion::parse("example.com/a@v1.0.0").unwrap(), Artifact::Zip);
    let needs = Needs { name: "go.sum".into(), unneeded: vec![(subject, 7)], lacking: Vec::new() };
    let found = GoSumUnneeded.check(&Case { needs: &[needs], ..Case::default() });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at[0].to_string(), "go.sum:7");
    assert_eq!(found[0].subject.as_ref().unwrap().to_string(), "example.com/a@v1.0.0");
}

#[test]
fn a_void_line_is_one_whatever_the_graph() {
    let text = b"example.com/a v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n";
    let form = Form { name: "go.sum".into(), flaws: flaws(text) };
    assert_eq!(GoSumUnneeded.check(&Case { forms: &[form], ..Case::default() }).len(), 1);
}

#[test]
fn is_silent_where_nothing_is_known() {
    let needs = Needs { name: "go.sum".into(), unneeded: Vec::new(), lacking: Vec::new() };
    assert!(GoSumUnneeded.check(&Case { needs: &[needs], ..Case::default() }).is_empty());
}
