use gosum_mod::file::go_sum::GoSum;

use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) };
    let case = Case { files: &[file], ..Case::default() };
    GoSumMalformed.check(&case).into_iter().map(|finding| (finding.at[0].line, finding.message)).collect()
}

#[test]
fn names_each_line_that_covers_nothing() {
    assert_eq!(
        findings(
            "oops\nexample.com/a v1.0.0 h1:x\na b c d\nexample.com/a main h1:x\nexample.com/a v2.0.0 h1:x\n"
        ),
        [
            (1, "a line has 3 fields, this one has 1".to_owned()),
            (3, "a line has 3 fields, this one has 4".to_owned()),
            (4, r#""main" is not a semantic version"#.to_owned()),
            (5, r#"invalid version of `example.com/a`: version "v2.0.0" should be v0 or v1"#.to_owned()),
        ]
    );
}

#[test]
fn a_byte_order_mark_is_called_one() {
    let mark =
        "the file begins with a byte order mark, which the go command takes for the start of a module path";
    let marked = |text: &str| findings(&format!("\u{feff}{text}"));
    assert_eq!(
        marked("example.com/a v1.0.0 h1:x\nexample.com/b v1.0.0 h1:x\n"),
        [(1, format!("{mark}, so that this line covers nothing"))]
    );
    assert_eq!(marked(""), [(1, format!("{mark}; a line has 3 fields, this one has 1"))]);
    // elsewhere it is none
    let [(2, inside)] = &findings("\n\u{feff}example.com/a v1.0.0 h1:x\n")[..] else { panic!() };
    assert!(!inside.contains("byte order mark"), "{inside}");
}

#[test]
fn leaves_conflict_markers_to_their_own_rule() {
    assert!(findings("<<<<<<< HEAD\n=======\n>>>>>>> a b\n").is_empty());
}
