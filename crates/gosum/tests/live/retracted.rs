//! Which versions are retracted, and why, as the go command reads it.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::audit_with;

/// Small modules: retracted versions with and without a reason, others of the same modules, and such without tags, of
/// `+incompatible` versions alone, and of both kinds.
const MODULES: &str = "google.golang.org/grpc@v1.74.0 google.golang.org/grpc@v1.74.2 \
    github.com/golang-jwt/jwt/v4@v4.4.0 github.com/golang-jwt/jwt/v4@v4.5.0 github.com/klauspost/compress@v1.18.1 \
    github.com/klauspost/compress@v1.14.2 github.com/klauspost/compress@v1.17.0 \
    github.com/mattn/go-sqlite3@v2.0.3+incompatible github.com/mattn/go-sqlite3@v1.14.16 \
    github.com/prometheus/common@v1.20.3 github.com/prometheus/common@v1.19.1 github.com/prometheus/common@v0.45.0 \
    golang.org/x/exp@v0.0.0-20230905200255-921286631fa9 github.com/dgrijalva/jwt-go@v3.2.0+incompatible \
    github.com/gofrs/uuid@v4.4.0+incompatible github.com/pkg/errors@v0.9.1 gopkg.in/yaml.v2@v2.4.0";

#[test]
#[ignore = "needs internet, go"]
fn the_same_versions_are_retracted_for_the_same_reasons() {
    let mut go = BTreeMap::new();
    let mut go_sum = String::new();
    for module in MODULES.split_whitespace() {
        let said = retracted(module);
        go.insert(module.to_owned(), said);
        let module = module.replace('@', " ");
        // which hash it has is not the question here
        go_sum += &format!("{module} h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    }
    assert!(go.values().filter(|said| said.is_some()).count() >= 5, "{go:?}");
    for source in ["proxy", "direct"] {
        let report = audit_with(&go_sum, &["--source", source, "--warn", "retracted"]);
        let findings = report["findings"].as_array().unwrap().iter();
        let mut found: BTreeMap<String, &str> = BTreeMap::new();
        for finding in findings.filter(|finding| finding["code"] == "retracted") {
            let module =
                format!("{}@{}", finding["module"].as_str().unwrap(), finding["version"].as_str().unwrap());
            found.insert(module, finding["message"].as_str().unwrap());
        }
        // of a repository that is not to be reached nothing can be told
        let artifacts = report["artifacts"].as_array().unwrap().iter();
        let told = artifacts.filter(|artifact| artifact["answers"][source]["answer"] == "hash");
        let module = |artifact: &Value| {
            format!("{}@{}", artifact["module"].as_str().unwrap(), artifact["version"].as_str().unwrap())
        };
        let told: Vec<String> = told.map(module).collect();
        eprintln!("{source}: {} of {} modules, {} retracted", told.len(), go.len(), found.len());
        assert!(source != "proxy" || told.len() == go.len(), "{report:#}");
        for module in told {
            match (&go[&module], found.get(&module)) {
                (None, None) => {}
                (Some(said), Some(message)) => {
                    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                    let said = said.replace("retracted by module author", "for no reason that is given");
                    assert!(message.contains(&said), "{source}: {module}: {message}");
                }
                other => panic!("{source}: {module}: {other:?}"),
            }
        }
    }
}

/// Returns the first reason for which the go command says that `module` is retracted, if it does.
fn retracted(module: &str) -> Option<String> {
    let output = Command::new("go")
        .args(["list", "-m", "-u", "-retracted", "-json", module])
        .envs([("GOFLAGS", "-mod=mod"), ("GOTOOLCHAIN", "local"), ("GOPRIVATE", "")])
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let said: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{module}: {output:?}"));
    assert!(said.get("Error").is_none(), "{said}");
    Some(said.get("Retracted")?[0].as_str().unwrap().to_owned())
}
