//! A module zip in the cache, and the files that were unpacked from it, in one pass.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;

use gosum_evidence::disk::{CachedZip, ChangeKind, FileChange, Found};
use gosum_mod::file::go_mod::synthesized;
use gosum_mod::hash::dirhash::{go_mod_h1, go_mod_h1_of, hash1};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::setting::private::TOOLCHAIN;
use gosum_mod::zip::archive::{Archive, ArchiveError};
use gosum_mod::zip::check::{Placement, check_zip, placement};
use gosum_mod::zip::content::ContentError;
use gosum_mod::zip::hash::{Hashed, ZipError, zip_digests_watched};
use gosum_mod::zip::limits::{MAX_ZIP, read_bounded};
use gosum_mod::zip::source::ReadAt;

use super::tree::{Comparer, Listing, Seen};
use super::{about, is_missing};
use crate::chain;
use crate::copy::folder::{Folder, original};
use crate::regular;

/// A zip of up to this size is read at once.
const IN_MEMORY: u64 = 8 << 20;

/// How much of what is irregular in one zip is told.
const MOST: usize = 50;

/// What was seen of a zip and its files.
pub(super) struct Looked {
    pub(super) zip: Found<CachedZip>,
    /// How the files differ from the zip, or why that cannot be told; nothing where there are none, or no sound zip.
    pub(super) compared: Option<Result<Vec<FileChange>, String>>,
}

impl Looked {
    fn without_files(zip: Found<CachedZip>) -> Looked {
        Looked { zip, compared: None }
    }

    fn damaged(why: String) -> Looked {
        Looked::without_files(Found::Is(CachedZip {
            h1: Err(why),
            refused: Vec::new(),
            irregular: Vec::new(),
            go_mod: None,
        }))
    }
}

/// Returns what is to be said of the zip of `module` at `path`, and of the files in `folder`, which `listing` lists.
pub(super) fn examine(
    path: &Path,
    module: &ModuleVersion,
    folder: &Path,
    listing: Option<&Listing>,
) -> Looked {
    let (mut file, size) = match open(path) {
        Ok(opened) => opened,
        Err(error) if is_missing(&error) => return Looked::without_files(Found::Missing),
        Err(error) => return Looked::without_files(Found::Unread(about(path, &error))),
    };
    let Some(size) = size else { return Looked::damaged("it is not a file".to_owned()) };
    if size > MAX_ZIP {
        return Looked::damaged(format!("it has {size} bytes, more than the {MAX_ZIP} that go accepts"));
    }
    let listed = listing.map(|listing| (folder, listing));
    if size > IN_MEMORY {
        return archive(path, Archive::open(file), module, listed);
    }
    match read_bounded(&mut file, IN_MEMORY) {
        Ok(bytes) => archive(path, Archive::open(bytes), module, listed),
        Err(error) => Looked::without_files(Found::Unread(about(path, &error))),
    }
}

/// Opens a file, and returns its size if it is one.
fn open(path: &Path) -> io::Result<(File, Option<u64>)> {
    let file = regular::open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata.is_file().then_some(metadata.len())))
}

fn archive<R: ReadAt>(
    path: &Path,
    archive: Result<Archive<R>, ArchiveError>,
    module: &ModuleVersion,
    listed: Option<(&Path, &Listing)>,
) -> Looked {
    let unread = |error: &dyn std::error::Error| {
        Looked::without_files(Found::Unread(format!("{}: {}", path.display(), chain(error))))
    };
    let archive = match archive {
        Ok(archive) => archive,
        Err(error @ ArchiveError::Read(_)) => return unread(&error),
        Err(error) => return Looked::damaged(chain(&error)),
    };
    let prefix = format!("{module}/");
    let comparer = || Comparer::new(listed, prefix.as_bytes());
    let hashed = match zip_digests_watched(&archive, comparer) {
        Ok(hashed) => hashed,
        Err(error @ ZipError::Content { source: ContentError::Read(_), .. }) => return unread(&error),
        Err(error) => return Looked::damaged(chain(&error)),
    };
    let mut irregular: Vec<String> = match archive.irregularities(MOST) {
        Ok(irregular) => irregular.iter().map(ToString::to_string).collect(),
        Err(error) => return unread(&error),
    };
    irregular.extend(hidden(&hashed));
    let compared = listed.map(|(folder, listing)| changes(&hashed, listing, &prefix, module, folder));
    let go_mod = hashed.iter().rfind(|entry| entry.entry.name() == format!("{prefix}go.mod").as_bytes());
    let go_mod = match go_mod {
        Some(entry) => go_mod_h1_of(entry.digest),
        None => go_mod_h1(synthesized(module.path()).as_bytes()),
    };
    let h1 = hash1(hashed.iter().map(|entry| (entry.entry.name(), entry.digest)));
    let zip = CachedZip {
        h1: h1.map_err(|error| error.to_string()),
        refused: refused(&archive, module),
        irregular,
        go_mod: Some(go_mod),
    };
    Looked { zip: Found::Is(zip), compared }
}

/// Returns which entries have bytes behind the end of their compressed data.
fn hidden<R>(hashed: &[Hashed<'_, R, (Seen, u64)>]) -> Vec<String> {
    let hidden = hashed.iter().filter(|entry| entry.seen.1 > 0).take(MOST);
    let text = |entry: &Hashed<'_, R, (Seen, u64)>| {
        let name = gosum_mod::name::text::Text::from(entry.entry.name());
        format!("{} bytes follow the compressed data of {name:?}", entry.seen.1)
    };
    hidden.map(text).collect()
}

/// Returns why the go command would not unpack the zip.
fn refused<R: ReadAt>(archive: &Archive<R>, module: &ModuleVersion) -> Vec<String> {
    if let Placement::Outside { first } | Placement::Mixed { first } = placement(module, archive) {
        return vec![format!("{first:?} lies outside {module}/")];
    }
    let check = check_zip(module, archive);
    let invalid = check.invalid.iter().map(|invalid| format!("{:?}: {}", invalid.name, invalid.fault));
    invalid.chain(check.size_error.map(|error| error.to_string())).collect()
}

/// Returns how the files in `folder` differ from those of the zip, by name.
fn changes<R>(
    hashed: &[Hashed<'_, R, (Seen, u64)>],
    listing: &Listing,
    prefix: &str,
    module: &ModuleVersion,
    folder: &Path,
) -> Result<Vec<FileChange>, String> {
    let mut changes = Vec::new();
    let mut known: HashSet<&[u8]> = HashSet::with_capacity(hashed.len());
    for Hashed { entry, seen: (seen, _), .. } in hashed {
        let Some(path) = entry.name().strip_prefix(prefix.as_bytes()) else { continue };
        if path.is_empty() || entry.is_dir() || !known.insert(path) {
            continue;
        }
        let kind = match (seen, listing.entries.get(path)) {
            (Seen::Same, _) => continue,
            (Seen::Changed, _) => ChangeKind::Changed,
            (Seen::Unread(why), _) => return Err(why.clone()),
            (Seen::Gone, _) | (Seen::Nothing, None) => ChangeKind::Missing,
            (Seen::Nothing, Some(Some(kind))) => *kind,
            // a name that this system cannot write
            (Seen::Nothing, Some(None)) => ChangeKind::Changed,
        };
        changes.push(FileChange { file: path.into(), kind });
    }
    let is_made = |path: &[u8]| is_made_by_go(module, path, &known, folder);
    for (path, kind) in &listing.entries {
        if known.contains(&path[..]) || *kind == Some(ChangeKind::Folder) || kind.is_none() && is_made(path)?
        {
            continue;
        }
        let kind = kind.unwrap_or(ChangeKind::Added);
        changes.push(FileChange { file: path.as_slice().into(), kind });
    }
    changes.sort();
    Ok(changes)
}

/// Returns whether the go command itself made the file at `path` beside those of the zip: in a toolchain, `go.mod` is a copy of
/// `_go.mod` (spec 04 §8).
fn is_made_by_go(
    module: &ModuleVersion,
    path: &[u8],
    known: &HashSet<&[u8]>,
    folder: &Path,
) -> Result<bool, String> {
    if module.path().as_str() != TOOLCHAIN {
        return Ok(false);
    }
    if !original(path).is_some_and(|original| known.contains(&original[..])) {
        return Ok(false);
    }
    Folder::new(folder.to_owned()).is_copy_of_original(path).map_err(|error| error.to_string())
}
