//! Who is told which repositories are asked.

/// Who is told which repositories version control asks, to show it. Called from many threads.
pub trait Watch: Send + Sync {
    /// So many repositories will be asked, beside those that were told before.
    fn begins(&self, _repositories: usize) {}
    /// One is asked from now on; its URL, without credentials.
    fn asks(&self, _repository: &str) {}
    /// One has been asked.
    fn asked(&self, _repository: &str) {}
}

/// Tells nobody.
pub(crate) struct Unwatched;

impl Watch for Unwatched {}
