use gosum_mod::file::go_sum::GoSum;

use super::super::Form;
use super::*;

fn findings(text: &str) -> Vec<(usize, Level)> {
    let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) };
    let form = Form { name: "go.sum".into(), flaws: Vec::new() };
    let case = Case { files: &[file], forms: &[form], ..Case::default() };
    GoSumUnknownHash.check(&case).into_iter().map(|finding| (finding.at[0].line, finding.level)).collect()
}

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

#[test]
fn an_unknown_kind_weighs_more_where_it_stands_alone() {
    let text = format!("a.b/c v1.0.0 {H1}\na.b/c v1.0.0 h2:x\na.b/d v1.0.0 h2:x\n");
    assert_eq!(findings(&text), [(2, Level::Warn), (3, Level::Deny)]);
}

#[test]
fn an_h1_that_nothing_can_have_is_named() {
    assert_eq!(findings("a.b/c v1.0.0 h1:abc\n"), [(1, Level::Deny)]);
    assert_eq!(findings(&format!("a.b/c v1.0.0 {H1}\n")), []);
}
