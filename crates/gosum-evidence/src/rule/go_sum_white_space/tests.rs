use gosum_mod::file::sum_form::flaws;

use super::super::Form;
use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let form = Form { name: "go.sum".into(), flaws: flaws(text.as_bytes()) };
    let case = Case { forms: &[form], ..Case::default() };
    let found = GoSumWhiteSpace.check(&case).into_iter();
    found.map(|finding| (finding.at[0].line, finding.message)).collect()
}

#[test]
fn names_spaces_blank_lines_and_a_missing_end() {
    let text = "a.b/c v1.0.0  h1:x\n\na.b/d v1.0.0 h1:x";
    assert_eq!(
        findings(text),
        [
            (1, "has white space that Go would not write".to_owned()),
            (2, "is blank".to_owned()),
            (3, "has no line end".to_owned()),
        ]
    );
}

#[test]
fn leaves_cr_lf_to_its_own_rule() {
    assert!(findings("a.b/c v1.0.0 h1:x\r\n").is_empty());
}
