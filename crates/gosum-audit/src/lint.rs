//! What a module graph says of the lines of a go.sum, from the go.mod files that sources can give (spec 03 §2, §6).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence};
use gosum_evidence::rule::{Lack, Lacking, Needs, SumFile};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::build::graph::{Build, Graph, Limits, LoadError, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::build::tidy::{Fit, Untold, kept_for};
use gosum_mod::file::go_sum::{GoSum, Line};
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::text::Text;

use crate::gather::{Traced, gather};
use crate::plan::Planned;
use crate::source::{Source, To};
use crate::withheld::NoExcuse;
use crate::{NoProgress, chain};

/// Who has the go.mod files of a module graph.
pub struct Readers<'a> {
    /// The sources that are asked, one after the other: the next for what the one before has not.
    pub sources: &'a [&'a dyn Source],
    /// Reads the go.mod of a directory that takes the place of a module.
    pub directory: &'a dyn Fn(&Text) -> Result<Vec<u8>, String>,
    /// The go.sum files whose hashes the go.mod files must have, where they have a line for one.
    pub recorded: &'a [&'a GoSum],
}

/// Why a go.mod could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct Unread(String);

/// The module graphs for which `go mod tidy` keeps lines in the go.sum of a module.
pub struct Graphs {
    graphs: Vec<Graph<Unread>>,
    main: MainModule,
}

impl Graphs {
    /// Loads the graphs of the module `main`, from what `readers` have.
    ///
    /// # Errors
    /// When there is no graph: replacements that contradict each other, or a graph without end.
    pub fn load(main: MainModule, readers: &Readers<'_>) -> Result<Graphs, LoadError> {
        let recorded = recorded(readers.recorded);
        let mut texts: BTreeMap<ModuleVersion, Result<Vec<u8>, Unread>> = BTreeMap::new();
        let mut read = |keys: &[GoModKey]| {
            let missing = keys.iter().filter_map(|key| match key {
                GoModKey::Module(module) if !texts.contains_key(module) => Some(module.clone()),
                _ => None,
            });
            texts.extend(read(missing.collect(), readers.sources, &recorded));
            let text = |key: &GoModKey| match key {
                GoModKey::Module(module) => texts[module].clone(),
                GoModKey::Directory(directory) => (readers.directory)(directory).map_err(Unread),
            };
            keys.iter().map(text).collect()
        };
        let builds = kept_for(&Build::Module(main.clone()));
        let graphs = builds
            .iter()
            .map(|build| load(build, &Limits::default(), &mut read))
            .collect::<Result<_, _>>()?;
        Ok(Graphs { graphs, main })
    }

    /// Returns what they say of `sum`, and what they do not know, in words. `go_mod` is where the main module's go.mod is; where
    /// it `is_used` in a workspace, its go.sum need not be complete.
    pub fn needs(&self, sum: &SumFile, go_mod: &str, is_used: bool) -> (Needs, Vec<String>) {
        let fit = Fit::of(&self.graphs, &[&sum.sum]);
        let unneeded = lines_of(&sum.sum, &fit.unneeded);
        let mut lacking = Vec::new();
        if !is_used {
            let mut add = |keys: &BTreeSet<(ModuleVersion, Artifact)>, why| {
                lacking.extend(keys.iter().map(|(module, artifact)| Lacking {
                    subject: Subject::new(module.clone(), *artifact),
                    required: self.required(module, go_mod),
                    why,
                }));
            };
            add(&fit.missing, Lack::Graph);
            add(&fit.unbacked, Lack::Required);
        }
        let untold = fit.untold.iter().map(|untold| self.untold(untold)).collect();
        (Needs { name: sum.name.clone(), unneeded, lacking }, untold)
    }

    fn untold(&self, untold: &Untold) -> String {
        let Untold::Unread(node) = untold else { return untold.to_string() };
        let why = self.graphs.iter().find_map(|graph| graph.failures().get(node));
        why.map_or_else(|| untold.to_string(), |why| format!("{untold}: {}", chain(&**why)))
    }

    /// Returns where the main module requires `module`, if it does.
    fn required(&self, module: &ModuleVersion, go_mod: &str) -> Option<Location> {
        let is_it = |path: &Text, version: &str| {
            path.as_bytes() == module.path().as_str().as_bytes() && version == module.version().as_str()
        };
        let mut require = self.main.file.go_mod.require.iter();
        let require = require.find(|require| is_it(&require.path, require.version.as_str()))?;
        Some(Location { file: go_mod.into(), line: require.line })
    }
}

/// Returns the lines of `sum` about `keys`, with what they are about.
fn lines_of(sum: &GoSum, keys: &BTreeSet<(ModuleVersion, Artifact)>) -> Vec<(Subject, usize)> {
    if keys.is_empty() {
        return Vec::new();
    }
    let about = |line: &Line| {
        let (module, artifact) = line.key().ok().filter(|key| keys.contains(key))?;
        Some((Subject::new(module, artifact), line.number()))
    };
    sum.lines.iter().filter_map(about).collect()
}

/// Returns the hashes that `files` record of go.mod files: the first h1 of each, as the go command has it.
fn recorded<'f>(files: &[&'f GoSum]) -> Recorded<'f> {
    let mut recorded = BTreeMap::new();
    for line in files.iter().flat_map(|file| &file.lines).filter(|line| line.hash().starts_with(b"h1:")) {
        if let Some(version) = line.version().strip_suffix(b"/go.mod") {
            recorded.entry((line.path(), version)).or_insert(line.hash());
        }
    }
    recorded
}

/// The hashes of go.mod files, by path and version.
type Recorded<'f> = BTreeMap<(&'f [u8], &'f [u8]), &'f [u8]>;

/// Reads the go.mod files of `modules` from the first of `sources` that has each.
fn read(
    modules: Vec<ModuleVersion>,
    sources: &[&dyn Source],
    recorded: &Recorded<'_>,
) -> BTreeMap<ModuleVersion, Result<Vec<u8>, Unread>> {
    let mut whys: BTreeMap<ModuleVersion, Vec<String>> =
        modules.into_iter().map(|module| (module, Vec::new())).collect();
    let mut texts = BTreeMap::new();
    for source in sources {
        if whys.is_empty() {
            break;
        }
        let asked: Vec<Subject> =
            whys.keys().map(|module| Subject::new(module.clone(), Artifact::GoMod)).collect();
        for (module, text) in read_through(*source, asked, recorded) {
            match text {
                Ok(text) => {
                    whys.remove(&module);
                    texts.insert(module, Ok(text));
                }
                Err(why) => whys.entry(module).or_default().push(format!("{}: {why}", source.name())),
            }
        }
    }
    let unread = |(module, whys): (ModuleVersion, Vec<String>)| {
        let why = if whys.is_empty() { "nobody was asked".to_owned() } else { whys.join("; ") };
        (module, Err(Unread(why)))
    };
    texts.extend(whys.into_iter().map(unread));
    texts
}

/// Reads the go.mod files that `subjects` are through `source`, each once; or says why not. A text whose hash is not the recorded
/// one is none.
fn read_through(
    source: &dyn Source,
    subjects: Vec<Subject>,
    recorded: &Recorded<'_>,
) -> Vec<(ModuleVersion, Result<Vec<u8>, String>)> {
    let asked: Vec<Subject> =
        subjects.iter().filter(|subject| source.declines(subject).is_none()).cloned().collect();
    let (told, given) = (Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
    let tell = |subject: &Subject, Evidence { answer, .. }: Evidence| {
        told.lock().expect("no holder of the lock panics").insert(subject.clone(), answer);
    };
    let give = |subject: &Subject, text: Vec<u8>| {
        given.lock().expect("no holder of the lock panics").insert(subject.clone(), text);
    };
    if !asked.is_empty() {
        source.read_copies(&asked, &tell, To { give: &give, keep: None });
    }
    let told = told.into_inner().expect("no holder of the lock panics");
    let mut given = given.into_inner().expect("no holder of the lock panics");
    let text = |subject: Subject| {
        let key = (subject.module.path().as_str().as_bytes(), subject.module.version().as_str().as_bytes());
        let text = match (given.remove(&subject), recorded.get(&key)) {
            (Some(text), Some(hash)) if go_mod_h1(&text).to_string().as_bytes() != *hash => {
                Err("another go.mod than the one that go.sum records".to_owned())
            }
            (Some(text), _) => Ok(text),
            (None, _) => Err(match source.declines(&subject) {
                Some(why) => format!("not asked: {why}"),
                None => told
                    .get(&subject)
                    .and_then(Answer::reason)
                    .map_or_else(|| "it gave no go.mod".to_owned(), Cow::into_owned),
            }),
        };
        (subject.module, text)
    };
    subjects.into_iter().map(text).collect()
}

/// Returns what `sources` answer on `subjects`, side by side, in their order.
pub fn ask(subjects: &BTreeSet<Subject>, sources: &[&dyn Source]) -> Vec<Comparison> {
    let planned = |subject: &Subject| Planned {
        subject: subject.clone(),
        at: Vec::new(),
        recorded: None,
        left_out: None,
    };
    let plan = subjects.iter().map(planned).collect();
    gather(plan, None, NoExcuse::default(), sources, Traced::Differing, &NoProgress, &|_| {}).comparisons
}
