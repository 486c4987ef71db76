//! `gosum doctor`: the machine.

use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;
use crate::doctor::look::{Host, look};
use crate::doctor::record;
use crate::doctor::report::Report;
use crate::exit::Exit;
use crate::session::Session;

/// Look whether anything on this machine makes hashes, downloads or permissions go wrong
///
/// Looks at Go's settings, git's settings, folders and their file systems, WSL, limits, certificates, proxies and C
/// compilers, and says of each what was seen, why it matters, and what mends it. Nothing is written but what --record
/// names, and no program is run but `git --version`. No network is used without --network, which asks with the user's
/// own credentials, as an audit does. Exits with 1 when there is a problem: what weakens
/// verification, or makes a run fail. Warnings, notes, and what could not be told do not change the exit code.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text")]
    format: TextOrJson,
    /// Say also of each check that is fine what was seen, and of each that was skipped why
    #[arg(long)]
    all: bool,
    /// Ask the proxies of GOPROXY and the checksum database whether they answer, how fast, and what time it is
    #[arg(long)]
    network: bool,
    /// A git host to ask with --network, by name or https URL; may be repeated
    #[arg(long, value_name = "HOST", requires = "network", value_parser = Host::parse)]
    host: Vec<Host>,
    /// Write what was looked at, without passwords, to a new folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Look at the machine that was recorded in DIR, not at this one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["record", "network"])]
    view: Option<PathBuf>,
}

pub(crate) fn run(args: &DoctorArgs, mut session: Session) -> anyhow::Result<Exit> {
    let system = match &args.view {
        Some(dir) => record::read(&session.path(dir), &dir.display().to_string())?,
        None => look(&session, args.network.then_some(args.host.as_slice())),
    };
    let report = Report::of(&system);
    match args.format {
        TextOrJson::Text => report.write_text(args.all, &mut session.out)?,
        TextOrJson::Json => gosum_report::json::write(&report.json(), &mut session.out)?,
    }
    // where it cannot be written, all has been said already
    if let Some(dir) = &args.record {
        record::write(&system, &session.path(dir), &dir.display().to_string())?;
    }
    if session.interrupt.is_raised() {
        session.warn("interrupted: who had not answered yet is told as if nobody did");
        return Ok(Exit::Interrupted);
    }
    Ok(if report.has_problems() { Exit::Findings } else { Exit::Success })
}
