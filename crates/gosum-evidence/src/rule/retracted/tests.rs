use gosum_mod::name::id::ModuleVersion;

use super::*;
use crate::sample::{comparison, hash};

fn found(module: &str, rationale: &[&[u8]]) -> Vec<Finding> {
    let comparisons = [comparison(Some(hash("a")), hash("a"), hash("a"))];
    let retracted = [Retraction {
        module: ModuleVersion::parse(module).unwrap(),
        by: "v1.9.0".into(),
        rationale: rationale.iter().map(|text| Text::from(*text)).collect(),
    }];
    Retracted.check(&Case { comparisons: &comparisons, retracted: &retracted, ..Case::default() })
}

fn message_of(rationale: &[&[u8]]) -> String {
    found("example.com/colors@v1.2.0", rationale).remove(0).message
}

#[test]
fn notes_the_zip_of_a_version_that_is_retracted() {
    assert!(found("example.com/colors@v1.2.1", &[]).is_empty());
    let findings = found("example.com/colors@v1.2.0", &[b"red is green\nsee #12"]);
    assert_eq!(
        findings[0].message,
        "its authors retracted it, as the go.mod of v1.9.0 says: \"red is green see #12\""
    );
    assert_eq!(findings[0].level, Level::Note);
    assert!(message_of(&[]).ends_with("says: for no reason that is given"));
    assert!(message_of(&[b" ", b"\n"]).ends_with("says: for no reason that is given"));
}

#[test]
fn a_go_mod_line_alone_is_not_spoken_of() {
    let mut comparison = comparison(Some(hash("a")), hash("a"), hash("a"));
    comparison.subject.artifact = Artifact::GoMod;
    let module = comparison.subject.module.clone();
    let retracted = [Retraction { module, by: "v1.9.0".into(), rationale: Vec::new() }];
    let case = Case { comparisons: &[comparison], retracted: &retracted, ..Case::default() };
    assert!(Retracted.check(&case).is_empty());
}

#[test]
fn what_authors_say_is_quoted_and_bounded() {
    let hostile = message_of(&[b"\x1b[31mred\xff\" is\tfine"]);
    assert!(hostile.ends_with("says: \"\\x1b[31mred\u{fffd}\\\" is fine\""), "{hostile}");
    let many: Vec<&[u8]> = vec![b"why"; 50];
    assert!(message_of(&many).ends_with("says: \"why\", \"why\", \"why\""));
    let long = "\u{fc}".repeat(501);
    assert!(message_of(&[long.as_bytes()]).ends_with(&format!("\"{}\" (cut)", "\u{fc}".repeat(500))));
    assert!(!message_of(&[&long.as_bytes()[2..]]).contains("(cut)"));
}
