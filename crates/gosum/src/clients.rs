//! The HTTP clients of a command: one for all, and others for repositories that git's own settings say are spoken to
//! otherwise.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use gosum_fetch::client::{Client, Options};
use gosum_git::access::HttpSettings;

use crate::interrupt::Interrupt;

/// Makes clients, each once. Dropping it ends what they still ask.
pub(crate) struct Clients {
    options: Options,
    interrupt: Interrupt,
    made: Mutex<Vec<(HttpSettings, Arc<Client>)>>,
}

impl Clients {
    pub(crate) fn new(options: Options, interrupt: Interrupt) -> Clients {
        Clients { options, interrupt, made: Mutex::default() }
    }

    /// Returns the client for all that `settings` say nothing of.
    ///
    /// # Errors
    /// When the environment names something that cannot be used.
    pub(crate) fn common(&self) -> anyhow::Result<Arc<Client>> {
        self.of(&HttpSettings::default())
    }

    /// Returns the client for repositories that are spoken to as `settings` say.
    ///
    /// # Errors
    /// When they name something that cannot be used.
    pub(crate) fn of(&self, settings: &HttpSettings) -> anyhow::Result<Arc<Client>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = made.iter().find(|(other, _)| other == settings) {
            return Ok(client.clone());
        }
        let mut options = self.options.clone();
        options.unchecked |= settings.is_unchecked;
        if let Some(file) = &settings.ca_file {
            // a missing file is told here: without it, whoever it vouches for would seem to be somebody else
            std::fs::metadata(file)
                .with_context(|| format!("cannot read git's certificates in {}", file.display()))?;
            options.certificates.file = Some(file.clone());
        }
        if let Some(proxy) = &settings.proxy {
            let proxy = Some(proxy.reveal()).filter(|proxy| !proxy.is_empty()).map(str::to_owned);
            (options.proxies.http, options.proxies.https) = (proxy.clone(), proxy);
        }
        let client = Client::new(options);
        let client = Arc::new(match settings.proxy {
            Some(_) => client.context("http.proxy")?,
            None => client?,
        });
        let interrupted = client.clone();
        self.interrupt.on_raise(move || interrupted.interrupt());
        made.push((settings.clone(), client.clone()));
        Ok(client)
    }
}

impl Drop for Clients {
    /// Nothing that a source began outlives the command.
    fn drop(&mut self) {
        for (_, client) in self.made.get_mut().unwrap_or_else(PoisonError::into_inner) {
            client.interrupt();
        }
    }
}
