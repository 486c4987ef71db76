//! Flags of the commands that judge: which config file, and how much each rule weighs.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;
use gosum_evidence::evidence::SourceName;
use gosum_evidence::finding::Level;
use gosum_evidence::policy::Policy;

use crate::config::{self, Config};
use crate::session::Session;

/// How answers are judged.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// The config file [default: gosum.toml beside go.sum, or in the nearest folder above in the same repository]
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    config: Option<PathBuf>,
    /// Let findings of these rules fail the audit
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = "Policy")]
    deny: Vec<String>,
    /// Let findings of these rules only warn
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = "Policy")]
    warn: Vec<String>,
    /// Leave out findings of these rules; mismatches are counted and listed all the same
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = "Policy")]
    allow: Vec<String>,
}

impl PolicyArgs {
    /// Returns whether the user names the config file.
    pub(super) fn names_config(&self) -> bool {
        self.config.is_some()
    }

    /// Returns the config file of what `paths` name, and takes over into `session` which names it keeps private.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be meant.
    pub(crate) fn config(&self, session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Config> {
        let config = Config::find(session, self.config.as_deref(), paths)?;
        session.follow(&config);
        Ok(config)
    }

    /// Returns the config file like [`PolicyArgs::config`]; one that is named and not there yet says nothing of its own. Beside
    /// one that is named, what the one that would have been found keeps private is private too; and its hosts are those of one
    /// that is not there yet.
    ///
    /// # Errors
    /// As there; and when files that would have been found allow different hosts.
    pub(crate) fn config_to_write(&self, session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Config> {
        let Some(file) = &self.config else { return self.config(session, paths) };
        let is_there = session.path(file).exists();
        let mut config = match is_there {
            true => Config::find(session, Some(file), paths)?,
            false => Config { file: Some(file.clone()), ..Config::default() },
        };
        let found = Config::all(session, paths)?;
        for name in found.iter().flat_map(|found| &found.private) {
            if !config.private.contains(name) {
                config.private.push(name.clone());
            }
        }
        if !is_there {
            config.hosts = found.first().and_then(|found| found.hosts.clone());
            if found.iter().any(|found| found.hosts != config.hosts) {
                bail!(
                    "the config files of the paths allow different hosts: write those into {}",
                    file.display()
                );
            }
        }
        session.follow(&config);
        Ok(config)
    }

    /// Returns what `config` and the flags want of an audit in which the sources `required` must answer.
    ///
    /// # Errors
    /// When a flag names no rule, or one whose level is not the user's.
    pub(crate) fn policy(
        &self,
        session: &Session,
        config: &Config,
        required: Vec<SourceName>,
    ) -> anyhow::Result<Policy> {
        let mut policy = Policy::plain(required, session.today()?);
        policy.levels = config.levels.clone();
        policy.fail_on = config.fail_on.unwrap_or(Level::Deny);
        policy.allowances = config.allowances.clone();
        let flags = [
            ("--deny", &self.deny, Some(Level::Deny)),
            ("--warn", &self.warn, Some(Level::Warn)),
            ("--allow", &self.allow, None),
        ];
        let mut set = std::collections::BTreeMap::new();
        for (flag, codes, level) in flags {
            for code in codes {
                let code = config::set(code, level).map_err(|error| anyhow!("{flag}: {error}"))?;
                if let Some(other) = set.insert(code, flag).filter(|other| *other != flag) {
                    bail!("{other} and {flag} both name {code}");
                }
                policy.levels.insert(code, level);
            }
        }
        Ok(policy)
    }
}
