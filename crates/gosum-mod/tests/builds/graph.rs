//! The archives of `testdata/graph`, which hold made-up modules, and what the go command said of them.

use std::collections::BTreeSet;
use std::fs;

use gosum_mod::build::graph::{Build, GoModError, Graph, Limits, LoadError, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::build::tidy::{Fit, kept_for};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::id::Artifact;
use gosum_testkit::txtar::{self, Archive};

/// Fewer archives than this have been lost.
const COMMITTED: usize = 29;

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
    if let Some(tidy) = archive.get("want/tidy") {
        hold_tidy(name, archive, &build, tidy);
    }
}

/// Holds what is said of go.sum lines to which of them `go mod tidy` keeps.
fn hold_tidy(name: &str, archive: &Archive, build: &Build, tidy: &str) {
    let mut read = |keys: &[GoModKey]| read(archive, keys);
    let load = |build| load(build, &Limits::default(), &mut read).unwrap();
    let graphs: Vec<Graph<std::fmt::Error>> = kept_for(build).iter().map(load).collect();
    let of = |keys: &str| {
        let text: String = keys.lines().map(|key| format!("{key} h1:x\n")).collect();
        let fit = Fit::of(&graphs, &[&GoSum::parse(text.as_bytes())]);
        assert!(fit.untold.is_empty(), "{name}: {:?}", fit.untold);
        let keys = |keys: &BTreeSet<_>| {
            keys.iter().map(|(module, artifact)| key(module, *artifact)).collect::<BTreeSet<_>>()
        };
        (keys(&fit.missing), keys(&fit.unneeded), keys(&fit.unbacked))
    };
    let kept: BTreeSet<String> = tidy.lines().map(str::to_owned).collect();
    assert_eq!(of(tidy), Default::default(), "{name}");
    let (missing, unneeded, unbacked) = of("");
    assert!(!missing.is_empty() && missing.is_subset(&kept) && unneeded.is_empty(), "{name}: {missing:?}");
    // of an up-to-date go.mod, tidy keeps the zips of all that is required for its packages
    assert!(!unbacked.is_empty() && unbacked.is_subset(&kept), "{name}: {unbacked:?}");
    // of a go.sum with everything, all goes that is no part of a module that is selected
    let modules =
        archive.files.iter().filter_map(|file| Some(file.name.strip_prefix("mod/")?.replace('@', " ")));
    let all: BTreeSet<String> =
        modules.flat_map(|module| [module.clone(), format!("{module}/go.mod")]).collect();
    let (missing, unneeded, _) = of(&all.iter().map(|key| key.clone() + "\n").collect::<String>());
    let selected = graphs.iter().flat_map(Graph::build_list);
    let selected: BTreeSet<String> = selected.map(|node| node.to_string().replace('@', " ")).collect();
    let may_be = |key: &&String| !kept.contains(*key) && !selected.contains(key.trim_end_matches("/go.mod"));
    assert_eq!(
        (missing, unneeded),
        (BTreeSet::new(), all.iter().filter(may_be).cloned().collect()),
        "{name}"
    );
}

#[test]
fn a_line_is_not_called_unneeded_where_the_graph_is_not_known() {
    let sum = GoSum::parse(b"example.com/a v0.9.0 h1:x\n");
    let fit = |go_mod: &str, readable: bool| {
        let file = MainMod::parse(go_mod.as_bytes()).unwrap();
        let build = Build::Module(MainModule { directory: "".into(), file });
        let text = |key: &GoModKey| match (readable, key.to_string().as_str()) {
            (true, "example.com/a@v1.0.0") => {
                Ok(b"module example.com/a\n\nrequire example.com/b v1.1.0\n".to_vec())
            }
            (true, _) => Ok(b"module example.com/b\n".to_vec()),
            (false, _) => Err(std::fmt::Error),
        };
        let graph = load(&build, &Limits::default(), &mut |keys| keys.iter().map(text).collect()).unwrap();
        Fit::of(&[graph], &[&sum])
    };
    let module = "module example.com/m\n\ngo 1.16\n\nrequire example.com/a v1.0.0\n";
    let known = fit(module, true);
    assert_eq!((known.missing.len(), known.unneeded.len(), known.untold.len()), (2, 1, 0));
    let unread = fit(module, false);
    assert!(unread.missing.is_empty() && unread.unneeded.is_empty());
    let untold: Vec<String> = unread.untold.iter().map(ToString::to_string).collect();
    assert_eq!(untold, ["the go.mod of example.com/a@v1.0.0 is not known"]);
    let outdated = fit(&format!("{module}require example.com/b v1.0.0\n"), true);
    assert!(outdated.missing.is_empty() && outdated.unneeded.is_empty());
    let untold: Vec<String> = outdated.untold.iter().map(ToString::to_string).collect();
    assert_eq!(untold, ["go.mod is not up to date: another version of example.com/b@v1.0.0 is selected"]);
    // the go command would change the go statement first, and with it what the graph is
    let no_go = fit("module example.com/m\n\nrequire example.com/a v1.0.0\n", true);
    assert!(no_go.missing.is_empty() && no_go.unneeded.is_empty());
    let untold: Vec<String> = no_go.untold.iter().map(ToString::to_string).collect();
    assert_eq!(
        untold,
        ["go.mod of example.com/m has no go statement, and `go mod tidy` adds one of its own version"]
    );
}

#[test]
fn in_a_workspace_nothing_is_missed_and_each_module_keeps_what_it_needs_by_itself() {
    let module = |name: &str, version: &str| {
        let go_mod = format!("module example.com/{name}\n\ngo 1.21\n\nrequire example.com/a {version}\n");
        MainModule {
            directory: format!("./{name}").as_str().into(),
            file: MainMod::parse(go_mod.as_bytes()).unwrap(),
        }
    };
    let go_work = GoWork::parse(b"go 1.21\n\nuse (\n\t./x\n\t./y\n)\n").unwrap();
    let build = Build::Workspace { go_work, modules: vec![module("x", "v1.0.0"), module("y", "v1.1.0")] };
    let mut read = |keys: &[GoModKey]| -> Vec<Result<Vec<u8>, std::fmt::Error>> {
        keys.iter().map(|_| Ok(b"module example.com/a\n".to_vec())).collect()
    };
    let load = |build| load(build, &Limits::default(), &mut read).unwrap();
    let graphs: Vec<Graph<std::fmt::Error>> = kept_for(&build).iter().map(load).collect();
    let sum =
        GoSum::parse(b"example.com/a v1.0.0 h1:x\nexample.com/a v1.1.0 h1:x\nexample.com/a v1.2.0 h1:x\n");
    let fit = Fit::of(&graphs, &[&sum]);
    let unneeded: Vec<String> = fit.unneeded.iter().map(|(module, _)| module.to_string()).collect();
    assert_eq!((unneeded, fit.missing.len()), (vec!["example.com/a@v1.2.0".to_owned()], 0));
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
