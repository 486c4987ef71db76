//! Which go.sum lines a build lacks, and which it can have no use for (spec 03 §2).
//!
//! Which zips a build needs depends on the packages that it imports, which are not looked at here. So this says no more than the
//! module graph decides: `go mod tidy` removes every line that is called unneeded, and adds every line that is called missing.
//! It may remove and add others. All this is of a go.mod that `go mod tidy` would leave as it is: what the module imports
//! beyond it is known to nobody.
//!
//! ```
//! use gosum_mod::build::graph::{Build, Limits, MainModule, load};
//! use gosum_mod::build::replacement::GoModKey;
//! use gosum_mod::build::tidy::{Fit, kept_for};
//! use gosum_mod::file::go_sum::GoSum;
//! use gosum_mod::file::main_mod::MainMod;
//!
//! let file = MainMod::parse(b"module example.com/m\ngo 1.24\nrequire example.com/a v1.1.0\n")?;
//! let build = Build::Module(MainModule { directory: "".into(), file });
//! let mut read = |keys: &[GoModKey]| -> Vec<std::io::Result<Vec<u8>>> {
//!     keys.iter().map(|_| Ok(b"module example.com/a\n".to_vec())).collect()
//! };
//! let graphs = kept_for(&build).iter().map(|build| load(build, &Limits::default(), &mut read)).collect::<Result<Vec<_>, _>>()?;
//! let sum = GoSum::parse(b"example.com/a v1.0.0 h1:old\nexample.com/a v1.1.0 h1:new\n");
//! let fit = Fit::of(&graphs, &[&sum]);
//! assert_eq!(fit.unneeded.iter().map(|(module, _)| module.to_string()).collect::<Vec<_>>(), ["example.com/a@v1.0.0"]);
//! assert_eq!(fit.missing.iter().map(|(module, _)| module.to_string()).collect::<Vec<_>>(), ["example.com/a@v1.1.0"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;

use super::graph::{Build, Graph, MainModule, Node};
use crate::file::go_mod::Require;
use crate::file::go_sum::GoSum;
use crate::file::go_version;
use crate::name::id::{Artifact, ModuleVersion};

/// What a line of go.sum is about.
type Key = (ModuleVersion, Artifact);

/// How the lines of go.sum files fit the module graphs for which they are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fit {
    /// What the graphs of a single module need and no file has. Of a workspace nothing is missed: its go.sum files need not be
    /// complete together.
    pub missing: BTreeSet<Key>,
    /// The zips of modules that go.mod itself requires, and of which no file has a line: `go mod tidy` adds the line, or drops the
    /// requirement where no package of the module is imported. Of a workspace there are none.
    pub unbacked: BTreeSet<Key>,
    /// What a file has and no graph can need; nothing where that cannot be told.
    pub unneeded: BTreeSet<Key>,
    /// Why more cannot be told, if something stands in the way.
    pub untold: BTreeSet<Untold>,
}

/// Why it cannot be told which lines are needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Untold {
    /// A go.mod cannot be read or used, so that a part of the graph is not known: what is missing is, and what is unneeded is not.
    #[error("the go.mod of {0} is not known")]
    Unread(Node),
    /// The go command would change the requirements first, and come to another graph: nothing is known.
    #[error("go.mod is not up to date: another version of {0} is selected")]
    Outdated(Node),
    /// The main module has no go statement: the go command writes one of its own version first, and may come to another graph.
    #[error("go.mod of {0} has no go statement, and `go mod tidy` adds one of its own version")]
    NoGo(Node),
    /// The main module's go statement is below 1.17, and one of its dependencies asks for more: the go command raises it, and
    /// comes to a pruned graph.
    #[error("{node} asks for go {asked}, to which `go mod tidy` raises the go statement of the main module")]
    Raised {
        /// Who asks.
        node: Node,
        /// For which version.
        asked: String,
    },
}

impl Untold {
    /// Returns whether the go command would come to another graph, so that of this one nothing can be told.
    fn is_of_another_graph(&self) -> bool {
        !matches!(self, Untold::Unread(_))
    }
}

/// Returns the builds for whose graphs `go mod tidy` keeps lines in the go.sum files of `build`: the build itself, the modules of a
/// workspace each by itself, and for a module of Go 1.17 also what Go 1.16 would build, whose graphs were not yet pruned.
pub fn kept_for(build: &Build) -> Vec<Build> {
    let mut builds = vec![build.clone()];
    if let Build::Workspace { modules, .. } = build {
        builds.extend(modules.iter().cloned().map(Build::Module));
    }
    let before = |main: &MainModule| {
        let go = main.file.go_mod.go.as_deref()?;
        let is_1_17 = go_version::compare(go, "1.17").is_ge() && go_version::compare(go, "1.18beta1").is_lt();
        is_1_17.then(|| {
            let mut main = main.clone();
            main.file.go_mod.go = Some("1.16".to_owned());
            Build::Module(main)
        })
    };
    builds.extend(build.mains().iter().filter_map(before));
    builds
}

impl Fit {
    /// Returns how `files` fit `graphs`, which were loaded for what [`kept_for`] names, in its order.
    pub fn of<E>(graphs: &[Graph<E>], files: &[&GoSum]) -> Fit {
        let has: BTreeSet<Key> =
            files.iter().flat_map(|file| &file.lines).filter_map(|line| line.key().ok()).collect();
        let untold: BTreeSet<Untold> = graphs.iter().flat_map(untold).collect();
        let mut fit = Fit { untold, ..Fit::default() };
        if fit.untold.is_empty() {
            let possible: BTreeSet<Key> = graphs.iter().flat_map(possible_sums).collect();
            fit.unneeded = has.difference(&possible).cloned().collect();
        }
        if let Some(graph) = graphs.first()
            && matches!(graph.build(), Build::Module(_))
            && !fit.untold.iter().any(Untold::is_of_another_graph)
        {
            let needed = graphs.iter().flat_map(Graph::go_mod_sums).map(|module| (module, Artifact::GoMod));
            fit.missing = needed.filter(|key| !has.contains(key)).collect();
            let listed = graph.required_zips().into_iter().map(|module| (module, Artifact::Zip));
            fit.unbacked = listed.filter(|key| !has.contains(key)).collect();
        }
        fit
    }
}

/// Returns what keeps `graph` from being the one that the go command would load.
fn untold<E>(graph: &Graph<E>) -> Vec<Untold> {
    let node =
        |require: &Require| Node { path: require.path.clone(), version: Some(require.version.clone()) };
    let unread = graph.failures().keys().cloned().map(Untold::Unread);
    let outdated = graph.outdated().into_iter().map(|require| Untold::Outdated(node(require)));
    unread.chain(outdated).chain(other_go(graph)).collect()
}

/// Returns why the go command would take the main module of `graph` for one of another Go version.
fn other_go<E>(graph: &Graph<E>) -> Option<Untold> {
    let Build::Module(main) = graph.build() else { return None };
    let go_mod = &main.file.go_mod;
    let node = || Node {
        path: go_mod.module.as_ref().map(|module| module.path.clone()).unwrap_or_default(),
        version: None,
    };
    let Some(go) = go_mod.go.as_deref() else { return Some(Untold::NoGo(node())) };
    if go_mod.is_pruned() {
        return None;
    }
    let raised = graph.too_new(go).into_iter().next();
    raised.map(|(node, asked)| Untold::Raised { node: node.clone(), asked: asked.to_owned() })
}

/// Returns every line that `graph` can need, whatever packages are imported: the go.mod files of the used graph, and all of the
/// modules that are selected.
fn possible_sums<E>(graph: &Graph<E>) -> BTreeSet<Key> {
    let go_mods = graph.go_mod_sums().into_iter().map(|module| (module, Artifact::GoMod));
    let selected = graph.selected_modules().into_iter();
    go_mods
        .chain(selected.flat_map(|module| [(module.clone(), Artifact::Zip), (module, Artifact::GoMod)]))
        .collect()
}
