//! The toolchains that go.mod and go.work select, as artifacts to audit (spec 01 §8).

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::plan::Toolchain;
use gosum_evidence::evidence::SourceName;
use gosum_evidence::subject::Location;
use gosum_mod::file::go_mod::statement;
use gosum_mod::name::text::Text;
use gosum_mod::setting::gosumdb::SumDb;
use gosum_mod::setting::gotoolchain::{self, Because, Selected};
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::layout::{Layout, plain};
use crate::config;
use crate::session::Session;
use crate::source_arg::SourceArg;
use crate::target::{ARCH, OS};

/// The platform that stands for this machine's own.
const HOST: &str = "host";

/// Which toolchains are audited.
#[derive(Debug, Args)]
pub(super) struct ToolchainArgs {
    /// Also audit the Go toolchain that the go and toolchain lines of go.mod or go.work select, some 70 MB, for this machine or
    /// for platforms such as linux-amd64,darwin-arm64: what a module proxy serves is held against the checksum database
    #[arg(
        long,
        value_name = "PLATFORMS",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = HOST,
        value_parser = platform
    )]
    toolchain: Option<Vec<String>>,
}

impl ToolchainArgs {
    /// Returns the toolchains that the go.mod or go.work of `paths` select; none where the user does not ask for them. What
    /// selects none is told.
    ///
    /// # Errors
    /// When `asked` leaves out who could tell, a file cannot be read, or names no toolchain.
    pub(super) fn toolchains(
        &self,
        session: &Session,
        paths: &[PathBuf],
        asked: &[SourceArg],
    ) -> anyhow::Result<Vec<Toolchain>> {
        let Some(platforms) = &self.toolchain else { return Ok(Vec::new()) };
        check_asked(session, asked)?;
        let mut toolchains: Vec<Toolchain> = Vec::new();
        for path in paths {
            match select(session, path, platforms)? {
                Ok(selected) => add(&mut toolchains, selected),
                Err(why) => session.warn(why),
            }
        }
        Ok(toolchains)
    }
}

/// Returns the toolchains for this machine that the go.mod or go.work of `paths` select, and why it cannot be told of some
/// which they do.
pub(super) fn of_host(
    session: &Session,
    paths: &[PathBuf],
) -> (Vec<Toolchain>, Vec<(PathBuf, anyhow::Error)>) {
    let (mut toolchains, mut untold) = (Vec::new(), Vec::new());
    for path in paths {
        match select(session, path, &[HOST.to_owned()]) {
            Ok(Ok(selected)) => add(&mut toolchains, selected),
            // none need be
            Ok(Err(_)) => {}
            Err(error) => untold.push((path.clone(), error)),
        }
    }
    (toolchains, untold)
}

fn add(toolchains: &mut Vec<Toolchain>, selected: Vec<Toolchain>) {
    for Toolchain { module, at } in selected {
        match toolchains.iter_mut().find(|known| known.module == module) {
            Some(known) => known.at.extend(at),
            None => toolchains.push(Toolchain { module, at }),
        }
    }
}

/// Returns the toolchains for `platforms` that the go.mod or go.work of `path` selects; why it selects none.
///
/// # Errors
/// When a file or a setting cannot be read, or names no toolchain.
fn select(
    session: &Session,
    path: &Path,
    platforms: &[String],
) -> anyhow::Result<Result<Vec<Toolchain>, String>> {
    let setting = session.env.gotoolchain()?;
    let Some(file) = file(session, path)? else {
        return Ok(Err(format!("{}: no go.mod beside it selects a toolchain", path.display())));
    };
    let text = session.read_file(&file, MAX_GO_MOD)?;
    let (go, toolchain) = (statement(&text, "go"), statement(&text, "toolchain"));
    let word = |found: &Option<(Text, usize)>| found.as_ref().map(|(word, _)| word.to_lossy().into_owned());
    let selected = setting.select(word(&go).as_deref(), word(&toolchain).as_deref());
    let file = file.display();
    let (name, because) = match selected.with_context(|| format!("{file}"))? {
        Selected::Download(name, because) => (name, because),
        Selected::Installed => {
            return Ok(Err(format!(
                "{file}: no toolchain to audit: every Go that selects one is new enough"
            )));
        }
        Selected::InstalledOnly => {
            let setting = session.env.named("GOTOOLCHAIN");
            return Ok(Err(format!("no toolchain to audit: {setting} lets none be downloaded")));
        }
    };
    let line = match because {
        Because::Go => go,
        Because::Toolchain => toolchain,
        Because::Setting => None,
    };
    let at: Vec<Location> =
        line.into_iter().map(|(_, line)| Location { file: file.to_string().into(), line }).collect();
    let of = |platform: &String| {
        let platform = if platform == HOST { host() } else { platform.clone() };
        let module = gotoolchain::module(&name, &platform)
            .with_context(|| format!("{file}: no toolchain has the name {name:?}"))?;
        Ok(Toolchain { module, at: at.clone() })
    };
    platforms.iter().map(of).collect::<anyhow::Result<_>>().map(Ok)
}

/// Returns the platform that `text` names.
fn platform(text: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    match text.split_once('-') {
        _ if text == HOST => Ok(HOST.to_owned()),
        Some((os, arch)) if is_word(os) && is_word(arch) => Ok(text.to_owned()),
        _ => Err("a platform is an operating system and an architecture, such as linux-amd64".to_owned()),
    }
}

/// Returns the platform of this machine, as Go names it.
fn host() -> String {
    format!("{OS}-{ARCH}")
}

/// Fails when nobody could tell what a toolchain should be: no go.sum has it.
fn check_asked(session: &Session, asked: &[SourceArg]) -> anyhow::Result<()> {
    let names: Vec<SourceName> = asked.iter().map(SourceArg::name).collect();
    if !names.contains(&SourceName::SUMDB) || !names.iter().any(SourceName::is_proxy) {
        bail!("--toolchain holds a proxy against sumdb, and --source does not ask both");
    }
    if session.env.sumdb()? == SumDb::Off {
        bail!("--toolchain holds a proxy against sumdb, but GOSUMDB is off: set GOSUMDB, or leave it out");
    }
    Ok(())
}

/// Returns the go.work, else the go.mod, that selects the toolchain at the user's `path`.
fn file(session: &Session, path: &Path) -> anyhow::Result<Option<PathBuf>> {
    if path == Path::new("-") {
        return Ok(None);
    }
    let folder = config::folder(session, path);
    // a file that is named is that file, whatever workspace it is in
    let is_folder = session.path(path).is_dir();
    if is_folder && let Some(go_work) = Layout::of(session)?.workspace(session, &folder)? {
        return Ok(Some(plain(&go_work)));
    }
    let go_mod = plain(&folder.join("go.mod"));
    Ok(session.path(&go_mod).is_file().then_some(go_mod))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_named_as_go_names_them() {
        for text in ["linux-amd64", "host", "windows-386"] {
            assert_eq!(platform(text).as_deref(), Ok(text));
        }
        for text in ["", "linux", "linux-", "-amd64", "Linux-amd64", "linux-amd64-x", "linux/amd64"] {
            assert!(platform(text).is_err(), "{text}");
        }
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            assert_eq!(host(), "linux-amd64");
        }
        assert!(platform(&host()).is_ok());
    }
}
