//! What the go command made of repositories full of traps, held against `gosum hash --from direct`.
//!
//! `GOSUM_VECTORS` names another folder of recorded answers, `GOSUM_FIXTURES` one of ready repositories; without it the
//! script beside the recorded answers builds them.

use std::path::{Path, PathBuf};
use std::process::Command;

use gosum_testkit::vectors::{self, Vector};
use serde_json::Value;

use super::category;
use super::git_host::{GitHost, has_git};
use super::run::{Done, Place};

/// A folder of repositories.
enum Fixtures {
    Given(PathBuf),
    Built(tempfile::TempDir),
}

impl Fixtures {
    fn get() -> Fixtures {
        if let Some(folder) = std::env::var_os("GOSUM_FIXTURES").filter(|folder| !folder.is_empty()) {
            return Fixtures::Given(folder.into());
        }
        let folder = tempfile::tempdir().unwrap();
        let script = gosum_testkit::testdata().join("fixtures/make-repos.sh");
        let built = Command::new("bash").arg(script).arg(folder.path()).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Fixtures::Built(folder)
    }

    fn path(&self) -> &Path {
        match self {
            Fixtures::Given(path) => path,
            Fixtures::Built(folder) => folder.path(),
        }
    }

    /// Returns the folder of the repositories as they are at a stage of the recording.
    fn stage(&self, stage: &str) -> PathBuf {
        self.path().join(if stage == "now" { "git".to_owned() } else { format!("git-{stage}") })
    }
}

#[test]
fn go_has_said_the_same_of_every_repository_over_http() {
    if !has_git("the recorded answers on repositories, over http") {
        return;
    }
    let fixtures = Fixtures::get();
    let hosts = ["now", "before"].map(|stage| (stage, GitHost::start(&fixtures.stage(stage))));
    vectors::hold("direct/expected", &["Direct"], |vector| {
        let stage = vector.text("stage");
        let host = hosts.iter().find(|(name, _)| *name == stage).ok_or("an unknown stage")?;
        hold(vector, &Place::new().route("github.com", host.1.address()))
    });
}

#[test]
fn go_has_said_the_same_of_every_repository_in_a_folder() {
    if !has_git("the recorded answers on repositories, in folders") {
        return;
    }
    let fixtures = Fixtures::get();
    vectors::hold("direct/expected", &["Direct"], |vector| {
        let folder = fixtures.stage(&vector.text("stage"));
        let place = Place::new()
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", &format!("url.file://{}/.insteadOf", folder.display()))
            .env("GIT_CONFIG_VALUE_0", "https://github.com/gosum-fixtures/");
        hold(vector, &place)
    });
}

/// Holds what `gosum hash` says at `place` against a vector.
fn hold(vector: &Vector, place: &Place) -> Result<(), String> {
    // of a branch or `latest`, Go's own answer is the version
    let version = vector.out["version"].as_str().map_or_else(|| vector.text("query"), str::to_owned);
    let module = vector.text("module");
    let done = place.run(&format!("hash {module}@{version} --from direct --format json --retries 0"));
    match &vector.err {
        None => same_hashes(vector, &version, &done),
        Some(failure) => same_refusal(&failure.category, &done),
    }
}

fn same_hashes(vector: &Vector, version: &str, done: &Done) -> Result<(), String> {
    let out = &vector.out;
    let said: Value = serde_json::from_str(&done.stdout).map_err(|error| format!("{error}: {done:?}"))?;
    let items = said["items"].as_array().ok_or("no items")?;
    for (artifact, sum) in [("zip", "sum"), ("go.mod", "goModSum")] {
        let item = items.iter().find(|item| item["artifact"] == artifact).ok_or("an artifact is missing")?;
        if item["h1"] != out[sum] || item["defects"] != Value::Array(Vec::new()) {
            return Err(format!("{artifact}: {item}, not {}", out[sum]));
        }
        if item["commit"] != out["origin"]["hash"] {
            return Err(format!("{artifact}: commit {}, not {}", item["commit"], out["origin"]["hash"]));
        }
        // what a branch leads to, Go names by the branch
        let reference = item["ref"].as_str().filter(|_| vector.text("query") == version);
        if reference.is_some_and(|reference| reference != out["origin"]["ref"]) {
            return Err(format!("{artifact}: {reference:?}, not {}", out["origin"]["ref"]));
        }
    }
    if done.code != 0 { Err(format!("exit code {}", done.code)) } else { Ok(()) }
}

fn same_refusal(category: &str, done: &Done) -> Result<(), String> {
    if done.code == 2 {
        // no version of this module at all: refused before anything is asked
        let named = done.stderr.contains("is neither a file nor a module version");
        return if named { Ok(()) } else { Err(format!("{category}: {}", done.stderr)) };
    }
    let said: Value = serde_json::from_str(&done.stdout).map_err(|error| format!("{error}: {done:?}"))?;
    let zip = said["items"].as_array().and_then(|items| items.iter().find(|item| item["artifact"] == "zip"));
    let reason = zip.and_then(|zip| zip["reason"].as_str()).unwrap_or_default();
    let refused = zip.is_some_and(|zip| zip["answer"] == "absent" || zip["answer"] == "unavailable");
    if done.code == 3 && refused && category::fits(category, reason)? {
        Ok(())
    } else {
        Err(format!("{category}, exit code {}: {reason:?}", done.code))
    }
}
