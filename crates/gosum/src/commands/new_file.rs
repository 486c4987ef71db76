//! Files that take the place of old ones when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

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

impl NewFile {
    pub(super) fn open(path: &Path, shown: &str) -> anyhow::Result<NewFile> {
        let unwritable = || format!("cannot write {shown}");
        let shown = shown.to_owned();
        // what a link leads to is written, not the link
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let old = match path.metadata() {
            Ok(old) if old.is_dir() => bail!("{}: it is a folder", unwritable()),
            Ok(old) if !old.is_file() => {
                let stream = File::options().write(true).open(path).with_context(unwritable)?;
                return Ok(NewFile { target: Target::Stream(BufWriter::new(stream)), shown });
            }
            Ok(old) => Some(old.permissions()),
            Err(_) if path.file_name().is_none() => bail!("{}: it is a folder", unwritable()),
            Err(_) => None,
        };
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".gosum-");
        // a temporary file is its owner's alone; a report is for whom the user's umask lets read it
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(dir).with_context(unwritable)?;
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
        let placed = written.and_then(|()| match target {
            Target::Stream(mut stream) => stream.flush(),
            Target::Whole { temporary, path } => {
                let temporary = temporary.into_inner().map_err(io::IntoInnerError::into_error)?;
                temporary.as_file().sync_all()?;
                temporary.persist(&path).map(drop).map_err(|error| error.error)
            }
        });
        placed.with_context(|| format!("cannot write {shown}"))
    }
}
