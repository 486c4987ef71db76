//! Files that take the place of old ones when they are whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

use crate::session::Session;

/// A file to write: one that takes the place of an old one when it is whole, and not before; or a device or pipe, which
/// nothing can take the place of.
pub(super) struct NewFile {
    target: Target,
    shown: String,
}

enum Target {
    Whole { temporary: BufWriter<NamedTempFile>, path: PathBuf },
    Stream(BufWriter<File>),
}

/// The files that reports go to: one to each.
#[derive(Default)]
pub(super) struct Places(BTreeSet<PathBuf>);

impl Places {
    /// Opens the `file` of a report that `--format GIVEN` names.
    ///
    /// # Errors
    /// When it cannot be written, or another report goes there, whose place this one would take.
    pub(super) fn open(&mut self, session: &Session, given: &str, file: &str) -> anyhow::Result<NewFile> {
        if file.is_empty() {
            bail!("--format {given}: no file is named after `=`");
        }
        let opened = NewFile::open(&session.path(Path::new(file)), file)?;
        // a device or pipe takes what several write
        let Target::Whole { path, .. } = &opened.target else { return Ok(opened) };
        // the file may not be there yet; its folder is
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let place = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
        if !self.0.insert(place.unwrap_or_else(|| path.clone())) {
            bail!("--format {given}: another report goes to this file");
        }
        Ok(opened)
    }
}

impl NewFile {
    pub(super) fn open(path: &Path, shown: &str) -> anyhow::Result<NewFile> {
        let unwritable = || format!("cannot write {shown}");
        let shown = shown.to_owned();
        // what a link leads to is written, not the link
        let path = &target(path).with_context(unwritable)?;
        let old = match path.metadata() {
            Ok(old) if old.is_dir() => bail!("{}: it is a folder", unwritable()),
            // to take its place would be no less of a change than to write it
            Ok(old) if old.is_file() && old.permissions().readonly() => {
                bail!("{}: it is read-only", unwritable())
            }
            Ok(old) if !old.is_file() => {
                let stream = File::options().write(true).open(path).with_context(unwritable)?;
                return Ok(NewFile { target: Target::Stream(BufWriter::new(stream)), shown });
            }
            Ok(old) => {
                File::options().write(true).open(path).with_context(unwritable)?;
                Some(old.permissions())
            }
            Err(_) if path.file_name().is_none() => bail!("{}: it is a folder", unwritable()),
            Err(_) => None,
        };
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !dir.is_dir() {
            bail!("{}: its folder is not there", unwritable());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".gosum-");
        // a temporary file is its owner's alone; a report is for whom the user's umask lets read it
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(dir).map_err(without_path).with_context(unwritable)?;
        if let Some(permissions) = old {
            temporary.as_file().set_permissions(permissions).with_context(unwritable)?;
        }
        let temporary = BufWriter::new(temporary);
        Ok(NewFile { target: Target::Whole { temporary, path: path.clone() }, shown })
    }

    /// Lets `write` write the file, and puts it in its place when that is done.
    pub(super) fn write(
        mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let written = write(self.out());
        self.finish(written)
    }

    /// Returns where the next part of the file goes.
    pub(super) fn out(&mut self) -> &mut dyn Write {
        match &mut self.target {
            Target::Whole { temporary, .. } => temporary,
            Target::Stream(stream) => stream,
        }
    }

    /// Lets readers of a device or pipe have what is written so far.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn pass_on(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Whole { .. } => Ok(()),
            Target::Stream(stream) => stream.flush(),
        }
    }

    /// Puts the file in its place, if all of it was `written`.
    ///
    /// # Errors
    /// When it was not, or cannot be put there.
    pub(super) fn finish(self, written: io::Result<()>) -> anyhow::Result<()> {
        let NewFile { target, shown } = self;
        let what_is_left = match &target {
            Target::Whole { path, .. } if path.exists() => ", which is as it was",
            _ => "",
        };
        let placed = written.and_then(|()| match target {
            Target::Stream(mut stream) => stream.flush(),
            Target::Whole { temporary, path } => {
                let temporary = temporary.into_inner().map_err(io::IntoInnerError::into_error)?;
                temporary.as_file().sync_all()?;
                temporary.persist(&path).map(drop).map_err(|error| error.error)
            }
        });
        placed.map_err(without_path).with_context(|| format!("cannot write {shown}{what_is_left}"))
    }
}

/// Returns `error` without the name of a temporary file, which nobody has asked for, where what is wrong is said without it.
fn without_path(error: io::Error) -> io::Error {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.kind() {
        kind @ (PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull) => kind.into(),
        _ => error,
    }
}

/// Returns the file that `path` leads to by links, which may have to be made yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match (path.canonicalize(), path.read_link()) {
            (Ok(real), _) => return Ok(real),
            (Err(_), Err(_)) => return Ok(path),
            (Err(_), Ok(link)) => path = path.parent().unwrap_or(Path::new("")).join(link),
        }
    }
    Err(io::Error::other("too many links"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_whole_stays_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gosum.toml");
        std::fs::write(&path, "old").unwrap();
        let file = NewFile::open(&path, "gosum.toml").unwrap();
        let full = |out: &mut dyn Write| {
            out.write_all(b"new")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        let error = format!("{:#}", file.write(full).unwrap_err());
        assert!(error.starts_with("cannot write gosum.toml, which is as it was: "), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
