use gosum_mod::file::go_sum::GoSum;

use super::*;

fn findings(text: &str) -> Vec<Finding> {
    let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) };
    GoSumTwoHashes.check(&Case { files: &[file], ..Case::default() })
}

#[test]
fn names_the_line_that_does_not_count() {
    let found = findings(
        "example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0/go.mod h1:y\nexample.com/a v1.0.0 h1:z\nexample.com/a v1.0.0 h1:x\n",
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at[0].line, 3);
    assert_eq!(found[0].message, "line 1 records another hash for the same artifact, and counts");
    assert_eq!(found[0].subject.as_ref().unwrap().to_string(), "example.com/a@v1.0.0");
}

#[test]
fn the_same_line_twice_or_another_kind_of_hash_is_none() {
    assert!(findings("example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h1:x\n").is_empty());
    assert!(findings("example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h2:y\n").is_empty());
}

#[test]
fn files_that_are_audited_together_have_one_hash_for_an_artifact() {
    let file = |name: &str, text: &str| SumFile { name: name.into(), sum: GoSum::parse(text.as_bytes()) };
    let files = [
        file("go.work.sum", "example.com/a v1.0.0 h1:x\n"),
        file("a/go.sum", "example.com/a v1.0.0 h1:x\nexample.com/b v1.0.0 h1:x\n"),
        file("b/go.sum", "example.com/b v1.0.0 h1:x\nexample.com/a v1.0.0 h1:y\n"),
    ];
    let found = GoSumTwoHashes.check(&Case { files: &files, ..Case::default() });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at[0].to_string(), "b/go.sum:2");
    assert_eq!(
        found[0].message,
        "go.work.sum:1 records another hash for the same artifact, and that is what the sources are held against"
    );
}
