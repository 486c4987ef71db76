//! What sources answered, and when.

use gosum_evidence::evidence::{Answer, Evidence};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::Artifact;
use redb::ReadableTable as _;

use crate::error::StoreError;
use crate::index::Table;
use crate::record::{self, Kept};
use crate::{Store, rows};

/// Answers, by source and subject.
pub(crate) const ANSWERS: Table = Table::new("answers");
/// The names of sources, by what stands for them in keys.
pub(crate) const SOURCES: Table = Table::new("sources");

/// Use is noted when it was not for so many days: a re-audit writes nothing but once in a while.
pub(crate) const USE_DAYS: u32 = 7;

/// Who answers: everything on which it depends who is asked, and nothing secret. What one source answered is never given as
/// the answer of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey {
    name: String,
    id: [u8; 16],
}

impl SourceKey {
    /// Returns the source that `name` describes in full, such as `proxy https://proxy.example`.
    pub fn new(name: String) -> SourceKey {
        let digest = sha256(name.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        SourceKey { name, id }
    }

    /// Returns the content of what `id` names in a repository, a commit or an annotated tag: no one's answer, and so for good.
    /// `place` is where in it the module is looked for.
    pub fn content(repository: &str, id: &str, place: &str) -> SourceKey {
        SourceKey { name: String::new(), ..SourceKey::new(format!("content\n{repository}\n{id}\n{place}")) }
    }

    fn key(&self, subject: &Subject) -> Vec<u8> {
        let (path, version) = (subject.module.path().as_str(), subject.module.version().as_str());
        let artifact: &[u8] = match subject.artifact {
            Artifact::Zip => b"zip",
            Artifact::GoMod => b"mod",
        };
        [&self.id, path.as_bytes(), b"@", version.as_bytes(), b"/", artifact].concat()
    }
}

/// An answer to be kept.
#[derive(Debug, Clone)]
pub struct Given {
    /// Who answered.
    pub source: SourceKey,
    /// On what.
    pub subject: Subject,
    /// What.
    pub evidence: Evidence,
}

impl Store {
    /// Returns what `source` last answered on each of `subjects`, in their order, as far as it is kept: hashes, and that there
    /// is none. One transaction for all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn answers(&self, source: &SourceKey, subjects: &[Subject]) -> Result<Vec<Option<Kept>>, StoreError> {
        self.find(subjects.len(), |at| source.key(&subjects[at]))
    }

    /// Returns what each of several sources last answered on a subject, as [`Store::answers`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn answers_of(&self, asked: &[(SourceKey, &Subject)]) -> Result<Vec<Option<Kept>>, StoreError> {
        self.find(asked.len(), |at| asked[at].0.key(asked[at].1))
    }

    fn find(&self, count: usize, key: impl Fn(usize) -> Vec<u8>) -> Result<Vec<Option<Kept>>, StoreError> {
        let found = self.evidence.read(|transaction| {
            let Some(answers) = rows(transaction, ANSWERS)? else { return Ok(Vec::new()) };
            let mut found = Vec::with_capacity(count);
            for at in 0..count {
                let row = answers.get(key(at).as_slice())?;
                found.push(row.and_then(|row| record::decode(row.value())));
            }
            Ok(found)
        })?;
        let mut found = found.unwrap_or_default();
        found.resize(count, None);
        Ok(found)
    }

    /// Keeps what was answered, now, in the place of what was before. What is not definite is passed over; where an answer must
    /// not be believed, there is none from then on.
    ///
    /// # Errors
    /// When the store cannot be written; nothing is kept then.
    pub fn keep_answers(&self, given: &[Given]) -> Result<(), StoreError> {
        let (seen, used) = (self.now, self.today());
        self.evidence.write(|transaction| {
            let mut answers = transaction.open_table(ANSWERS)?;
            let mut sources = transaction.open_table(SOURCES)?;
            for Given { source, subject, evidence } in given {
                if matches!(evidence.answer, Answer::Untrusted(_)) {
                    // what came before does not stand for a source that must not be believed now
                    answers.remove(source.key(subject).as_slice())?;
                    continue;
                }
                let kept = Kept { seen, used, evidence: evidence.clone() };
                let Some(record) = record::encode(&kept) else { continue };
                answers.insert(source.key(subject).as_slice(), record.as_slice())?;
                if !source.name.is_empty() && sources.get(source.id.as_slice())?.is_none() {
                    sources.insert(source.id.as_slice(), source.name.as_bytes())?;
                }
            }
            Ok(())
        })
    }

    /// Returns whether it should be noted that `kept` was of use today.
    pub fn is_use_worth_noting(&self, kept: &Kept) -> bool {
        self.today().saturating_sub(kept.used) >= USE_DAYS
    }

    /// Notes that what `source` answered on `subjects` was of use today.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_use(&self, source: &SourceKey, subjects: &[Subject]) -> Result<(), StoreError> {
        let used = self.today();
        self.evidence.write(|transaction| {
            let mut answers = transaction.open_table(ANSWERS)?;
            for subject in subjects {
                let key = source.key(subject);
                let row = answers.get(key.as_slice())?.and_then(|row| record::with_use(row.value(), used));
                if let Some(row) = row {
                    answers.insert(key.as_slice(), row.as_slice())?;
                }
            }
            Ok(())
        })
    }
}
