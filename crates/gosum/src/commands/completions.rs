//! `gosum completions`: completions for a shell.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::definition;
use crate::exit::Exit;
use crate::session::Session;

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, mut session: Session) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "gosum", &mut script);
    session.out.write_all(&script)?;
    Ok(Exit::Success)
}
