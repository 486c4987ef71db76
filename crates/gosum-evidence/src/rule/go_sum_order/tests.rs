use gosum_mod::file::sum_form::flaws;

use super::super::Form;
use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let form = Form { name: "go.sum".into(), flaws: flaws(text.as_bytes()) };
    let case = Case { forms: &[form], ..Case::default() };
    let found = GoSumOrder.check(&case).into_iter();
    found.map(|finding| (finding.at[0].line, finding.message)).collect()
}

#[test]
fn names_the_line_that_belongs_further_up() {
    let text = "example.com/a v1.10.0 h1:x\nexample.com/a v1.9.0 h1:x\nexample.com/b v1.0.0 h1:x\n";
    assert_eq!(findings(text), [(2, "belongs before the line above it".to_owned())]);
}

#[test]
fn is_silent_on_the_order_that_go_writes() {
    let text = "example.com/A v1.0.0 h1:x\nexample.com/a v1.9.0 h1:x\nexample.com/a v1.9.0/go.mod h1:x\nexample.com/a v1.10.0 h1:x\n";
    assert!(findings(text).is_empty());
}

#[test]
fn the_order_of_two_hashes_is_left_alone() {
    assert!(findings("example.com/a v1.0.0 h1:y\nexample.com/a v1.0.0 h1:x\n").is_empty());
}
