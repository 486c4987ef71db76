//! Repositories, as the user's own settings reach them.

use std::sync::Arc;

use gosum_audit::source::direct::{Reach, Reached};
use gosum_fetch::Fetch;
use gosum_git::Programs;
use gosum_git::access::{Access, Authorized, Remote, Role};

/// Reaches repositories as git's settings say: elsewhere, over ssh, with credentials.
pub(crate) struct UsersReach {
    pub(crate) access: Arc<Access>,
    pub(crate) programs: Arc<Programs>,
}

impl Reach for UsersReach {
    fn reach(&self, url: &str, fetch: &Arc<dyn Fetch>) -> Result<Reached, String> {
        let config = self.access.config();
        let rewritten = config.rewrite(url);
        let at = rewritten.as_deref().unwrap_or(url);
        let remote = Remote::new(at, config, self.access.settings(), &self.programs);
        let is_rewritten = rewritten.is_some();
        Ok(match remote.map_err(|error| error.to_string())? {
            Remote::Http(url) => {
                let fetch = Arc::new(Authorized::new(fetch.clone(), self.access.clone(), Role::Git));
                Reached { url, fetch, is_rewritten }
            }
            Remote::Program(url, server) => Reached { url, fetch: Arc::new(server), is_rewritten },
        })
    }
}
