//! Real modules, with `go list` as the judge of which of their files are part of a build. Run by `scripts/live`.
//!
//! Needs the go command and the default proxy.
//!
//! - `GOSUM_LIVE_MODULES`: other modules, `MODULE@VERSION` separated by spaces.
//! - `GOSUM_LIVE_CACHE`: a folder that keeps what the go command downloads from one run to the next.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what cannot be done fails the test")]

mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use folder::Folder;
use gosum_evidence::diff::reach::{Inert, Reach, Reaches, reaches};
use gosum_mod::build::constraint::{Configuration, Platform};
use serde_json::Value;

const MODULES: &str = "github.com/mattn/go-sqlite3@v1.14.22 github.com/DataDog/zstd@v1.5.5 golang.org/x/sys@v0.24.0 \
    golang.org/x/crypto@v0.26.0 golang.org/x/tools@v0.24.0 golang.org/x/text@v0.17.0 github.com/klauspost/compress@v1.17.9 \
    github.com/ethereum/go-ethereum@v1.14.8 github.com/gin-gonic/gin@v1.10.0 github.com/spf13/viper@v1.19.0 \
    github.com/shirou/gopsutil/v3@v3.24.5 github.com/go-gl/glfw/v3.3/glfw@v0.0.0-20240506104042-037f3cc74f2a \
    github.com/tetratelabs/wazero@v1.8.0 github.com/ebitengine/purego@v0.7.1 github.com/bytedance/sonic@v1.12.1 \
    github.com/prometheus/client_golang@v1.19.1 github.com/fsnotify/fsnotify@v1.7.0 go.uber.org/zap@v1.27.0 \
    github.com/godror/godror@v0.44.2 github.com/cloudflare/circl@v1.4.0 github.com/swaggo/files@v1.0.1";

const PLATFORMS: &[(&str, &str, &str, bool)] = &[
    ("linux", "amd64", "", true),
    ("linux", "arm64", "purego,appengine", false),
    ("windows", "amd64", "", true),
    ("darwin", "arm64", "ignore", true),
    ("freebsd", "386", "", false),
    ("js", "wasm", "", false),
    ("plan9", "amd64", "", false),
    ("android", "arm", "", true),
];

/// The lists of files that a build takes.
const TAKEN: &[&str] = &[
    "GoFiles",
    "CgoFiles",
    "CFiles",
    "CXXFiles",
    "MFiles",
    "HFiles",
    "FFiles",
    "SFiles",
    "SwigFiles",
    "SwigCXXFiles",
    "SysoFiles",
    "EmbedFiles",
];
/// Those which it leaves out.
const LEFT: &[&str] = &[
    "IgnoredGoFiles",
    "IgnoredOtherFiles",
    "TestGoFiles",
    "XTestGoFiles",
    "TestEmbedFiles",
    "XTestEmbedFiles",
];

#[test]
#[ignore = "needs internet, go"]
fn what_go_list_names_is_what_can_reach() {
    let modules = std::env::var("GOSUM_LIVE_MODULES").unwrap_or_else(|_| MODULES.to_owned());
    let temporary = tempfile::tempdir().unwrap();
    let cache =
        std::env::var_os("GOSUM_LIVE_CACHE").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut wrong = Vec::new();
    for module in modules.split_whitespace() {
        let root = temporary.path().join("module");
        unpack(module, &cache, &root);
        let tree = Folder(root.clone());
        let any = reaches(&tree, &Platform::Any).unwrap();
        let (mut taken, mut left, mut open) = (0, 0, BTreeMap::<String, usize>::new());
        for &platform in PLATFORMS {
            let one = reaches(&tree, &configuration(platform)).unwrap();
            for (path, is_taken) in go_list(&root, platform) {
                let shown = String::from_utf8_lossy(path.as_bytes()).into_owned();
                let (in_one, in_any) = (one.of(path.as_bytes()), any.of(path.as_bytes()));
                match (is_taken, in_one.is_inert()) {
                    (true, true) => wrong.push(format!("{module} {platform:?} {shown}: {in_one}")),
                    (true, false) => taken += 1,
                    (false, true) => left += 1,
                    // Go leaves it out, and it may reach all the same: who names it, or which Go version, is another matter
                    (false, false) => {
                        let is_named = matches!(
                            in_one,
                            Reach::Included { .. } | Reach::GenerateInput { .. } | Reach::Embedded { .. }
                        );
                        if !is_named && !is_open(&root.join(&path)) {
                            wrong.push(format!(
                                "{module} {platform:?} {shown}: {in_one}, but go leaves it out"
                            ));
                        }
                        *open.entry(kind(&in_one)).or_default() += 1;
                    }
                }
                if is_taken && in_any.is_inert() || in_any == Reach::Inert(Inert::OtherPlatform) {
                    wrong.push(format!("{module} {shown}: {in_any} over all platforms"));
                }
            }
        }
        eprintln!(
            "{module}: {taken} taken, {left} left out, {open:?} left out by this go; {}",
            summary(&tree, &any)
        );
        std::fs::remove_dir_all(&root).unwrap();
    }
    assert!(wrong.is_empty(), "{} differ from Go's:\n  {}", wrong.len(), wrong.join("\n  "));
}

/// Returns whether it takes more than a system, a processor and tags to tell whether a file is compiled.
fn is_open(path: &Path) -> bool {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let mut lines = text.lines().filter(|line| line.starts_with("//go:build") || line.contains("+build"));
    let open = ["go1.", "gc", "race", "msan", "asan", "unix", "goexperiment.", "boringcrypto"];
    lines.any(|line| {
        line.split(|c: char| " ,!()&|".contains(c)).any(|word| open.iter().any(|tag| word.starts_with(tag)))
    }) || path.to_string_lossy().contains("loong64")
}

fn kind(reach: &Reach) -> String {
    reach.to_string().split(" by \"").next().unwrap().split(" in \"").next().unwrap().to_owned()
}

/// Returns how many files are of which kind.
fn summary(tree: &Folder, any: &Reaches) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for path in tree.paths() {
        let reach = any.of(&path);
        let kind = if matches!(reach, Reach::Unknown(_)) { "unknown".to_owned() } else { kind(&reach) };
        *counts.entry(kind).or_default() += 1;
    }
    format!("{counts:?}")
}

fn configuration((goos, goarch, tags, cgo): (&str, &str, &str, bool)) -> Platform {
    let tags = tags.split(',').filter(|tag| !tag.is_empty()).map(ToOwned::to_owned).collect();
    Platform::One(Configuration { goos: goos.into(), goarch: goarch.into(), tags, cgo: Some(cgo) })
}

fn go(folder: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(folder).env("GOWORK", "off").env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod");
    go
}

/// Downloads a module and puts its files in `root`, with a go.mod file that says the Go version and no more.
fn unpack(module: &str, cache: &Path, root: &Path) {
    let empty = tempfile::tempdir().unwrap();
    let output = go(empty.path())
        .args(["mod", "download", "-json", module])
        .env("GOMODCACHE", cache)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let from = answer["Dir"].as_str().unwrap_or_else(|| panic!("{module}: {answer}"));
    assert!(Command::new("cp").arg("-r").arg(from).arg(root).status().unwrap().success());
    assert!(Command::new("chmod").args(["-R", "u+w"]).arg(root).arg(cache).status().unwrap().success());
    std::fs::write(root.join("go.mod"), "module example.com/m\n\ngo 1.26\n").unwrap();
    // the rules for what is in the main module's vendor folder are others
    let _ = std::fs::remove_dir_all(root.join("vendor"));
}

/// Returns which files go takes, and leaves out, of all packages of a module.
fn go_list(root: &Path, (goos, goarch, tags, cgo): (&str, &str, &str, bool)) -> BTreeMap<String, bool> {
    let folders: BTreeSet<String> = Folder(root.to_owned())
        .paths()
        .iter()
        .filter(|path| path.ends_with(b".go"))
        .map(|path| format!("./{}", Path::new(str::from_utf8(path).unwrap()).parent().unwrap().display()))
        .collect();
    let output = go(root)
        .args(["list", "-e", "-json", "-tags", tags])
        .args(folders)
        .envs([
            ("GOPROXY", "off"),
            ("GOOS", goos),
            ("GOARCH", goarch),
            ("CGO_ENABLED", if cgo { "1" } else { "0" }),
        ])
        .output()
        .unwrap();
    let mut files = BTreeMap::new();
    for package in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let package = package.unwrap();
        let Some(folder) =
            package["Dir"].as_str().and_then(|folder| Path::new(folder).strip_prefix(root).ok())
        else {
            continue;
        };
        let mut list = |name: &str, is_taken| {
            for name in package[name].as_array().into_iter().flatten() {
                let path = folder.join(name.as_str().unwrap()).to_str().unwrap().to_owned();
                *files.entry(path).or_insert(false) |= is_taken;
            }
        };
        let has = |name: &str| package[name].is_array();
        let is_built = has("GoFiles") || has("CgoFiles");
        let has_c = has("CgoFiles") || has("SwigFiles") || has("SwigCXXFiles");
        // without cgo go lists them, and refuses the package or does not look at them
        let is_taken = |name: &str| match name {
            "CXXFiles" | "MFiles" | "FFiles" | "HFiles" => has_c,
            _ => is_built,
        };
        TAKEN.iter().for_each(|name| list(name, is_taken(name)));
        LEFT.iter().for_each(|name| list(name, false));
    }
    assert!(!files.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    files
}
