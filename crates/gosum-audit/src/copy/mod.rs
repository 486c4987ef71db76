//! Whole copies of a module version, as trees of files: from a proxy, from version control, from the module cache, from a
//! zip or a folder on disk.
//!
//! What is kept of a copy is what its source hashed, in memory or in temporary files without names, so that the hash
//! which the source answers is that of the copy.

pub mod disk;
pub mod folder;
pub(crate) mod pull;
pub mod zip;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use gosum_evidence::diff::cause::Attributes;
use gosum_evidence::evidence::{Answer, Evidence, SourceName};
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::zip::tree::FileTree;

use crate::source::{Keep, Source, Tell, To, pool};

/// The files of a module version, as one source has them.
pub struct Files {
    /// The files that its hash covers.
    pub tree: Box<dyn FileTree + Send>,
    /// All attributes of the commit that they are of, where there is one.
    pub attributes: Option<Attributes>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("attributes", &self.attributes).finish_non_exhaustive()
    }
}

/// What one source answers on both artifacts of a module version, and its copy of it.
#[derive(Debug)]
pub struct Copied {
    /// The source.
    pub source: SourceName,
    /// Its answer on the zip.
    pub zip: Evidence,
    /// Its answer on the go.mod.
    pub go_mod: Evidence,
    /// The files, where its answer on the zip is a hash and the source recomputes.
    pub files: Option<Files>,
    /// The text of the go.mod, where its answer on that is a hash.
    pub go_mod_text: Option<Vec<u8>>,
}

impl Copied {
    /// Returns the answer on `artifact`.
    pub fn evidence(&self, artifact: Artifact) -> &Evidence {
        match artifact {
            Artifact::Zip => &self.zip,
            Artifact::GoMod => &self.go_mod,
        }
    }

    fn evidence_mut(&mut self, artifact: Artifact) -> &mut Evidence {
        match artifact {
            Artifact::Zip => &mut self.zip,
            Artifact::GoMod => &mut self.go_mod,
        }
    }
}

/// Returns what `source` answers on both artifacts of `module`, and its copy.
pub fn copy(source: &dyn Source, module: &ModuleVersion) -> Copied {
    asked(source, artifacts_of(module), |subjects, tell, to| source.read_copies(subjects, tell, to))
}

/// Returns what `source` answers on the zip of `module`, and its copy, without asking about the go.mod.
pub(crate) fn copy_zip(source: &dyn Source, module: &ModuleVersion) -> Copied {
    let zip = Subject::new(module.clone(), Artifact::Zip);
    asked(source, [zip], |subjects, tell, to| source.read_copies(subjects, tell, to))
}

/// Returns what each of `sources`, which are asked at once, answers on both artifacts of `module`, without its copy.
pub fn answers(sources: &[&dyn Source], module: &ModuleVersion) -> Vec<Copied> {
    pool::map(sources.len(), sources, |source| {
        asked(*source, artifacts_of(module), |subjects, tell, _| source.ask(subjects, tell))
    })
}

fn asked(
    source: &dyn Source,
    artifacts: impl IntoIterator<Item = Subject>,
    ask: impl FnOnce(&[Subject], &Tell<'_>, To<'_>),
) -> Copied {
    let (subjects, declined): (Vec<Subject>, Vec<Subject>) =
        artifacts.into_iter().partition(|subject| source.declines(subject).is_none());
    let mut copied = collect(source.name(), |tell, to| ask(&subjects, tell, to));
    for subject in declined {
        let why = source.declines(&subject).expect("it was declined a moment ago");
        *copied.evidence_mut(subject.artifact) = Answer::NotAsked(why).into();
    }
    copied
}

/// Returns both artifacts of `module`.
pub(crate) fn artifacts_of(module: &ModuleVersion) -> [Subject; 2] {
    [Artifact::Zip, Artifact::GoMod].map(|artifact| Subject::new(module.clone(), artifact))
}

/// Returns what `ask` tells and gives of one module version.
pub(crate) fn collect(source: SourceName, ask: impl FnOnce(&Tell<'_>, To<'_>)) -> Copied {
    let answers: Mutex<BTreeMap<Artifact, Evidence>> = Mutex::default();
    let (text, files) = (Mutex::new(None), Mutex::new(None));
    let tell = |subject: &Subject, evidence: Evidence| {
        answers.lock().expect("no holder of the lock panics").insert(subject.artifact, evidence);
    };
    let give = |_: &Subject, given: Vec<u8>| {
        *text.lock().expect("no holder of the lock panics") = Some(given);
    };
    let keep: &Keep<'_> = &|_: &Subject, kept: Files| {
        *files.lock().expect("no holder of the lock panics") = Some(kept);
    };
    ask(&tell, To { give: &give, keep: Some(keep) });
    let mut answers = answers.into_inner().expect("no holder of the lock panics");
    let mut answer = |artifact| {
        let nothing = || Answer::Unavailable("no answer".into()).into();
        answers.remove(&artifact).unwrap_or_else(nothing)
    };
    Copied {
        source,
        zip: answer(Artifact::Zip),
        go_mod: answer(Artifact::GoMod),
        files: files.into_inner().expect("no holder of the lock panics"),
        go_mod_text: text.into_inner().expect("no holder of the lock panics"),
    }
}
