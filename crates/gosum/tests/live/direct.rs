//! Real module versions of all sorts, from version control alone, with the go command as the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{audit_with, category, download};

const LIST: &str = include_str!("direct.txt");
/// What a refused version is recorded with, so that it is asked about.
const ANY: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
/// How many requests gosum may need for each of Go's.
const REQUESTS: f64 = 0.6;

/// A line of the list.
struct Recorded {
    module: String,
    version: String,
    answer: Result<[String; 2], String>,
}

fn list() -> Vec<Recorded> {
    let named = std::env::var("GOSUM_LIVE_LIST").map(|file| fs::read_to_string(file).unwrap());
    let text = named.unwrap_or_else(|_| LIST.to_owned());
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let recorded = lines.map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [module, version, third, fourth] = fields[..] else { panic!("{line:?}") };
        let answer = match third {
            "refused" => Err(fourth.to_owned()),
            zip => Ok([zip.to_owned(), fourth.to_owned()]),
        };
        Recorded { module: module.to_owned(), version: version.to_owned(), answer }
    });
    recorded.collect()
}

/// What was asked of the stand-ins, by their log.
#[derive(Clone, Copy)]
struct Traffic {
    requests: u64,
    bytes: u64,
    time: Duration,
}

/// Does `work` and returns what it asked for.
fn counted<T>(work: impl FnOnce() -> T) -> (T, Option<Traffic>) {
    let log = std::env::var_os("GOSUM_LIVE_LOG").map(PathBuf::from);
    let read = |log: &PathBuf| fs::read_to_string(log).unwrap();
    let before = log.as_ref().map_or(0, |log| read(log).len());
    let start = Instant::now();
    let done = work();
    let time = start.elapsed();
    let traffic = log.as_ref().map(|log| {
        let text = read(log);
        let lines: Vec<Value> =
            text[before..].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let bytes = lines.iter().map(|line| line["bytes"].as_u64().unwrap()).sum();
        Traffic { requests: lines.len() as u64, bytes, time }
    });
    (done, traffic)
}

#[test]
#[ignore = "needs internet, go"]
fn every_version_that_go_fetches_from_its_repository_has_gos_hashes() {
    let list = list();
    let modules: Vec<String> = list.iter().map(|line| format!("{}@{}", line.module, line.version)).collect();
    let cache = tempfile::tempdir().unwrap();
    let (judge, go) = counted(|| download(&modules, "direct", cache.path()));
    // every third version is asked for its go.mod alone
    let go_sum: String = list
        .iter()
        .enumerate()
        .map(|(number, line)| {
            let said = judge.get(&format!("{}@{}", line.module, line.version));
            let sum = |key: &str| said.and_then(|said| said[key].as_str()).unwrap_or(ANY).to_owned();
            let (module, version) = (&line.module, &line.version);
            let zip = format!("{module} {version} {}\n", sum("Sum"));
            let go_mod = format!("{module} {version}/go.mod {}\n", sum("GoModSum"));
            if number % 3 == 2 { go_mod } else { zip + &go_mod }
        })
        .collect();
    let (report, gosum) = counted(|| audit_with(&go_sum, &["--source", "direct"]));
    let answers: BTreeMap<(&str, &str, &str), &Value> = report["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artifact| {
            let text = |key: &str| artifact[key].as_str().unwrap();
            ((text("module"), text("version"), text("artifact")), &artifact["answers"]["direct"])
        })
        .collect();
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for line in &list {
        let said = judge.get(&format!("{}@{}", line.module, line.version));
        for (artifact, key, at) in [("zip", "Sum", 0), ("go.mod", "GoModSum", 1)] {
            let Some(answer) = answers.get(&(&*line.module, &*line.version, artifact)) else {
                // what is no version of the module at all is no line of go.sum either
                if line.answer.is_ok()
                    && (artifact == "go.mod" || answers.contains_key(&(&*line.module, &*line.version, "zip")))
                {
                    wrong.push(format!("{}@{} {artifact}: no answer", line.module, line.version));
                }
                continue;
            };
            let got = answer["h1"].as_str();
            let told = said.filter(|said| said.get("Error").is_none()).and_then(|said| said[key].as_str());
            let what = match (told, &line.answer) {
                (Some(told), _) if got != Some(told) => {
                    wrong.push(format!(
                        "{}@{} {artifact}: Go {told}, gosum {answer}",
                        line.module, line.version
                    ));
                    "wrong"
                }
                (Some(told), Ok(recorded)) if recorded[at] != told => {
                    "as Go, which says another than recorded"
                }
                (Some(_), _) if answer["defects"] != Value::Array(Vec::new()) => {
                    wrong.push(format!("{}@{} {artifact}: Go accepts {answer}", line.module, line.version));
                    "wrong"
                }
                (Some(_), _) => "as Go",
                (None, Err(sort)) if got.is_none() => {
                    let reason = answer["reason"].as_str().unwrap();
                    if !category::fits(sort, reason).unwrap() {
                        wrong.push(format!("{}@{}: {sort}, gosum {reason}", line.module, line.version));
                    }
                    "refused as Go refuses it"
                }
                (None, Err(_)) if answer["defects"] == Value::from(vec!["commit-not-in-repository"]) => {
                    "hashed and marked, where Go refuses"
                }
                (None, _) => {
                    let error = said.map_or(&Value::Null, |said| &said["Error"]);
                    wrong.push(format!(
                        "{}@{} {artifact}: Go {error}, gosum {answer}",
                        line.module, line.version
                    ));
                    "wrong"
                }
            };
            *counts.entry(what).or_default() += 1;
        }
    }
    let repositories: BTreeSet<&str> =
        answers.values().filter_map(|answer| answer["from"].as_str()).collect();
    eprintln!("{} module versions, {} repositories: {counts:?}", list.len(), repositories.len());
    if let (Some(go), Some(gosum)) = (go, gosum) {
        let ratio = gosum.requests as f64 / go.requests as f64;
        for (who, Traffic { requests, bytes, time }) in [("go", go), ("gosum", gosum)] {
            eprintln!("{who:5}  {requests} requests, {bytes} bytes, {:.1} s", time.as_secs_f64());
        }
        assert!(ratio <= REQUESTS, "{ratio:.2} of Go's requests");
    }
    assert!(wrong.is_empty(), "{} answers are not Go's:\n  {}", wrong.len(), wrong.join("\n  "));
}
