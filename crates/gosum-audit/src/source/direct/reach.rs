//! How a repository is reached: what the user's settings make of its URL, and who asks there.

use std::sync::Arc;

use gosum_fetch::{Fetch, SafeUrl};

/// How repositories are reached.
pub trait Reach: Send + Sync {
    /// Returns where the repository that a module names as `url` is asked, and by whom; `fetch` is who asks over http.
    ///
    /// # Errors
    /// When the user's settings lead nowhere, in words.
    fn reach(&self, url: &str, fetch: &Arc<dyn Fetch>) -> Result<Reached, String>;
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

/// Reaches each repository where the module says, over http.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsNamed;

impl Reach for AsNamed {
    fn reach(&self, url: &str, fetch: &Arc<dyn Fetch>) -> Result<Reached, String> {
        let url = SafeUrl::parse(url).map_err(|error| error.to_string())?;
        Ok(Reached { url, fetch: fetch.clone(), is_rewritten: false })
    }
}
