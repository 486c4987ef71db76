//! The `gosum` program: hands the outside world to the library, and its exit code back.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gosum::Outside;
use gosum::interrupt::Interrupt;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    log();
    let interrupt = Interrupt::default();
    let handler = interrupt.clone();
    // without a handler the first signal ends the program at once, which loses the partial report and nothing else
    if let Err(error) = ctrlc::set_handler(move || handler.signal()) {
        complain(format_args!("no handler for interrupts: {error}"));
    }
    let code = gosum::run(Outside {
        args: std::env::args_os().collect(),
        env: std::env::vars_os().collect(),
        dir: here(),
        stdin: Box::new(io::stdin()),
        stdout: Box::new(io::stdout()),
        stderr: Box::new(io::stderr()),
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
        routes: std::collections::BTreeMap::new(),
        now: std::time::SystemTime::now(),
        interrupt,
    });
    ExitCode::from(code)
}

/// Returns the current folder, by the name in PWD where that is one of it, as the go command does: GOWORK may name a file in
/// it by the links that led there. Empty where it has no name any more.
fn here() -> PathBuf {
    let named = std::env::var_os("PWD").map(PathBuf::from).filter(|pwd| pwd.is_absolute());
    let real = |path: &Path| path.canonicalize().ok();
    match (named, real(Path::new("."))) {
        (Some(named), Some(here)) if real(&named).as_ref() == Some(&here) => named,
        _ => std::env::current_dir().unwrap_or_default(),
    }
}

/// Writes what happens to standard error, as much of it as GOSUM_LOG asks for: a level such as `debug`, or
/// `TARGET=LEVEL,...`, where a target is a crate.
fn log() {
    let Some(wanted) = std::env::var_os("GOSUM_LOG") else { return };
    match wanted.to_str().map(str::parse::<Targets>) {
        Some(Ok(targets)) => {
            let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
            let lines = lines.with_ansi(io::stderr().is_terminal());
            // the logs of libraries may show what only a `SafeUrl` knows to hide
            let wanted = filter_fn(move |what| {
                what.target().starts_with("gosum") && targets.would_enable(what.target(), what.level())
            });
            tracing_subscriber::registry().with(lines.with_filter(wanted)).init();
        }
        _ => complain(format_args!("GOSUM_LOG is not `LEVEL` or `TARGET=LEVEL,...`: nothing is logged")),
    }
}

/// Writes a remark to standard error. Where that is gone there is nobody to tell.
fn complain(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "gosum: {text}");
}
