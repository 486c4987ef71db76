//! The command line of gosum, as a function of the outside world.
//!
//! [`run`] is handed arguments, environment, streams and the rest as values, so that tests run whole commands with
//! servers of their own; `main.rs` hands it the real ones.
//!
//! ```
//! # use std::collections::BTreeMap;
//! let code = gosum::run(gosum::Outside {
//!     args: vec!["gosum".into(), "--version".into()],
//!     env: BTreeMap::new(),
//!     dir: std::path::PathBuf::new(),
//!     stdin: Box::new(std::io::empty()),
//!     stdout: Box::new(std::io::sink()),
//!     stderr: Box::new(std::io::sink()),
//!     stdout_is_terminal: false,
//!     stderr_is_terminal: false,
//!     routes: BTreeMap::new(),
//!     now: std::time::SystemTime::now(),
//!     interrupt: gosum::interrupt::Interrupt::default(),
//! });
//! assert_eq!(code, 0);
//! ```

mod clients;
mod commands;
mod config;
mod doctor;
mod env;
pub mod exit;
pub mod interrupt;
mod network;
mod output;
mod progress;
mod reach;
mod secret;
mod session;
mod source_arg;
mod suggest;
mod target;
mod timings;
mod value;

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// The version of gosum.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The world that a command runs in.
pub struct Outside {
    /// The arguments, the program's name first.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
    /// The folder that relative paths start from; empty for the process's own.
    pub dir: PathBuf,
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Standard output.
    pub stdout: Box<dyn Write + Send>,
    /// Standard error.
    pub stderr: Box<dyn Write + Send>,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Host names that are reached at an address on loopback, in plain HTTP: for small worlds alone.
    pub routes: BTreeMap<String, SocketAddr>,
    /// What the clock says.
    pub now: SystemTime,
    /// Raised when the user wants the run to end.
    pub interrupt: Interrupt,
}

/// Runs the command that the arguments name, and returns the exit code.
pub fn run(outside: Outside) -> u8 {
    let mut stderr = Output::new(outside.stderr);
    let outside = Outside { stderr: Box::new(stderr.clone()), ..outside };
    let exit = match catch_unwind(AssertUnwindSafe(|| commands::run(outside))) {
        Ok(exit) => exit,
        Err(panic) => {
            let report = format!(
                "gosum: this is a fault of gosum itself: {}\n\
                 please report it, with the command line and what `gosum --version` prints\n",
                reason(&*panic)
            );
            // when even this cannot be written, the code still tells
            let _ = catch_unwind(AssertUnwindSafe(|| stderr.write_all(report.as_bytes())));
            Exit::Fault
        }
    };
    exit.code()
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}
