//! Which policy judges a change: that of its base, since the change could loosen its own.
//!
//! What the work tree's config file says otherwise is told, and does not count, but for names that it keeps private: to tell
//! them could not be undone. They are told to nobody, and what would have been told of them counts as missing.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gosum_audit::withheld::Withheld;
use gosum_evidence::policy::{Allowance, Change};
use gosum_evidence::subject::Location;
use gosum_git::ObjectId;
use gosum_git::local::Revision;

use super::{Base, Past};
use crate::commands::policy_args::PolicyArgs;
use crate::config::{self, Config, FILE};
use crate::session::Session;

/// By what an audit judges.
pub(in crate::commands) struct Judging {
    pub(in crate::commands) config: Config,
    /// The config file of the base, where it is what judges.
    pub(in crate::commands) of_base: Option<String>,
    /// What the change says otherwise.
    pub(in crate::commands) changes: Vec<Change>,
    /// The names that the change alone makes private.
    pub(in crate::commands) withheld: Option<Withheld>,
}

/// Returns by what an audit of `paths` judges, and takes over into `session` who may be told and asked what: the config file
/// that `args` name, else that of the revision `base`, else that of the work tree.
///
/// # Errors
/// When a config file cannot be read, or says something that cannot be meant.
pub(in crate::commands) fn judging(
    session: &mut Session,
    args: &PolicyArgs,
    base: Option<&Base>,
    paths: &[PathBuf],
) -> anyhow::Result<Judging> {
    let (spec, pasts) = match base {
        Some(Base::Revision { spec, pasts }) if !args.names_config() => (spec, pasts),
        _ => {
            let config = args.config(session, paths)?;
            return Ok(Judging { config, of_base: None, changes: Vec::new(), withheld: None });
        }
    };
    let now = Config::find(session, None, paths)?;
    let mut config = of_base(session, spec, pasts, paths)?;
    let changes = changes(session, spec, &config, &now);
    session.follow(&config);
    let withheld = Withheld {
        from_proxies: session.env.private(),
        from_database: session.env.not_in_sumdb(),
        why: format!("private by this change alone: gosum.toml of {spec} does not keep the name").into(),
    };
    let private = [config.private.as_slice(), &now.private].concat();
    session.env.keep_private(private.join(","));
    let today = session.today()?;
    // it accepts nothing any more, and who takes it away or looks at it again must be let do so
    let accepting = now.accepting();
    config.allowances.retain(|allowance| !allowance.is_expired(today) || accepting.has(allowance));
    let of_base = config.file.as_ref().map(|file| file.display().to_string());
    Ok(Judging { config, of_base, changes, withheld: Some(withheld) })
}

/// Returns what the work tree's config `now` says otherwise than that of the base, and warns of it.
fn changes(session: &Session, spec: &str, then: &Config, now: &Config) -> Vec<Change> {
    let keys = now.changed_since(then);
    let Some(file) = now.file.as_ref().or(then.file.as_ref()).filter(|_| !keys.is_empty()) else {
        return Vec::new();
    };
    let what = match &now.file {
        Some(file) => format!("{} differs from that of {spec}", file.display()),
        None => format!("{} is gone", file.display()),
    };
    let what = format!("{what}, which judges this audit: {}", keys.join(", "));
    session.warn(&what);
    let at = Location { file: file.display().to_string().into(), line: 1 };
    let added = now.allowed_beyond(then).into_iter().map(|Allowance { subject, at, .. }| Change {
        subject: Some(subject.clone()),
        at: at.clone(),
        what: "this change adds an allowance for it, which does not count in its own audit".to_owned(),
    });
    std::iter::once(Change { subject: None, at, what }).chain(added).collect()
}

/// Returns what the config file says that `paths` had at the base; nothing where they had none.
fn of_base(session: &Session, spec: &str, pasts: &[Past], paths: &[PathBuf]) -> anyhow::Result<Config> {
    let mut found: Vec<(&Past, Option<String>)> = Vec::new();
    for (past, path) in pasts.iter().zip(paths) {
        let file = past.config_file(path)?;
        let is_same = |(other, known): &(&Past, Option<String>)| {
            *known == file && other.repository.root() == past.repository.root()
        };
        if !found.iter().any(is_same) {
            found.push((past, file));
        }
    }
    match found.as_slice() {
        [] | [(_, None)] => Ok(Config::default()),
        [(past, Some(file))] => {
            let name = format!("{spec}:{file}");
            let hint =
                || format!("--base {spec}: its policy cannot be read (--config FILE names another one)");
            let text = past.config_text(file).with_context(hint)?;
            let config = Config::parse(&text, &name, session.today()?).with_context(hint)?;
            Ok(Config { file: Some(PathBuf::from(name)), ..config })
        }
        several => {
            let names = several.iter().map(|(_, file)| file.as_deref().unwrap_or("none"));
            bail!(
                "the paths have several config files at {spec}: {}; name one with --config",
                names.collect::<Vec<_>>().join(", ")
            )
        }
    }
}

impl Past {
    /// Returns the path of the config file that was beside `path`, or in the nearest folder above it.
    fn config_file(&self, path: &Path) -> anyhow::Result<Option<String>> {
        let tree = self.tree()?;
        let Some(parts) = self.inside(path) else {
            bail!(
                "cannot tell where {} was at {}: name the config file with --config",
                path.display(),
                self.spec
            )
        };
        for depth in (0..=parts.len()).rev() {
            let folder = parts[..depth].iter().map(String::as_str);
            let file = folder.chain([FILE]).collect::<Vec<_>>().join("/");
            if self.repository.has(tree, &file)? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    fn config_text(&self, file: &str) -> anyhow::Result<String> {
        let Some(id) = self.repository.file(self.tree()?, file)? else {
            bail!("{file} is a link or a folder, and no file")
        };
        config::text_of(self.repository.read(id, config::MAX_BYTES)?, Path::new(file))
    }

    /// Returns the files among which the policy is: those of the revision, also where one file of it is named.
    fn tree(&self) -> anyhow::Result<ObjectId> {
        if let Revision::Tree { tree, .. } = self.revision {
            return Ok(tree);
        }
        let commit = self.spec.split_once(':').map(|(commit, _)| commit).filter(|commit| !commit.is_empty());
        match commit.map(|commit| self.repository.revision(commit)) {
            Some(Ok(Revision::Tree { tree, .. })) => Ok(tree),
            _ => bail!("--base {} is a file of no commit: name the config file with --config", self.spec),
        }
    }
}
