//! A source that is not asked again for what it answered a short while ago, and whose earlier answers stand in for it when it
//! cannot be asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gosum_evidence::evidence::{Answer, Evidence, NotAsked, Origin, Outdated, Seen, SourceName};
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::ModuleVersion;
use gosum_store::{Given, Keeper, Kept, SourceKey};

use super::latest::TellLatest;
use super::{Cost, Give, Lost, Source, Tell, To};

/// How long it is believed that there is nothing: what is published in the meantime should be found.
const MAX_AGE_OF_NOTHING: Duration = Duration::from_secs(10 * 60);

/// Which kept answers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Answers younger than this are not asked for again.
    pub max_age: Duration,
    /// Whether answers of any age count, as nobody may be asked.
    pub offline: bool,
    /// Whether none counts, and all is asked for again.
    pub refresh: bool,
    /// Whether what was answered is so for good, and the source itself sees to it that it need not be asked for again: then
    /// kept answers count only where nobody may be asked, and are never too old.
    pub lasts: bool,
}

impl Policy {
    /// Returns whether `kept` stands for what would be answered at the time `now`. What was seen in the future, by a clock that
    /// has gone back since, does not.
    fn is_fresh(&self, kept: &Kept, now: i64) -> bool {
        let max_age = match kept.evidence.answer {
            Answer::Absent(_) => self.max_age.min(MAX_AGE_OF_NOTHING),
            _ => self.max_age,
        };
        if self.lasts {
            return self.offline && kept.seen <= now && kept.evidence.answer.sum().is_some();
        }
        let age = now.checked_sub(kept.seen).and_then(|age| u64::try_from(age).ok());
        age.is_some_and(|age| Duration::from_secs(age) < max_age)
    }
}

/// What a source remembers of earlier runs.
#[derive(Clone)]
pub struct Memory {
    /// Reads and keeps.
    pub keeper: Arc<Keeper>,
    /// In whose name.
    pub source: SourceKey,
    /// What counts of it.
    pub policy: Policy,
}

/// A source with a memory, or without one.
pub struct Recalling<S> {
    source: S,
    memory: Option<Memory>,
}

impl<S> Recalling<S> {
    /// Returns `source`, which remembers what it answered if there is a `memory`.
    pub fn new(source: S, memory: Option<Memory>) -> Recalling<S> {
        Recalling { source, memory }
    }

    /// Returns what `change` makes of the source, with the same memory.
    pub fn map(self, change: impl FnOnce(S) -> S) -> Recalling<S> {
        Recalling { source: change(self.source), memory: self.memory }
    }

    /// Returns the source itself.
    pub fn source(&self) -> &S {
        &self.source
    }
}

/// What the store has of what is asked, and does not count by itself.
type Earlier = BTreeMap<Subject, Kept>;

impl Memory {
    /// Returns the same, of answers that are so for good.
    #[must_use]
    pub fn lasting(mut self) -> Memory {
        self.policy.lasts = true;
        self
    }

    /// Tells what is kept of `subjects` and counts. Returns those that are to be asked, and what is kept of them.
    fn recall(&self, subjects: &[Subject], tell: &Tell<'_>) -> (Vec<Subject>, Earlier) {
        if self.policy.refresh {
            return (subjects.to_vec(), Earlier::new());
        }
        let store = self.keeper.store();
        let kept = store.answers(&self.source, subjects).unwrap_or_else(|error| {
            self.keeper.note(&error);
            vec![None; subjects.len()]
        });
        let (mut left, mut earlier, mut of_use) = (Vec::new(), Earlier::new(), Vec::new());
        for (subject, kept) in subjects.iter().zip(kept) {
            let Some(kept) = kept else {
                left.push(subject.clone());
                continue;
            };
            let is_fresh = self.policy.is_fresh(&kept, store.now());
            if !is_fresh && !self.policy.offline {
                left.push(subject.clone());
                earlier.insert(subject.clone(), kept);
                continue;
            }
            if store.is_use_worth_noting(&kept) {
                of_use.push(subject.clone());
            }
            let outdated = (!is_fresh).then_some(Outdated::Offline);
            tell(subject, kept.evidence.seen(Seen { time: kept.seen, outdated }));
        }
        if !of_use.is_empty()
            && let Err(error) = store.note_use(&self.source, &of_use)
        {
            // then it is the first to go when room is needed
            tracing::info!(%error, "it was not noted what was of use");
        }
        (left, earlier)
    }

    /// Keeps what was answered on `subject`, and returns it; what is kept of it in its place where nobody could be asked.
    fn learn(&self, subject: &Subject, evidence: Evidence, earlier: &Earlier) -> Evidence {
        let from_here = evidence.origin.from.as_deref().is_some_and(|from| from.starts_with("file:"));
        match (&evidence.answer, earlier.get(subject)) {
            (answer, Some(kept)) if self.policy.lasts && kept.evidence.answer == *answer => evidence,
            // what lies on this machine is as quickly read again; of what must not be believed nothing is kept from then on
            (Answer::Hash { .. } | Answer::Absent(_) | Answer::Untrusted(_), _) if !from_here => {
                let (source, subject) = (self.source.clone(), subject.clone());
                self.keeper.keep(Given { source, subject, evidence: evidence.clone() });
                evidence
            }
            (Answer::Unavailable(why), Some(kept)) if evidence.is_passing => {
                let outdated = Some(Outdated::Unreachable(why.clone()));
                kept.evidence.clone().seen(Seen { time: kept.seen, outdated })
            }
            _ => evidence,
        }
    }
}

impl<S: Source> Recalling<S> {
    /// Has `ask` asked about those of `subjects` about which the source may be asked, and keeps what it tells.
    fn ask_rest(
        &self,
        memory: &Memory,
        subjects: &[Subject],
        earlier: &Earlier,
        tell: &Tell<'_>,
        ask: impl FnOnce(&[Subject], &Tell<'_>),
    ) {
        let mut asked = Vec::new();
        for subject in subjects {
            match self.source.declines(subject) {
                Some(why) => tell(subject, Answer::NotAsked(why).into()),
                None => asked.push(subject.clone()),
            }
        }
        if asked.is_empty() {
            return;
        }
        ask(&asked, &|subject, evidence| tell(subject, memory.learn(subject, evidence, earlier)));
    }
}

impl<S: Source> Source for Recalling<S> {
    fn name(&self) -> SourceName {
        self.source.name()
    }

    /// What only the network would tell may be remembered.
    fn declines(&self, subject: &Subject) -> Option<NotAsked> {
        let why = self.source.declines(subject)?;
        (why != NotAsked::Offline || self.memory.is_none()).then_some(why)
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        let Some(memory) = &self.memory else { return self.source.ask(subjects, tell) };
        let (left, earlier) = memory.recall(subjects, tell);
        self.ask_rest(memory, &left, &earlier, tell, |asked, tell| self.source.ask(asked, tell));
    }

    fn reads_go_mods(&self) -> bool {
        self.source.reads_go_mods()
    }

    fn read_go_mods(&self, subjects: &[Subject], tell: &Tell<'_>, give: &Give<'_>) {
        let Some(memory) = &self.memory else { return self.source.read_go_mods(subjects, tell, give) };
        self.ask_rest(memory, subjects, &Earlier::new(), tell, |asked, tell| {
            self.source.read_go_mods(asked, tell, give);
        });
    }

    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        let Some(memory) = &self.memory else { return self.source.read_copies(subjects, tell, to) };
        self.ask_rest(memory, subjects, &Earlier::new(), tell, |asked, tell| {
            self.source.read_copies(asked, tell, to);
        });
    }

    fn reads_latest(&self) -> bool {
        self.source.reads_latest()
    }

    fn read_latest(&self, modules: &[ModuleVersion], tell: &TellLatest<'_>) {
        self.source.read_latest(modules, tell);
    }

    fn trace(&self, copies: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        self.source.trace(copies)
    }

    fn misses_a_commit(&self, subject: &Subject) -> bool {
        self.source.misses_a_commit(subject)
    }

    fn ask_for_commits(&self, wanted: &[(Subject, Arc<str>)], tell: &Tell<'_>) {
        self.source.ask_for_commits(wanted, &|subject, evidence| match &self.memory {
            Some(memory) => tell(subject, memory.learn(subject, evidence, &Earlier::new())),
            None => tell(subject, evidence),
        });
    }

    fn find_contents(&self, lost: &[Lost]) -> Vec<Option<Arc<str>>> {
        self.source.find_contents(lost)
    }

    fn cost(&self) -> Cost {
        self.source.cost()
    }
}
