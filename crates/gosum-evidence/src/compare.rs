//! The answers on one artifact, side by side.

use gosum_mod::setting::private::TOOLCHAIN;

use crate::evidence::{Answer, Defect, Evidence, SourceName, Sum};
use crate::subject::{Location, Subject};
use crate::verdict::Verdict;

/// What every source said of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What was asked about.
    pub subject: Subject,
    /// The lines that speak of it, in the order of the file.
    pub at: Vec<Location>,
    /// Each source's answer, go.sum's among them where it has such a line.
    pub answers: Answers,
}

/// The answers of several sources, in the order of their names. There are few of them, and a great many comparisons: a
/// sorted list takes a tenth of the memory that a map takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(Vec<(SourceName, Evidence)>);

impl Answers {
    /// Returns what `source` said.
    pub fn get(&self, source: &SourceName) -> Option<&Evidence> {
        self.find(source).ok().map(|at| &self.0[at].1)
    }

    /// Returns what `source` said, to be changed.
    pub fn get_mut(&mut self, source: &SourceName) -> Option<&mut Evidence> {
        self.find(source).ok().map(|at| &mut self.0[at].1)
    }

    /// Puts what `source` said in, in the place of what it said before.
    pub fn insert(&mut self, source: SourceName, evidence: Evidence) {
        match self.find(&source) {
            Ok(at) => self.0[at].1 = evidence,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (source, evidence));
            }
        }
    }

    /// Returns all answers, in the order of the sources' names.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&SourceName, &Evidence)> {
        self.0.iter().map(|(source, evidence)| (source, evidence))
    }

    fn find(&self, source: &SourceName) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(source))
    }
}

impl FromIterator<(SourceName, Evidence)> for Answers {
    fn from_iter<I: IntoIterator<Item = (SourceName, Evidence)>>(answers: I) -> Answers {
        answers.into_iter().fold(Answers::default(), |mut all, (source, evidence)| {
            all.insert(source, evidence);
            all
        })
    }
}

impl Comparison {
    /// Returns the answer of `source`.
    pub fn answer(&self, source: &SourceName) -> Option<&Answer> {
        self.answers.get(source).map(|evidence| &evidence.answer)
    }

    /// Returns the answers of the sources that were to recompute, which go.sum and the checksum database are not.
    pub fn recomputed(&self) -> impl Iterator<Item = (&SourceName, &Evidence)> {
        self.asked().filter(|(source, _)| source.recomputes())
    }

    /// Returns the answers of the sources that were asked, which go.sum is not.
    pub fn asked(&self) -> impl Iterator<Item = (&SourceName, &Evidence)> {
        self.answers.iter().filter(|(source, _)| **source != SourceName::GO_SUM)
    }

    /// Returns each hash that was given, with the sources that gave it. The hash of go.sum comes
    /// first; the others follow in the order of their sources.
    pub fn sums(&self) -> Vec<(&Sum, Vec<&SourceName>)> {
        self.groups(|_, answer| answer.sum())
    }

    /// Returns the same without the hashes of those that have a part alone, whose rest is another source's.
    pub(crate) fn own_sums(&self) -> Vec<(&Sum, Vec<&SourceName>)> {
        self.groups(|_, answer| answer.own_sum())
    }

    fn groups<'c>(
        &'c self,
        sum: impl Fn(&SourceName, &'c Answer) -> Option<&'c Sum>,
    ) -> Vec<(&'c Sum, Vec<&'c SourceName>)> {
        let mut groups: Vec<(&Sum, Vec<&SourceName>)> = Vec::new();
        let recorded = self.answers.iter().filter(|(source, _)| **source == SourceName::GO_SUM);
        for (source, evidence) in recorded.chain(self.asked()) {
            let Some(sum) = sum(source, &evidence.answer) else { continue };
            match groups.iter_mut().find(|(other, _)| *other == sum) {
                Some((_, sources)) => sources.push(source),
                None => groups.push((sum, vec![source])),
            }
        }
        groups
    }

    /// Returns whether it is one of Go's own toolchains, of which no go.sum has a line.
    pub(crate) fn is_unrecorded_toolchain(&self) -> bool {
        self.subject.module.path().as_str() == TOOLCHAIN && self.answer(&SourceName::GO_SUM).is_none()
    }

    /// Returns the source that has a part of the module alone and, with that, a hash that nobody else gives, where there is one
    /// and others give a hash.
    pub fn differing_part(&self) -> Option<&SourceName> {
        // few ask for a part, and all pass by here
        if !self.answers.iter().any(|(_, evidence)| evidence.answer.has_defect(Defect::Partial)) {
            return None;
        }
        let groups = self.sums();
        let mut lone = groups.iter().filter_map(|(_, sources)| match sources.as_slice() {
            [one] => Some(*one),
            _ => None,
        });
        let is_partial = |source: &&SourceName| {
            self.answer(source).is_some_and(|answer| answer.has_defect(Defect::Partial))
        };
        lone.find(is_partial).filter(|_| groups.len() > 1)
    }

    /// Returns the source that stands alone with its hash, where that can be told: all others that gave one agree, and are two
    /// or more; go.sum stands against the proven record of the checksum database; or a source that has a part alone stands
    /// against go.sum, as the rest was found to be what that records. Of two against two, and of any other two hashes, nobody can
    /// tell. Who has a part and agrees is no witness: it has the hash from others.
    pub fn odd_one_out(&self) -> Option<&SourceName> {
        let part = self.differing_part();
        let groups = self.groups(|source, answer| match part == Some(source) {
            true => answer.sum(),
            false => answer.own_sum(),
        });
        let [(_, first), (_, second)] = groups.as_slice() else { return None };
        match (first.as_slice(), second.as_slice()) {
            ([one], [other]) if **one == SourceName::GO_SUM => {
                if part == Some(*other) {
                    part
                } else {
                    (**other == SourceName::SUMDB).then_some(*one)
                }
            }
            ([_], [_]) => None,
            ([one], _) | (_, [one]) => Some(*one),
            _ => None,
        }
    }

    /// Returns whether the user left the line out: nobody was to be asked for it.
    pub fn left_out(&self) -> bool {
        let mut asked = self.asked().peekable();
        asked.peek().is_some()
            && asked.all(|(_, evidence)| matches!(evidence.answer, Answer::NotAsked(why) if why.leaves_out()))
    }

    /// Returns how the answer of `source` stands: against go.sum's hash where there is one, else
    /// against the other sources' hashes.
    pub fn standing(&self, source: &SourceName) -> Option<Standing> {
        Some(match self.answer(source)? {
            Answer::Hash { h1, .. } => {
                let recorded = self.answer(&SourceName::GO_SUM).and_then(Answer::sum);
                let agrees = match recorded {
                    Some(recorded) => recorded == h1,
                    None => {
                        self.answers.iter().filter_map(|(_, other)| other.answer.sum()).all(|sum| sum == h1)
                    }
                };
                if agrees { Standing::Agrees } else { Standing::Differs }
            }
            // an answer that must not be believed is no silence: it counts against its source
            Answer::Untrusted(_) => Standing::Differs,
            Answer::Absent(_) | Answer::Unavailable(_) => Standing::Unanswered,
            Answer::NotAsked(_) => Standing::NotAsked,
        })
    }

    /// Returns the verdict when the sources in `required` must give a hash where they apply.
    ///
    /// It is a mismatch when two hashes differ, go.sum's included, or a source is untrusted. It is
    /// verified when nothing mismatches, at least one sound recomputation was made, and every required
    /// source that applies made one. A key for which go.sum records no h1 is never verified, and a toolchain that is in no
    /// go.sum not without the checksum database, as with the go command (spec 01 §8).
    pub fn verdict(&self, required: &[SourceName]) -> Verdict {
        let untrusted =
            self.answers.iter().any(|(_, evidence)| matches!(evidence.answer, Answer::Untrusted(_)));
        if untrusted || self.sums().len() > 1 {
            return Verdict::Mismatch;
        }
        if self.is_told(required) { Verdict::Verified } else { Verdict::Unverified }
    }

    /// Returns whether all was told that had to be, whatever it comes to: go.sum records an h1 where it has the key, every
    /// source in `required` that applies made a sound recomputation, of what it has, and there is at least one of a whole copy.
    pub fn is_told(&self, required: &[SourceName]) -> bool {
        let recorded = self.answer(&SourceName::GO_SUM).is_none_or(|answer| answer.sum().is_some());
        let told = required.iter().filter_map(|source| self.answer(source)).all(|answer| match answer {
            Answer::NotAsked(_) => true,
            answer => answer.is_told(),
        });
        // nothing records what a toolchain was when it was first seen, but for the checksum database
        let proven = !self.is_unrecorded_toolchain()
            || self.answer(&SourceName::SUMDB).is_some_and(|answer| answer.votes());
        recorded && told && proven && self.recomputed().any(|(_, evidence)| evidence.answer.votes())
    }
}

/// How one source's answer on an artifact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its hash is the one to compare with.
    Agrees,
    /// Its hash is another, or it must not be believed.
    Differs,
    /// It gave no hash.
    Unanswered,
    /// It was not asked.
    NotAsked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::NotAsked;
    use crate::sample::{comparison, hash};

    const BOTH: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

    #[test]
    fn who_stands_alone_is_named_only_where_it_can_be_told() {
        let sources = [SourceName::GO_SUM, SourceName::PROXY, SourceName::DIRECT, SourceName::SUMDB];
        let out = |hashes: [&str; 4]| {
            let mut comparison = comparison(None, unavailable(), unavailable());
            for (source, seed) in sources.iter().zip(hashes).filter(|(_, seed)| !seed.is_empty()) {
                comparison.answers.insert(source.clone(), hash(seed).into());
            }
            comparison.odd_one_out().cloned()
        };
        // go.sum, proxy, direct, sumdb
        for (hashes, expected) in [
            (["b", "a", "a", "a"], Some(SourceName::GO_SUM)),
            (["a", "b", "a", "a"], Some(SourceName::PROXY)),
            (["a", "a", "b", "a"], Some(SourceName::DIRECT)),
            (["a", "a", "a", "b"], Some(SourceName::SUMDB)),
            (["b", "a", "a", ""], Some(SourceName::GO_SUM)),
            (["a", "b", "", "a"], Some(SourceName::PROXY)),
            (["a", "", "", "b"], Some(SourceName::GO_SUM)),
            (["a", "a", "b", "b"], None),
            (["a", "b", "a", "b"], None),
            (["a", "b", "b", "a"], None),
            (["a", "b", "", ""], None),
            (["", "a", "b", ""], None),
            (["", "a", "", "b"], None),
            (["a", "b", "c", "a"], None),
            (["a", "a", "a", "a"], None),
        ] {
            assert_eq!(out(hashes), expected, "{hashes:?}");
        }
    }

    #[test]
    fn a_record_of_the_database_is_no_recomputation() {
        let mut recorded = comparison(Some(hash("a")), unavailable(), unavailable());
        recorded.answers.insert(SourceName::SUMDB, hash("a").into());
        assert_eq!(recorded.verdict(&[]), Verdict::Unverified);
        recorded.answers.insert(SourceName::PROXY, hash("a").into());
        assert_eq!(recorded.verdict(&[SourceName::SUMDB]), Verdict::Verified);
        recorded.answers.insert(SourceName::SUMDB, hash("b").into());
        assert_eq!(recorded.verdict(&[]), Verdict::Mismatch);
        recorded.answers.insert(SourceName::SUMDB, unavailable().into());
        assert_eq!(recorded.verdict(&[]), Verdict::Verified);
        assert_eq!(recorded.verdict(&[SourceName::SUMDB]), Verdict::Unverified);
    }

    fn unavailable() -> Answer {
        Answer::Unavailable("503".into())
    }

    fn defective(seed: &str) -> Answer {
        hash(seed).with_defect(Defect::InvalidZip, "two files")
    }

    fn verdict(go_sum: Option<Answer>, proxy: Answer, direct: Answer, required: &[SourceName]) -> Verdict {
        comparison(go_sum, proxy, direct).verdict(required)
    }

    #[test]
    fn verified_needs_every_required_hash_to_be_the_same() {
        assert_eq!(verdict(Some(hash("a")), hash("a"), hash("a"), &BOTH), Verdict::Verified);
        assert_eq!(verdict(None, hash("a"), hash("a"), &BOTH), Verdict::Verified);
        assert_eq!(verdict(Some(hash("a")), hash("a"), unavailable(), &BOTH), Verdict::Unverified);
        assert_eq!(
            verdict(Some(hash("a")), hash("a"), unavailable(), &[SourceName::PROXY]),
            Verdict::Verified
        );
        assert_eq!(
            verdict(Some(hash("a")), Answer::Absent("404".into()), hash("a"), &BOTH),
            Verdict::Unverified
        );
    }

    #[test]
    fn any_two_hashes_that_differ_are_a_mismatch() {
        assert_eq!(verdict(Some(hash("a")), hash("a"), hash("b"), &BOTH), Verdict::Mismatch);
        assert_eq!(verdict(Some(hash("a")), hash("b"), hash("b"), &BOTH), Verdict::Mismatch);
        assert_eq!(verdict(Some(hash("a")), hash("b"), unavailable(), &[]), Verdict::Mismatch);
        assert_eq!(verdict(None, hash("a"), hash("b"), &[]), Verdict::Mismatch);
        assert_eq!(verdict(Some(hash("a")), defective("b"), hash("a"), &BOTH), Verdict::Mismatch);
    }

    #[test]
    fn a_mismatch_is_told_or_untold() {
        let told = |proxy, direct| comparison(Some(hash("a")), proxy, direct).is_told(&BOTH);
        assert!(told(hash("a"), hash("b")));
        assert!(told(hash("b"), Answer::NotAsked(NotAsked::Toolchain)));
        assert!(!told(hash("b"), unavailable()));
        assert!(!told(hash("b"), defective("b")));
        assert!(!told(unavailable(), unavailable()));
    }

    #[test]
    fn an_untrusted_source_is_a_mismatch_whatever_the_others_say() {
        let untrusted = Answer::Untrusted("zip of another module".into());
        assert_eq!(verdict(Some(hash("a")), untrusted, hash("a"), &[]), Verdict::Mismatch);
    }

    #[test]
    fn a_defect_has_no_vote() {
        assert_eq!(verdict(Some(hash("a")), defective("a"), hash("a"), &BOTH), Verdict::Unverified);
        assert_eq!(
            verdict(Some(hash("a")), defective("a"), hash("a"), &[SourceName::DIRECT]),
            Verdict::Verified
        );
        assert_eq!(verdict(Some(hash("a")), defective("a"), unavailable(), &[]), Verdict::Unverified);
    }

    #[test]
    fn a_part_is_told_verifies_nothing_and_can_differ() {
        let vendored = |proxy: Answer, answer: Answer| {
            let mut comparison = comparison(Some(hash("a")), proxy, unavailable());
            comparison.answers.insert(SourceName::VENDOR, answer.into());
            comparison
        };
        let part = |seed: &str| hash(seed).with_defect(Defect::Partial, "1 of its 2 files");
        let required = [SourceName::PROXY, SourceName::VENDOR];
        let agrees = vendored(hash("a"), part("a"));
        assert_eq!(agrees.verdict(&required), Verdict::Verified);
        assert_eq!((agrees.odd_one_out(), agrees.differing_part()), (None, None));
        let nobody_else = vendored(unavailable(), part("a"));
        assert_eq!(nobody_else.verdict(&[SourceName::VENDOR]), Verdict::Unverified);
        assert_eq!(nobody_else.verdict(&[]), Verdict::Unverified);
        assert_eq!(vendored(hash("a"), unavailable()).verdict(&required), Verdict::Unverified);
        // the rest of it is what go.sum records
        for proxy in [hash("a"), unavailable()] {
            let differs = vendored(proxy, part("b"));
            assert_eq!(differs.verdict(&[]), Verdict::Mismatch);
            assert_eq!(differs.odd_one_out(), Some(&SourceName::VENDOR));
            assert_eq!(differs.differing_part(), Some(&SourceName::VENDOR));
        }
        // it has go.sum's hash from whoever has that, and does not stand by it
        let mut changed = vendored(hash("b"), part("a"));
        changed.answers.insert(SourceName::DIRECT, hash("b").into());
        assert_eq!(changed.odd_one_out(), Some(&SourceName::GO_SUM));
        assert_eq!(changed.differing_part(), None);
        // of which copy the rest is, no line says
        let mut unrecorded = comparison(None, hash("a"), unavailable());
        unrecorded.answers.insert(SourceName::VENDOR, part("b").into());
        assert_eq!(
            (unrecorded.odd_one_out(), unrecorded.differing_part()),
            (None, Some(&SourceName::VENDOR))
        );
        assert_eq!(vendored(unavailable(), part("a")).verdict(&[]), Verdict::Unverified);
    }

    #[test]
    fn not_asked_does_not_count_but_one_recomputation_must_remain() {
        let private = Answer::NotAsked(NotAsked::Private);
        assert_eq!(verdict(Some(hash("a")), private.clone(), hash("a"), &BOTH), Verdict::Verified);
        assert_eq!(verdict(Some(hash("a")), private.clone(), unavailable(), &[]), Verdict::Unverified);
        let offline = Answer::NotAsked(NotAsked::Offline);
        assert_eq!(verdict(Some(hash("a")), private, offline, &[]), Verdict::Unverified);
    }

    #[test]
    fn a_key_without_an_h1_is_never_verified() {
        let unknown = Answer::Unavailable("only hashes of unknown kinds: h2".into());
        assert_eq!(verdict(Some(unknown), hash("a"), hash("a"), &BOTH), Verdict::Unverified);
    }

    #[test]
    fn a_source_stands_against_go_sum_or_else_against_the_others() {
        let with = comparison(Some(hash("a")), hash("b"), hash("b"));
        assert_eq!(with.standing(&SourceName::PROXY), Some(Standing::Differs));
        let without = comparison(None, hash("b"), hash("b"));
        assert_eq!(without.standing(&SourceName::PROXY), Some(Standing::Agrees));
        let apart = comparison(None, hash("b"), hash("c"));
        assert_eq!(apart.standing(&SourceName::DIRECT), Some(Standing::Differs));
    }

    #[test]
    fn groups_the_hashes_with_go_sum_first() {
        let groups = comparison(Some(hash("a")), hash("a"), hash("b"));
        let groups = groups.sums();
        let names: Vec<Vec<&str>> = groups
            .iter()
            .map(|(_, sources)| sources.iter().map(|source| source.as_str()).collect())
            .collect();
        assert_eq!(names, [vec!["go.sum", "proxy"], vec!["direct"]]);
    }
}
