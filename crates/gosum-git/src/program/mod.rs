//! Programs of the user's own: those that speak for a repository, such as ssh, and those that know credentials.
//!
//! They run only where the user's settings say so, never because a repository or a module does.

mod run;
mod server;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) use self::run::Program;
pub use self::server::ProgramServer;

/// How often it is looked whether the user has interrupted the run.
const TICK: Duration = Duration::from_millis(50);

/// Someone who is told of each program before it runs, by the words of its command line.
pub type ProgramObserver = Arc<dyn Fn(&str) + Send + Sync>;

/// What the programs of a run have in common.
#[derive(Default)]
pub struct Programs {
    observer: Option<ProgramObserver>,
    /// Variables that each of them sees beside those of this process.
    env: Vec<(&'static str, &'static str)>,
    stopped: AtomicBool,
}

impl Programs {
    /// Returns programs of which `observer` is told. They do not ask the user for names and passwords on the terminal,
    /// unless `vars`, the environment, has the user's own word on that.
    pub fn new(observer: Option<ProgramObserver>, vars: &BTreeMap<String, String>) -> Programs {
        let quiet = [("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never")];
        let env = quiet.into_iter().filter(|(key, _)| !vars.contains_key(*key)).collect();
        Programs { observer, env, stopped: AtomicBool::new(false) }
    }

    /// Ends all programs that run, and starts no other.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
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
