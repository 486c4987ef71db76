//! Random graphs: none panics, and what is said of them keeps its promises.

use std::collections::{BTreeMap, BTreeSet};

use gosum_mod::build::graph::{Build, Graph, Limits, MainModule, Node, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::text::Text;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

const GO: &[&str] = &["", "go 1.16\n", "go 1.17\n", "go 1.21\n", "go 1.17rc1\n", "nonsense (\n"];

/// Requirements on one of six modules in one of four versions, and the Go version.
fn file() -> impl Strategy<Value = String> {
    let require =
        (0..6u8, 0..4u8).prop_map(|(path, minor)| format!("require example.com/{path} v1.{minor}.0\n"));
    (select(GO), vec(require, 0..4)).prop_map(|(go, require)| format!("{go}{}", require.concat()))
}

fn main_file(path: u8) -> impl Strategy<Value = MainMod> {
    let exclude =
        (0..6u8, 0..4u8).prop_map(|(path, minor)| format!("exclude example.com/{path} v1.{minor}.0\n"));
    let replace = (0..6u8, 0..4u8, 0..6u8).prop_map(|(old, minor, new)| {
        format!("replace example.com/{old} v1.{minor}.0 => example.com/{new} v1.9.0\n")
    });
    let usable = file().prop_map(|file| file.replace("nonsense (\n", "")); // a main module is read strictly
    (usable, vec(exclude, 0..2), vec(replace, 0..2)).prop_map(move |(file, exclude, replace)| {
        let text = format!("module example.com/{path}\n{file}{}{}", exclude.concat(), replace.concat());
        MainMod::parse(text.as_bytes()).unwrap()
    })
}

fn build() -> impl Strategy<Value = Build> {
    let main = |path, directory: &'static str| {
        main_file(path).prop_map(move |file| MainModule { directory: directory.into(), file })
    };
    prop_oneof![
        main(0, "").prop_map(Build::Module),
        (main(0, "a"), main(1, "b")).prop_map(|(one, two)| {
            let go_work = GoWork::parse(b"go 1.21\nreplace example.com/2 v1.0.0 => ./c\n").unwrap();
            Build::Workspace { go_work, modules: vec![one, two] }
        }),
    ]
}

type Files = BTreeMap<(u8, u8), String>;

/// Loads a graph, and checks what is asked for meanwhile.
fn loaded(build: &Build, files: &Files) -> Option<Graph<String>> {
    let mut asked = BTreeSet::new();
    let mut read = |keys: &[GoModKey]| {
        assert!(!keys.is_empty() && keys.iter().all(|key| asked.insert(key.clone())), "each key once");
        keys.iter().map(|key| answer(key, files)).collect()
    };
    load(build, &Limits::default(), &mut read).ok()
}

fn answer(key: &GoModKey, files: &Files) -> Result<Vec<u8>, String> {
    let GoModKey::Module(module) = key else { return Ok(b"require example.com/3 v1.3.0\n".to_vec()) };
    let path = module.path().as_str().rsplit('/').next().unwrap();
    let minor = module.version().as_str().split('.').nth(1).unwrap();
    let file = files.get(&(path.parse().unwrap(), minor.parse().unwrap())).ok_or("none")?;
    Ok(format!("module {}\n{file}", module.path()).into())
}

/// Returns all that a graph says.
fn said(graph: &Graph<String>) -> Vec<String> {
    let list = graph.build_list().map(ToString::to_string);
    let used = graph.used().into_iter().map(|node| format!("used {node}"));
    let edges = graph.edges().into_iter().map(|edge| format!("{edge:?}"));
    let failures = graph.failures().keys().map(|node| format!("failed {node}"));
    let sums = graph.download_sums().into_iter().map(|sum| format!("{sum:?}"));
    list.chain(used).chain(edges).chain(failures).chain(sums).collect()
}

/// Reverses the requirements in every file, so that what is met in one order is met in the other.
fn reversed(files: &Files) -> Files {
    let reverse = |file: &String| {
        let (require, other): (Vec<_>, Vec<_>) = file.lines().partition(|line| line.starts_with("require"));
        other.into_iter().chain(require.into_iter().rev()).map(|line| format!("{line}\n")).collect()
    };
    files.iter().map(|(key, file)| (*key, reverse(file))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn graphs(build in build(), files in btree_map((0..6u8, 0..4u8), file(), 8..16)) {
        let Some(graph) = loaded(&build, &files) else { return Ok(()) };
        let edges = graph.edges();

        let mut reached: Vec<&Node> = graph.build_list().filter(|node| node.version.is_none()).collect();
        let mut seen: BTreeSet<&Node> = reached.iter().copied().collect();
        while let Some(node) = reached.pop() {
            for (_, required) in edges.iter().filter(|(from, _)| *from == node) {
                if seen.insert(required) {
                    reached.push(required);
                }
            }
        }
        let mut highest: BTreeMap<&Text, &Node> = BTreeMap::new();
        for &node in &seen {
            let best = highest.entry(&node.path).or_insert(node);
            // a main module, which has no version, is above all
            if best.version.is_some() && (node.version.is_none() || node.version > best.version) {
                *best = node;
            }
        }
        let list: BTreeSet<&Node> = graph.build_list().collect();
        prop_assert_eq!(&list, &highest.values().copied().collect(), "the highest of what is reached");
        prop_assert!(edges.iter().all(|(from, _)| seen.contains(from)), "nothing else has edges");
        prop_assert!(graph.used().into_iter().all(|node| seen.contains(node)));

        let excluded = |node: &Node| build.mains().iter().flat_map(|main| &main.file.exclude).any(|exclude| {
            exclude.path == node.path && Some(&exclude.version) == node.version.as_ref()
        });
        prop_assert!(!seen.iter().any(|node| excluded(node)));

        let again = loaded(&build, &reversed(&files)).unwrap();
        prop_assert_eq!(said(&again), said(&graph), "the order of requirements makes no difference");
    }
}
