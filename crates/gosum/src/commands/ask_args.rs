//! Flags of the commands that audit: what, and who is asked.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use gosum_evidence::evidence::{SourceName, list};

use crate::config::Config;
use crate::network::{check_required, distinct};
use crate::session::Session;
use crate::source_arg::{self, SourceArg};

/// What is audited, and who is asked.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// Folders with a go.sum, a go.work or a go.mod alone; go.sum files; or `-` for a go.sum on standard input
    #[arg(default_value = ".", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Which sources to ask: proxy, direct, sumdb, modcache (what is on this machine), vendor (the vendored part of each module,
    /// in the place of that part of a whole copy: it can differ, and verifies nothing), and further module proxies as proxy=URL or
    /// NAME=URL, each a source of its own; may be repeated
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "proxy,direct,sumdb", value_parser = source_arg::source)]
    source: Vec<SourceArg>,
    /// Sources whose missing hash makes a line unverified, where they apply [default: those that are asked, but for sumdb]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = source_arg::name)]
    require: Option<Vec<SourceName>>,
}

impl AskArgs {
    /// Returns the sources that are asked.
    ///
    /// # Errors
    /// When two have one name.
    pub(super) fn asked(&self) -> anyhow::Result<Vec<SourceArg>> {
        distinct(&self.source)
    }

    /// Returns the sources that must answer: those that the user names, else those of the asked that the config file lists, else
    /// those of them that recompute.
    pub(super) fn required(
        &self,
        session: &Session,
        config: &Config,
        asked: &[SourceArg],
    ) -> anyhow::Result<Vec<SourceName>> {
        let asked: Vec<SourceName> = asked.iter().map(SourceArg::name).collect();
        let Some(named) = self.require.as_deref() else {
            return Ok(match &config.require {
                // whom the user does not ask today cannot answer
                Some(listed) => listed.iter().filter(|source| asked.contains(source)).cloned().collect(),
                None => asked.into_iter().filter(SourceName::recomputes).collect(),
            });
        };
        if let Some(source) = named.iter().find(|source| !asked.contains(source)) {
            let names: Vec<&SourceName> = asked.iter().collect();
            bail!("--require names {source}, which --source does not ask: it asks {}", list(&names));
        }
        check_required(session, named)?;
        Ok(named.to_vec())
    }

    /// Returns those of the `required` sources that the user requires by name, here or in the config file.
    pub(super) fn insisted(&self, config: &Config, required: &[SourceName]) -> Vec<SourceName> {
        let is_named = self.require.is_some() || config.require.is_some();
        if is_named { required.to_vec() } else { Vec::new() }
    }
}
