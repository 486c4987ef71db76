//! Which go.sum lines a project lacks and has no use for, with `go mod tidy` as the judge.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gosum_mod::build::graph::{Build, Graph, Limits, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::build::tidy::{Fit, kept_for};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use serde_json::Value;

use super::{PROJECTS, download};

#[test]
#[ignore = "needs internet, go"]
fn what_go_mod_tidy_keeps_is_never_called_unneeded() {
    let cache = tempfile::tempdir().unwrap();
    for project in PROJECTS.split_whitespace() {
        let downloaded = download(&[project.to_owned()], "proxy", cache.path());
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(downloaded[project]["Dir"].as_str().unwrap()), folder.path());
        let tidy = || {
            let done = go(&["mod", "tidy"], folder.path(), cache.path());
            assert!(done.status.success(), "{project}: {}", String::from_utf8_lossy(&done.stderr));
            fs::read_to_string(folder.path().join("go.sum")).unwrap()
        };
        let before = fs::read_to_string(folder.path().join("go.sum")).unwrap();
        let kept = tidy();
        let graphs = graphs(folder.path(), cache.path());
        let fit = |text: &str| Fit::of(&graphs, &[&GoSum::parse(text.as_bytes())]);
        assert_eq!(fit(&kept), Fit::default(), "{project}");
        // what no graph can need: zips of versions that are not selected, and versions that nobody knows
        let has: BTreeSet<&str> = kept.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
        let selected: BTreeSet<String> = graphs
            .iter()
            .flat_map(Graph::build_list)
            .map(|node| node.to_string().replace('@', " "))
            .collect();
        let mut noise = String::new();
        for key in has.iter().filter_map(|key| key.strip_suffix("/go.mod")) {
            if !has.contains(key) && !selected.contains(key) {
                noise += &format!("{key} h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
            }
        }
        noise += "example.com/nobody v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        let noisy = format!("{kept}{noise}");
        let found = fit(&noisy);
        assert_eq!((found.missing.len(), found.unneeded.len()), (0, noise.lines().count()), "{project}");
        fs::write(folder.path().join("go.sum"), &noisy).unwrap();
        assert_eq!(tidy(), kept, "{project}");
        // what it needs whatever is imported is missed, and tidy adds it
        let missing = fit("").missing;
        assert!(!missing.is_empty() && missing.iter().all(|key| has.contains(&*shown(key))), "{project}");
        eprintln!(
            "{project}: {} lines, {} of them known to be needed; {} lines added and found, which tidy removes; {} of those that the authors had",
            has.len(),
            missing.len(),
            found.unneeded.len(),
            fit(&before).unneeded.len(),
        );
    }
}

fn shown((module, artifact): &(ModuleVersion, Artifact)) -> String {
    let file = if *artifact == Artifact::GoMod { "/go.mod" } else { "" };
    format!("{} {}{file}", module.path(), module.version())
}

/// Returns the module graphs for which the project in `folder` keeps lines.
fn graphs(folder: &Path, cache: &Path) -> Vec<Graph<String>> {
    let file = MainMod::parse(&fs::read(folder.join("go.mod")).unwrap()).unwrap();
    let build = Build::Module(MainModule { directory: "".into(), file });
    let load = |build| load(build, &Limits::default(), &mut |keys| read(keys, cache)).unwrap();
    kept_for(&build).iter().map(load).collect()
}

/// Returns the go.mod files of `keys`, as the go command gets them.
fn read(keys: &[GoModKey], cache: &Path) -> Vec<Result<Vec<u8>, String>> {
    let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let words =
        [&["list", "-m", "-json", "-mod=mod"][..], &names.iter().map(String::as_str).collect::<Vec<_>>()];
    let done = go(&words.concat(), &std::env::temp_dir(), cache);
    let listed = serde_json::Deserializer::from_slice(&done.stdout).into_iter::<Value>();
    let texts: Vec<_> = listed
        .map(|module| {
            let module = module.unwrap();
            let file = module["GoMod"].as_str().ok_or_else(|| module.to_string())?;
            fs::read(file).map_err(|error| error.to_string())
        })
        .collect();
    assert_eq!(texts.len(), keys.len(), "{}", String::from_utf8_lossy(&done.stderr));
    texts
}

fn go(words: &[&str], folder: &Path, cache: &Path) -> Output {
    Command::new("go")
        .args(words)
        .current_dir(folder)
        .env("GOMODCACHE", cache.join("proxy"))
        .envs([("GOSUMDB", "off"), ("GOFLAGS", "-modcacherw"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")])
        .output()
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            // the content alone: files of the cache may not be written to
            false => fs::write(&target, fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}
