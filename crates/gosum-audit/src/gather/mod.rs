//! Asking all sources at once, and putting their answers side by side.

mod table;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gosum_evidence::compare::{self, Comparison};
use gosum_evidence::evidence::{Answer, Evidence, NotAsked, Origin, SourceName, Sum};
use gosum_evidence::report::Judged;
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::Artifact;

use self::table::Table;
use crate::graph::Needed;
use crate::plan::Planned;
use crate::source::{Lost, Source, Tell, pool};
use crate::withheld::NoExcuse;

/// For how many copies a commit is looked for.
const MAX_LOST: usize = 16;

/// Who is told how far an audit has come. Called from many threads.
pub trait Progress: Sync {
    /// `source` will be asked about so many lines.
    fn begins(&self, source: &SourceName, lines: usize);
    /// `source` has answered on one line.
    fn answered(&self, source: &SourceName);
    /// All is known of an artifact, while others may still be asked about. This comes once for each that is judged, and the
    /// report will have the artifact just so.
    fn judged(&self, _judged: &Judged) {}
    /// What is told apart from lines begins: `what`, in a few words.
    fn turns_to(&self, _what: &str) {}
}

/// Who is told of a comparison to which nothing is added any more.
pub type Compared<'a> = dyn Fn(&Comparison) + Sync + 'a;

/// Which copies are asked where they came from, once all answers are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    /// Those on which two sources differ.
    Differing,
    /// Those too that version control found by a tag: it may have moved since others saw it.
    Tags,
}

/// What the sources said, and how long each took.
#[derive(Debug)]
pub struct Gathered {
    /// The answers side by side, in the order of the plan.
    pub comparisons: Vec<Comparison>,
    /// From the first request to the last answer of each source, in their order.
    pub times: Vec<Duration>,
}

/// Asks all `sources` at once about everything in `plan`, as far as each needs it and has not answered already, then those
/// that differ where their copies came from. Each comparison is told to `compared` as soon as it will not change any more.
pub(crate) fn gather(
    plan: Vec<Planned>,
    needed: Option<&Needed>,
    no_excuse: NoExcuse<'_>,
    sources: &[&dyn Source],
    traced: Traced,
    progress: &dyn Progress,
    compared: &Compared<'_>,
) -> Gathered {
    let (mut comparisons, asks) = begin(plan, needed, sources);
    comparisons.iter_mut().for_each(|(comparison, _)| no_excuse.apply(comparison));
    let table = Table::new(comparisons);
    let complete = |comparison: &Comparison| {
        // what is looked for once more, or asked where it came from, is told at the end
        let is_final = !is_traced(comparison, traced)
            && !sources.iter().any(|source| source.misses_a_commit(&comparison.subject));
        if is_final {
            table.mark_told(&comparison.subject);
            compared(comparison);
        }
    };
    table.unasked().iter().for_each(complete);
    let asked: Vec<(&dyn Source, Vec<Subject>)> = sources.iter().copied().zip(asks).collect();
    let gathering = tracing::info_span!("stage", stage = "gather").entered();
    let times = pool::map(asked.len(), &asked, |(source, subjects)| {
        let tell = |subject: &Subject, evidence: Evidence| {
            let evidence = no_excuse.hear(&source.name(), evidence);
            if let Some(comparison) = table.answer(&source.name(), subject, evidence) {
                complete(&comparison);
            }
        };
        ask(*source, subjects, progress, &table, &tell)
    });
    drop(gathering);
    let (mut comparisons, told) = table.into_rows();
    tracing::info_span!("stage", stage = "trace").in_scope(|| {
        find_commits(&mut comparisons, sources);
        trace(&mut comparisons, sources, traced);
        find_contents(&mut comparisons, sources);
    });
    comparisons.iter().zip(told).filter(|(_, told)| !told).for_each(|(comparison, _)| compared(comparison));
    Gathered { comparisons, times }
}

type Answers = BTreeMap<Subject, Evidence>;

/// Returns the comparisons with what is known before anyone is asked, and how many sources are to be asked about each; and
/// what each source is to be asked.
fn begin(
    plan: Vec<Planned>,
    needed: Option<&Needed>,
    sources: &[&dyn Source],
) -> (Vec<(Comparison, usize)>, Vec<Vec<Subject>>) {
    let mut asks = vec![Vec::new(); sources.len()];
    let mut comparisons = Vec::with_capacity(plan.len());
    for Planned { subject, at, recorded, left_out } in plan {
        let mut answers = compare::Answers::default();
        let mut awaited = 0;
        if let Some(recorded) = recorded {
            answers.insert(SourceName::GO_SUM, recorded.into());
        }
        for (source, ask) in sources.iter().zip(&mut asks) {
            let name = source.name();
            let not_needed = || needed.and_then(|needed| needed.declines(&name, &subject));
            let known = needed.and_then(|needed| needed.known(&name, &subject));
            match (left_out.or_else(|| source.declines(&subject)).or_else(not_needed), known) {
                (Some(why), _) => {
                    answers.insert(name, not_asked(why));
                }
                (None, Some(known)) => {
                    answers.insert(name, known.clone());
                }
                (None, None) => {
                    ask.push(subject.clone());
                    awaited += 1;
                }
            }
        }
        comparisons.push((Comparison { subject, at, answers }, awaited));
    }
    (comparisons, asks)
}

fn not_asked(why: NotAsked) -> Evidence {
    Answer::NotAsked(why).into()
}

/// Asks `source` about `subjects`, and has each answer put in. Returns how long that took.
fn ask(
    source: &dyn Source,
    subjects: &[Subject],
    progress: &dyn Progress,
    table: &Table,
    tell: &Tell<'_>,
) -> Duration {
    let name = source.name();
    let _asking = tracing::info_span!("source", source = %name).entered();
    progress.begins(&name, subjects.len());
    tracing::info!(source = %name, artifacts = subjects.len(), "asking");
    let start = Instant::now();
    source.ask(subjects, &|subject, evidence| {
        tell(subject, evidence);
        progress.answered(&name);
    });
    for subject in subjects.iter().filter(|subject| table.lacks(&name, subject)) {
        // no silence is taken for agreement, should a source ever forget one
        tell(subject, Answer::Unavailable(format!("{name} gave no answer").into()).into());
    }
    let elapsed = start.elapsed();
    tracing::info!(source = %name, ?elapsed, "asked");
    elapsed
}

/// Tells sources that miss a commit which one others saw: a host may still give it by its id.
fn find_commits(comparisons: &mut [Comparison], sources: &[&dyn Source]) {
    for source in sources {
        let name = source.name();
        let misses = |comparison: &&Comparison| source.misses_a_commit(&comparison.subject);
        let missing: Vec<&Comparison> = comparisons.iter().filter(misses).collect();
        let mut wanted: BTreeMap<Subject, Arc<str>> = BTreeMap::new();
        for other in sources.iter().filter(|other| other.name() != name) {
            let copies = missing.iter().filter_map(|comparison| {
                let evidence = comparison.answers.get(&other.name())?;
                let copy = (comparison.subject.clone(), evidence.origin.clone());
                (evidence.answer.sum().is_some() && !wanted.contains_key(&copy.0)).then_some(copy)
            });
            let copies: Vec<_> = copies.collect();
            if copies.is_empty() {
                continue;
            }
            let told = other.trace(&copies).into_iter();
            wanted.extend(told.filter_map(|(subject, origin)| Some((subject, origin.commit?))));
        }
        if wanted.is_empty() {
            continue;
        }
        let found = Mutex::new(Answers::new());
        source.ask_for_commits(&wanted.into_iter().collect::<Vec<_>>(), &|subject, evidence| {
            found.lock().expect("no holder of the lock panics").insert(subject.clone(), evidence);
        });
        for (subject, evidence) in found.into_inner().expect("no holder of the lock panics") {
            let at = comparisons.binary_search_by(|comparison| comparison.subject.cmp(&subject));
            comparisons[at.expect("it is one of those wanted")].answers.insert(name.clone(), evidence);
        }
    }
}

/// Adds to each answer that is to be `traced` what its source knows of where its copy came from.
fn trace(comparisons: &mut [Comparison], sources: &[&dyn Source], traced: Traced) {
    for source in sources {
        let name = source.name();
        let copy = |comparison: &Comparison| {
            let evidence =
                comparison.answers.get(&name).filter(|evidence| evidence.answer.sum().is_some())?;
            is_traced(comparison, traced).then(|| (comparison.subject.clone(), evidence.origin.clone()))
        };
        let differing: Vec<(Subject, Arc<Origin>)> = comparisons.iter().filter_map(copy).collect();
        if differing.is_empty() {
            continue;
        }
        for (subject, traced) in source.trace(&differing) {
            let at = comparisons.binary_search_by(|comparison| comparison.subject.cmp(&subject));
            let comparison = &mut comparisons[at.expect("a source traces what it was asked about")];
            if let Some(evidence) = comparison.answers.get_mut(&name) {
                evidence.origin = Arc::new(complete(&evidence.origin, traced));
            }
        }
    }
}

/// Has version control look for the commits of copies whose sources name none, and tell a time that is not that of the commit
/// to which the tag leads now.
fn find_contents(comparisons: &mut [Comparison], sources: &[&dyn Source]) {
    let Some(direct) = sources.iter().find(|source| source.name() == SourceName::DIRECT) else { return };
    let mut lost: Vec<(usize, SourceName, Lost)> = Vec::new();
    for (at, comparison) in comparisons.iter().enumerate().filter(|(_, comparison)| is_tagged(comparison)) {
        let proxies = comparison.recomputed().filter(|(source, _)| source.is_proxy());
        lost.extend(
            proxies.filter_map(|(source, evidence)| {
                Some((at, source.clone(), lost_commit(comparison, evidence)?))
            }),
        );
    }
    lost.truncate(MAX_LOST);
    if lost.is_empty() {
        return;
    }
    let found = direct.find_contents(&lost.iter().map(|(_, _, lost)| lost.clone()).collect::<Vec<_>>());
    for ((at, source, _), commit) in lost.iter().zip(found) {
        if let (Some(commit), Some(evidence)) = (commit, comparisons[*at].answers.get_mut(source)) {
            let origin = Origin { content_of: Some(commit), ..Origin::clone(&evidence.origin) };
            evidence.origin = Arc::new(origin);
        }
    }
}

/// Returns what to look for of a copy whose commit is not named.
fn lost_commit(comparison: &Comparison, evidence: &Evidence) -> Option<Lost> {
    let own = &comparison.answers.get(&SourceName::DIRECT)?.origin;
    let (now, said) = (own.commit.clone()?, own.said.as_ref()?);
    let time = evidence.origin.time.clone().filter(|time| **time != *said.committer_time)?;
    match (&evidence.origin.commit, evidence.answer.sum()?) {
        (None, Sum::H1(h1)) => Some(Lost { module: comparison.subject.module.clone(), h1: *h1, time, now }),
        _ => None,
    }
}

/// Returns whether the copies of a comparison are asked where they came from.
fn is_traced(comparison: &Comparison, traced: Traced) -> bool {
    differ(comparison) || traced == Traced::Tags && is_tagged(comparison)
}

/// Returns whether it is a module zip that version control found by a tag.
fn is_tagged(comparison: &Comparison) -> bool {
    let direct = comparison.answers.get(&SourceName::DIRECT);
    let reference = direct.and_then(|evidence| evidence.origin.reference.as_deref());
    comparison.subject.artifact == Artifact::Zip
        && reference.is_some_and(|reference| reference.starts_with("refs/tags/"))
}

/// Returns whether two sources that recompute differ.
fn differ(comparison: &Comparison) -> bool {
    let mut sums = comparison.recomputed().filter_map(|(_, evidence)| evidence.answer.sum());
    sums.next().is_some_and(|first| sums.any(|sum| sum != first))
}

/// Returns `known`, with what `traced` knows beyond it.
fn complete(known: &Origin, traced: Origin) -> Origin {
    let Origin { from, asked_for, reference, commit, subdir, said, time, content_of, moved } = known.clone();
    Origin {
        from: from.or(traced.from),
        reference: reference.or(traced.reference),
        commit: commit.or(traced.commit),
        subdir: subdir.or(traced.subdir),
        said: said.or(traced.said),
        time: time.or(traced.time),
        content_of: content_of.or(traced.content_of),
        moved: moved.or(traced.moved),
        asked_for,
    }
}
