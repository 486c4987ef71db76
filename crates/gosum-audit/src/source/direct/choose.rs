//! A commit that somebody chooses, whatever the version says.

use gosum_evidence::evidence::{Answer, Evidence, NotAsked, SourceName};
use gosum_git::{GitError, ObjectId, Ref, Repository};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::version::Version;

use super::answer::Told;
use super::locate::{Root, Vcs};
use super::refusal::Refusal;
use super::revision::{Revision, RevisionError};
use super::{Direct, unlocated, wanted};
use crate::copy::{Copied, artifacts_of, collect};

/// The fewest digits by which a commit may be named.
const MIN_DIGITS: usize = 7;

/// Which commit of a repository is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The one with this id.
    Commit(String),
    /// The one with this id, which somebody told for a pseudo-version: held to what that says of it.
    Told(String),
    /// What people write: an id or the beginning of one, a tag, a branch, or a ref in full.
    Named(String),
}

impl Direct {
    /// Returns the copy of `module` that a commit has, held to no rule on which commit a version may name.
    pub fn copy_at(&self, module: &ModuleVersion, choice: &Choice) -> Copied {
        let subjects = artifacts_of(module);
        collect(SourceName::DIRECT, |tell, to| {
            let told = Told { tell, to, recalls: false };
            let evidence = match self.root(module) {
                Ok(root) => match wanted(module, &subjects.each_ref(), &Ok(root.clone())) {
                    Ok((_, wanted)) => {
                        return self.repositories.ask_at(
                            &root,
                            &wanted,
                            |repository| chosen(repository, module.version(), choice),
                            told,
                        );
                    }
                    Err(evidence) => evidence,
                },
                Err(evidence) => evidence,
            };
            subjects.iter().for_each(|subject| tell(subject, evidence.clone()));
        })
    }

    /// Returns whether a branch or a tag of the repository of `module` leads to `commit`.
    ///
    /// # Errors
    /// When the history cannot be had, in words.
    pub fn leads_to(&self, module: &ModuleVersion, commit: &str) -> Result<bool, String> {
        let words = |evidence: Evidence| {
            evidence.answer.reason().map_or_else(String::new, std::borrow::Cow::into_owned)
        };
        let root = self.root(module).map_err(words)?;
        let commit = ObjectId::parse(commit).map_err(|error| error.to_string())?;
        if root.vcs != Vcs::Git {
            return Err("no git repository".to_owned());
        }
        let (leads, gap) = self.repositories.with(&root, |repository| {
            let history = repository.history(&branches_and_tags(repository)?)?;
            Ok((history.contains(&commit), history.gap().map(ToString::to_string)))
        })?;
        match gap {
            // what is not here may lead to it
            Some(gap) if !leads => Err(gap),
            _ => Ok(leads),
        }
    }

    /// Returns where `module` lives.
    pub(super) fn root(&self, module: &ModuleVersion) -> Result<Root, Evidence> {
        let path = module.path();
        if self.offline {
            return Err(Answer::NotAsked(NotAsked::Offline).into());
        }
        let is_known = self.located.lock().expect("no holder of the lock panics").contains_key(path);
        if !is_known {
            self.locate(&[path]);
        }
        let root = self.located(path).map_err(|error| unlocated(&error))?;
        match root.vcs {
            Vcs::Mod => Err(Answer::Unavailable(
                "a go-import page names a module server, which has no commits".into(),
            )
            .into()),
            _ => Ok(root),
        }
    }
}

pub(super) fn branches_and_tags(repository: &Repository) -> Result<Vec<Ref>, GitError> {
    repository.refs(&["refs/heads/", "refs/tags/"])
}

/// Returns the revision that `choice` means.
fn chosen(repository: &Repository, version: &Version, choice: &Choice) -> Result<Revision, Refusal> {
    let by_id = |commit: ObjectId, reference: Option<String>, want: ObjectId| Revision {
        is_chosen: true,
        ..Revision::of(want, commit, reference)
    };
    let text = match choice {
        Choice::Commit(text) | Choice::Told(text) | Choice::Named(text) => text,
    };
    let unknown = || RevisionError::Unknown { rev: text.clone() };
    if matches!(choice, Choice::Told(_)) {
        let told = ObjectId::parse(text).ok().and_then(|id| Revision::told(version, id));
        return Ok(told.ok_or_else(unknown)?);
    }
    if let Ok(id) = ObjectId::parse(text) {
        return Ok(by_id(id, None, id));
    }
    if matches!(choice, Choice::Commit(_)) {
        return Err(unknown().into());
    }
    let names = match text.starts_with("refs/") {
        true => vec![text.clone()],
        // a tag comes first, as it does in git
        false => vec![format!("refs/tags/{text}"), format!("refs/heads/{text}")],
    };
    let refs = repository.refs(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    for name in &names {
        if let Some(found) = refs.iter().find(|found| found.name == *name) {
            return Ok(by_id(found.leads_to(), Some(name.clone()), found.target));
        }
    }
    if text.len() < MIN_DIGITS || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(unknown().into());
    }
    let refs = branches_and_tags(repository)?;
    match repository.history(&refs)?.find_by_prefix(&text.to_ascii_lowercase()) {
        [] => Err(unknown().into()),
        [id] => Ok(by_id(*id, None, *id)),
        _ => Err(RevisionError::Ambiguous { rev: text.clone() }.into()),
    }
}
