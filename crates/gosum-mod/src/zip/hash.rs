//! The h1 of a module zip.

use super::archive::{Archive, Entry};
use super::content::ContentError;
use super::gather::digest_batch;
use super::limits::MAX_ZIP;
use super::source::ReadAt;
use crate::hash::batch::digest_batches;
use crate::hash::dirhash::{NewlineInName, go_mod_h1_of, has_newline, hash1};
use crate::hash::h1::H1;
use crate::hash::sha256::Digest;
use crate::name::id::ModuleVersion;
use crate::name::text::Text;

/// No byte of a deflate stream makes more than this many: four times 258, each of two bits.
const MAX_RATIO: u64 = 1032;

/// A zip that has no hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZipError {
    /// A name cannot be hashed.
    #[error(transparent)]
    Name(#[from] NewlineInName),
    /// The content of an entry cannot be read.
    #[error("cannot read {name:?} in the zip")]
    Content {
        /// The name of the entry.
        name: Text,
        /// Why.
        #[source]
        source: ContentError,
    },
    /// Hashing would be more work than for any zip that the go command unpacks.
    #[error("unpacks to {size} bytes, more than the {MAX_ZIP} that the go command accepts")]
    TooLarge {
        /// How large the entries can be, together.
        size: u64,
    },
    /// Hashing would read more than any zip that the go command accepts can hold without entries that overlap.
    #[error(
        "compressed data has {size} bytes, more than the {MAX_ZIP} that a zip for the go command can hold"
    )]
    TooMuchData {
        /// How much data the entries lay claim to, together.
        size: u64,
    },
}

/// Returns the h1 of a module zip (spec 02 §1): of all its entries, folders too, whatever their names.
///
/// The hash says nothing about whether the zip is a good one; ask [`check_zip`](super::check::check_zip). Inflates and
/// hashes on all threads of the current pool if there is enough to do, with some 2.3 MiB of buffers each.
///
/// # Errors
/// As Go, the first in the order of names. Besides, to bound the work that hostile bytes can cause, entries of more
/// than 500 MiB together, and compressed data of more than 500 MiB together. Go hashes the first sort, and then
/// refuses to unpack it; the second takes overlapping entries, or a zip that is itself too large.
pub fn zip_h1<R: ReadAt>(archive: &Archive<R>) -> Result<H1, ZipError> {
    Ok(hash1(zip_digests(archive)?)?)
}

/// What a module zip and the go.mod in it hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZipSums {
    /// The h1 of the zip.
    pub h1: H1,
    /// The h1 that the zip's own go.mod would have as a file alone; none where the zip has no go.mod.
    pub go_mod: Option<H1>,
}

/// Returns the h1 of the zip of `module`, as [`zip_h1`] does, and that of the go.mod in it, which is not read twice.
///
/// # Errors
/// As [`zip_h1`].
pub fn zip_sums<R: ReadAt>(archive: &Archive<R>, module: &ModuleVersion) -> Result<ZipSums, ZipError> {
    let digests = zip_digests(archive)?;
    let name = format!("{module}/go.mod");
    let at = digests.binary_search_by(|(other, _)| (*other).cmp(name.as_bytes()));
    let go_mod = at.ok().map(|at| go_mod_h1_of(digests[at].1));
    Ok(ZipSums { h1: hash1(digests)?, go_mod })
}

/// Returns the name and the SHA-256 of each file in a module zip, in the order of names: what [`zip_h1`] hashes.
///
/// Of entries of one name, each has the digest of the last one's content.
///
/// # Errors
/// As [`zip_h1`].
pub fn zip_digests<R: ReadAt>(archive: &Archive<R>) -> Result<Vec<(&[u8], Digest)>, ZipError> {
    let seen = zip_digests_watched(archive, || Nobody)?;
    Ok(seen.into_iter().map(|Hashed { entry, digest, .. }| (entry.name(), digest)).collect())
}

/// Looks on while the content of entries is hashed, one after the other, to do more with it than that.
pub trait Onlooker {
    /// What it has to say of an entry.
    type Seen: Clone + Send;

    /// An entry begins.
    fn begins(&mut self, name: &[u8], size: u64);

    /// The next piece of its content.
    fn piece(&mut self, piece: &[u8]);

    /// The entry ends, and `unread` bytes of its compressed data lie behind the end of the content.
    fn ends(&mut self, unread: u64) -> Self::Seen;
}

/// Sees nothing.
struct Nobody;

impl Onlooker for Nobody {
    type Seen = ();

    fn begins(&mut self, _: &[u8], _: u64) {}

    fn piece(&mut self, _: &[u8]) {}

    fn ends(&mut self, _: u64) {}
}

/// An entry that was hashed.
#[derive(Debug)]
pub struct Hashed<'a, R, S> {
    /// The entry.
    pub entry: Entry<'a, R>,
    /// The SHA-256 of its content; of the last one's of its name.
    pub digest: Digest,
    /// What the onlooker has to say of it.
    pub seen: S,
}

/// Returns what [`zip_digests`] does, and what onlookers saw meanwhile: each thread has its own, made by `onlooker`. Of entries
/// of one name only the last is looked at, as only that is read.
///
/// # Errors
/// As [`zip_h1`].
pub fn zip_digests_watched<R: ReadAt, O: Onlooker>(
    archive: &Archive<R>,
    onlooker: impl Fn() -> O + Sync,
) -> Result<Vec<Hashed<'_, R, O::Seen>>, ZipError> {
    let mut entries: Vec<_> = archive.entries().collect();
    entries.sort_by_key(Entry::name); // stable: the last of a name stays the last
    let newline = entries.iter().position(|entry| has_newline(entry.name()));
    let named = &entries[..newline.unwrap_or(entries.len())];
    let runs: Vec<&[Entry<'_, R>]> = named.chunk_by(|a, b| a.name() == b.name()).collect();
    check_work(&runs, archive.file_size())?;
    let digests = digest_batches(
        &runs,
        |run| unpacked_size(&last(run), archive.file_size()),
        |batch| digest_batch(batch.iter().map(|run| last(run)), &mut onlooker()),
    )?;
    if let Some(at) = newline {
        return Err(NewlineInName { name: entries[at].name().into() }.into());
    }
    let repeated = runs.iter().zip(digests).flat_map(|(run, (digest, seen))| {
        run.iter().map(move |entry| Hashed { entry: *entry, digest, seen: seen.clone() })
    });
    Ok(repeated.collect())
}

/// Returns the entry whose content counts for all of a name.
fn last<'a, R>(run: &[Entry<'a, R>]) -> Entry<'a, R> {
    *run.last().expect("a run holds an entry")
}

/// Refuses work without end, before any of it is done.
///
/// What content a size promises and its compressed data cannot hold will be missed when it is read, as in Go.
fn check_work<R>(runs: &[&[Entry<'_, R>]], file_size: u64) -> Result<(), ZipError> {
    let (mut size, mut packed) = (0u64, 0u64);
    for run in runs {
        let entry = last(run);
        size = size.saturating_add(unpacked_size(&entry, file_size));
        packed = packed.saturating_add(packed_size(&entry, file_size));
    }
    if size > MAX_ZIP {
        return Err(ZipError::TooLarge { size });
    }
    if packed > MAX_ZIP {
        return Err(ZipError::TooMuchData { size: packed });
    }
    Ok(())
}

/// Returns how much compressed data reading `entry` takes at most.
fn packed_size<R>(entry: &Entry<'_, R>, file_size: u64) -> u64 {
    if entry.is_dir() { 0 } else { entry.compressed_size().min(file_size) }
}

/// Returns how much content can come out of `entry`, whatever it declares.
fn unpacked_size<R>(entry: &Entry<'_, R>, file_size: u64) -> u64 {
    entry.size().min(packed_size(entry, file_size).saturating_mul(MAX_RATIO))
}
