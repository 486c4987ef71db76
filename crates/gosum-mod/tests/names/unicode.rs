use gosum_mod::name::unicode::{fold_min, is_letter, is_print, is_space};
use gosum_testkit::vectors::{self, Vector};
use serde_json::Value;

use crate::same;

const OPS: [&str; 4] = ["IsLetter", "IsPrint", "IsSpace", "FoldMin"];

#[test]
fn knows_every_code_point_as_go_does() {
    vectors::covers("unicode", &OPS);
    vectors::hold("unicode", &OPS, |vector| match vector.op.as_str() {
        "IsLetter" => class(vector, is_letter),
        "IsPrint" => class(vector, is_print),
        "IsSpace" => class(vector, is_space),
        _ => folding(vector),
    });
}

fn points() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

fn pairs(list: &Value) -> Vec<(u64, u64)> {
    let pair = |pair: &Value| (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap());
    list.as_array().unwrap().iter().map(pair).collect()
}

fn class(vector: &Vector, in_class: fn(char) -> bool) -> Result<(), String> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for point in points().filter(|&c| in_class(c)).map(u64::from) {
        match ranges.last_mut() {
            Some(range) if range.1 + 1 == point => range.1 = point,
            _ => ranges.push((point, point)),
        }
    }
    same(&ranges, &pairs(&vector.out["ranges"]))
}

fn folding(vector: &Vector) -> Result<(), String> {
    let folded = points().filter(|&c| fold_min(c) != c).map(|c| (c.into(), fold_min(c).into()));
    same(&folded.collect(), &pairs(&vector.out["pairs"]))
}
