use std::cmp::Ordering;

use gosum_mod::name::semver;
use gosum_testkit::vectors::{self, Vector, bytes};
use serde_json::Value;

use crate::same;

const OPS: [&str; 4] = ["Parse", "Compare", "Max", "Sort"];

#[test]
fn parses_and_orders_as_go_does() {
    vectors::covers("semver", &[&OPS[..], &["ModuleSort"]].concat());
    vectors::hold("semver", &OPS, |vector| match vector.op.as_str() {
        "Parse" => parse(vector),
        "Compare" => {
            let order = match vector.out["cmp"].as_i64() {
                Some(-1) => Ordering::Less,
                Some(0) => Ordering::Equal,
                _ => Ordering::Greater,
            };
            same(&semver::compare(&vector.bytes("v"), &vector.bytes("w")), &order)
        }
        "Max" => {
            let canonical = |key| semver::parse(&vector.bytes(key)).map_or(String::new(), |v| v.canonical());
            let (v, w) = (canonical("v"), canonical("w"));
            let max = if semver::compare(v.as_bytes(), w.as_bytes()).is_gt() { v } else { w };
            same(&Some(max.into_bytes()), &bytes(&vector.out["max"]))
        }
        _ => {
            let mut list = strings(&vector.input["list"]);
            list.sort_by(|v, w| semver::compare_total(v, w));
            same(&list, &strings(&vector.out["list"]))
        }
    });
}

fn strings(list: &Value) -> Vec<Vec<u8>> {
    list.as_array().unwrap().iter().map(|text| bytes(text).unwrap()).collect()
}

fn parse(vector: &Vector) -> Result<(), String> {
    let version = vector.bytes("version");
    let parsed = semver::parse(&version);
    same(&parsed.is_some(), &(vector.out["valid"] == true))?;
    let parts = parsed.map(|parsed| {
        [
            parsed.canonical(),
            parsed.major().to_owned(),
            parsed.major_minor(),
            parsed.prerelease().to_owned(),
            parsed.build().to_owned(),
        ]
    });
    let recorded = ["canonical", "major", "majorMinor", "prerelease", "build"]
        .map(|key| vector.out[key].as_str().expect("all parts are recorded").to_owned());
    same(&parts.unwrap_or_default(), &recorded)
}
