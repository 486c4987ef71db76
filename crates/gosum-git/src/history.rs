//! Which commit comes before which.

use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use crate::snapshot::MAX_TAGS;
use crate::{GitError, ObjectId};

/// The commits of a repository, without their files: those that its branches and tags lead to.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Sorted.
    ids: Vec<ObjectId>,
    /// For each commit, when it was committed, if it tells.
    times: Vec<Option<i64>>,
    /// The parents of all commits, one after another.
    parents: Vec<u32>,
    /// For each commit, where its parents end.
    ends: Vec<u32>,
    /// For each commit, the number of commits on the longest way to one without parents.
    heights: Vec<u32>,
    /// The commits that have parents which are not here, each with one of them.
    cuts: Vec<(u32, ObjectId)>,
    gap: Option<Arc<GitError>>,
}

/// What is known of commits, in any order.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    ids: Vec<ObjectId>,
    times: Vec<Option<i64>>,
    /// The parents of all commits, one after another.
    parents: Vec<ObjectId>,
    /// For each commit, where its parents end.
    ends: Vec<u32>,
}

impl Steps {
    /// How many bytes a commit takes, and each of its parents, in a history and before it is one.
    pub(crate) const BYTES: usize = 80;

    pub(crate) fn add(
        &mut self,
        id: ObjectId,
        parents: impl IntoIterator<Item = ObjectId>,
        time: Option<i64>,
    ) {
        self.ids.push(id);
        self.times.push(time);
        self.parents.extend(parents);
        self.ends.push(self.parents.len() as u32);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn parents_of(&self, index: u32) -> &[ObjectId] {
        &self.parents[range(&self.ends, index)]
    }

    /// Returns these and `others`.
    pub(crate) fn with(mut self, others: &Steps) -> Steps {
        for index in 0..others.ids.len() as u32 {
            let at = index as usize;
            self.add(others.ids[at], others.parents_of(index).iter().copied(), others.times[at]);
        }
        self
    }
}

/// Returns where what belongs to number `index` stands, each of which ends where `ends` says.
fn range(ends: &[u32], index: u32) -> std::ops::Range<usize> {
    let start = index.checked_sub(1).map_or(0, |before| ends[before as usize]);
    start as usize..ends[index as usize] as usize
}

impl History {
    /// Parents that are not among `commits` are taken for none; [`History::missing`] tells of them. `gap` is why some branch or
    /// tag is left out, if one is.
    pub(crate) fn new(commits: &Steps, gap: Option<Arc<GitError>>) -> History {
        let mut order: Vec<u32> = (0..commits.ids.len() as u32).collect();
        order.sort_unstable_by_key(|index| commits.ids[*index as usize]);
        order.dedup_by_key(|index| commits.ids[*index as usize]);
        let ids = order.iter().map(|index| commits.ids[*index as usize]).collect();
        let times = order.iter().map(|index| commits.times[*index as usize]).collect();
        let mut history = History { gap, ids, times, ..History::default() };
        for (place, index) in (0..).zip(order) {
            for parent in commits.parents_of(index) {
                match history.place(parent) {
                    Some(parent) => history.parents.push(parent),
                    None => history.cuts.push((place, *parent)),
                }
            }
            history.ends.push(history.parents.len() as u32);
        }
        history.heights = history.measure();
        history
    }

    /// Returns how many commits there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns this history with further commits.
    pub(crate) fn with(&self, further: &Steps) -> History {
        History::new(&self.steps(|_| true).with(further), self.gap.clone())
    }

    /// Returns a commit that is missing, which comes before one that is here.
    pub(crate) fn missing(&self) -> Option<ObjectId> {
        self.cuts.first().map(|(_, id)| *id)
    }

    /// Returns this history, of which something is left out, and why.
    pub(crate) fn with_gap(self, gap: GitError) -> History {
        History { gap: self.gap.or_else(|| Some(Arc::new(gap))), ..self }
    }

    /// Returns the history of `wants` alone: a server may have sent commits beside them, which prove nothing of where
    /// they belong. `tags` says what annotated tags point to.
    pub(crate) fn of(self, wants: &[ObjectId], tags: &HashMap<ObjectId, ObjectId>) -> History {
        let mut reached = vec![false; self.ids.len()];
        let mut waiting: Vec<u32> = wants.iter().filter_map(|id| self.place(&peel(*id, tags))).collect();
        while let Some(place) = waiting.pop() {
            if !std::mem::replace(&mut reached[place as usize], true) {
                waiting.extend_from_slice(self.parents_of(place));
            }
        }
        if reached.iter().all(|reached| *reached) {
            return self;
        }
        History::new(&self.steps(|place| reached[place as usize]), self.gap.clone())
    }

    /// Returns whether the commit to which `id` leads is here, `id` being that commit or a tag.
    pub(crate) fn has_end_of(&self, id: ObjectId, tags: &HashMap<ObjectId, ObjectId>) -> bool {
        self.contains(&peel(id, tags))
    }

    /// Returns the commits that `select` selects by their places.
    fn steps(&self, select: impl Fn(u32) -> bool) -> Steps {
        let mut steps = Steps::default();
        for place in (0..self.ids.len() as u32).filter(|place| select(*place)) {
            let parents = self.parents_of(place).iter().map(|&parent| self.ids[parent as usize]);
            let from = self.cuts.partition_point(|(cut, _)| *cut < place);
            let missing = self.cuts[from..].iter().take_while(|(cut, _)| *cut == place).map(|(_, id)| *id);
            steps.add(self.ids[place as usize], parents.chain(missing), self.times[place as usize]);
        }
        steps
    }

    /// Returns why the server did not give all branches and tags, if it did not. A commit that is not found here may
    /// then be in the repository nonetheless.
    pub fn gap(&self) -> Option<&Arc<GitError>> {
        self.gap.as_ref()
    }

    /// Returns whether a branch or tag leads to the commit `id`.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.place(id).is_some()
    }

    /// Returns when the commit `id` was committed, in seconds since 1970. None if it is not here, or does
    /// not tell.
    pub fn commit_time(&self, id: &ObjectId) -> Option<i64> {
        self.times[self.place(id)? as usize]
    }

    /// Returns all commits in the order of their ids, each with the time at which it was committed, in seconds since 1970,
    /// if it tells.
    pub fn commits(&self) -> impl Iterator<Item = (&ObjectId, Option<i64>)> {
        self.ids.iter().zip(self.times.iter().copied())
    }

    /// Returns all commits whose ids begin with the hexadecimal digits `hex`, in lower case; none if it
    /// has other characters.
    pub fn find_by_prefix(&self, hex: &str) -> &[ObjectId] {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let Some(digits) = hex.bytes().map(digit).collect::<Option<Vec<u8>>>() else { return &[] };
        let start_of = |id: &ObjectId| {
            let digits_of = id.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
            digits_of.take(digits.len()).collect::<Vec<u8>>()
        };
        let from = self.ids.partition_point(|id| start_of(id) < digits);
        let len = self.ids[from..].partition_point(|id| start_of(id) == digits);
        &self.ids[from..from + len]
    }

    /// Returns whether `ancestor` is `descendant`, or comes before it. None if one of them is not
    /// here.
    pub fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Option<bool> {
        let (ancestor, descendant) = (self.place(ancestor)?, self.place(descendant)?);
        let height = self.heights[ancestor as usize];
        let mut seen = vec![false; self.ids.len()];
        let mut waiting = vec![descendant];
        while let Some(place) = waiting.pop() {
            if place == ancestor {
                return Some(true);
            }
            // whoever is no higher has other commits before it
            let is_higher = self.heights[place as usize] > height;
            if is_higher && !std::mem::replace(&mut seen[place as usize], true) {
                waiting.extend_from_slice(self.parents_of(place));
            }
        }
        Some(false)
    }

    /// Returns commits that come before `commit`, the latest first, at most `max`.
    pub fn before(&self, commit: &ObjectId, max: usize) -> Vec<ObjectId> {
        let Some(start) = self.place(commit) else { return Vec::new() };
        let mut seen = vec![false; self.ids.len()];
        seen[start as usize] = true;
        let (mut waiting, mut found) = (BinaryHeap::from([(self.times[start as usize], start)]), Vec::new());
        while let Some((_, place)) = waiting.pop() {
            if place != start {
                found.push(self.ids[place as usize]);
            }
            if found.len() >= max {
                break;
            }
            for &parent in self.parents_of(place) {
                if !std::mem::replace(&mut seen[parent as usize], true) {
                    waiting.push((self.times[parent as usize], parent));
                }
            }
        }
        found.truncate(max);
        found
    }

    /// Returns the first of `ids` that is `commit` or comes after it.
    pub fn first_from(&self, commit: &ObjectId, ids: impl IntoIterator<Item = ObjectId>) -> Option<ObjectId> {
        let commit = self.place(commit)?;
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_unstable_by_key(|place| self.heights[*place as usize]);
        let mut follows = vec![false; self.ids.len()];
        // whoever is higher has all parents seen before
        for place in order {
            let parents = self.parents_of(place);
            follows[place as usize] =
                place == commit || parents.iter().any(|parent| follows[*parent as usize]);
        }
        ids.into_iter().find(|id| self.place(id).is_some_and(|place| follows[place as usize]))
    }

    fn place(&self, id: &ObjectId) -> Option<u32> {
        self.ids.binary_search(id).ok().map(|place| place as u32)
    }

    fn parents_of(&self, place: u32) -> &[u32] {
        &self.parents[range(&self.ends, place)]
    }

    /// Returns the heights. Ids are hashes, so that nobody can be their own ancestor.
    fn measure(&self) -> Vec<u32> {
        let mut heights = vec![0; self.ids.len()];
        for start in 0..self.ids.len() as u32 {
            let mut waiting = vec![start];
            while let Some(&place) = waiting.last() {
                if heights[place as usize] != 0 {
                    waiting.pop();
                    continue;
                }
                let known = waiting.len();
                let unknown = |parent: &&u32| heights[**parent as usize] == 0;
                waiting.extend(self.parents_of(place).iter().filter(unknown));
                if waiting.len() == known {
                    let highest = self.parents_of(place).iter().map(|&parent| heights[parent as usize]).max();
                    heights[place as usize] = highest.unwrap_or(0) + 1;
                    waiting.pop();
                }
            }
        }
        heights
    }
}

/// Returns what the tag `id` leads to in the end, or `id` itself.
pub(crate) fn peel(id: ObjectId, tags: &HashMap<ObjectId, ObjectId>) -> ObjectId {
    (0..MAX_TAGS).fold(id, |id, _| tags.get(&id).copied().unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn id(number: u32) -> ObjectId {
        // scattered, so that the order of ids says nothing of that of commits
        let first = number.wrapping_mul(0x9e37_79b9);
        ObjectId::parse(&format!("{first:08x}{number:032x}")).unwrap()
    }

    /// Returns the history in which commit n has the parents of entry n.
    fn history(parents: &[Vec<u32>]) -> History {
        let mut steps = Steps::default();
        for (number, parents) in (0..).zip(parents) {
            steps.add(id(number), parents.iter().map(|&parent| id(parent)), Some(number.into()));
        }
        History::new(&steps, None)
    }

    #[test]
    fn knows_commits_and_their_times() {
        let history = history(&[vec![], vec![0], vec![1, 0]]);
        assert_eq!(history.ids.len(), 3);
        assert_eq!(history.commit_time(&id(2)), Some(2));
        assert!(history.commits().all(|(commit, time)| history.commit_time(commit) == time));
        assert!(history.commits().map(|(commit, _)| commit).eq(&history.ids));
        assert!(history.contains(&id(1)) && !history.contains(&id(3)));
        assert_eq!(history.is_ancestor(&id(3), &id(1)), None);
    }

    #[test]
    fn finds_by_any_length_of_prefix() {
        let history = history(&vec![vec![]; 300]);
        for number in 0..300 {
            let hex = id(number).to_string();
            assert_eq!(history.find_by_prefix(&hex), [id(number)]);
            for len in 0..hex.len() {
                let found = history.find_by_prefix(&hex[..len]);
                let expected =
                    (0..300).filter(|&other| id(other).to_string().starts_with(&hex[..len])).count();
                assert_eq!((found.len(), found.contains(&id(number))), (expected, true), "{len}");
            }
        }
        for hex in ["x", "A", &"0".repeat(41), "9e3779b9 "] {
            assert_eq!(history.find_by_prefix(hex), [], "{hex}");
        }
    }

    #[test]
    fn long_histories_are_no_trouble() {
        let count = 150_000;
        let parents: Vec<_> =
            (0..count).map(|number: u32| number.checked_sub(1).into_iter().collect()).collect();
        let history = history(&parents);
        assert_eq!(history.is_ancestor(&id(0), &id(count - 1)), Some(true));
        assert_eq!(history.is_ancestor(&id(count - 1), &id(0)), Some(false));
    }

    #[test]
    fn many_parents_of_one_kind_are_no_trouble() {
        // in both orders of ids
        let count = 100_000;
        for parents in [[vec![], vec![0; count], vec![1; count]], [vec![2; count], vec![0; count], vec![]]] {
            let history = history(&parents);
            assert_eq!(history.heights.iter().max(), Some(&3));
        }
    }

    #[test]
    fn commits_before_a_shallow_end_are_none() {
        let history = history(&[vec![7], vec![0]]);
        assert_eq!(history.is_ancestor(&id(0), &id(1)), Some(true));
        assert!(!history.contains(&id(7)));
        assert_eq!(history.missing(), Some(id(7)));
        // only what is reached counts
        let steps = history.steps(|place| history.ids[place as usize] == id(1));
        assert_eq!(History::new(&steps, None).missing(), Some(id(0)));
        assert_eq!(self::history(&[vec![], vec![0]]).missing(), None);
    }

    #[test]
    fn the_first_that_follows_a_commit_is_found() {
        let history = history(&[vec![], vec![0], vec![0], vec![2, 1], vec![2]]);
        let first = |commit: u32, ids: &[u32]| history.first_from(&id(commit), ids.iter().map(|&n| id(n)));
        assert_eq!(first(1, &[0, 2, 4, 3, 1]), Some(id(3)));
        assert_eq!(first(1, &[1, 3]), Some(id(1)));
        assert_eq!((first(1, &[0, 2, 4, 9]), first(9, &[0])), (None, None));
    }

    #[test]
    fn what_comes_before_a_commit_comes_latest_first() {
        let history = history(&[vec![], vec![0], vec![0], vec![2, 1], vec![2], vec![3, 3]]);
        let before = |commit: u32, max| history.before(&id(commit), max);
        assert_eq!(before(5, 9), [3, 2, 1, 0].map(id));
        assert_eq!(before(5, 2), [3, 2].map(id));
        assert_eq!(before(4, 9), [2, 0].map(id));
        assert_eq!((before(0, 9), before(9, 9), before(5, 0)), (vec![], vec![], vec![]));
    }

    proptest! {
        #[test]
        fn ancestry_is_what_following_parents_finds(parents in (1_usize..30).prop_flat_map(|count| {
            let one = |number: usize| prop::collection::vec(0..(number as u32).max(1), 0..3.min(number + 1));
            (0..count).map(one).collect::<Vec<_>>()
        })) {
            let parents: Vec<Vec<u32>> = parents.into_iter().enumerate()
                .map(|(number, parents)| parents.into_iter().filter(|&parent| (parent as usize) < number).collect())
                .collect();
            let history = history(&parents);
            for from in 0..parents.len() as u32 {
                let (mut before, mut waiting) = (HashSet::new(), vec![from]);
                while let Some(number) = waiting.pop() {
                    if before.insert(number) {
                        waiting.extend(&parents[number as usize]);
                    }
                }
                for to in 0..parents.len() as u32 {
                    prop_assert_eq!(history.is_ancestor(&id(to), &id(from)), Some(before.contains(&to)));
                }
            }
        }
    }
}
