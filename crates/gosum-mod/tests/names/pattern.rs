use gosum_mod::name::pattern::Patterns;
use gosum_testkit::vectors;

use crate::same;

#[test]
fn matches_as_go_does() {
    vectors::covers("matchprefix", &["MatchPrefixPatterns"]);
    vectors::hold("matchprefix", &["MatchPrefixPatterns"], |vector| {
        let patterns = Patterns::parse(vector.bytes("globs"));
        same(&patterns.matches(vector.bytes("target")), &(vector.out["match"] == true))
    });
}
