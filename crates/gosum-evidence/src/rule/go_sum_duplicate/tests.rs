use gosum_mod::file::sum_form::flaws;

use super::super::Form;
use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let form = Form { name: "go.sum".into(), flaws: flaws(text.as_bytes()) };
    let case = Case { forms: &[form], ..Case::default() };
    let found = GoSumDuplicate.check(&case).into_iter();
    found.map(|finding| (finding.at[0].line, finding.message)).collect()
}

#[test]
fn names_the_line_that_repeats_and_the_first_one() {
    let text = "example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h1:y\nexample.com/a  v1.0.0 h1:x\r\n";
    assert_eq!(findings(text), [(3, "says what line 1 says".to_owned())]);
}

#[test]
fn is_silent_on_another_hash_and_another_artifact() {
    assert!(
        findings("example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h1:y\nexample.com/a v1.0.0/go.mod h1:x\n")
            .is_empty()
    );
}
