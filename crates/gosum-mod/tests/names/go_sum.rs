use gosum_mod::file::go_sum::{GoSum, compare_keys};
use gosum_testkit::vectors::{self, Vector, bytes};
use serde_json::Value;

use crate::{failed, same};

#[test]
fn reads_lines_as_go_does() {
    vectors::hold("gosum", &["Parse"], |vector| {
        let sums = GoSum::parse(&vector.bytes("text"));
        failed(vector, sums.malformed.first().map(|_| "gosum-fields"))?;
        if let (Some(line), Some(failure)) = (sums.malformed.first(), &vector.err) {
            let place = format!(":{}: wrong number of fields {}", line.number, line.fields);
            return same(&failure.msg.ends_with(&place), &true)
                .map_err(|_| format!("{place}: {}", failure.msg));
        }
        let lines = sums.lines.iter();
        let lines = lines.map(|line| (line.number() as u64, line.path(), line.version(), line.hash()));
        let lines =
            lines.map(|(number, path, version, hash)| (number, [path, version, hash].map(<[u8]>::to_vec)));
        same(&lines.collect(), &recorded(vector))
    });
}

fn recorded(vector: &Vector) -> Vec<(u64, [Vec<u8>; 3])> {
    let fields = |line: &Value| ["path", "version", "hash"].map(|key| bytes(&line[key]).unwrap());
    let line = |line: &Value| (line["line"].as_u64().unwrap(), fields(line));
    vector.out["lines"].as_array().expect("a read file has lines").iter().map(line).collect()
}

#[test]
fn orders_lines_as_go_does() {
    vectors::hold("semver", &["ModuleSort"], |vector| {
        let mut list = keys(&vector.input["list"]);
        list.sort_by(|[path, version], [other_path, other]| {
            compare_keys((path, version), (other_path, other))
        });
        same(&list, &keys(&vector.out["list"]))
    });
}

fn keys(list: &Value) -> Vec<[Vec<u8>; 2]> {
    let key = |key: &Value| [bytes(&key[0]).unwrap(), bytes(&key[1]).unwrap()];
    list.as_array().unwrap().iter().map(key).collect()
}
