//! How a repository is reached: what the user's settings make of its URL, and who asks there.

use std::sync::Arc;

use gosum_fetch::{Fetch, SafeUrl};

/// Makes whoever asks one whose requests are counted.
pub type Count<'a> = dyn Fn(Arc<dyn Fetch>) -> Arc<dyn Fetch> + 'a;

/// How repositories are reached.
pub trait Reach: Send + Sync {
    /// Returns where the repository that a module names as `url` is asked, and by whom: by somebody whose requests `count`
    /// counts.
    ///
    /// # Errors
    /// When the user's settings lead nowhere, in words.
    fn reach(&self, url: &str, count: &Count<'_>) -> Result<Reached, String>;
}

/// Where a repository is asked, and by whom.
#[derive(Clone)]
pub struct Reached {
    /// Where.
    pub url: SafeUrl,
    /// By whom.
    pub fetch: Arc<dyn Fetch>,
    /// Whether it is somewhere else than the module says.
    pub is_rewritten: bool,
}
