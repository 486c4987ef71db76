//! Asking for many objects at once, although a server that lacks one of them gives none.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::limits::Bound;
use crate::transport::named_in;
use crate::{GitError, ObjectId};

/// How often one batch is asked for at most.
const MAX_REQUESTS: usize = 100;
/// How often what is too much at once is asked for in two halves.
const MAX_HALVES: usize = 7;

/// The objects of a batch that a server does not give, each with the reason.
pub type Refused = BTreeMap<ObjectId, Arc<GitError>>;

/// When a batch is asked for again in two halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Split {
    /// When the server does not say which id it refuses.
    pub(crate) unnamed: bool,
    /// When all together are too much.
    pub(crate) too_much: bool,
}

/// Calls `ask` for all of `ids`, and again for the others when the server refuses one by name; else for each half apart
/// where `split` says so.
///
/// # Errors
/// When `ask` fails for another reason than an id or the size of a part; without `split`, also when it may be one of these.
pub(crate) fn ask_for_each(
    ids: &[ObjectId],
    split: Split,
    mut ask: impl FnMut(&[ObjectId]) -> Result<(), GitError>,
) -> Result<Refused, GitError> {
    let mut refused = Refused::new();
    let mut groups = vec![ids.to_vec()];
    let (mut requests, mut halves) = (0, 0);
    while let Some(mut group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        requests += 1;
        let error = match ask(&group) {
            Ok(()) => continue,
            Err(error) => name_id(error, &group),
        };
        match error {
            GitError::UnknownId { id, .. } if requests < MAX_REQUESTS && group.contains(&id) => {
                group.retain(|other| *other != id);
                refused.insert(id, Arc::new(error));
                groups.push(group);
            }
            error if split.too_much && error.is_of_size() && group.len() > 1 && halves < MAX_HALVES => {
                halves += 1;
                let half = group.split_off(group.len() / 2);
                groups.extend([half, group]);
            }
            // one that is too much by itself does not lose the others
            error if split.too_much && error.is_of_size() && group.len() < ids.len() => {
                let error = Arc::new(error);
                refused.extend(group.into_iter().map(|id| (id, Arc::clone(&error))));
            }
            error if !split.unnamed || !error.may_mean_an_id() => return Err(error),
            error if group.len() == 1 || requests >= MAX_REQUESTS => {
                let error = Arc::new(error);
                refused.extend(group.into_iter().map(|id| (id, Arc::clone(&error))));
            }
            _ => {
                let half = group.split_off(group.len() / 2);
                groups.extend([half, group]);
            }
        }
    }
    Ok(refused)
}

/// Returns the error with the id that the server names, if it names one.
fn name_id(error: GitError, ids: &[ObjectId]) -> GitError {
    match error {
        GitError::Remote { url, said } => match named_in(&said, ids) {
            Some(id) => GitError::UnknownId { url, id, said },
            None => GitError::Remote { url, said },
        },
        error => error,
    }
}

impl GitError {
    /// Returns whether all that was asked for together was too much.
    fn is_of_size(&self) -> bool {
        let bounds = [Bound::PackBytes, Bound::Objects, Bound::UnpackedBytes];
        matches!(self, GitError::Limit { bound, .. } if bounds.contains(bound))
    }

    /// Returns whether the reason may be something that was asked for, and not the server or the way
    /// to it.
    pub(crate) fn may_mean_an_id(&self) -> bool {
        match self {
            GitError::Remote { .. } | GitError::Silent { .. } | GitError::UnknownId { .. } => true,
            GitError::Status { status, .. } => matches!(status, 400 | 422 | 500),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use gosum_fetch::SafeUrl;

    use super::*;

    const BOTH: Split = Split { unnamed: true, too_much: true };
    use crate::error::Said;

    fn ids(count: u32) -> Vec<ObjectId> {
        (0..count).map(|number| ObjectId::parse(&format!("{number:040x}")).unwrap()).collect()
    }

    fn remote(words: &str) -> GitError {
        let url = SafeUrl::parse("https://git.example/a").unwrap();
        GitError::Remote { url, said: Said::new(words.as_bytes()) }
    }

    /// Asks a server that lacks the ids `bad`, and names them or not; returns what it gave, what not,
    /// and the number of requests.
    fn ask(count: u32, bad: &[u32], names: bool) -> (usize, Vec<ObjectId>, usize) {
        let (mut given, mut requests) = (0, 0);
        let ids = ids(count);
        let refused = ask_for_each(&ids, BOTH, |group| {
            requests += 1;
            match group.iter().find(|id| bad.iter().any(|&number| ids[number as usize] == **id)) {
                Some(id) if names => Err(remote(&format!("upload-pack: not our ref {id}"))),
                Some(_) => Err(remote("something went wrong")),
                None => {
                    given += group.len();
                    Ok(())
                }
            }
        });
        (given, refused.unwrap().into_keys().collect(), requests)
    }

    #[test]
    fn one_request_is_enough_when_all_is_there() {
        assert_eq!(ask(50, &[], true), (50, vec![], 1));
    }

    #[test]
    fn named_ids_are_left_out() {
        assert_eq!(ask(50, &[7, 30], true), (48, vec![ids(50)[7], ids(50)[30]], 3));
        assert_eq!(ask(1, &[0], true), (0, ids(1), 1));
    }

    #[test]
    fn unnamed_ids_are_searched_by_halves() {
        let (given, refused, requests) = ask(64, &[40], false);
        assert_eq!((given, refused), (63, vec![ids(64)[40]]));
        assert!(requests <= 13, "{requests}");
    }

    #[test]
    fn requests_end_when_everything_is_refused() {
        for names in [true, false] {
            let all: Vec<_> = (0..500).collect();
            let (given, refused, requests) = ask(500, &all, names);
            assert_eq!((given, refused.len()), (0, 500));
            assert!(requests <= 2 * MAX_REQUESTS, "{requests}");
        }
    }

    #[test]
    fn what_is_too_much_at_once_is_asked_for_in_parts() {
        let too_much = || GitError::Limit { bound: Bound::PackBytes, max: 1 };
        let mut given = 0;
        let refused = ask_for_each(&ids(20), BOTH, |group| match group {
            group if group.len() > 6 => Err(too_much()),
            group => {
                given += group.len();
                Ok(())
            }
        });
        assert_eq!((given, refused.unwrap().len()), (20, 0));
        // one that is too much by itself
        let heavy = ids(20)[7];
        let refused = ask_for_each(&ids(20), BOTH, |group| match group {
            group if group.contains(&heavy) => Err(too_much()),
            _ => Ok(()),
        });
        assert_eq!(refused.unwrap().into_keys().collect::<Vec<_>>(), [heavy]);
        let mut requests = 0;
        let got = ask_for_each(&ids(500), BOTH, |_| {
            requests += 1;
            Err(too_much())
        });
        assert!(got.is_ok_and(|refused| refused.len() == 500) && requests <= 16, "{requests}");
        assert!(ask_for_each(&ids(1), BOTH, |_| Err(too_much())).is_err());
    }

    #[test]
    fn other_errors_end_the_batch() {
        let interrupted = || GitError::Interrupted { url: SafeUrl::parse("https://git.example/a").unwrap() };
        let got = ask_for_each(&ids(5), BOTH, |_| Err(interrupted()));
        assert!(matches!(got, Err(GitError::Interrupted { .. })));
        let got = ask_for_each(&ids(5), Split::default(), |_| Err(remote("filter not allowed")));
        assert!(matches!(got, Err(GitError::Remote { .. })));
    }
}
