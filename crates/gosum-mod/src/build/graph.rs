//! The module graph, and the version of each module that is selected from it (spec 03 §6).
//!
//! Nothing is read here. [`load`] asks for all go.mod files of one round at once, so that it takes as long as the graph is
//! deep, however wide it is:
//!
//! ```
//! use gosum_mod::build::graph::{Build, Limits, MainModule, load};
//! use gosum_mod::build::replacement::GoModKey;
//! use gosum_mod::file::main_mod::MainMod;
//!
//! let file = MainMod::parse(b"module example.com/m\ngo 1.24\nrequire example.com/a v1.0.0\n")?;
//! let build = Build::Module(MainModule { directory: "".into(), file });
//! let mut read = |keys: &[GoModKey]| -> Vec<std::io::Result<Vec<u8>>> {
//!     let text = |key: &GoModKey| match key.to_string().as_str() {
//!         "example.com/a@v1.0.0" => b"module example.com/a\nrequire example.com/b v1.1.0\n".to_vec(),
//!         _ => b"module example.com/b\n".to_vec(),
//!     };
//!     keys.iter().map(|key| Ok(text(key))).collect()
//! };
//! let graph = load(&build, &Limits::default(), &mut read)?;
//! let list: Vec<String> = graph.build_list().map(ToString::to_string).collect();
//! assert_eq!(list, ["example.com/m", "example.com/a@v1.0.0", "example.com/b@v1.1.0"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::replacement::{GoModKey, Replacements};
use crate::file::error::SyntaxError;
use crate::file::go_mod::Require;
use crate::file::go_version;
use crate::file::go_work::GoWork;
use crate::file::main_mod::MainMod;
use crate::name::id::ModuleVersionError;
use crate::name::text::Text;
use crate::name::version::Version;

pub use super::load::load;

/// What a build starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// One main module.
    Module(MainModule),
    /// Several, which are built together.
    Workspace {
        /// The go.work file. Its use statements are not looked at: they name the directories of `modules`.
        go_work: GoWork,
        /// The main modules.
        modules: Vec<MainModule>,
    },
}

/// A main module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainModule {
    /// Its directory: absolute, or relative to a folder that is the same for all, as that of the go.work file. It comes
    /// before the replacement directories that the module names.
    pub directory: Text,
    /// Its go.mod file.
    pub file: MainMod,
}

impl Build {
    /// Returns the main modules.
    pub fn mains(&self) -> &[MainModule] {
        match self {
            Build::Module(module) => std::slice::from_ref(module),
            Build::Workspace { modules, .. } => modules,
        }
    }
}

/// How much of a graph is loaded. No honest graph comes near the defaults, and none that is made to grow for ever gets
/// past them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many go.mod files are asked for.
    pub files: usize,
    /// How often the function is called that reads them.
    pub rounds: usize,
    /// How many requirements those files have together; where one stands for several versions, for each of them.
    pub requirements: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { files: 100_000, rounds: 10_000, requirements: 10_000_000 }
    }
}

/// Reads go.mod files.
///
/// The function gets the keys of one round, in order, and gives an answer for each in the same order. It is asked for a
/// key once at most.
pub type ReadGoMods<'a, E> = dyn FnMut(&[GoModKey]) -> Vec<Result<Vec<u8>, E>> + 'a;

/// Why there is no graph. What is wrong with a single go.mod file of a dependency is no such reason: see [`GoModError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A main module's go.mod file does not say what it is called.
    #[error("no module statement in the go.mod file of the main module in {directory:?}")]
    NoModule {
        /// The directory of the main module.
        directory: Text,
    },
    /// Two main modules have one path.
    #[error("module {path:?} is used more than once in the workspace")]
    RepeatedMain {
        /// The path.
        path: Text,
    },
    /// The go.work file replaces all versions of a main module.
    #[error("go.work replaces all versions of {path:?}, which it uses")]
    MainReplaced {
        /// The path.
        path: Text,
    },
    /// Replace statements contradict each other.
    #[error("conflicting replacements for {path:?}{}", of_version(.version.as_ref()))]
    Conflict {
        /// The path of the module that they replace.
        path: Text,
        /// The version that they replace, if not all.
        version: Option<Version>,
    },
    /// The graph has more files.
    #[error("the module graph has more than {max} go.mod files")]
    TooManyFiles {
        /// The limit.
        max: usize,
    },
    /// The graph is deeper.
    #[error("the module graph is deeper than {max} go.mod files")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// The graph has more requirements.
    #[error("the go.mod files of the module graph have more than {max} requirements")]
    TooManyRequirements {
        /// The limit.
        max: usize,
    },
}

fn of_version(version: Option<&Version>) -> String {
    version.map_or(String::new(), |version| format!(" at version {version}"))
}

/// What is wrong with the go.mod file of a dependency (spec 03 §4). The go command then refuses the whole graph.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoModError<E> {
    /// There is no such module version, so that its file was not asked for.
    #[error("no module version has this name")]
    Name(#[source] ModuleVersionError),
    /// The file could not be read.
    #[error("cannot read go.mod")]
    Read(#[source] E),
    /// The file cannot be parsed. Up to ten faults are kept.
    #[error("cannot parse go.mod")]
    Syntax(#[source] SyntaxError),
    /// The file does not say what the module is called.
    #[error("go.mod has no module statement")]
    NoModule,
    /// The file is of another module.
    #[error("go.mod declares the path {declared:?}, but was required as {required:?}")]
    Path {
        /// The path in the file.
        declared: Text,
        /// The path that is required.
        required: Text,
    },
}

/// A version of a module in the graph.
///
/// It is as a go.mod file has it: only once the module's own go.mod file is looked for, its path must be a valid one. No
/// version is `none`, which no go.mod file can have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// The path of the module.
    pub path: Text,
    /// The version; a main module has none, and is above all versions of its path.
    pub version: Option<Version>,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}@{version}", self.path),
            None => self.path.fmt(f),
        }
    }
}

/// The index of a node.
pub(super) type Id = u32;

/// What is known of the requirements of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// They take no part.
    Unread,
    /// They are in the list.
    Read,
    /// They are not known, because something is wrong.
    Failed,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) node: Node,
    pub(super) state: State,
    /// Shared by those that are replaced by the same.
    pub(super) require: Arc<[Id]>,
    /// The version of the go statement.
    pub(super) go: Option<String>,
    pub(super) pruned: bool,
}

/// A module graph.
///
/// What it says depends on the answers that [`load`] got, and not on their order. The pseudo-modules `go` and `toolchain`
/// of the go command are left out: they have no go.sum lines.
#[derive(Debug)]
pub struct Graph<E> {
    pub(super) build: Build,
    pub(super) replacements: Replacements,
    pub(super) entries: Vec<Entry>,
    pub(super) selected: BTreeMap<Text, Id>,
    pub(super) failures: BTreeMap<Node, Arc<GoModError<E>>>,
    pub(super) rounds: usize,
    pub(super) files: usize,
}

impl<E> Graph<E> {
    /// Returns what the graph was loaded for.
    pub fn build(&self) -> &Build {
        &self.build
    }

    /// Returns the modules of the build: the main modules, then the others with the version that is selected; each by
    /// path.
    pub fn build_list(&self) -> impl Iterator<Item = &Node> {
        let nodes = |main: bool| {
            let selected = self.selected.values().map(|&id| &self.entry(id).node);
            selected.filter(move |node| node.version.is_none() == main)
        };
        nodes(true).chain(nodes(false))
    }

    /// Returns the version of the module `path` that is selected, if the graph has any.
    pub fn selected(&self, path: &Text) -> Option<&Node> {
        self.selected.get(path).map(|&id| &self.entry(id).node)
    }

    /// Returns the used graph: the versions, selected or not, whose go.mod file decides on the build list, in order. Main
    /// modules and what has something wrong with it are not among them.
    pub fn used(&self) -> Vec<&Node> {
        let used = self.entries.iter().filter(|entry| entry.state == State::Read);
        let mut nodes: Vec<_> = used.map(|entry| &entry.node).filter(|node| node.version.is_some()).collect();
        nodes.sort();
        nodes
    }

    /// Returns who requires whom, in order. Excluded versions are left out.
    pub fn edges(&self) -> Vec<(&Node, &Node)> {
        let requires =
            |entry: &Entry| entry.require.iter().map(|&id| &self.entry(id).node).collect::<Vec<_>>();
        let edges = self
            .entries
            .iter()
            .flat_map(|entry| requires(entry).into_iter().map(|required| (&entry.node, required)));
        let mut edges: Vec<_> = edges.collect();
        edges.sort();
        edges.dedup();
        edges
    }

    /// Returns where the go.mod file of `node` is, which is a directory or a module version of another name where the node
    /// is replaced. A main module's is nowhere, nor is that of a node whose name is none.
    pub fn go_mod_key(&self, node: &Node) -> Option<GoModKey> {
        self.replacements.key(node).ok()??.ok()
    }

    /// Returns what is wrong with go.mod files. The requirements in those count as none, where the go command stops: what
    /// else the graph says then is no more than a part.
    pub fn failures(&self) -> &BTreeMap<Node, Arc<GoModError<E>>> {
        &self.failures
    }

    /// Returns the versions that a go command of the version `go` cannot use, since their go.mod file asks for a newer
    /// one, with what it asks for. (The go command that is asked to may fetch that newer one.)
    ///
    /// Of the version in the main module's own go.mod file, they are those for which Go would raise that version.
    pub fn too_new(&self, go: &str) -> Vec<(&Node, &str)> {
        let versions = self.entries.iter().filter_map(|entry| Some((&entry.node, entry.go.as_deref()?)));
        let mut too_new: Vec<_> = versions
            .filter(|(_, asked)| go_version::compare(asked, "1.21").is_ge())
            .filter(|(_, asked)| go_version::compare(asked, go).is_gt())
            .collect();
        too_new.sort();
        too_new
    }

    /// Returns the requirements of a single main module that are not of the selected version, in the order of its go.mod
    /// file.
    ///
    /// Such a file is not up to date: another requirement is of a higher version, or this one is excluded. The go command
    /// refuses to use it, or brings it up to date first and may then come to another graph.
    pub fn outdated(&self) -> Vec<&Require> {
        let Build::Module(main) = &self.build else { return Vec::new() };
        let selected = |require: &&Require| self.selected(&require.path)?.version.as_ref();
        let require = main.file.go_mod.require.iter();
        require.filter(|require| selected(require) != Some(&require.version)).collect()
    }

    /// Returns how many go.mod files were asked for.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Returns how often go.mod files were asked for.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    pub(super) fn entry(&self, id: Id) -> &Entry {
        &self.entries[id as usize]
    }
}
