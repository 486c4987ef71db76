//! The end of the central directory: where an archive says its list of entries is.

use super::directory::{Fault, Headers};
use super::number::{u16_at, u32_at, u64_at};
use super::source::ReadAt;

/// `PK\5\6`: the end record.
const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
pub(super) const LEN: usize = 22;

/// `PK\6\7`: says where the zip64 end record is.
const LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;

/// `PK\6\6`: the zip64 end record.
const END64_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const END64_LEN: usize = 56;

/// How far from the end of an archive the end record is looked for: first near, then as far as a comment can reach.
const REACH: [u64; 2] = [1 << 10, 65 << 10];

/// What the end record says.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The number of entries; only its low 16 bits are to be believed.
    pub(super) records: u64,
    /// Where the central directory starts.
    pub(super) directory: u64,
    /// What is to be added to the offsets that entries have: what lies before the archive proper. May be negative.
    pub(super) base: i64,
    /// Where the first of the end records is: the zip64 one where it counts.
    pub(super) at: u64,
    /// The end record itself, which is the last of them, and where it is.
    pub(super) record: [u8; LEN],
    pub(super) record_at: u64,
    /// How many bytes the end records have, with the locator where there is one.
    pub(super) len: u64,
}

/// Returns what the end record of the `len` bytes of `source` says.
///
/// Facts about Go's reader that decide what counts as an archive: the last signature within reach is the end record,
/// and if its comment does not fit, there is none. The zip64 end record counts if the end record has one of three
/// marks (for the directory's size, oddly, 0xffff) and the locator before it is whole. The directory ends where the
/// end record starts, so what lies before the archive shifts all offsets; but where the stated offset taken as it is
/// leads to a directory header, nothing is shifted.
pub(super) fn find<R: ReadAt + ?Sized>(source: &R, len: u64) -> Result<End, Fault> {
    let (record_at, record) = search(source, len)?;
    let (mut at, mut records_len) = (record_at, LEN as u64);
    let mut records = u64::from(u16_at(&record, 10));
    let mut size = u64::from(u32_at(&record, 12));
    let mut offset = u64::from(u32_at(&record, 16));
    if (records == 0xffff || size == 0xffff || offset == 0xffff_ffff)
        && let Some(at64) = locate64(source, at)?
    {
        let record = read64(source, len, at64)?;
        (records, size, offset) = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
        at = at64;
        records_len += (END64_LEN + LOCATOR_LEN) as u64;
    }
    let directory = at.checked_sub(size).ok_or(Fault::Format)?;
    let signed = i64::try_from(offset).map_err(|_| Fault::Format)?;
    let base = i64::try_from(directory).map_err(|_| Fault::Format)? - signed;
    let end = |directory, base| End { records, directory, base, at, record, record_at, len: records_len };
    if base > 0 {
        match Headers::new(source, len, offset, &mut Vec::new()).next_header() {
            Ok(_) => return Ok(end(offset, 0)),
            Err(Fault::Io(error)) => return Err(Fault::Io(error)),
            Err(_) => {}
        }
    }
    Ok(end(directory, base))
}

/// Returns where the end record is, and the record.
fn search<R: ReadAt + ?Sized>(source: &R, len: u64) -> Result<(u64, [u8; LEN]), Fault> {
    for reach in REACH {
        let mut tail = vec![0; reach.min(len) as usize];
        let start = len - tail.len() as u64;
        source.read_exact_at(start, &mut tail)?;
        if let Some(at) = last_record(&tail) {
            let record = *tail[at..].first_chunk().expect("the record is whole");
            return Ok((start + at as u64, record));
        }
        if len <= reach {
            break;
        }
    }
    Err(Fault::Format)
}

fn last_record(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(LEN)?;
    let at = (0..=last).rev().find(|&at| tail[at..].starts_with(&SIGNATURE))?;
    let comment = usize::from(u16_at(&tail[at..], 20));
    (at + LEN + comment <= tail.len()).then_some(at)
}

/// Returns where the zip64 end record is, if the end record at `end` has a locator before it.
fn locate64<R: ReadAt + ?Sized>(source: &R, end: u64) -> Result<Option<u64>, Fault> {
    let Some(at) = end.checked_sub(LOCATOR_LEN as u64) else { return Ok(None) };
    let mut locator = [0; LOCATOR_LEN];
    source.read_exact_at(at, &mut locator)?;
    let (disk, offset, disks) = (u32_at(&locator, 4), u64_at(&locator, 8), u32_at(&locator, 16));
    let whole = locator.starts_with(&LOCATOR_SIGNATURE) && disk == 0 && disks == 1;
    Ok(Some(offset).filter(|&offset| whole && i64::try_from(offset).is_ok()))
}

fn read64<R: ReadAt + ?Sized>(source: &R, len: u64, at: u64) -> Result<[u8; END64_LEN], Fault> {
    if at.checked_add(END64_LEN as u64).is_none_or(|end| end > len) {
        return Err(Fault::Ended);
    }
    let mut record = [0; END64_LEN];
    source.read_exact_at(at, &mut record)?;
    if record.starts_with(&END64_SIGNATURE) { Ok(record) } else { Err(Fault::Format) }
}
