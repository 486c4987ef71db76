//! Why a repository gives no hash of a module version.

use std::sync::Arc;

use gosum_evidence::evidence::{Answer, Evidence, Lasting, Origin};
use gosum_fetch::retry::{Advice, Passing};
use gosum_git::GitError;

use super::place::PlaceError;
use super::revision::RevisionError;

/// Why a repository gives no hash of a module version.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{}", crate::chain(&**.0))]
    Git(Arc<GitError>),
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("the go command makes no zip of this: {reason}")]
    Zip { reason: String },
    #[error("{0}")]
    Unreachable(String),
}

impl From<GitError> for Refusal {
    fn from(error: GitError) -> Refusal {
        Refusal::Git(Arc::new(error))
    }
}

impl From<Arc<GitError>> for Refusal {
    fn from(error: Arc<GitError>) -> Refusal {
        Refusal::Git(error)
    }
}

impl Refusal {
    /// Returns whether there is nothing of the kind; otherwise it cannot be told.
    pub(super) fn is_absent(&self) -> bool {
        match self {
            Refusal::Git(error) => matches!(**error, GitError::NotFound { .. } | GitError::Empty { .. }),
            Refusal::Revision(error) => error.is_absent(),
            Refusal::Place(_) | Refusal::Zip { .. } | Refusal::Unreachable(_) => false,
        }
    }

    /// Returns whether the user has ended the run.
    pub(super) fn is_interrupted(&self) -> bool {
        matches!(self, Refusal::Git(error) if matches!(**error, GitError::Interrupted { .. }))
    }

    /// Returns whether it was tried again, as it might have been otherwise a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Refusal::Git(error) if error.advice() != Advice::Final)
    }

    /// Returns whether nobody could be asked, which may be otherwise in a moment.
    fn is_passing(&self) -> bool {
        let Refusal::Git(error) = self else { return false };
        match &**error {
            GitError::Fetch(error) => error.is_silence(),
            GitError::Silent { .. } | GitError::Status { .. } => error.advice() != Advice::Final,
            _ => false,
        }
    }

    /// Returns why it will be so tomorrow, if it will. Whoever hides a repository from those who may not see it answers 401
    /// as if it were there: so does a host that has none of the name.
    fn lasting(&self) -> Option<Lasting> {
        match self {
            Refusal::Git(error) => match **error {
                GitError::NotFound { .. }
                | GitError::Empty { .. }
                | GitError::Refused { status: 401 | 451, .. } => Some(Lasting::OriginGone),
                _ => None,
            },
            Refusal::Revision(error) if error.is_absent() => Some(Lasting::TagGone),
            _ => None,
        }
    }

    /// Returns the evidence that this is.
    pub(super) fn evidence(&self, origin: impl Into<Arc<Origin>>) -> Evidence {
        let why = self.to_string().into();
        let answer = if self.is_absent() { Answer::Absent(why) } else { Answer::Unavailable(why) };
        Evidence::new(answer, origin).lasting(self.lasting()).passing(self.is_passing())
    }
}
