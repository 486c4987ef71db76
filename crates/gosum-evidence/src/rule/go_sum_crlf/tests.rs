use gosum_mod::file::sum_form::flaws;

use super::super::Form;
use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let form = Form { name: "go.sum".into(), flaws: flaws(text.as_bytes()) };
    let case = Case { forms: &[form], ..Case::default() };
    let found = GoSumCrlf.check(&case).into_iter();
    found.map(|finding| (finding.at[0].line, finding.message)).collect()
}

#[test]
fn lines_that_follow_one_another_are_one_finding() {
    let text = "a.b/c v1.0.0 h1:x\r\na.b/d v1.0.0 h1:x\r\na.b/e v1.0.0 h1:x\na.b/f v1.0.0 h1:x\r\n";
    assert_eq!(
        findings(text),
        [(1, "lines 1 to 2 end with CR LF".to_owned()), (4, "ends with CR LF".to_owned())]
    );
}

#[test]
fn is_silent_on_lf() {
    assert!(findings("a.b/c v1.0.0 h1:x\na.b/d v1.0.0 h1:x").is_empty());
}

#[test]
fn runs_do_not_go_on_in_the_next_file() {
    let form = |name: &str, line| Form { name: name.into(), flaws: vec![(line, Flaw::Crlf)] };
    let case = Case { forms: &[form("a/go.sum", 1), form("b/go.sum", 2)], ..Case::default() };
    assert_eq!(GoSumCrlf.check(&case).len(), 2);
}
