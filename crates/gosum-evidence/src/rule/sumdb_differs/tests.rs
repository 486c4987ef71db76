use super::*;
use crate::sample::{comparison, hash};

fn messages(hashes: [Option<&str>; 4]) -> Vec<String> {
    let [go_sum, proxy, direct, sumdb] = hashes;
    let unavailable = || Answer::Unavailable("503".into());
    let answer = |seed: Option<&str>| seed.map_or_else(unavailable, hash);
    let mut comparison = comparison(go_sum.map(hash), answer(proxy), answer(direct));
    comparison.answers.insert(SourceName::SUMDB, answer(sumdb).into());
    let case = Case { comparisons: &[comparison], ..Case::default() };
    SumdbDiffers.check(&case).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn says_who_stands_alone_where_it_can_be_told() {
    let (a, b) = (Some("a"), Some("b"));
    assert_eq!(
        messages([a, a, a, b]),
        ["the hashes differ: go.sum, direct and proxy against sumdb; sumdb stands alone"]
    );
    assert_eq!(
        messages([a, b, None, a]),
        ["the hashes differ: go.sum and sumdb against proxy; proxy stands alone"]
    );
    assert_eq!(messages([a, b, b, a]), ["the hashes differ: go.sum and sumdb against direct and proxy"]);
    assert_eq!(messages([None, a, None, b]), ["the hashes differ: proxy against sumdb"]);
}

#[test]
fn is_silent_when_those_who_recomputed_agree_with_it() {
    let (a, b) = (Some("a"), Some("b"));
    // go.sum is another rule's
    assert!(messages([b, a, a, a]).is_empty());
    assert!(messages([a, a, b, None]).is_empty());
    // so is a difference between those who recomputed
    assert!(messages([a, a, b, b]).is_empty());
    assert!(messages([a, None, None, b]).is_empty());
}
