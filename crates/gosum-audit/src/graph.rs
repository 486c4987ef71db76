//! A project without a go.sum: its module graph, loaded once through each path, says which lines `go mod download` would need
//! (spec 03 §2, §6).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use gosum_evidence::evidence::{Evidence, NotAsked, SourceName};
use gosum_evidence::subject::Subject;
use gosum_mod::build::graph::{Build, GoModError, Graph, Limits, LoadError, Node, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::text::Text;

use crate::source::Source;

/// What a project builds from.
pub struct Project<'a> {
    /// Its main modules.
    pub build: Build,
    /// Reads the go.mod of a directory that takes the place of a module.
    pub directory: &'a dyn Fn(&Text) -> Result<Vec<u8>, String>,
}

/// What the graphs of all paths need.
#[derive(Debug, Default)]
pub struct Needed {
    /// What each path needs.
    by_path: BTreeMap<SourceName, BTreeSet<Subject>>,
    /// What was learned of go.mod files on the way.
    known: BTreeMap<SourceName, BTreeMap<Subject, Evidence>>,
    /// Who requires each module version, from the main module on, as the first path says that has it.
    via: BTreeMap<ModuleVersion, Vec<String>>,
    /// What is wrong with go.mod files that were read, in words.
    pub faults: BTreeSet<String>,
    /// Whether a graph is no more than a part, because a go.mod file of it cannot be read, or not be used.
    pub is_part: bool,
    /// Requirements that the main module's go.mod has not at the version that is selected.
    pub outdated: BTreeSet<String>,
}

impl Needed {
    /// Returns everything that any path needs.
    pub fn subjects(&self) -> BTreeSet<Subject> {
        self.by_path.values().flatten().cloned().collect()
    }

    /// Returns why `source` is not asked about `subject`, if its own graph does not need it, and another one does.
    pub(crate) fn declines(&self, source: &SourceName, subject: &Subject) -> Option<NotAsked> {
        let needs = self.by_path.get(source)?;
        let by_others = || self.by_path.values().any(|needs| needs.contains(subject));
        (!needs.contains(subject) && by_others()).then_some(NotAsked::NotNeeded)
    }

    /// Returns who requires `module`, from the main module on, on one of the shortest ways; nothing where none is known.
    pub(crate) fn via(&self, module: &ModuleVersion) -> Vec<String> {
        self.via.get(module).map_or_else(Vec::new, Vec::clone)
    }

    /// Returns what `source` has answered already.
    pub(crate) fn known(&self, source: &SourceName, subject: &Subject) -> Option<&Evidence> {
        self.known.get(source)?.get(subject)
    }
}

/// Why a go.mod could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct Unread(String);

/// The texts that were read through one source.
type Texts = BTreeMap<ModuleVersion, Result<Vec<u8>, Unread>>;

/// Loads the graph of `project` through each of `sources` that reads go.mod files.
///
/// What the first path has read is asked of the others at once, so that their repositories are not asked again with each
/// round; only where a go.mod differs do they go on by themselves.
///
/// # Errors
/// When there is no graph: replacements that contradict each other, or a graph without end.
pub fn needed(project: &Project<'_>, sources: &[&dyn Source]) -> Result<Needed, LoadError> {
    let mut needed = Needed::default();
    let readers: Vec<&dyn Source> = sources.iter().copied().filter(|source| source.reads_go_mods()).collect();
    let mut read_before: BTreeSet<ModuleVersion> = BTreeSet::new();
    let mut graphs: Vec<(SourceName, Graph<Unread>)> = Vec::new();
    for source in &readers {
        let mut texts = Texts::new();
        needed.read(*source, &readers, read_before.iter().cloned().collect(), &mut texts);
        let graph = load(&project.build, &Limits::default(), &mut |keys: &[GoModKey]| {
            let modules = keys.iter().filter_map(|key| match key {
                GoModKey::Module(module) => Some(module.clone()),
                GoModKey::Directory(_) => None,
            });
            let missing = modules.filter(|module| !texts.contains_key(module)).collect();
            needed.read(*source, &readers, missing, &mut texts);
            let text = |key: &GoModKey| match key {
                GoModKey::Module(module) => {
                    texts.get(module).cloned().expect("it has been read a moment ago")
                }
                GoModKey::Directory(directory) => (project.directory)(directory).map_err(Unread),
            };
            keys.iter().map(text).collect()
        })?;
        read_before.extend(graph.go_mod_sums());
        graphs.push((source.name(), graph));
    }
    for (name, graph) in &graphs {
        for (module, via) in requirers(graph) {
            needed.via.entry(module).or_insert(via);
        }
        let mut subjects: BTreeSet<Subject> = graph
            .download_sums()
            .into_iter()
            .map(|(module, artifact)| Subject::new(module, artifact))
            .collect();
        for (node, error) in graph.failures() {
            needed.is_part = true;
            match (graph.go_mod_key(node), &**error) {
                // it is asked about like any other line, and says why it cannot be told
                (Some(GoModKey::Module(module)), GoModError::Read(_)) => {
                    subjects.insert(Subject::new(module, Artifact::GoMod));
                }
                _ => drop(needed.faults.insert(format!("{name}: {node}: {}", crate::chain(&**error)))),
            }
        }
        needed
            .outdated
            .extend(graph.outdated().iter().map(|require| format!("{} {}", require.path, require.version)));
        needed.by_path.insert(name.clone(), subjects);
    }
    // a graph of which a part is missing does not say what it does not need
    let all = needed.subjects();
    for (name, _) in graphs.iter().filter(|(_, graph)| !graph.failures().is_empty()) {
        needed.by_path.insert(name.clone(), all.clone());
    }
    Ok(needed)
}

/// Returns on which way `graph` comes to each module version, under the name that it is audited by. Of the shortest ways it is
/// the one that is first in order.
fn requirers<E>(graph: &Graph<E>) -> BTreeMap<ModuleVersion, Vec<String>> {
    let mut required: BTreeMap<&Node, Vec<&Node>> = BTreeMap::new();
    for (from, to) in graph.edges() {
        required.entry(from).or_default().push(to);
    }
    let mains = graph.build_list().filter(|node| node.version.is_none());
    let mut next: VecDeque<(&Node, Vec<String>)> = mains.map(|main| (main, Vec::new())).collect();
    let mut seen: BTreeSet<&Node> = next.iter().map(|(main, _)| *main).collect();
    let mut ways = BTreeMap::new();
    while let Some((node, via)) = next.pop_front() {
        let mut further = via.clone();
        further.push(node.to_string());
        for to in required.get(node).into_iter().flatten() {
            if seen.insert(to) {
                next.push_back((to, further.clone()));
            }
        }
        if let Some(GoModKey::Module(module)) = graph.go_mod_key(node) {
            ways.entry(module).or_insert(via);
        }
    }
    ways
}

impl Needed {
    /// Reads the go.mod files of `modules` through `source`; of those about which it is not asked, through another one, as the
    /// go command does with private modules.
    fn read(
        &mut self,
        source: &dyn Source,
        readers: &[&dyn Source],
        modules: Vec<ModuleVersion>,
        texts: &mut Texts,
    ) {
        let mut left: Vec<Subject> =
            modules.into_iter().map(|module| Subject::new(module, Artifact::GoMod)).collect();
        let others = readers.iter().copied().filter(|other| other.name() != source.name());
        for reader in std::iter::once(source).chain(others) {
            let (asked, declined): (Vec<Subject>, Vec<Subject>) =
                left.into_iter().partition(|subject| reader.declines(subject).is_none());
            left = declined;
            if asked.is_empty() {
                continue;
            }
            let (known, read) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
            reader.read_go_mods(
                &asked,
                &|subject, evidence| {
                    known.lock().expect("no holder of the lock panics").push((subject.clone(), evidence));
                },
                &|subject, text| {
                    read.lock().expect("no holder of the lock panics").push((subject.module.clone(), text));
                },
            );
            let known = known.into_inner().expect("no holder of the lock panics");
            for (subject, evidence) in &known {
                let why = evidence.answer.reason().unwrap_or_default().into_owned();
                texts.insert(subject.module.clone(), Err(Unread(why)));
            }
            let read = read.into_inner().expect("no holder of the lock panics");
            texts.extend(read.into_iter().map(|(module, text)| (module, Ok(text))));
            self.known.entry(reader.name()).or_default().extend(known);
        }
        for subject in left {
            let why = source.declines(&subject).map_or_else(String::new, |why| why.to_string());
            texts.insert(subject.module, Err(Unread(format!("not asked: {why}"))));
        }
    }
}
