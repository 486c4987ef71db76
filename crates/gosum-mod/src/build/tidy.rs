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
    /// What the graph of a single module needs and no file has. Of a workspace nothing is missed: its go.sum files need not be
    /// complete together.
    pub missing: BTreeSet<Key>,
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
            && !fit.untold.iter().any(|untold| matches!(untold, Untold::Outdated(_)))
        {
            let needed = graph.go_mod_sums().into_iter().map(|module| (module, Artifact::GoMod));
            fit.missing = needed.filter(|key| !has.contains(key)).collect();
        }
        fit
    }
}

/// Returns what keeps `graph` from being the one that the go command would load.
fn untold<E>(graph: &Graph<E>) -> Vec<Untold> {
    let node =
        |require: &Require| Node { path: require.path.clone(), version: Some(require.version.clone()) };
    let unread = graph.failures().keys().cloned().map(Untold::Unread);
    unread.chain(graph.outdated().into_iter().map(|require| Untold::Outdated(node(require)))).collect()
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
