use gosum_mod::file::go_sum::GoSum;

use super::*;

#[test]
fn names_each_mark_even_one_that_go_reads_as_a_line() {
    let text = "<<<<<<< HEAD\nexample.com/a v1.0.0 h1:x\n=======\nexample.com/a v1.0.0 h1:y\n>>>>>>> a b\n";
    let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) };
    let findings = GoSumConflict.check(&Case { files: &[file], ..Case::default() });
    let lines: Vec<usize> = findings.iter().map(|finding| finding.at[0].line).collect();
    assert_eq!(lines, [1, 3, 5]);
}

#[test]
fn a_malformed_line_is_none() {
    let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(b"oops\n") };
    assert!(GoSumConflict.check(&Case { files: &[file], ..Case::default() }).is_empty());
}
