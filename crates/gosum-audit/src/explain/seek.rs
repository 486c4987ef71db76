//! The search for the commit of a copy that no source names: candidates from the cheapest to the dearest, each proved by what
//! it hashes to.

use gosum_evidence::diff::cause::{AtCommit, FoundCommit};
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;

use super::facts::h1;
use crate::copy::Files;
use crate::source::direct::{Candidate, Choice, Direct};

/// The copy whose commit is sought.
pub(super) struct Sought<'a> {
    pub(super) module: &'a ModuleVersion,
    /// The name of its source.
    pub(super) name: &'a str,
    /// Its files.
    pub(super) files: &'a Files,
    /// What it hashes to.
    pub(super) h1: H1,
    /// When its commit was made, as its source tells.
    pub(super) time: &'a str,
    /// The commit that the version names now.
    pub(super) own: Option<&'a str>,
}

/// Returns a commit of the repository that has the content of the copy. Where that is one of another version, which is no
/// proof of a moved tag, this goes into `remarks`.
pub(super) fn seek(direct: &Direct, sought: &Sought<'_>, remarks: &mut Vec<String>) -> Option<FoundCommit> {
    let Sought { module, time, own, .. } = sought;
    let search = direct.search(module, Some(&*sought.files.tree), time, *own);
    let search = search.inspect_err(|why| tracing::warn!(%module, why, "no history")).ok()??;
    let steps: [&dyn Fn() -> Vec<Candidate>; 3] =
        [&|| search.of_time(), &|| search.near(), &|| search.beyond()];
    let candidates = steps.iter().take_while(|_| !search.is_over()).flat_map(|step| step());
    let mut other = None;
    let found = candidates.take_while(|_| !search.is_over()).find(|candidate| {
        let copied = direct.copy_at(module, &Choice::Commit(candidate.commit.clone()));
        let is_it = h1(&copied) == Some(sought.h1);
        if let (true, Some(of_other)) = (is_it, &candidate.of_other) {
            other.get_or_insert_with(|| (candidate.commit.clone(), of_other.clone()));
            return false;
        }
        is_it
    });
    if let (None, Some((commit, tag))) = (&found, other) {
        remarks.push(format!(
            "what {} has is the content of commit {commit}, which {tag} names: that of another version",
            sought.name
        ));
    }
    let Candidate { commit, time: made, only_from, .. } = found?;
    let times = (made != *time).then(|| [made.into(), (*time).into()]);
    let at = AtCommit { commit: commit.into(), h1: sought.h1 };
    Some(FoundCommit { at, only_from: only_from.map(Into::into), times })
}
