//! What there is to tell of one module version: who has what, which two copies to compare, and what is known of why they
//! differ.

mod choose;
mod facts;
mod seek;

use std::thread;

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, SourceName};
use gosum_evidence::explain::{Account, Compared, CopyGiven, CopyShown, Manner, Outcome, examine};
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::{Artifact, ModuleVersion};

use self::choose::{Chosen, choose};
use crate::copy::disk::DiskCopy;
use crate::copy::{Copied, artifacts_of, copy};
use crate::gather::Progress;
use crate::plan::{Selection, plan};
use crate::source::direct::{Choice, Direct};
use crate::source::modcache::ModCache;
use crate::source::proxy::Proxy;
use crate::source::{Source, pool};

/// Who is asked.
pub struct Asked<'a> {
    /// The module proxies.
    pub proxies: Vec<&'a Proxy>,
    /// Version control.
    pub direct: Option<&'a Direct>,
    /// Those that only have hashes recorded.
    pub recorded: Vec<&'a dyn Source>,
    /// The module cache, if there is one.
    pub modcache: Option<&'a ModCache>,
    /// The vendor folder, if there is one.
    pub vendor: Option<&'a dyn Source>,
}

/// What is asked about a module version.
pub struct Question<'a> {
    /// The module version.
    pub module: &'a ModuleVersion,
    /// The go.sum files that may have lines of it.
    pub files: &'a [SumFile],
    /// Who is asked.
    pub asked: &'a Asked<'a>,
    /// How the copies are looked at.
    pub manner: &'a Manner,
    /// Who is told how far it has come.
    pub progress: &'a dyn Progress,
    /// The version of gosum.
    pub gosum: &'static str,
}

/// One of two copies that the user chose.
pub enum Named {
    /// That of a source that is asked.
    Source(SourceName),
    /// That of a commit of the module's repository.
    Commit(String),
    /// One on disk, by what the user called it.
    Disk(String, Box<DiskCopy>),
}

/// Two copies to compare.
pub(crate) struct Pair {
    pub(crate) left: Copy,
    pub(crate) right: Copy,
    /// Whether they should be the same, so that there is a cause to look for.
    pub(crate) should_agree: bool,
}

/// A copy by its name.
pub(crate) struct Copy {
    pub(crate) name: String,
    pub(crate) copied: Copied,
}

impl Copy {
    fn of_source(copied: Copied) -> Copy {
        Copy { name: copied.source.to_string(), copied }
    }
}

/// Returns what can be told of a module version: the answers of all sources and, where they differ, what differs between two
/// copies.
pub fn explain(question: &Question<'_>) -> Account {
    let asked = question.asked;
    let proxies = asked.proxies.iter().map(|proxy| *proxy as &dyn Source);
    let direct = asked.direct.map(|direct| direct as &dyn Source);
    let sources: Vec<&dyn Source> = proxies.chain(direct).chain(asked.recorded.iter().copied()).collect();
    let mut copies = pool::map(sources.len(), &sources, |source| ask(question, *source));
    facts::find_commit(question, &mut copies);
    let mut answers = recorded(question);
    for copied in &copies {
        for comparison in &mut answers {
            let evidence = copied.evidence(comparison.subject.artifact).clone();
            comparison.answers.insert(copied.source.clone(), evidence);
        }
    }
    let Chosen { outcome, pair, remarks } = choose(question, &mut answers, copies);
    account(question, answers, outcome, pair, remarks)
}

/// Returns what differs between two copies that the user chose.
pub fn explain_between(question: &Question<'_>, named: [Named; 2]) -> Account {
    let should_agree = !named.iter().any(|named| matches!(named, Named::Commit(_)));
    let copies = thread::scope(|scope| {
        let asked = named.map(|named| scope.spawn(|| of_named(question, named)));
        asked.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut answers = recorded(question);
    for copy in &copies {
        for comparison in &mut answers {
            let artifact = comparison.subject.artifact;
            let name = SourceName::further(copy.name.clone());
            comparison.answers.insert(name, copy.copied.evidence(artifact).clone());
        }
    }
    let Chosen { outcome, pair, remarks } = choose::between(copies, should_agree);
    account(question, answers, outcome, pair, remarks)
}

/// Returns what differs between two copies on disk, which need not be of one module version.
pub fn explain_files(gosum: &'static str, copies: [(String, DiskCopy); 2], manner: &Manner) -> Account {
    let [first, second] = &copies;
    let module = first.1.module.clone().filter(|module| second.1.module.as_ref() == Some(module));
    let [left, right] = copies.map(|(name, disk)| Copy { copied: of_disk(&name, disk), name });
    let pair = (Pair { left, right, should_agree: true }, Default::default());
    let account = Account {
        gosum,
        module,
        outcome: Outcome::Differ,
        has_go_sum: false,
        answers: Vec::new(),
        compared: None,
        remarks: Vec::new(),
    };
    finish(account, Some(pair), manner)
}

/// Returns what `source` answers, and its copy.
fn ask(question: &Question<'_>, source: &dyn Source) -> Copied {
    let (name, artifacts) = (source.name(), artifacts_of(question.module));
    question.progress.begins(&name, artifacts.len());
    let copied = copy(source, question.module);
    artifacts.iter().for_each(|_| question.progress.answered(&name));
    copied
}

/// Returns what the go.sum files say of both artifacts.
fn recorded(question: &Question<'_>) -> Vec<Comparison> {
    let planned = plan(question.files, &Selection::default());
    let of = |artifact| {
        let subject = Subject::new(question.module.clone(), artifact);
        let found = planned.iter().find(|planned| planned.subject == subject);
        let mut comparison = Comparison {
            at: found.map(|planned| planned.at.clone()).unwrap_or_default(),
            subject,
            answers: Default::default(),
        };
        if let Some(recorded) = found.and_then(|planned| planned.recorded.clone()) {
            comparison.answers.insert(SourceName::GO_SUM, recorded.into());
        }
        comparison
    };
    [Artifact::Zip, Artifact::GoMod].map(of).into()
}

fn of_named(question: &Question<'_>, named: Named) -> Copy {
    let nobody = |name: &SourceName| {
        let evidence: Evidence = Answer::Unavailable("there is no such source here".into()).into();
        Copied {
            source: name.clone(),
            zip: evidence.clone(),
            go_mod: evidence,
            files: None,
            go_mod_text: None,
        }
    };
    let asked = question.asked;
    match named {
        Named::Disk(name, disk) => Copy { copied: of_disk(&name, *disk), name },
        Named::Commit(revision) => {
            let name = format!("commit:{revision}");
            let copied = match asked.direct {
                Some(direct) => direct.copy_at(question.module, &Choice::Named(revision)),
                None => nobody(&SourceName::DIRECT),
            };
            Copy { name, copied }
        }
        Named::Source(name) => {
            let proxies = asked.proxies.iter().map(|proxy| *proxy as &dyn Source);
            let direct = asked.direct.map(|direct| direct as &dyn Source);
            let modcache = asked.modcache.map(|modcache| modcache as &dyn Source);
            let source = proxies
                .chain(direct)
                .chain(modcache)
                .chain(asked.vendor)
                .find(|source| source.name() == name);
            Copy::of_source(source.map_or_else(|| nobody(&name), |source| ask(question, source)))
        }
    }
}

fn of_disk(name: &str, disk: DiskCopy) -> Copied {
    let zip = disk.evidence();
    let nothing = Answer::Absent("a zip and a folder have no go.mod beside their files".into());
    let go_mod = Evidence::new(nothing, zip.origin.clone()).lasting(zip.lasting);
    let source = SourceName::further(name.to_owned());
    Copied { source, zip, go_mod, files: Some(disk.files), go_mod_text: None }
}

fn account(
    question: &Question<'_>,
    answers: Vec<Comparison>,
    outcome: Outcome,
    pair: Option<Pair>,
    mut remarks: Vec<String>,
) -> Account {
    let mut answers = answers;
    let pair = pair.map(|mut pair| {
        question.progress.turns_to("looking for the cause");
        let facts = facts::gather(question, &mut pair, &mut answers, &mut remarks);
        (pair, facts)
    });
    let account = Account {
        gosum: question.gosum,
        module: Some(question.module.clone()),
        outcome,
        has_go_sum: !question.files.is_empty(),
        answers,
        compared: None,
        remarks,
    };
    question.progress.turns_to("comparing the copies");
    finish(account, pair, question.manner)
}

/// Returns `account` with what differs between two copies, if there are two.
fn finish(mut account: Account, pair: Option<(Pair, facts::Known)>, manner: &Manner) -> Account {
    let Some((pair, known)) = pair else { return account };
    match compare(account.module.as_ref(), &pair, &known, manner) {
        Ok(compared) => {
            if compared.is_same() && account.outcome == Outcome::Differ {
                let (left, right) = (&pair.left.name, &pair.right.name);
                account.outcome = Outcome::Same(format!("{left} and {right} have the same files"));
            }
            account.compared = Some(compared);
        }
        Err(why) => account.outcome = Outcome::Untold(vec![why]),
    }
    account
}

fn compare(
    module: Option<&ModuleVersion>,
    pair: &Pair,
    known: &facts::Known,
    manner: &Manner,
) -> Result<Compared, String> {
    let [left, right] = [&pair.left, &pair.right].map(|copy| given(copy, known));
    let path = module.map(ModuleVersion::path).filter(|_| pair.should_agree);
    examine(path, &left, &right, manner).map_err(|error| crate::chain(&error))
}

fn given<'a>(Copy { name, copied }: &'a Copy, known: &facts::Known) -> CopyGiven<'a> {
    let is_direct = copied.source == SourceName::DIRECT;
    CopyGiven {
        shown: CopyShown {
            name: name.as_str().into(),
            h1: copied.zip.answer.sum().cloned(),
            origin: copied.zip.origin.clone(),
            commit_time: if is_direct { facts::made_at(copied) } else { known.commit_time.clone() },
        },
        source: copied.source.clone(),
        tree: copied.files.as_ref().map_or(&choose::Nothing, |files| &*files.tree),
        go_mod: copied.go_mod_text.as_deref(),
        attributes: copied.files.as_ref().and_then(|files| files.attributes.as_ref()),
        at_origin: known.at_origin.clone().filter(|_| !is_direct),
        found: known.found.clone().filter(|_| !is_direct),
        doubt: known.doubt.clone().filter(|_| !is_direct),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use gosum_evidence::diff::lines::Bounds;
    use gosum_evidence::evidence::{NotAsked, Origin};
    use gosum_mod::build::constraint::Platform;

    use super::*;
    use crate::source::{Cost, Tell};

    /// A source that has nothing.
    struct Empty;

    impl Source for Empty {
        fn name(&self) -> SourceName {
            SourceName::SUMDB
        }

        fn declines(&self, _: &Subject) -> Option<NotAsked> {
            None
        }

        fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
            subjects.iter().for_each(|subject| tell(subject, Answer::Absent("404".into()).into()));
        }

        fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
            Vec::new()
        }

        fn cost(&self) -> Cost {
            Cost::default()
        }
    }

    /// What was told of how far it has come.
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Progress for Told {
        fn begins(&self, source: &SourceName, lines: usize) {
            self.0.lock().unwrap().push(format!("{source}: {lines}"));
        }

        fn answered(&self, source: &SourceName) {
            self.0.lock().unwrap().push(format!("{source}: one"));
        }

        fn turns_to(&self, what: &str) {
            self.0.lock().unwrap().push(what.to_owned());
        }
    }

    #[test]
    fn tells_how_far_it_has_come() {
        let module = ModuleVersion::parse("example.com/a@v1.0.0").unwrap();
        let asked =
            Asked { proxies: Vec::new(), direct: None, recorded: vec![&Empty], modcache: None, vendor: None };
        let manner = Manner {
            platform: Platform::Any,
            platform_named: None,
            shows_lines: true,
            bounds: Bounds::default(),
            max_shown: 0,
        };
        let told = Told::default();
        let question = Question {
            module: &module,
            files: &[],
            asked: &asked,
            manner: &manner,
            progress: &told,
            gosum: "0",
        };
        explain(&question);
        let told = told.0.into_inner().unwrap();
        assert_eq!(told, ["sumdb: 2", "sumdb: one", "sumdb: one", "comparing the copies"]);
    }
}
