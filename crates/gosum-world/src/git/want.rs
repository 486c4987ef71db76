//! What a client asks for, in whichever version of the protocol.

use std::collections::BTreeSet;

use super::filter::Filter;
use super::history::{ancestry, kind, peel};
use super::packet::Bands;
use super::{Policy, ServiceError, Wants};
use crate::repository::{ObjectFormat, ObjectId, ObjectKind, Repository};

/// A request to fetch.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) wants: Vec<ObjectId>,
    pub(crate) haves: Vec<ObjectId>,
    /// The commits whose parents the client does not have.
    pub(crate) shallow: BTreeSet<ObjectId>,
    pub(crate) depth: Option<u32>,
    /// Whether the depth counts from the commits in `shallow`.
    pub(crate) deepen_relative: bool,
    pub(crate) filter: Filter,
    pub(crate) done: bool,
    pub(crate) wait_for_done: bool,
    pub(crate) include_tag: bool,
    pub(crate) ofs_delta: bool,
    pub(crate) no_progress: bool,
    pub(crate) bands: Bands,
}

impl Request {
    /// Takes in a line that means the same in all versions. Returns whether it is one.
    pub(crate) fn read(
        &mut self,
        line: &str,
        format: ObjectFormat,
        policy: &Policy,
    ) -> Result<bool, ServiceError> {
        let Some((key, value)) = line.split_once(' ') else { return Ok(false) };
        match key {
            "want" => self.wants.push(id(value, line, format)?),
            "have" => self.haves.push(id(value, line, format)?),
            "shallow" => {
                self.shallow.insert(id(value, line, format)?);
            }
            "deepen" => {
                let depth = value.parse().map_err(|_| ServiceError::Line(line.to_owned()))?;
                self.depth = (depth > 0).then_some(depth);
            }
            "filter" => self.filter = policy.filters.parse(value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Checks that the repository has what is wanted and gives it away.
    pub(crate) fn check_wants(&self, repository: &Repository) -> Result<(), ServiceError> {
        let tips: BTreeSet<ObjectId> = repository.references().map(|(_, id)| id).collect();
        let reachable =
            || ancestry(repository, tips.iter().map(|&id| peel(repository, id)), &BTreeSet::new());
        for &want in &self.wants {
            let kind = kind(repository, want);
            let granted = match repository.policy.wants {
                _ if kind.is_none() => false,
                Wants::Any => true,
                _ if tips.contains(&want) => true,
                Wants::Tips => false,
                Wants::Reachable => kind != Some(ObjectKind::Commit) || reachable().contains(&want),
            };
            if !granted {
                return Err(ServiceError::NotOurs(want));
            }
        }
        Ok(())
    }

    /// Returns the commits that both sides have, of those that the client named.
    pub(crate) fn common(&self, repository: &Repository) -> Vec<ObjectId> {
        self.haves.iter().copied().filter(|&id| kind(repository, id).is_some()).collect()
    }

    /// Returns whether enough is known to send a pack: each wanted commit descends from one of `common`.
    pub(crate) fn is_ready(&self, repository: &Repository, common: &[ObjectId]) -> bool {
        let common: BTreeSet<ObjectId> = common.iter().map(|&id| peel(repository, id)).collect();
        let descends = |want: &ObjectId| {
            let want = peel(repository, *want);
            kind(repository, want) != Some(ObjectKind::Commit)
                || !ancestry(repository, [want], &BTreeSet::new()).is_disjoint(&common)
        };
        !common.is_empty() && self.wants.iter().all(descends)
    }
}

fn id(value: &str, line: &str, format: ObjectFormat) -> Result<ObjectId, ServiceError> {
    ObjectId::from_hex(value.as_bytes())
        .filter(|id| id.as_bytes().len() == format.id_length())
        .ok_or_else(|| ServiceError::Id(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Files;

    #[test]
    fn policy_decides_what_may_be_wanted() {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        let files = Files::new().file("a", "a");
        let [old, tip] = [1, 2].map(|time| repository.commit("main", time, &files));
        let tag = repository.annotated_tag("v1.0.0", old, 3);
        let lost = repository.commit("lost", 4, &files);
        repository.delete_reference("refs/heads/lost");
        let tree = repository.write_files(&files);
        let nowhere = ObjectId::parse(&"1".repeat(40)).unwrap();
        for (wants, granted) in [
            (Wants::Any, [tip, tag, old, tree, lost].as_slice()),
            (Wants::Reachable, &[tip, tag, old, tree]),
            (Wants::Tips, &[tip, tag]),
        ] {
            repository.policy.wants = wants;
            for want in [tip, tag, old, tree, lost, nowhere] {
                let request = Request { wants: vec![tip, want], ..Request::default() };
                let expected =
                    if granted.contains(&want) { Ok(()) } else { Err(ServiceError::NotOurs(want)) };
                assert_eq!(request.check_wants(&repository), expected, "{wants:?} {want}");
            }
        }
    }
}
