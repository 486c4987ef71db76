//! The archives of `testdata/graph`, which hold made-up modules, and what the go command said of them.

use std::fs;

use gosum_mod::build::graph::{Build, GoModError, Graph, Limits, LoadError, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::id::Artifact;
use gosum_testkit::txtar::{self, Archive};

/// Fewer archives than this have been lost.
const COMMITTED: usize = 26;

#[test]
fn loads_graphs_as_go_does() {
    let mut held = 0;
    for entry in fs::read_dir(gosum_testkit::testdata().join("graph")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txtar") {
            let archive = txtar::parse(&fs::read_to_string(&path).unwrap());
            hold(path.file_stem().unwrap().to_str().unwrap(), &archive);
            held += 1;
        }
    }
    assert!(held >= COMMITTED, "{held} archives");
}

fn build(archive: &Archive) -> Build {
    let main = |directory: &str, file: &str| {
        let file = MainMod::parse(archive.get(file).unwrap().as_bytes()).unwrap();
        MainModule { directory: directory.into(), file }
    };
    let Some(go_work) = archive.get("go.work") else { return Build::Module(main("", "go.mod")) };
    let go_work = GoWork::parse(go_work.as_bytes()).unwrap();
    let uses = go_work.uses.iter().map(|line| line.directory.to_string());
    let modules = uses.map(|directory| main(&directory, &format!("{}/go.mod", &directory[2..]))).collect();
    Build::Workspace { go_work, modules }
}

fn read(archive: &Archive, keys: &[GoModKey]) -> Vec<Result<Vec<u8>, std::fmt::Error>> {
    let name = |key: &GoModKey| match key {
        GoModKey::Module(module) => format!("mod/{module}"),
        GoModKey::Directory(directory) => format!("{directory}/go.mod"),
    };
    keys.iter().map(|key| Ok(archive.get(&name(key)).ok_or(std::fmt::Error)?.as_bytes().to_vec())).collect()
}

fn hold(name: &str, archive: &Archive) {
    let build = build(archive);
    let mut read = |keys: &[GoModKey]| read(archive, keys);
    let loaded = load(&build, &Limits::default(), &mut read);
    if let Some(error) = archive.get("want/error") {
        let ours = why(&loaded);
        assert!(error.contains(&ours), "{name}: got {ours:?}, recorded {error:?}");
        return;
    }
    let graph = loaded.unwrap();
    assert!(graph.failures().is_empty(), "{name}: {:?}", graph.failures());
    assert!(graph.outdated().is_empty(), "{name}: {:?}", graph.outdated());
    assert!(graph.too_new("1.26.8").is_empty(), "{name}");
    let same = |want: &str, lines: Vec<String>| {
        let lines: String = lines.into_iter().map(|line| line + "\n").collect();
        assert_eq!(lines, archive.get(want).unwrap(), "{name}: {want}");
    };
    same("want/list", graph.build_list().map(ToString::to_string).collect());
    same("want/used", graph.go_mod_sums().iter().map(|module| key(module, Artifact::GoMod)).collect());
    same("want/zips", graph.downloads().iter().map(|module| key(module, Artifact::Zip)).collect());
    let mut edges: Vec<_> =
        graph.edges().iter().map(|(node, required)| format!("{node} {required}")).collect();
    edges.sort();
    same("want/graph", edges);
    let written = |artifact| matches!(build, Build::Workspace { .. }) || artifact == Artifact::GoMod;
    let sums = graph.download_sums().into_iter().filter(|(_, artifact)| written(*artifact));
    same("want/sums", sums.map(|(module, artifact)| key(&module, artifact)).collect());
}

fn key(module: &gosum_mod::name::id::ModuleVersion, artifact: Artifact) -> String {
    let file = if artifact == Artifact::GoMod { "/go.mod" } else { "" };
    format!("{} {}{file}", module.path(), module.version())
}

/// Returns the words by which Go names what we found.
fn why(loaded: &Result<Graph<std::fmt::Error>, LoadError>) -> String {
    let graph = match loaded {
        Err(LoadError::Conflict { path, .. }) => {
            return if path.as_bytes().is_empty() {
                String::new()
            } else {
                "conflicting replacements".into()
            };
        }
        Err(LoadError::RepeatedMain { path }) => return format!("module {path} appears multiple times"),
        Err(LoadError::MainReplaced { path }) => {
            return format!("module {path} is replaced at all versions");
        }
        Err(other) => panic!("{other}"),
        Ok(graph) => graph,
    };
    if let Some((node, error)) = graph.failures().iter().next() {
        return match &**error {
            GoModError::NoModule => format!("{node}: parsing go.mod: missing module line"),
            GoModError::Path { declared, required } => format!(
                "{node}: parsing go.mod:\n\tmodule declares its path as: {declared}\n\t        but was required as: {required}"
            ),
            GoModError::Syntax(error) => {
                format!("{node}: parsing go.mod: go.mod:{}: ", error.faults[0].position.line)
            }
            GoModError::Name(error) => format!("{node}: {error}"),
            other => panic!("{node}: {other}"),
        };
    }
    if let [(node, go), ..] = graph.too_new("1.26.8")[..] {
        return format!("module {node} requires go >= {go}");
    }
    assert!(!graph.outdated().is_empty(), "nothing is wrong");
    "updates to go.mod needed".into()
}
