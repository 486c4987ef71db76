//! Repositories, as the user's own settings reach them.

use std::sync::Arc;

use gosum_audit::source::direct::{Count, Reach, Reached};
use gosum_fetch::Fetch;
use gosum_git::Programs;
use gosum_git::access::{Access, ForGit, HttpSettings, Remote};

use crate::clients::Clients;

/// Reaches repositories as git's settings say: elsewhere, over ssh, with credentials, through a proxy.
pub(crate) struct UsersReach {
    pub(crate) access: Arc<Access>,
    pub(crate) programs: Arc<Programs>,
    pub(crate) clients: Arc<Clients>,
}

impl Reach for UsersReach {
    fn reach(&self, url: &str, count: &Count<'_>) -> Result<Reached, String> {
        let (config, settings) = (self.access.config(), self.access.settings());
        let rewritten = config.rewrite(url);
        let at = rewritten.as_deref().unwrap_or(url);
        let remote = Remote::new(at, config, settings, &self.programs).map_err(|error| error.to_string())?;
        let is_rewritten = rewritten.is_some();
        Ok(match remote {
            Remote::Http(url) => {
                let spoken = HttpSettings::of(&url, config, settings);
                let client = self.clients.of(&spoken).map_err(|error| format!("{error:#}"))?;
                let fetch: Arc<dyn Fetch> = client;
                let fetch = Arc::new(ForGit::new(count(fetch), self.access.clone(), url.clone()));
                Reached { url, fetch, is_rewritten }
            }
            Remote::Program(server) => {
                Reached { url: server.url.clone(), fetch: count(Arc::new(server)), is_rewritten }
            }
        })
    }
}
