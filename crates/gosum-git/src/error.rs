//! Why a repository gave no answer.

use std::fmt;
use std::time::Duration;

use gosum_fetch::retry::{Advice, Passing};
use gosum_fetch::{FetchError, SafeUrl};
use gosum_mod::name::text::Text;

use crate::ObjectId;
use crate::limits::Bound;
use crate::object::NameFault;
use crate::pack::PackError;

/// Why a repository, or one of its commits, gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// The URL has a scheme other than http, https, ssh and file.
    #[error("{url}: repositories over `{}` are not supported", url.scheme())]
    Scheme {
        /// The repository.
        url: SafeUrl,
    },
    /// There is no such repository: 404 or 410.
    #[error("{url}: no such repository (status {status}){said}")]
    NotFound {
        /// The repository.
        url: SafeUrl,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        said: Said,
    },
    /// The server does not let us in: 401, 403, 407 or 451.
    #[error("{url}: refused (status {status}){said}")]
    Refused {
        /// The repository.
        url: SafeUrl,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        said: Said,
    },
    /// Any other status but success.
    #[error("{url}: status {status}{said}")]
    Status {
        /// The repository.
        url: SafeUrl,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        said: Said,
        /// What the status, and its Retry-After, say of another attempt.
        advice: Advice,
    },
    /// What answers is no git server, or only a folder of files ("dumb" HTTP).
    #[error("{url}: not a git server that speaks the smart protocol: {reason}")]
    NotGit {
        /// The repository.
        url: SafeUrl,
        /// What is missing.
        reason: String,
    },
    /// The server breaks git's protocol.
    #[error("{url}: the answer is not git's: {reason}")]
    Protocol {
        /// The repository.
        url: SafeUrl,
        /// How.
        reason: String,
    },
    /// The server ended its answer in the middle, and did not say why.
    #[error("{url}: the server ended its answer early")]
    Silent {
        /// The repository.
        url: SafeUrl,
    },
    /// The server gives the end of its history alone: commits have parents that it does not give.
    #[error("{url}: the server does not give all of its history: {id} is missing")]
    Shallow {
        /// The repository.
        url: SafeUrl,
        /// A commit that is missing, or what a branch or tag leads to.
        id: ObjectId,
    },
    /// There is no branch and no tag.
    #[error("{url}: the repository is empty")]
    Empty {
        /// The repository.
        url: SafeUrl,
    },
    /// The server does not have an object, or does not give it.
    #[error("{url}: the server does not give {id}{said}")]
    UnknownId {
        /// The repository.
        url: SafeUrl,
        /// What was asked for.
        id: ObjectId,
        /// What the server said.
        said: Said,
    },
    /// The server gave an error.
    #[error("{url}: error of the server{said}")]
    Remote {
        /// The repository.
        url: SafeUrl,
        /// What the server said.
        said: Said,
    },
    /// The server cannot leave out what was not asked for.
    #[error("{url}: host cannot send a go.mod alone")]
    NoFilters {
        /// The repository.
        url: SafeUrl,
    },
    /// A request gave no answer.
    #[error(transparent)]
    Fetch(FetchError),
    /// The user interrupted the run.
    #[error("{url}: interrupted")]
    Interrupted {
        /// What was being asked.
        url: SafeUrl,
    },
    /// A bound was passed.
    #[error("more than {max} {bound}")]
    Limit {
        /// Which.
        bound: Bound,
        /// Its value.
        max: u64,
    },
    /// A pack is broken.
    #[error(transparent)]
    Pack(PackError),
    /// An object has the right id, but is not what git writes.
    #[error("object {id}: {reason}")]
    Object {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A file name that git does not accept in a tree.
    #[error("tree {tree}: {name:?} {fault}")]
    Name {
        /// The tree.
        tree: ObjectId,
        /// The name.
        name: Text,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// An object is needed that the server did not send.
    #[error("object {id} is missing")]
    Missing {
        /// The object.
        id: ObjectId,
    },
    /// A commit does not have a folder.
    #[error("commit {commit} has no folder {path:?}")]
    NoFolder {
        /// The commit.
        commit: ObjectId,
        /// The folder.
        path: Text,
    },
    /// A file is to be written in an encoding that is not supported.
    #[error("unsupported encoding {encoding}: {path:?}")]
    UnsupportedEncoding {
        /// The file.
        path: Text,
        /// The value of its attribute `working-tree-encoding`.
        encoding: Text,
    },
}

/// What a server said, in its own words: shown in quotes, with all escaped that does not print.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said(Option<Text>);

impl Said {
    /// How much of what a server says is kept.
    pub(crate) const MAX: usize = 1000;

    pub(crate) fn new(words: &[u8]) -> Said {
        let words = &words[..words.len().min(Said::MAX)];
        // some servers end their words as C does
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
        let start = words.iter().position(|byte| !is_blank(byte)).unwrap_or(words.len());
        let end = words.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
        Said((start < end).then(|| words[start..end].into()))
    }

    /// Returns the words, if there were any.
    pub fn words(&self) -> Option<&Text> {
        self.0.as_ref()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(words) => write!(f, ": {words:?}"),
            None => Ok(()),
        }
    }
}

impl From<FetchError> for GitError {
    fn from(error: FetchError) -> GitError {
        match error {
            FetchError::Interrupted { url } => GitError::Interrupted { url },
            error => GitError::Fetch(error),
        }
    }
}

impl From<PackError> for GitError {
    fn from(error: PackError) -> GitError {
        match error {
            PackError::Limit { bound, max } => GitError::Limit { bound, max },
            PackError::MissingBase { id } => GitError::Missing { id },
            error => GitError::Pack(error),
        }
    }
}

impl Passing for GitError {
    fn advice(&self) -> Advice {
        match self {
            GitError::Fetch(error) => error.advice(),
            GitError::Status { advice, .. } => *advice,
            GitError::Silent { .. } | GitError::Pack(PackError::Truncated) => Advice::Again,
            _ => Advice::Final,
        }
    }
}

impl GitError {
    /// Returns the error that an HTTP status other than success stands for.
    pub(crate) fn of_status(url: &SafeUrl, status: u16, retry_after: Option<&str>, said: Said) -> GitError {
        let url = url.clone();
        match status {
            404 | 410 => GitError::NotFound { url, status, said },
            401 | 403 | 407 | 451 => GitError::Refused { url, status, said },
            _ => {
                let advice = gosum_fetch::retry::status_advice(status, retry_after);
                GitError::Status { url, status, said, advice }
            }
        }
    }

    /// The same for a repository that is there, as it has greeted us: what is not found now is something on the way.
    pub(crate) fn of_later_status(
        url: &SafeUrl,
        status: u16,
        retry_after: Option<&str>,
        said: Said,
    ) -> GitError {
        match GitError::of_status(url, status, retry_after, said) {
            GitError::NotFound { url, status, said } => {
                GitError::Status { url, status, said, advice: Advice::Final }
            }
            error => error,
        }
    }

    /// Returns what the server said, if it gave the error.
    pub(crate) fn said(&self) -> Said {
        match self {
            GitError::NotFound { said, .. }
            | GitError::Refused { said, .. }
            | GitError::Status { said, .. }
            | GitError::UnknownId { said, .. }
            | GitError::Remote { said, .. } => said.clone(),
            _ => Said::default(),
        }
    }

    /// Returns how long the server asks to be left alone, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.advice() {
            Advice::After(wait) => Some(wait),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_status(status: u16) -> GitError {
        let url = SafeUrl::parse("https://user:secret@git.example/a").unwrap();
        GitError::of_status(&url, status, Some("7"), Said::new(b"go\x1b[31m away\n"))
    }

    #[test]
    fn statuses_are_told_apart() {
        for (status, expected) in [
            (404, "https://git.example/a: no such repository (status 404)"),
            (410, "https://git.example/a: no such repository (status 410)"),
            (401, "https://git.example/a: refused (status 401)"),
            (403, "https://git.example/a: refused (status 403)"),
            (451, "https://git.example/a: refused (status 451)"),
            (418, "https://git.example/a: status 418"),
            (500, "https://git.example/a: status 500"),
        ] {
            assert_eq!(of_status(status).to_string(), format!(r#"{expected}: "go\x1b[31m away""#));
        }
    }

    #[test]
    fn only_passing_statuses_are_worth_another_attempt() {
        for status in [401, 403, 404, 410, 418, 451] {
            assert_eq!(of_status(status).advice(), Advice::Final, "{status}");
        }
        for status in [429, 500, 503] {
            assert_eq!(of_status(status).retry_after(), Some(Duration::from_secs(7)), "{status}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        let said = Said::new(&[b'x'; 5000]);
        assert_eq!(said.words().unwrap().as_bytes().len(), Said::MAX);
        assert_eq!(Said::new(b" \n\0"), Said::default());
        assert_eq!(Said::new(b"\x02 no such thing\n\0"), Said::new(b"no such thing"));
    }
}
