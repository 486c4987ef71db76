//! Shallow histories: where the client's history ends before and after a fetch.

use std::collections::BTreeSet;

use super::history::{ancestry, distances, parents, peel};
use super::packet::Writer;
use super::want::Request;
use crate::repository::{ObjectId, Repository};

/// The depth by which git asks for the whole history.
const INFINITE: u32 = 0x7fff_ffff;

/// How the ends of the client's history move.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shallow {
    /// The commits that will be without parents and were not told of so far.
    pub(crate) begins: Vec<ObjectId>,
    /// The commits that were without parents and will have them.
    pub(crate) ends: Vec<ObjectId>,
    /// All commits that the client will have without parents.
    pub(crate) boundary: BTreeSet<ObjectId>,
}

impl Shallow {
    /// Returns what a request asks for.
    pub(crate) fn of(repository: &Repository, request: &Request) -> Shallow {
        let Some(depth) = request.depth else {
            return Shallow { boundary: request.shallow.clone(), ..Shallow::default() };
        };
        let (inside, cut) = if depth >= INFINITE {
            (request.shallow.clone(), BTreeSet::new())
        } else {
            reach(repository, request, depth)
        };
        let ends: Vec<ObjectId> = request.shallow.intersection(&inside).copied().collect();
        let begins: Vec<ObjectId> = cut.difference(&request.shallow).copied().collect();
        let mut boundary: BTreeSet<ObjectId> = request.shallow.difference(&inside).copied().collect();
        boundary.extend(cut);
        Shallow { begins, ends, boundary }
    }

    /// Writes the lines that tell the client.
    pub(crate) fn write(&self, writer: &mut Writer) {
        self.begins.iter().for_each(|id| writer.line(format_args!("shallow {id}")));
        self.ends.iter().for_each(|id| writer.line(format_args!("unshallow {id}")));
    }

    /// Returns the commits that the client is to have after the fetch, but for those below what it has already.
    pub(crate) fn ancestry(&self, repository: &Repository, request: &Request) -> BTreeSet<ObjectId> {
        let wants = request.wants.iter().map(|&id| peel(repository, id));
        let deepened = self.ends.iter().flat_map(|&id| parents(repository, id));
        ancestry(repository, wants.chain(deepened), &self.boundary)
    }
}

/// Returns the commits that come with their parents, and those where the history is cut.
fn reach(repository: &Repository, request: &Request, depth: u32) -> (BTreeSet<ObjectId>, BTreeSet<ObjectId>) {
    let wants = || request.wants.iter().map(|&id| peel(repository, id));
    let (starts, depth): (Vec<ObjectId>, u32) = if request.deepen_relative {
        let reachable = ancestry(repository, wants(), &BTreeSet::new());
        (request.shallow.intersection(&reachable).copied().collect(), depth + 1)
    } else {
        (wants().collect(), depth)
    };
    let (mut inside, mut cut) = (BTreeSet::new(), BTreeSet::new());
    for (id, distance) in distances(repository, starts, depth) {
        // a commit without parents is cut as well, as git does
        let set = if distance < depth { &mut inside } else { &mut cut };
        set.insert(id);
    }
    (inside, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Files, ObjectFormat};

    /// A history of five commits, oldest first.
    fn history() -> (Repository, Vec<ObjectId>) {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        let commits = (0..5).map(|at| repository.commit("main", at, &Files::new())).collect();
        (repository, commits)
    }

    fn request(want: ObjectId, shallow: &[ObjectId], depth: u32, deepen_relative: bool) -> Request {
        let shallow = shallow.iter().copied().collect();
        Request { wants: vec![want], shallow, depth: Some(depth), deepen_relative, ..Request::default() }
    }

    #[test]
    fn depth_counts_from_what_is_wanted() {
        let (repository, commits) = history();
        for (depth, cut) in [(1, 4), (2, 3), (5, 0)] {
            let shallow = Shallow::of(&repository, &request(commits[4], &[], depth, false));
            assert_eq!(shallow.begins, [commits[cut]], "{depth}");
            assert_eq!(shallow.boundary, BTreeSet::from([commits[cut]]), "{depth}");
        }
        assert_eq!(Shallow::of(&repository, &request(commits[4], &[], 6, false)), Shallow::default());
    }

    #[test]
    fn deepening_moves_the_end_of_history() {
        let (repository, commits) = history();
        let known = [commits[3]];
        let shallow = Shallow::of(&repository, &request(commits[4], &known, 2, true));
        assert_eq!((shallow.begins, shallow.ends), (vec![commits[1]], known.to_vec()));
        let same = Shallow::of(&repository, &request(commits[4], &known, 2, false));
        assert_eq!((same.begins, same.ends), (vec![], vec![]));
        assert_eq!(same.boundary, BTreeSet::from(known));
    }

    #[test]
    fn infinite_depth_gives_the_whole_history() {
        let (repository, commits) = history();
        let request = request(commits[4], &[commits[3]], INFINITE, false);
        let shallow = Shallow::of(&repository, &request);
        assert_eq!((&shallow.begins, &shallow.ends), (&vec![], &vec![commits[3]]));
        assert_eq!(shallow.ancestry(&repository, &request).len(), 5);
    }

    #[test]
    fn infinite_depth_completes_what_is_not_wanted_too() {
        let (repository, commits) = history();
        let request = request(commits[0], &[commits[3]], INFINITE, false);
        let shallow = Shallow::of(&repository, &request);
        assert_eq!(shallow.ancestry(&repository, &request), commits[..3].iter().copied().collect());
    }
}
