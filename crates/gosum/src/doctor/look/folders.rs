//! The folders that Go and gosum write to. Nothing is written to try them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::doctor::system::{Folder, Foreign, Space, UnixFacts, User};

/// The most entries of a folder that are looked at.
#[cfg(unix)]
const MAX_ENTRIES: usize = 300;
/// The most entries of somebody else's that are told.
#[cfg(unix)]
const MAX_FOREIGN: usize = 3;

/// Returns what there is at each of `folders`.
pub(super) fn look(folders: &[(&'static str, PathBuf)], user: Option<&User>) -> BTreeMap<String, Folder> {
    let each = folders.iter().map(|(name, path)| {
        // what others keep in the system's own folder is no affair of this user
        let looks_inside = !matches!(*name, "TMPDIR" | "GOTMPDIR");
        ((*name).to_owned(), folder(path, user.filter(|_| looks_inside)))
    });
    each.collect()
}

fn folder(path: &Path, user: Option<&User>) -> Folder {
    let mut folder = Folder {
        path: path.display().to_string(),
        at: None,
        exists: false,
        error: None,
        unix: None,
        space: None,
        ignores_case: None,
        foreign: Vec::new(),
    };
    let at = match nearest(path) {
        Ok((at, exists)) => {
            folder.exists = exists;
            at
        }
        Err(error) => {
            folder.error = Some(error.to_string());
            return folder;
        }
    };
    folder.at = Some(at.display().to_string());
    match at.metadata() {
        Ok(metadata) if !metadata.is_dir() => folder.error = Some("not a folder".to_owned()),
        Ok(metadata) => folder.unix = unix_facts(&at, &metadata),
        Err(error) => folder.error = Some(error.to_string()),
    }
    folder.space = space(&at);
    folder.ignores_case = ignores_case(&at);
    if let Some(user) = user.filter(|_| folder.exists) {
        folder.foreign = foreign(&at, user);
    }
    folder
}

/// Returns `path` without links, or the nearest folder above it that is there; and whether it is there itself.
///
/// # Errors
/// When that cannot be told: for want of rights, or for links in a circle.
fn nearest(path: &Path) -> io::Result<(PathBuf, bool)> {
    for at in path.ancestors() {
        match at.canonicalize() {
            Ok(real) => return Ok((real, at == path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // a link that leads nowhere is in the way of the folder
                if at.symlink_metadata().is_ok() {
                    return Err(io::Error::other("a link that leads nowhere"));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

#[cfg(unix)]
fn unix_facts(at: &Path, metadata: &std::fs::Metadata) -> Option<UnixFacts> {
    use rustix::fs::Access;
    use std::os::unix::fs::MetadataExt;
    Some(UnixFacts {
        uid: metadata.uid(),
        gid: metadata.gid(),
        mode: format!("{:04o}", metadata.mode() & 0o7777),
        writable: rustix::fs::access(at, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
    })
}

#[cfg(not(unix))]
fn unix_facts(_: &Path, _: &std::fs::Metadata) -> Option<UnixFacts> {
    None
}

/// Returns the room that is left for this user; none when the system does not tell.
#[cfg(unix)]
fn space(at: &Path) -> Option<Space> {
    let facts = rustix::fs::statvfs(at).ok()?;
    Some(Space {
        bytes: facts.f_blocks.saturating_mul(facts.f_frsize),
        free_bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
        inodes: facts.f_files,
        free_inodes: facts.f_favail,
    })
}

#[cfg(not(unix))]
fn space(_: &Path) -> Option<Space> {
    None
}

/// Returns whether case makes no difference in a folder, by a name in it or else its own, spelled otherwise; none when no
/// name has letters.
#[cfg(unix)]
fn ignores_case(at: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let entries = at.read_dir().ok().into_iter().flatten().take(MAX_ENTRIES);
    let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut names = inside.chain([at.to_owned()]);
    let (path, other) = names.find_map(|path| {
        let other = in_other_case(path.file_name()?.to_str()?)?;
        Some((path.clone(), path.with_file_name(other)))
    })?;
    let metadata = path.symlink_metadata().ok()?;
    match other.symlink_metadata() {
        Ok(other) => Some((other.dev(), other.ino()) == (metadata.dev(), metadata.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

#[cfg(not(unix))]
fn ignores_case(_: &Path) -> Option<bool> {
    None
}

/// Returns `name` with its letters in the other case; none when it has none.
#[cfg(unix)]
fn in_other_case(name: &str) -> Option<String> {
    let flip = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    let other: String = name.chars().map(flip).collect();
    (other != name).then_some(other)
}

/// Returns a few entries, at most two folders deep, that somebody else owns.
#[cfg(unix)]
fn foreign(at: &Path, user: &User) -> Vec<Foreign> {
    use std::os::unix::fs::MetadataExt;
    let mut found = Vec::new();
    let mut folders = vec![(at.to_owned(), 0)];
    let mut left = MAX_ENTRIES;
    while let Some((folder, depth)) = folders.pop() {
        for entry in folder.read_dir().ok().into_iter().flatten().filter_map(Result::ok) {
            if left == 0 || found.len() == MAX_FOREIGN {
                return found;
            }
            left -= 1;
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.uid() != user.uid {
                found.push(Foreign { path: entry.path().display().to_string(), uid: metadata.uid() });
            } else if metadata.is_dir() && depth == 0 {
                folders.push((entry.path(), depth + 1));
            }
        }
    }
    found
}

#[cfg(not(unix))]
fn foreign(_: &Path, _: &User) -> Vec<Foreign> {
    Vec::new()
}
