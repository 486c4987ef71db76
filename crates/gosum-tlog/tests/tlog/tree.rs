use gosum_testkit::vectors::{self, Vector};
use gosum_tlog::hash::{Hash, node_hash, record_hash};
use gosum_tlog::record::Record;
use gosum_tlog::stored::{Position, stored_hash_count, stored_hashes};
use gosum_tlog::tree::{
    CheckError, ProveError, TreeHead, check_record, check_tree, prove_record, prove_tree, tree_hash,
};
use serde_json::{Value, json};

use crate::{bytes, failed, hash, hashes, log, log_of, number, same, tile};

const OPS: [&str; 15] = [
    "RecordHash",
    "NodeHash",
    "TreeHash",
    "StoredHashes",
    "StoredHashIndex",
    "SplitStoredHashIndex",
    "StoredHashCount",
    "ProveRecord",
    "CheckRecord",
    "ProveTree",
    "CheckTree",
    "ParseHash",
    "ParseTree",
    "ParseRecord",
    "FormatRecord",
];

#[test]
fn keeps_and_proves_a_log_as_go_does() {
    vectors::covers("tlog", &[&OPS[..], &tile::OPS].concat());
    vectors::hold("tlog", &OPS, |vector| match vector.op.as_str() {
        "RecordHash" => same(&json!({"hash": text(record_hash(vector.bytes("data")))}), &vector.out),
        "NodeHash" => {
            let got = node_hash(hash(&vector.input["left"]), hash(&vector.input["right"]));
            same(&json!({"hash": text(got)}), &vector.out)
        }
        "TreeHash" => {
            let got = tree_hash(number(&vector.input["n"]), log_of(vector)).unwrap();
            same(&json!({"hash": text(got)}), &vector.out)
        }
        "StoredHashes" => stored(vector),
        "StoredHashIndex" => {
            let level = u32::try_from(number(&vector.input["level"])).unwrap();
            let position = Position::new(level, number(&vector.input["n"])).unwrap();
            same(&position.index(), &number(&vector.out["index"]))
        }
        "SplitStoredHashIndex" => {
            let position = Position::at(number(&vector.input["index"])).unwrap();
            same(&json!({"level": position.level(), "n": position.number()}), &vector.out)
        }
        "StoredHashCount" => {
            same(&stored_hash_count(number(&vector.input["n"])), &Some(number(&vector.out["count"])))
        }
        "ProveRecord" | "ProveTree" => prove(vector),
        "CheckRecord" | "CheckTree" => check(vector),
        "ParseHash" => {
            let parsed = Hash::parse(vector.bytes("text"));
            failed(vector, parsed.as_ref().err().map(|_| "hash-malformed"))?;
            same(&parsed.map(text).ok().as_deref(), &vector.out["hash"].as_str())
        }
        "ParseTree" => parse_head(vector),
        "ParseRecord" => parse_record(vector),
        "FormatRecord" => {
            let data = vector.bytes("text");
            let record = Record::new(vector.input["id"].as_i64().unwrap(), &data);
            failed(vector, record.as_ref().err().map(|_| "record-malformed"))?;
            same(&record.ok().map(|record| record.format()).as_deref(), &vector.out["msg"].as_str())
        }
        op => Err(format!("unknown op {op}")),
    });
}

fn text(hash: Hash) -> String {
    hash.to_string()
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().copied().map(text).collect()
}

fn stored(vector: &Vector) -> Result<(), String> {
    let (number, record) = (number(&vector.input["n"]), record_hash(vector.bytes("data")));
    let before = stored_hash_count(number).unwrap() as usize;
    let line = vector.text("data");
    let seed = line.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
    let log = log(seed)[..before].to_vec();
    let got = stored_hashes(number, record, &log).unwrap();
    same(&json!({"record": text(record), "stored": texts(&got)}), &vector.out)
}

fn prove(vector: &Vector) -> Result<(), String> {
    let (size, number) = (number(&vector.input["t"]), number(&vector.input["n"]));
    let log = log_of(vector);
    let proof = match vector.op.as_str() {
        "ProveRecord" => prove_record(size, number, log),
        _ => prove_tree(size, number, log),
    };
    same(&json!({"proof": texts(&proof.unwrap())}), &vector.out)
}

fn check(vector: &Vector) -> Result<(), String> {
    let input = &vector.input;
    let (proof, at) = (hashes(&input["proof"]), number(&input["n"]));
    let head = TreeHead { size: number(&input["t"]), root: hash(&input["th"]) };
    let checked = match vector.op.as_str() {
        "CheckRecord" => check_record(&proof, head, at, hash(&input["h"])),
        _ => check_tree(&proof, head, TreeHead { size: at, root: hash(&input["h"]) }),
    };
    let category = checked.as_ref().err().map(|error| match (vector.op.as_str(), error) {
        ("CheckRecord", CheckError::Inclusion { .. }) | ("CheckTree", CheckError::Consistency { .. }) => {
            "proof-failed"
        }
        ("CheckRecord", CheckError::Prove(ProveError::NoRecord { .. })) => "proof-range",
        ("CheckTree", CheckError::Prove(ProveError::NoOlder { .. })) => "proof-range",
        _ => "other",
    });
    failed(vector, category)?;
    same(&json!({"ok": checked.is_ok()}), &vector.out)
}

fn parse_head(vector: &Vector) -> Result<(), String> {
    let head = TreeHead::parse(vector.bytes("text"));
    failed(vector, head.as_ref().err().map(|_| "tree-malformed"))?;
    let shown =
        head.ok().map(|head| json!({"n": head.size, "hash": text(head.root), "format": head.to_string()}));
    same(&shown.unwrap_or_default(), &vector.out)
}

fn parse_record(vector: &Vector) -> Result<(), String> {
    let reply = vector.bytes("msg");
    let parsed = Record::parse(&reply);
    failed(vector, parsed.as_ref().err().map(|_| "record-malformed"))?;
    let Ok((record, rest)) = parsed else { return same(&Value::Null, &vector.out) };
    same(&Some(record.id), &vector.out["id"].as_i64())?;
    same(&record.text.as_bytes(), &&*bytes(&vector.out["text"]))?;
    same(rest, &*bytes(&vector.out["rest"]))
}
