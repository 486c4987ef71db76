//! The answers as they come, and which comparisons lack none any more.

use std::sync::{Mutex, MutexGuard};

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Evidence, SourceName};
use gosum_evidence::subject::Subject;

/// What is asked about, in the order of the plan.
pub(super) struct Table(Mutex<Vec<Row>>);

/// One comparison.
struct Row {
    comparison: Comparison,
    /// How many sources have not answered yet.
    awaited: usize,
    /// Whether it was told that all is known.
    is_told: bool,
}

impl Table {
    /// Returns the table of `rows`, each a comparison with how many sources are to be asked about it.
    pub(super) fn new(rows: Vec<(Comparison, usize)>) -> Table {
        let row = |(comparison, awaited)| Row { comparison, awaited, is_told: false };
        Table(Mutex::new(rows.into_iter().map(row).collect()))
    }

    /// Puts in what `source` says of `subject`. Returns the comparison, if that was the last answer to it.
    pub(super) fn answer(
        &self,
        source: &SourceName,
        subject: &Subject,
        evidence: Evidence,
    ) -> Option<Comparison> {
        let mut rows = self.rows();
        let row = row(&mut rows, subject);
        let is_new = row.comparison.answers.get(source).is_none();
        debug_assert!(is_new, "{source} answered twice on {subject}");
        if !is_new {
            // others may have been told already
            return None;
        }
        row.comparison.answers.insert(source.clone(), evidence);
        row.awaited -= 1;
        (row.awaited == 0).then(|| row.comparison.clone())
    }

    /// Returns whether `source` has said nothing of `subject`.
    pub(super) fn lacks(&self, source: &SourceName, subject: &Subject) -> bool {
        row(&mut self.rows(), subject).comparison.answers.get(source).is_none()
    }

    /// Returns the comparisons for which nobody is asked.
    pub(super) fn unasked(&self) -> Vec<Comparison> {
        self.rows().iter().filter(|row| row.awaited == 0).map(|row| row.comparison.clone()).collect()
    }

    /// Marks the comparison on `subject` as told.
    pub(super) fn mark_told(&self, subject: &Subject) {
        row(&mut self.rows(), subject).is_told = true;
    }

    /// Returns all comparisons, and whether each was told.
    pub(super) fn into_rows(self) -> (Vec<Comparison>, Vec<bool>) {
        let rows = self.0.into_inner().expect("no holder of the lock panics");
        rows.into_iter().map(|row| (row.comparison, row.is_told)).unzip()
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.0.lock().expect("no holder of the lock panics")
    }
}

fn row<'r>(rows: &'r mut [Row], subject: &Subject) -> &'r mut Row {
    let at = rows.binary_search_by(|row| row.comparison.subject.cmp(subject));
    &mut rows[at.expect("a source answers on what it was asked about")]
}
