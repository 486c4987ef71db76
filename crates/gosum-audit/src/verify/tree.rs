//! The unpacked files of a module: which there are, and whether they are what the zip has.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gosum_evidence::disk::{ChangeKind, Found};
use gosum_mod::zip::hash::Onlooker;
use gosum_mod::zip::limits::MAX_ZIP;

use super::{about, found};

/// How many files and folders are listed of one module: more than any zip that the go command unpacks can have.
const MAX_FILES: usize = 2_000_000;

/// How much is compared at once.
const PIECE: usize = 128 << 10;

/// What is in a folder, however deep.
#[derive(Debug)]
pub(crate) struct Listing {
    /// By path, elements separated by slashes: what it is; nothing for a file.
    pub(crate) entries: HashMap<Vec<u8>, Option<ChangeKind>>,
    /// Whether the folder itself is a link.
    pub(crate) is_link: bool,
}

impl Listing {
    /// Returns what is in the folder at `root`. No link is followed but `root` itself.
    pub(crate) fn of(root: &Path) -> Found<Listing> {
        let list = || {
            let metadata = fs::symlink_metadata(root)?;
            if !metadata.is_dir() && !metadata.is_symlink() {
                return Err(io::Error::from(io::ErrorKind::NotADirectory));
            }
            let mut entries = HashMap::new();
            list(root, &mut entries)?;
            Ok(Listing { entries, is_link: metadata.is_symlink() })
        };
        match list() {
            // a file in the place of the folder is there, and nothing that could be compared
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Found::Unread(about(root, &error)),
            listed => found(root, listed),
        }
    }
}

fn list(root: &Path, entries: &mut HashMap<Vec<u8>, Option<ChangeKind>>) -> io::Result<()> {
    let mut folders = vec![(root.to_owned(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let told = |error: io::Error| io::Error::other(about(&folder, &error));
        let listed = match fs::read_dir(&folder) {
            // that the root is gone is told as it is
            Err(error) if prefix.is_empty() => return Err(error),
            listed => listed.map_err(told)?,
        };
        for entry in listed {
            let entry = entry.map_err(told)?;
            let path = [&prefix[..], &name(&entry)?].concat();
            // of the entry itself: a link is a link, and leads nowhere here
            let kind = entry.file_type().map_err(told)?;
            let is = if kind.is_dir() {
                folders.push((entry.path(), [&path[..], b"/"].concat()));
                Some(ChangeKind::Folder)
            } else if kind.is_symlink() {
                Some(ChangeKind::Link)
            } else if kind.is_file() {
                None
            } else {
                Some(ChangeKind::Special)
            };
            entries.insert(path, is);
            if entries.len() > MAX_FILES {
                return Err(io::Error::other(format!("more than {MAX_FILES} files")));
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn name(entry: &fs::DirEntry) -> io::Result<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(entry.file_name().into_vec())
}

#[cfg(not(unix))]
fn name(entry: &fs::DirEntry) -> io::Result<Vec<u8>> {
    let not_unicode = |_| io::Error::from(io::ErrorKind::InvalidFilename);
    entry.file_name().into_string().map(String::into_bytes).map_err(not_unicode)
}

#[cfg(unix)]
pub(crate) fn os_path(path: &[u8]) -> Option<&Path> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(Path::new(std::ffi::OsStr::from_bytes(path)))
}

#[cfg(not(unix))]
pub(crate) fn os_path(path: &[u8]) -> Option<&Path> {
    str::from_utf8(path).ok().map(Path::new)
}

/// What is to be said of a file, beside the content of its entry in the zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was not to be compared.
    Nothing,
    /// It is what the zip has.
    Same,
    /// It is not.
    Changed,
    /// It is gone since the folder was listed.
    Gone,
    /// It cannot be read.
    Unread(String),
}

/// Compares the content of a zip's entries with the files that were unpacked from them.
pub(super) struct Comparer<'a> {
    /// The folder of the files, and what is in it; nothing where there is nothing to compare with.
    folder: Option<(&'a Path, &'a Listing)>,
    /// What names in the zip begin with.
    prefix: &'a [u8],
    path: PathBuf,
    file: Option<File>,
    seen: Seen,
    left: u64,
    buffer: Box<[u8]>,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(folder: Option<(&'a Path, &'a Listing)>, prefix: &'a [u8]) -> Comparer<'a> {
        let buffer = vec![0; if folder.is_some() { PIECE + 1 } else { 0 }].into_boxed_slice();
        Comparer { folder, prefix, path: PathBuf::new(), file: None, seen: Seen::Nothing, left: 0, buffer }
    }

    /// Opens the file of the entry `name`, if it is one to compare.
    fn open(&mut self, name: &[u8]) -> Seen {
        let Some((root, listing)) = self.folder else { return Seen::Nothing };
        let Some(path) = name.strip_prefix(self.prefix) else { return Seen::Nothing };
        // what is listed is a file there, and no name that leads anywhere else
        if !matches!(listing.entries.get(path), Some(None)) {
            return Seen::Nothing;
        }
        let Some(path) = os_path(path) else { return Seen::Nothing };
        self.path.clear();
        self.path.push(root);
        self.path.push(path);
        match File::open(&self.path) {
            Ok(file) => {
                self.file = Some(file);
                Seen::Same
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &io::Error) -> Seen {
        match error.kind() {
            io::ErrorKind::NotFound => Seen::Gone,
            _ => Seen::Unread(about(&self.path, error)),
        }
    }

    /// Compares the next bytes of the file with `piece`, which is the last where nothing is left.
    fn compare(&mut self, piece: &[u8]) -> Seen {
        let Some(file) = &mut self.file else { return self.seen.clone() };
        // one byte more where the file should end, to see that it does
        let more = usize::from(self.left == 0);
        let mut rest = piece;
        loop {
            let want = (rest.len() + more).min(self.buffer.len());
            if want == 0 {
                return Seen::Same;
            }
            match file.read(&mut self.buffer[..want]) {
                Ok(0) if rest.is_empty() => return Seen::Same,
                Ok(read) if read == 0 || read > rest.len() || self.buffer[..read] != rest[..read] => {
                    return Seen::Changed;
                }
                // a file that gives less than what is asked for has ended
                Ok(read) if read == rest.len() && read < want => return Seen::Same,
                Ok(read) => rest = &rest[read..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.failed(&error),
            }
        }
    }
}

impl Onlooker for Comparer<'_> {
    type Seen = (Seen, u64);

    fn begins(&mut self, name: &[u8], size: u64) {
        self.file = None;
        self.left = size.min(MAX_ZIP);
        self.seen = self.open(name);
        if self.left == 0 {
            self.seen = self.compare(&[]);
        }
    }

    fn piece(&mut self, piece: &[u8]) {
        if piece.is_empty() || self.seen != Seen::Same {
            return;
        }
        self.left = self.left.saturating_sub(piece.len() as u64);
        self.seen = self.compare(piece);
    }

    fn ends(&mut self, unread: u64) -> (Seen, u64) {
        self.file = None;
        (std::mem::replace(&mut self.seen, Seen::Nothing), unread)
    }
}
