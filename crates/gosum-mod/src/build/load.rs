//! Loads a module graph, round by round.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::graph::{Build, Entry, GoModError, Graph, Id, Limits, LoadError, Node, ReadGoMods, State};
use super::replacement::{GoModKey, Replacements};
use crate::file::go_mod::{GoMod, Require};
use crate::name::text::Text;
use crate::name::version::Version;

/// How many faults of one go.mod file are kept: a graph may have many such files.
const MAX_FAULTS: usize = 10;

/// How far the requirements of a node are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mode {
    /// Not at all, if the node lists what its packages need.
    Pruned,
    /// To the end.
    Unpruned,
    /// One step at least: the node is a main module of a workspace, or counts as one.
    Workspace,
}

/// Loads the module graph of `build`, whose go.mod files `read` gives.
///
/// The size of a file is for `read` to bound; the time that is spent on one grows with its size alone.
///
/// # Errors
/// When the main modules contradict each other, or the graph goes past `limits`. What is wrong with other go.mod files is
/// found in [`Graph::failures`].
///
/// # Panics
/// When `read` gives more answers than there are keys, or fewer.
pub fn load<E>(build: &Build, limits: &Limits, read: &mut ReadGoMods<'_, E>) -> Result<Graph<E>, LoadError> {
    let replacements = Replacements::new(build)?;
    let excluded = build.mains().iter().flat_map(|main| &main.file.exclude);
    let excluded = excluded.map(|exclude| (exclude.path.clone(), exclude.version.clone())).collect();
    let graph = Graph {
        build: build.clone(),
        replacements,
        entries: Vec::new(),
        selected: BTreeMap::new(),
        failures: BTreeMap::new(),
        rounds: 0,
        files: 0,
    };
    let mut loader = Loader {
        graph,
        limits,
        read,
        excluded,
        ids: HashMap::new(),
        files: HashMap::new(),
        requirements: 0,
        edges: 0,
        met: HashSet::new(),
        queue: Vec::new(),
        mains: Vec::new(),
    };
    loader.add_mains(build)?;
    loader.run()?;
    if let Build::Workspace { .. } = build {
        loader.follow_selected()?;
    }
    // whatever is selected may be replaced in ways that contradict each other, read or not
    for &id in loader.graph.selected.values() {
        loader.graph.replacements.key(&loader.graph.entry(id).node)?;
    }
    Ok(loader.graph)
}

struct Loader<'a, E> {
    graph: Graph<E>,
    limits: &'a Limits,
    read: &'a mut ReadGoMods<'a, E>,
    excluded: HashSet<(Text, Version)>,
    ids: HashMap<Node, Id>,
    /// The files that were asked for. Several nodes may have one, where they are replaced.
    files: HashMap<GoModKey, File<E>>,
    /// How many requirements have been read.
    requirements: usize,
    /// How many they are once each node has those of its file.
    edges: usize,
    /// What has been in the queue.
    met: HashSet<(Id, Mode)>,
    queue: Vec<(Id, Mode)>,
    mains: Vec<Id>,
}

/// A go.mod file, of which no more is kept than the graph needs.
struct File<E> {
    module: Option<Text>,
    go: Option<String>,
    pruned: bool,
    require: Arc<[Id]>,
    failure: Option<Arc<GoModError<E>>>,
}

impl<E> Loader<'_, E> {
    fn add_mains(&mut self, build: &Build) -> Result<(), LoadError> {
        let mut ids = Vec::new();
        for main in build.mains() {
            let Some(module) = &main.file.go_mod.module else {
                return Err(LoadError::NoModule { directory: main.directory.clone() });
            };
            if self.ids.contains_key(&Node { path: module.path.clone(), version: None }) {
                return Err(LoadError::RepeatedMain { path: module.path.clone() });
            }
            if self.graph.replacements.all_replaced(&module.path) {
                return Err(LoadError::MainReplaced { path: module.path.clone() });
            }
            let id = self.id(Node { path: module.path.clone(), version: None });
            self.select(id);
            ids.push(id);
        }
        for (main, &id) in build.mains().iter().zip(&ids) {
            let require = self.requirements(&main.file.go_mod.require)?;
            let pruned = main.file.go_mod.is_pruned();
            let entry = self.entry(id);
            (entry.go, entry.pruned) = (main.file.go_mod.go.clone(), pruned);
            self.set(id, require.clone())?;
            match (build, pruned) {
                (Build::Workspace { .. }, _) => self.enqueue(id, Mode::Workspace),
                (Build::Module(_), true) => require.iter().for_each(|&id| self.enqueue(id, Mode::Pruned)),
                (Build::Module(_), false) => require.iter().for_each(|&id| self.enqueue(id, Mode::Unpruned)),
            }
        }
        self.mains = ids;
        Ok(())
    }

    /// Loads what is in the queue, and all that comes behind it.
    fn run(&mut self) -> Result<(), LoadError> {
        while !self.queue.is_empty() {
            let round = std::mem::take(&mut self.queue);
            self.read_files(&round)?;
            for &(id, mode) in &round {
                self.load(id)?;
                self.follow(id, mode);
            }
        }
        Ok(())
    }

    /// Loads the selected version in place of each lower one that a main module, or another such version, requires: what
    /// is built there may need other packages of the same modules. The go command does so in a workspace alone, since a
    /// single main module lists selected versions itself.
    fn follow_selected(&mut self) -> Result<(), LoadError> {
        let mut paths: BTreeSet<Id> = self.mains.iter().copied().collect();
        let mut seen = HashSet::new();
        for _ in 0..self.limits.rounds {
            let mut more = BTreeSet::new();
            for &representative in &paths {
                let id = self.selected(representative);
                if !seen.contains(&id) {
                    more.insert(id);
                    continue;
                }
                for &required in &*self.graph.entry(id).require {
                    let selected = self.selected(required);
                    if selected != required && !seen.contains(&selected) && self.is_higher(selected, required)
                    {
                        more.insert(selected);
                    }
                }
            }
            if more.is_empty() {
                return Ok(());
            }
            for &id in &more {
                self.enqueue(id, Mode::Workspace);
                seen.insert(id);
                paths.insert(id);
            }
            self.run()?;
        }
        Err(LoadError::TooDeep { max: self.limits.rounds })
    }

    /// Asks for the files of those nodes of `round` that have not been loaded.
    fn read_files(&mut self, round: &[(Id, Mode)]) -> Result<(), LoadError> {
        let mut keys = BTreeSet::new();
        for &(id, _) in round {
            let entry = self.graph.entry(id);
            if entry.state == State::Unread
                && let Some(Ok(key)) = self.graph.replacements.key(&entry.node)?
                && !self.files.contains_key(&key)
            {
                keys.insert(key);
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        self.graph.files += keys.len();
        if self.graph.files > self.limits.files {
            return Err(LoadError::TooManyFiles { max: self.limits.files });
        }
        self.graph.rounds += 1;
        if self.graph.rounds > self.limits.rounds {
            return Err(LoadError::TooDeep { max: self.limits.rounds });
        }
        let keys: Vec<_> = keys.into_iter().collect();
        let answers = (self.read)(&keys);
        assert_eq!(answers.len(), keys.len(), "each key has one answer");
        for (key, answer) in keys.into_iter().zip(answers) {
            let file = self.parse(&key, answer)?;
            self.files.insert(key, file);
        }
        Ok(())
    }

    fn parse(&mut self, key: &GoModKey, answer: Result<Vec<u8>, E>) -> Result<File<E>, LoadError> {
        let failed = |failure| File {
            module: None,
            go: None,
            pruned: false,
            require: Arc::default(),
            failure: Some(Arc::new(failure)),
        };
        let parsed = match answer {
            Err(error) => return Ok(failed(GoModError::Read(error))),
            Ok(text) => GoMod::parse_lax(&text),
        };
        let file = match parsed {
            Err(mut error) => {
                error.faults.truncate(MAX_FAULTS);
                error.faults.shrink_to_fit();
                return Ok(failed(GoModError::Syntax(error)));
            }
            Ok(file) => file,
        };
        let pruned = file.is_pruned();
        // whatever stands in a directory is taken
        let module = file.module.map(|module| module.path).filter(|path| !path.as_bytes().is_empty());
        if module.is_none() && matches!(key, GoModKey::Module(_)) {
            return Ok(File { go: file.go, ..failed(GoModError::NoModule) });
        }
        let require = self.requirements(&file.require)?;
        Ok(File { module, go: file.go, pruned, require, failure: None })
    }

    /// Gives a node the requirements in its file.
    fn load(&mut self, id: Id) -> Result<(), LoadError> {
        let entry = self.graph.entry(id);
        if entry.state != State::Unread {
            return Ok(());
        }
        let node = entry.node.clone();
        let key = match self.graph.replacements.key(&node)? {
            None => return Ok(()),
            Some(Err(error)) => {
                self.fail(id, node, Arc::new(GoModError::Name(error)));
                return Ok(());
            }
            Some(Ok(key)) => key,
        };
        let file = self.files.get(&key).expect("the round has asked for it");
        let (go, pruned, require) = (file.go.clone(), file.pruned, file.require.clone());
        let failure = match (&key, &file.module) {
            _ if file.failure.is_some() => file.failure.clone(),
            (GoModKey::Module(module), Some(declared))
                if *declared != node.path && declared.as_bytes() != module.path().as_str().as_bytes() =>
            {
                Some(Arc::new(GoModError::Path { declared: declared.clone(), required: node.path.clone() }))
            }
            _ => None,
        };
        let entry = self.entry(id);
        (entry.go, entry.pruned) = (go, pruned);
        match failure {
            None => self.set(id, require),
            Some(failure) => {
                self.fail(id, node, failure);
                Ok(())
            }
        }
    }

    fn fail(&mut self, id: Id, node: Node, failure: Arc<GoModError<E>>) {
        self.entry(id).state = State::Failed;
        self.graph.failures.insert(node, failure);
    }

    fn follow(&mut self, id: Id, mode: Mode) {
        let entry = self.graph.entry(id);
        if mode == Mode::Pruned && entry.pruned {
            return;
        }
        let next = if mode == Mode::Unpruned || !entry.pruned { Mode::Unpruned } else { Mode::Pruned };
        for &id in &*entry.require.clone() {
            self.enqueue(id, next);
        }
    }

    fn enqueue(&mut self, id: Id, mode: Mode) {
        if self.met.insert((id, mode)) {
            self.queue.push((id, mode));
        }
    }

    /// Returns the nodes of requirements, without those that are excluded.
    fn requirements(&mut self, list: &[Require]) -> Result<Arc<[Id]>, LoadError> {
        count(&mut self.requirements, list.len(), self.limits)?;
        let mut ids = Vec::with_capacity(list.len());
        for require in list {
            let key = (require.path.clone(), require.version.clone());
            if !self.excluded.contains(&key) {
                let (path, version) = key;
                ids.push(self.id(Node { path, version: Some(version) }));
            }
        }
        Ok(ids.into())
    }

    fn set(&mut self, id: Id, require: Arc<[Id]>) -> Result<(), LoadError> {
        count(&mut self.edges, require.len(), self.limits)?;
        for &required in &*require {
            self.select(required);
        }
        let entry = self.entry(id);
        (entry.state, entry.require) = (State::Read, require);
        Ok(())
    }

    fn select(&mut self, id: Id) {
        let path = &self.graph.entry(id).node.path;
        match self.graph.selected.get(path) {
            Some(&selected) if !self.is_higher(id, selected) => {}
            _ => {
                let path = path.clone();
                self.graph.selected.insert(path, id);
            }
        }
    }

    fn selected(&self, id: Id) -> Id {
        self.graph.selected[&self.graph.entry(id).node.path]
    }

    /// Returns whether a node is above another one of the same path.
    fn is_higher(&self, id: Id, other: Id) -> bool {
        let version = |id| &self.graph.entry(id).node.version;
        match (version(id), version(other)) {
            (None, other) => other.is_some(),
            (Some(_), None) => false,
            (Some(version), Some(other)) => version > other,
        }
    }

    fn id(&mut self, node: Node) -> Id {
        if let Some(&id) = self.ids.get(&node) {
            return id;
        }
        let id = Id::try_from(self.graph.entries.len()).expect("the limits are below");
        self.graph.entries.push(Entry {
            node: node.clone(),
            state: State::Unread,
            require: Arc::default(),
            go: None,
            pruned: false,
        });
        self.ids.insert(node, id);
        id
    }

    fn entry(&mut self, id: Id) -> &mut Entry {
        &mut self.graph.entries[id as usize]
    }
}

fn count(counted: &mut usize, more: usize, limits: &Limits) -> Result<(), LoadError> {
    *counted += more;
    if *counted > limits.requirements {
        return Err(LoadError::TooManyRequirements { max: limits.requirements });
    }
    Ok(())
}
