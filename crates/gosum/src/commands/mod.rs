//! The commands: a file each, with its flags and what it does.

mod ask_args;
mod audit;
mod base;
mod cache;
mod completions;
mod demo;
mod diff;
mod doctor;
mod env;
mod explain;
mod hash;
mod init;
mod layout;
mod lint;
mod man;
mod new_file;
mod policy_args;
mod project;
mod reports;
mod sum_file;
mod toolchain;
mod vendor;
mod verify;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::env::is_plain;
use crate::exit::Exit;
use crate::output::Output;
use crate::secret::without_credentials;
use crate::session::{Session, Shown, When};
use crate::{Outside, VERSION};

/// Recomputes the h1 hash of every module in a go.sum twice, from what the module proxy serves and from what version
/// control serves, and says who differs.
#[derive(Debug, Parser)]
#[command(name = "gosum", version = VERSION, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "GOSUM_LOG=LEVEL (info, debug) writes what happens to standard error.\n\n\
                        Exit codes: 0 all is well, 1 findings, 2 wrong use, 3 something required could not be told, \
                        4 a fault of gosum, 130 interrupted.")]
struct Cli {
    /// Work in this folder
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Everywhere")]
    dir: Option<PathBuf>,
    /// Colours in text
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = "Everywhere")]
    color: When,
    /// Progress on standard error, where that is a terminal; by itself unless CI or GOSUM_LOG is set
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = "Everywhere")]
    progress: When,
    /// Neither progress nor remarks on standard error, only errors
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

/// How most commands print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TextOrJson {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(Box<audit::AuditArgs>),
    Hash(hash::HashArgs),
    Explain(Box<explain::ExplainArgs>),
    Verify(Box<verify::VerifyArgs>),
    Init(Box<init::InitArgs>),
    Diff(diff::DiffArgs),
    Doctor(doctor::DoctorArgs),
    Lint(Box<lint::LintArgs>),
    Cache(cache::CacheArgs),
    Env(env::EnvArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the command that the arguments of `outside` name.
pub(crate) fn run(outside: Outside) -> Exit {
    let cli = match parse(&outside.args) {
        Ok(cli) => cli,
        Err(error) => return tell(outside, &error),
    };
    let err = Output::new(outside.stderr);
    let outside = Outside { stderr: Box::new(err.clone()), ..outside };
    let shown = Shown { color: cli.color, progress: cli.progress, quiet: cli.quiet };
    let dir = cli.dir.as_deref();
    let session = match cli.command {
        Command::Doctor(_) => Ok(Session::of_doctor(outside, dir, shown)),
        _ => Session::new(outside, dir, shown),
    };
    let result = session.and_then(|session| match cli.command {
        Command::Audit(args) => audit::run(&args, session),
        Command::Init(args) => init::run(&args, session),
        Command::Hash(args) => hash::run(&args, session),
        Command::Explain(args) => explain::run(&args, session),
        Command::Verify(args) => verify::run(&args, session),
        Command::Diff(args) => diff::run(&args, session),
        Command::Doctor(args) => doctor::run(&args, session),
        Command::Lint(args) => lint::run(&args, session),
        Command::Cache(args) => cache::run(&args, session),
        Command::Env(args) => env::run(&args, session),
        Command::Demo(demo::DemoArgs {}) => demo::run(session),
        Command::Completions(args) => completions::run(&args, session),
        Command::Man(args) => man::run(&args, session),
    });
    result.unwrap_or_else(|error| {
        complain(err, &format!("{error:#}"));
        Exit::Usage
    })
}

/// Returns the whole command line, for those who list it.
fn definition() -> clap::Command {
    Cli::command()
}

fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(args).map_err(|error| without_secrets(error, args))
}

/// Returns `error` without the value that it quotes, where a URL on the command line may hold a password: all but the name
/// before the first `=`. A list is split at commas, and a password too may have one: no part of it can be shown then.
fn without_secrets(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    let may_hold_one = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        arg.contains('@') && arg.contains([':', '='])
    };
    if args.iter().any(may_hold_one)
        && let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue)
    {
        let is_word = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let shown = match value.split_once('=') {
            Some((name, _)) if is_word(name) => format!("{name}=..."),
            _ => "...".to_owned(),
        };
        error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    }
    error
}

/// Prints what clap has to say: help and version are an answer, the rest is an error.
fn tell(outside: Outside, error: &clap::Error) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let (stream, terminal, exit) = match asked {
        true => (outside.stdout, outside.stdout_is_terminal, Exit::Success),
        false => (outside.stderr, outside.stderr_is_terminal, Exit::Usage),
    };
    let text = error.render();
    // no colours where none are wanted; an empty NO_COLOR is none
    let var = |key: &str| outside.env.get(OsStr::new(key))?.to_str().filter(|value| !value.is_empty());
    let text = if terminal && !is_plain(var) { text.ansi().to_string() } else { text.to_string() };
    match Output::new(stream).write_all(without_credentials(&text).as_bytes()) {
        Ok(()) => exit,
        Err(_) => Exit::Usage,
    }
}

fn complain(mut err: Output, text: &str) {
    // with standard error gone there is nobody left to tell
    let _ = writeln!(err, "gosum: {}", gosum_report::escape::terminal(&without_credentials(text)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        definition().debug_assert();
    }
}
