//! `gosum man`: pages for `man`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Command};
use clap_mangen::Man;

use super::definition;
use super::new_file::NewFile;
use crate::exit::Exit;
use crate::session::Session;

/// Print a manual page
///
/// `gosum man | man -l -` shows the page of gosum, `gosum man audit` prints that of a command, and `gosum man --dir
/// DIR` writes all of them where `man` finds them, as in ~/.local/share/man/man1.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command whose page is wanted; that of gosum itself when none is named
    command: Option<String>,
    /// Write the pages of gosum and of all its commands into DIR, which is made if need be
    // `dir` is what -C names
    #[arg(long = "dir", value_name = "DIR", conflicts_with = "command")]
    pages: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs, mut session: Session) -> anyhow::Result<Exit> {
    let pages = pages();
    if let Some(dir) = &args.pages {
        let folder = session.path(dir);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", dir.display()))?;
        for Page { name, text } in pages {
            let file = format!("{name}.1");
            let shown = dir.join(&file).display().to_string();
            NewFile::open(&folder.join(file), &shown)?.write(|out| out.write_all(&text))?;
        }
        return Ok(Exit::Success);
    }
    let wanted = args.command.as_ref().map_or("gosum".to_owned(), |command| format!("gosum-{command}"));
    let Some(page) = pages.iter().find(|page| page.name == wanted) else {
        let commands: Vec<&str> = pages.iter().filter_map(|page| page.name.strip_prefix("gosum-")).collect();
        let command = wanted.strip_prefix("gosum-").unwrap_or(&wanted);
        bail!("no command is called `{command}`; there are {}", commands.join(", "));
    };
    session.out.write_all(&page.text)?;
    Ok(Exit::Success)
}

/// A page, in roff.
struct Page {
    name: String,
    text: Vec<u8>,
}

/// Returns the page of gosum, and those of its commands.
fn pages() -> Vec<Page> {
    let mut whole = definition().disable_help_subcommand(true);
    // what holds everywhere is known to each command only then
    whole.build();
    let commands = whole.get_subcommands().filter(|command| !command.is_hide_set());
    commands.cloned().chain([whole.clone()]).map(page).collect()
}

fn page(command: Command) -> Page {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut text = Vec::new();
    let man = Man::new(command).manual("gosum").source(format!("gosum {}", crate::VERSION));
    man.render(&mut text).expect("a vector takes what is written");
    Page { name, text }
}
