//! The template for GitLab.

use std::fs;
use std::path::Path;

use serde_json::Value;
use yaml_rust2::Yaml;

use super::{Machine, told, yaml};

/// Runs the script of the job as the runner does: its variables, those that GitLab sets, and a shell that ends where
/// something fails.
fn run(machine: &Machine, predefined: &[(&str, &str)]) -> (i32, String, String) {
    let job = &yaml("ci/gitlab.yml")[".gosum"];
    let project = machine.path("checkout").display().to_string();
    let mut sh = machine.command("sh");
    for (key, value) in job["variables"].as_hash().unwrap() {
        let value = value.as_str().expect("a variable is text").replace("$CI_PROJECT_DIR", &project);
        sh.env(key.as_str().unwrap(), value);
    }
    sh.env("GITLAB_CI", "true").env("CI_PROJECT_DIR", &project).envs(predefined.iter().copied());
    let script: Vec<&str> =
        job["script"].as_vec().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    told(&sh.args(["-e", "-c", &script.join("\n")]).output().unwrap())
}

fn read(machine: &Machine, file: &str) -> String {
    fs::read_to_string(machine.path("checkout").join(file)).unwrap()
}

#[test]
fn a_branch_is_audited_whole_and_its_artifacts_are_there() {
    let machine = Machine::new();
    machine.files(&[("go.sum", &machine.sums())]);
    let (code, stdout, stderr) = run(&machine, &[]);
    assert_eq!((code, stderr.as_str()), (1, ""), "{stdout}");
    assert!(stdout.starts_with("mismatch: 13 lines: 2 differ"), "{stdout}");
    let job = &yaml("ci/gitlab.yml")[".gosum"];
    let artifacts = &job["artifacts"];
    assert_eq!(artifacts["when"].as_str(), Some("always"));
    let file = |name: &Yaml| read(&machine, name.as_str().unwrap());
    let quality: Value = serde_json::from_str(&file(&artifacts["reports"]["codequality"])).unwrap();
    assert_eq!(quality.as_array().unwrap().len(), 2);
    assert_eq!(quality[0]["location"]["path"], "go.sum");
    let junit = file(&artifacts["reports"]["junit"]);
    assert!(junit.contains(r#"<testsuites name="gosum" tests="13" failures="2" errors="0">"#), "{junit}");
    let report: Value = serde_json::from_str(&file(&artifacts["paths"][0])).unwrap();
    assert_eq!(report["counts"]["mismatch"], 2);
    // what is kept from run to run is where the cache looks for it
    let cached = job["cache"]["paths"][0].as_str().unwrap();
    assert!(machine.path("checkout").join(cached).is_dir(), "{cached}");
}

#[test]
fn a_merge_request_is_audited_against_its_base() {
    let machine = Machine::new();
    let base = machine.commit(&[("a/go.sum", &machine.sums_without(&["/nightly "]))]).to_string();
    machine.files(&[("a/go.sum", &machine.sums())]);
    let variables =
        [("CI_MERGE_REQUEST_DIFF_BASE_SHA", &*base), ("GOSUM_PATHS", "a"), ("GOSUM_ARGS", "--lines zips")];
    let (code, stdout, stderr) = run(&machine, &variables);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let report: Value = serde_json::from_str(&read(&machine, "gosum.json")).unwrap();
    assert_eq!((&report["base"]["commit"], &report["counts"]["verified_both"]), (&base.into(), &1.into()));
    // a base that is not there is told, and nothing is audited in its place
    let gone = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", "0123456789012345678901234567890123456789")];
    let (code, stdout, stderr) = run(&machine, &gone);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("0123456789012345678901234567890123456789"), "{stderr}");
}

#[test]
fn what_the_container_file_takes_is_there() {
    let text = fs::read_to_string(Path::new(super::ROOT).join("ci/Containerfile")).unwrap();
    let copied =
        text.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--"));
    let copied: Vec<&str> = copied.flat_map(|line| line.rsplit_once(' ').unwrap().0.split(' ')).collect();
    assert!(!copied.is_empty());
    for file in copied {
        assert!(Path::new(super::ROOT).join(file).exists(), "{file}");
    }
    // the same Rust as everywhere else
    let toolchain = fs::read_to_string(Path::new(super::ROOT).join("rust-toolchain.toml")).unwrap();
    let rust = text.lines().find_map(|line| line.strip_prefix("FROM rust:")?.split('-').next()).unwrap();
    assert!(toolchain.contains(&format!("channel = \"{rust}\"")), "{rust}");
    assert!(text.lines().any(|line| line.starts_with("USER ") && line != "USER root"), "{text}");
}
