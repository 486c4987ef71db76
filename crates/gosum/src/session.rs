//! What every command works with: the outside world, read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use clap::ValueEnum;
use gosum_evidence::policy::Date;
use gosum_mod::name::pattern::Patterns;
use gosum_mod::zip::limits::read_bounded;

use crate::Outside;
use crate::config::Config;
use crate::env::Env;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::secret::without_credentials;

/// When something is shown that depends on who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// What every command works with.
pub(crate) struct Session {
    pub(crate) env: Env,
    pub(crate) out: Output,
    pub(crate) err: Output,
    pub(crate) stdin: Box<dyn Read + Send>,
    pub(crate) routes: BTreeMap<String, SocketAddr>,
    pub(crate) interrupt: Interrupt,
    /// Whether text on standard output may have colours.
    pub(crate) color: bool,
    /// Whether progress is shown.
    pub(crate) progress: bool,
    /// Whether remarks are unwelcome.
    pub(crate) quiet: bool,
    pub(crate) now: SystemTime,
    /// The hosts whose repositories may be asked, where the config file says so.
    pub(crate) hosts: Option<Patterns>,
    dir: PathBuf,
}

/// How a command shows what it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) color: When,
    pub(crate) progress: When,
    pub(crate) quiet: bool,
}

impl Session {
    /// Returns the session of a command that runs in `outside`, in the folder `dir` of it.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub(crate) fn new(mut outside: Outside, dir: Option<&Path>, shown: Shown) -> anyhow::Result<Session> {
        let env = Env::read(std::mem::take(&mut outside.env))?;
        Ok(Session::with(env, outside, dir, shown))
    }

    /// Returns the session of a command that looks at what is wrong with the settings, and runs with those that can be read.
    pub(crate) fn of_doctor(mut outside: Outside, dir: Option<&Path>, shown: Shown) -> Session {
        let env = Env::look(std::mem::take(&mut outside.env));
        Session::with(env, outside, dir, shown)
    }

    fn with(env: Env, outside: Outside, dir: Option<&Path>, shown: Shown) -> Session {
        let decide = |when: When, auto: bool| when == When::Always || when == When::Auto && auto;
        let color = decide(shown.color, outside.stdout_is_terminal && !env.is_plain());
        let watched = outside.stderr_is_terminal && !env.is_unwatched() && !shown.quiet;
        Session {
            color,
            progress: decide(shown.progress, watched),
            quiet: shown.quiet,
            out: Output::new(outside.stdout),
            err: Output::new(outside.stderr),
            stdin: outside.stdin,
            routes: outside.routes,
            interrupt: outside.interrupt,
            now: outside.now,
            hosts: None,
            dir: dir.map_or(outside.dir.clone(), |dir| outside.dir.join(dir)),
            env,
        }
    }

    /// Returns where the user's `path` is.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }

    /// Returns which day it is.
    ///
    /// # Errors
    /// When the clock stands at no day of the calendar.
    pub(crate) fn today(&self) -> anyhow::Result<Date> {
        Date::of(self.now).context("the clock of this machine")
    }

    /// Returns what time it is, in seconds since 1970, UTC.
    pub(crate) fn seconds(&self) -> i64 {
        let seconds = |since: std::time::Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        match self.now.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => seconds(since),
            Err(before) => -seconds(before.duration()),
        }
    }

    /// Takes over what `config` says of who may be told and asked what.
    pub(crate) fn follow(&mut self, config: &Config) {
        self.env.keep_private(config.private.join(","));
        self.hosts = config.hosts.as_ref().map(|hosts| Patterns::parse(hosts.join(",")));
    }

    /// Writes a warning. One that cannot be written is no reason to stop.
    pub(crate) fn warn(&self, text: impl std::fmt::Display) {
        let text = text.to_string();
        let text = without_credentials(&text);
        let _ = writeln!(self.err.clone(), "gosum: {}", gosum_report::escape::terminal(&text));
    }

    /// Returns all of the file at the user's `path`, at most `max` bytes.
    ///
    /// # Errors
    /// When it cannot be read, or is larger.
    pub(crate) fn read_file(&self, path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
        let cannot = || format!("cannot read {}", path.display());
        let mut file = File::open(self.path(path)).with_context(cannot)?;
        read_bounded(&mut file, max).with_context(cannot)
    }

    /// Returns all of standard input, at most `max` bytes.
    pub(crate) fn read_stdin(&mut self, max: u64) -> io::Result<Vec<u8>> {
        read_bounded(&mut self.stdin, max)
    }
}
