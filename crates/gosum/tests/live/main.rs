//! Real modules, with the go command as the judge. Run by `scripts/live`.
//!
//! Needs the go command, git, the default proxy, and the repositories that the modules come from: the real ones, or
//! stand-ins that are reached under the same names.
//!
//! - `GOSUM_LIVE_LIST`: a file of module versions in the place of `direct.txt`, in the same form.
//! - `GOSUM_LIVE_LOG`: a file to which stand-ins for the repositories write a line of JSON for each request, with its `bytes`:
//!   what Go and gosum ask is counted.
//! - `GOSUM_LIVE`: the projects whose go.sum files are audited, `MODULE@VERSION` separated by spaces.
//! - `GOSUM_LIVE_CACHE`: a folder that keeps what the go command downloads from one run to the next.

#![expect(clippy::unwrap_used, reason = "what cannot be done fails the test")]
#![expect(clippy::print_stderr, reason = "the counts are what the reader of the log wants to know")]

#[path = "../cmd/category.rs"]
mod category;
mod direct;
mod explain;
#[cfg(target_os = "linux")]
mod memory;
mod project;
mod retracted;
mod sumdb;
mod tidy;
mod verify;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use gosum::Outside;
use gosum::interrupt::Interrupt;
use serde_json::Value;

const PROJECTS: &str = "github.com/spf13/cobra@v1.8.1 github.com/stretchr/testify@v1.9.0 \
    github.com/gin-gonic/gin@v1.10.0 go.uber.org/zap@v1.27.0 github.com/spf13/viper@v1.4.0 \
    github.com/prometheus/client_golang@v1.19.1";

#[test]
#[ignore = "needs internet, go"]
fn every_line_that_go_can_fetch_both_ways_has_gos_own_hash() {
    let projects = std::env::var("GOSUM_LIVE").unwrap_or_else(|_| PROJECTS.to_owned());
    let temporary = tempfile::tempdir().unwrap();
    let cache =
        std::env::var_os("GOSUM_LIVE_CACHE").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut wrong = Vec::new();
    for project in projects.split_whitespace() {
        let go_sum = go_sum_of(project, &cache);
        let modules = modules(&go_sum);
        let judge = Judge::ask(&modules, &cache);
        let report = audit(&go_sum);
        wrong.extend(compare(project, &report, &judge));
    }
    assert!(wrong.is_empty(), "{} answers differ from Go's:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
#[ignore = "needs internet, go"]
fn a_tag_that_was_moved_after_publication_is_found() {
    // recorded with the go command, each path with a module cache of its own
    let (published, moved) = (
        "h1:Im8iDbEFARltY09yOJlSGu4Asjk2vF85+3Dyru8uJ0U=",
        "h1:+nPBSyFSB9bH7hfRyg9rQQyxFWXoK13hVVOwSYT98i0=",
    );
    let go_mod = "h1:nlTsY+NNiCBGCK2tpm09vRqfVzrc2fLmXGpBLF0zlTQ=";
    let report = audit(&format!(
        "github.com/adrg/xdg v0.5.1 {published}\ngithub.com/adrg/xdg v0.5.1/go.mod {go_mod}\n"
    ));
    assert_eq!(report["verdict"], "mismatch");
    let [zip, go_mod_line] = report["artifacts"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    assert_eq!(go_mod_line["verdict"], "verified");
    let answers = &zip["answers"];
    assert_eq!((&answers["proxy"]["h1"], &answers["direct"]["h1"]), (&published.into(), &moved.into()));
    assert_eq!(answers["direct"]["commit"], "3b346cdea47acce18594691b344c4c59b02d77a5");
    assert_eq!(answers["proxy"]["commit"], "1409556ea551642ed2cfdfb9fdec05a09b76a601");
    assert_eq!(report["findings"][0]["code"], "proxy-direct-differ");
}

/// Returns the go.sum that a project's own module zip holds.
fn go_sum_of(project: &str, cache: &Path) -> String {
    let downloaded = download(&[project.to_owned()], "proxy", cache);
    let dir =
        downloaded[project]["Dir"].as_str().unwrap_or_else(|| panic!("{}", downloaded[project])).to_owned();
    fs::read_to_string(Path::new(&dir).join("go.sum")).unwrap()
}

/// Returns the module versions that a go.sum speaks of.
fn modules(go_sum: &str) -> Vec<String> {
    let mut modules: Vec<String> = go_sum
        .lines()
        .map(|line| {
            let mut fields = line.split_whitespace();
            let (path, version) = (fields.next().unwrap(), fields.next().unwrap());
            format!("{path}@{}", version.trim_end_matches("/go.mod"))
        })
        .collect();
    modules.sort();
    modules.dedup();
    modules
}

/// What the go command says of module versions, by each path.
struct Judge {
    proxy: BTreeMap<String, Value>,
    direct: BTreeMap<String, Value>,
}

impl Judge {
    fn ask(modules: &[String], cache: &Path) -> Judge {
        Judge { proxy: download(modules, "proxy", cache), direct: download(modules, "direct", cache) }
    }

    /// Returns the hash that the go command computed for an artifact, if it could.
    fn hash(&self, source: &str, module: &str, artifact: &str) -> Option<&str> {
        let said = if source == "proxy" { &self.proxy } else { &self.direct };
        let said = said.get(module).filter(|said| said.get("Error").is_none())?;
        said[if artifact == "zip" { "Sum" } else { "GoModSum" }].as_str()
    }
}

/// Returns what `go mod download -json` says of each of `modules`, by one path alone.
fn download(modules: &[String], path: &str, cache: &Path) -> BTreeMap<String, Value> {
    let proxies =
        String::from_utf8(Command::new("go").args(["env", "GOPROXY"]).output().unwrap().stdout).unwrap();
    let goproxy = if path == "direct" { "direct" } else { proxies.split([',', '|']).next().unwrap().trim() };
    let mut said = BTreeMap::new();
    for modules in modules.chunks(50) {
        let output = Command::new("go")
            .args(["mod", "download", "-json"])
            .args(modules)
            .env("GOPROXY", goproxy)
            .env("GOMODCACHE", cache.join(path))
            .envs([
                ("GOSUMDB", "off"),
                ("GOFLAGS", "-modcacherw"),
                ("GOTOOLCHAIN", "local"),
                ("GOPRIVATE", ""),
            ])
            .current_dir(std::env::temp_dir())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        for value in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
            let value = value.unwrap();
            let module =
                format!("{}@{}", value["Path"].as_str().unwrap(), value["Version"].as_str().unwrap());
            said.insert(module, value);
        }
    }
    said
}

/// Returns the report of gosum on a go.sum, by both paths.
fn audit(go_sum: &str) -> Value {
    audit_with(go_sum, &[])
}

/// Returns the report of gosum on a go.sum, with further arguments.
fn audit_with(go_sum: &str, arguments: &[&str]) -> Value {
    run(go_sum, &[&["audit", "-"], arguments].concat())
}

/// Returns the report of gosum, run with these arguments and this standard input.
fn run(stdin: &str, arguments: &[&str]) -> Value {
    run_with(stdin, arguments, &[])
}

/// Returns the same, where these variables are set besides.
fn run_with(stdin: &str, arguments: &[&str], variables: &[(&str, &PathBuf)]) -> Value {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let out = Kept::default();
    let set = variables.iter().map(|(name, value)| (name.into(), value.as_os_str().to_owned()));
    let code = gosum::run(Outside {
        args: ["gosum"].iter().chain(arguments).chain(&["--format", "json"]).map(Into::into).collect(),
        env: std::env::vars_os().chain(set).collect(),
        dir: PathBuf::new(),
        stdin: Box::new(std::io::Cursor::new(stdin.as_bytes().to_vec())),
        stdout: Box::new(out.clone()),
        stderr: Box::new(std::io::stderr()),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        routes: BTreeMap::new(),
        now: std::time::SystemTime::now(),
        interrupt: Interrupt::default(),
    });
    assert!([0, 1, 3].contains(&code), "exit code {code}");
    let text = out.0.lock().unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Returns every answer of gosum that is not the go command's: another hash, or none where Go has one. Where Go has
/// none, gosum may say why or have one all the same.
fn compare(project: &str, report: &Value, judge: &Judge) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for artifact in report["artifacts"].as_array().unwrap() {
        let text = |key: &str| artifact[key].as_str().unwrap();
        let module = format!("{}@{}", text("module"), text("version"));
        let mut count = |what: &str| *counts.entry(format!("{} {what}", text("artifact"))).or_default() += 1;
        for source in ["proxy", "direct"] {
            let answer = &artifact["answers"][source];
            let got = answer["h1"].as_str();
            match judge.hash(source, &module, text("artifact")) {
                Some(hash) if got == Some(hash) => count(&format!("{source} as Go")),
                Some(hash) => wrong.push(format!(
                    "{project}: {module} {} {source}: Go {hash}, gosum {answer}",
                    text("artifact")
                )),
                None => {
                    count(&format!("{source} refused by Go"));
                    eprintln!(
                        "{project}: {module} {} {source}: Go refuses, gosum {answer}",
                        text("artifact")
                    );
                }
            }
        }
    }
    eprintln!("{project}: {counts:?}");
    wrong
}
