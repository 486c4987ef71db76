//! Programs of the user's own: those that speak for a repository, such as ssh, and those that know credentials.
//!
//! Which program that is, and with which options, is said by the user's settings alone. That ssh is spoken at all may be
//! said by a go-import page, as it may be to the go command; GOVCS and git's own settings forbid it.

mod run;
mod server;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use self::run::{Program, Said};
pub use self::server::ProgramServer;

/// How often it is looked whether the user has interrupted the run.
const TICK: Duration = Duration::from_millis(50);
/// How long a program may take to tell its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);
/// How many programs may speak to one host at once: servers of ssh turn away those that knock all together.
const MAX_AT_HOST: usize = 4;

/// Variables of git's that speak of another repository than the one that is asked, or of how this one is read.
const LOCAL: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Someone who is told of each program before it runs, by the words of its command line.
pub type ProgramObserver = Arc<dyn Fn(&str) + Send + Sync>;

/// What the programs of a run have in common.
#[derive(Default)]
pub struct Programs {
    observer: Option<ProgramObserver>,
    /// Variables that each of them sees beside those of this process.
    env: Vec<(&'static str, &'static str)>,
    stopped: AtomicBool,
    /// How many programs speak to each host.
    at_hosts: Mutex<HashMap<String, usize>>,
    /// Told when one of them has ended.
    has_ended: Condvar,
}

impl Programs {
    /// Returns programs of which `observer` is told. They do not ask the user for names and passwords on the terminal,
    /// unless `vars`, the environment, has the user's own word on that.
    pub fn new(observer: Option<ProgramObserver>, vars: &BTreeMap<String, String>) -> Programs {
        let quiet = [("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")];
        let env = quiet.into_iter().filter(|(key, _)| !vars.contains_key(*key)).collect();
        Programs { observer, env, ..Programs::default() }
    }

    /// Ends all programs that run, and starts no other.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Returns what `program` says its version is, a line of at most 200 characters, without blanks around it.
    ///
    /// # Errors
    /// When it cannot be started, fails, says nothing, or takes longer than ten seconds.
    pub fn version(&self, program: &Path) -> io::Result<String> {
        let said = Program::new(program, &["--version"]).of_git().bounded(VERSION_TIMEOUT).run(self, "")?;
        let line = said.text.lines().next().map(str::trim).unwrap_or_default();
        match said.status.success() && !line.is_empty() {
            true => Ok(line.chars().take(200).collect()),
            false => Err(io::Error::other(format!("it does not tell its version ({})", said.status))),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Waits until few enough programs speak to `host`, and counts one more; none when `end` or the end of the run comes
    /// first.
    fn place_at(self: &Arc<Programs>, host: &str, end: Instant) -> Option<PlaceAt> {
        let mut at_hosts = self.at_hosts.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_stopped() || Instant::now() >= end {
                return None;
            }
            let count = at_hosts.entry(host.to_owned()).or_default();
            if *count < MAX_AT_HOST {
                *count += 1;
                return Some(PlaceAt { host: host.to_owned(), programs: self.clone() });
            }
            at_hosts = self.has_ended.wait_timeout(at_hosts, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for a program that says no more; one that goes on until `end`, or until the run is stopped, is ended.
    fn wait_for(&self, child: &mut Child, end: Instant) -> io::Result<ExitStatus> {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.is_stopped() || Instant::now() >= end {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it says no more and does not end"));
            }
            thread::sleep(pause);
            pause = TICK.min(pause * 2);
        }
    }

    /// Tells the observer of a program that is about to run.
    fn show(&self, line: &str) {
        if let Some(observer) = &self.observer {
            observer(line);
        }
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Programs").finish_non_exhaustive()
    }
}

/// The place of a program among those that speak to a host.
struct PlaceAt {
    host: String,
    programs: Arc<Programs>,
}

impl Drop for PlaceAt {
    fn drop(&mut self) {
        let mut at_hosts = self.programs.at_hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = at_hosts.get_mut(&self.host) {
            *count -= 1;
        }
        self.programs.has_ended.notify_all();
    }
}

/// Has a program see no repository but the one that it is told of: what the folder of this process and its variables say of
/// others is not its affair.
fn out_of_repositories(command: &mut Command) {
    command.current_dir("/");
    for key in LOCAL {
        command.env_remove(key);
    }
}

/// Returns a command line as the shell would read it again.
fn quoted<'w>(words: impl IntoIterator<Item = &'w std::ffi::OsString>) -> String {
    let quoted = words.into_iter().map(|word| {
        let word = word.to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@,+%~".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
