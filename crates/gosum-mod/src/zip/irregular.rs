//! What a zip archive has that its hash does not cover, and that Go's reader passes over.
//!
//! Two zips of one h1 can differ in everything that is looked at here: bytes before the archive, after it and between its
//! entries, local headers that say something else than the directory, and fields that nobody reads. Another program that
//! reads the same zip may see other files in it.

use std::collections::HashSet;
use std::fmt;
use std::io;

use super::archive::Archive;
use super::directory::{self, Fault, Header, Headers};
use super::end;
use super::number::{u16_at, u32_at};
use super::source::ReadAt;
use crate::name::text::Text;

/// `PK\3\4`: the local header of an entry.
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const LOCAL_LEN: usize = 30;

/// `PK\7\8`: may stand before a data descriptor.
const DESCRIPTOR_SIGNATURE: [u8; 4] = *b"PK\x07\x08";

/// Flag bit 3: checksum and sizes follow the content.
const HAS_DESCRIPTOR: u16 = 1 << 3;
/// Flag bit 11: the name is UTF-8.
const IS_UTF8: u16 = 1 << 11;

/// The extra field for sizes that do not fit 32 bits, and the one for times, which is shorter in the directory.
const ZIP64: u16 = 1;
const TIMES: u16 = 0x5455;

/// Something in a zip archive that its hash does not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Irregularity {
    /// Bytes stand before the first entry.
    Before {
        /// How many.
        bytes: u64,
    },
    /// Bytes follow the end record, a comment of the archive among them.
    After {
        /// How many.
        bytes: u64,
    },
    /// Bytes that belong to nothing.
    Gap {
        /// Where they start.
        at: u64,
        /// How many.
        bytes: u64,
    },
    /// An entry lies in part where another one, or the directory, lies.
    Overlap {
        /// Its name.
        name: Text,
    },
    /// The directory has several entries of one name, of which the last counts.
    Duplicate {
        /// The name.
        name: Text,
    },
    /// The local header of an entry says something else than the directory.
    Local {
        /// The name of the entry in the directory.
        name: Text,
        /// The field.
        field: &'static str,
    },
    /// The checksum and sizes behind the content say something else than the directory.
    Descriptor {
        /// The name of the entry.
        name: Text,
    },
    /// A field of one entry in the directory is unlike that of all others.
    Odd {
        /// The name of the entry.
        name: Text,
        /// The field.
        field: &'static str,
    },
    /// A field of the end record says what cannot be.
    End {
        /// The field.
        field: &'static str,
    },
}

impl fmt::Display for Irregularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Irregularity::Before { bytes } => write!(f, "{bytes} bytes stand before the first entry"),
            Irregularity::After { bytes } => write!(f, "{bytes} bytes follow the end of the archive"),
            Irregularity::Gap { at, bytes } => write!(f, "{bytes} bytes at {at} belong to no entry"),
            Irregularity::Overlap { name } => write!(f, "{name:?} lies where something else lies too"),
            Irregularity::Duplicate { name } => write!(f, "{name:?} is there more than once"),
            Irregularity::Local { name, field } => {
                write!(f, "the {field} of {name:?} before its content is not that of the directory")
            }
            Irregularity::Descriptor { name } => {
                write!(f, "the sizes of {name:?} behind its content are not those of the directory")
            }
            Irregularity::Odd { name, field } => {
                write!(f, "the {field} of {name:?} is unlike that of all other entries")
            }
            Irregularity::End { field } => write!(f, "the {field} of the end record cannot be"),
        }
    }
}

/// An entry, as the directory has it.
struct Listed {
    name: Text,
    /// Where its local header is.
    at: i64,
    compressed: u64,
    size: u64,
    fixed: [u8; directory::LEN],
    extra: Vec<u8>,
    comment_len: usize,
}

impl Listed {
    fn new(header: &Header<'_>, base: i64) -> Listed {
        Listed {
            name: header.name.into(),
            at: header.offset.wrapping_add(base),
            compressed: header.compressed,
            size: header.size,
            fixed: header.fixed,
            extra: header.extra.to_vec(),
            comment_len: header.comment.len(),
        }
    }
}

impl<R: ReadAt> Archive<R> {
    /// Returns what is irregular in the archive, `most` findings at most: what Go's reader passes over, and the hash with
    /// it. What follows the end of a deflate stream within an entry, [`ContentReader::unread`] tells.
    ///
    /// Reads the directory and the local headers, not the content. What keeps content from being read is no finding here.
    ///
    /// [`ContentReader::unread`]: super::content::ContentReader::unread
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn irregularities(&self, most: usize) -> io::Result<Vec<Irregularity>> {
        let (listed, directory_end) = self.listed()?;
        let mut found = Vec::new();
        self.ends(directory_end, &mut found);
        duplicates(&listed, &mut found);
        odd_ones(&listed, &mut found);
        self.bodies(&listed, most, &mut found)?;
        found.truncate(most);
        Ok(found)
    }

    /// Returns the entries of the directory and where it ends.
    fn listed(&self) -> io::Result<(Vec<Listed>, u64)> {
        let mut buffer = Vec::new();
        let mut headers = Headers::new(&self.source, self.len, self.end.directory, &mut buffer);
        let mut listed = Vec::new();
        loop {
            match headers.next_header() {
                Ok(header) => listed.push(Listed::new(&header, self.end.base)),
                Err(Fault::Io(error)) => return Err(error),
                Err(_) => return Ok((listed, headers.position())),
            }
        }
    }

    /// Looks at what stands around the end records.
    fn ends(&self, directory_end: u64, found: &mut Vec<Irregularity>) {
        let end = &self.end;
        let record = &end.record;
        if u32_at(record, 4) != 0 {
            found.push(Irregularity::End { field: "number of the disk" });
        }
        if u16_at(record, 8) != u16_at(record, 10) {
            found.push(Irregularity::End { field: "number of entries on the disk" });
        }
        let size = u32_at(record, 12);
        if size != u32::MAX && Some(u64::from(size)) != directory_end.checked_sub(end.directory) {
            found.push(Irregularity::End { field: "size of the directory" });
        }
        if let Some(bytes) = end.at.checked_sub(directory_end).filter(|bytes| *bytes > 0) {
            found.push(Irregularity::Gap { at: directory_end, bytes });
        }
        // the locator stands between the zip64 end record and the end record; what else does, belongs to nothing
        let records_end = end.record_at + end::LEN as u64;
        if let Some(bytes) = (records_end - end.at).checked_sub(end.len).filter(|bytes| *bytes > 0) {
            found.push(Irregularity::Gap { at: end.at, bytes });
        }
        if let Some(bytes) = self.len.checked_sub(records_end).filter(|bytes| *bytes > 0) {
            found.push(Irregularity::After { bytes });
        }
    }

    /// Looks at the local headers, in the order of the archive, and at what stands between the entries.
    fn bodies(&self, listed: &[Listed], most: usize, found: &mut Vec<Irregularity>) -> io::Result<()> {
        let mut order: Vec<&Listed> = listed.iter().collect();
        order.sort_by_key(|entry| entry.at);
        let mut position = 0;
        let mut local = Vec::new();
        for (index, entry) in order.iter().enumerate() {
            if found.len() >= most {
                return Ok(());
            }
            let Ok(at) = u64::try_from(entry.at) else { continue };
            match at.checked_sub(position) {
                Some(0) => {}
                Some(bytes) if index == 0 => found.push(Irregularity::Before { bytes }),
                Some(bytes) => found.push(Irregularity::Gap { at: position, bytes }),
                None => found.push(Irregularity::Overlap { name: entry.name.clone() }),
            }
            let next = order.get(index + 1).and_then(|next| u64::try_from(next.at).ok());
            let next = next.unwrap_or(self.end.directory);
            let Some(end) = self.body(entry, at, next, &mut local, found)? else { return Ok(()) };
            position = position.max(end);
        }
        match self.end.directory.checked_sub(position) {
            Some(0) => {}
            Some(bytes) if order.is_empty() => found.push(Irregularity::Before { bytes }),
            Some(bytes) => found.push(Irregularity::Gap { at: position, bytes }),
            None => {
                let last = order.last().map_or_else(|| b""[..].into(), |last| last.name.clone());
                found.push(Irregularity::Overlap { name: last });
            }
        }
        Ok(())
    }

    /// Looks at the local header of `entry` and returns where the entry ends; nowhere if there is no such header. `next` is
    /// where the next one starts.
    fn body(
        &self,
        entry: &Listed,
        at: u64,
        next: u64,
        local: &mut Vec<u8>,
        found: &mut Vec<Irregularity>,
    ) -> io::Result<Option<u64>> {
        let named = (LOCAL_LEN + entry.name.as_bytes().len() + entry.extra.len()) as u64;
        let Some(left) = self.len.checked_sub(at).filter(|left| *left >= LOCAL_LEN as u64) else {
            return Ok(None);
        };
        local.resize(named.min(left) as usize, 0);
        self.source.read_exact_at(at, local)?;
        if !local.starts_with(&LOCAL_SIGNATURE) {
            return Ok(None);
        }
        let (name_len, extra_len) = (usize::from(u16_at(local, 26)), usize::from(u16_at(local, 28)));
        let whole = LOCAL_LEN + name_len + extra_len;
        if (whole as u64) > left {
            return Ok(None);
        }
        if local.len() != whole {
            local.resize(whole, 0);
            self.source.read_exact_at(at, local)?;
        }
        if let Some(field) = differing(entry, local, name_len) {
            found.push(Irregularity::Local { name: entry.name.clone(), field });
        }
        let end = (at + whole as u64).saturating_add(entry.compressed);
        Ok(Some(match u16_at(&entry.fixed, 8) & HAS_DESCRIPTOR {
            0 => end,
            _ => self.descriptor(entry, end, next, found)?,
        }))
    }

    /// Looks at the data descriptor of `entry` at `at` and returns where it ends.
    fn descriptor(
        &self,
        entry: &Listed,
        at: u64,
        next: u64,
        found: &mut Vec<Irregularity>,
    ) -> io::Result<u64> {
        let mut bytes = [0; 24];
        let len = self.len.saturating_sub(at).min(24) as usize;
        self.source.read_exact_at(at, &mut bytes[..len])?;
        let signed = bytes.starts_with(&DESCRIPTOR_SIGNATURE);
        let start = if signed { 4 } else { 0 };
        // sizes have four bytes or eight, and nothing says which: what reaches the next entry does
        let is_wide = next.checked_sub(at) == Some(start as u64 + 20);
        let ends = start + if is_wide { 20 } else { 12 };
        let size = |place: usize| match is_wide {
            true => super::number::u64_at(&bytes, start + 4 + 8 * place),
            false => u32_at(&bytes, start + 4 + 4 * place).into(),
        };
        let is_whole = ends <= len;
        if is_whole && (size(0), size(1)) != (entry.compressed, entry.size) {
            found.push(Irregularity::Descriptor { name: entry.name.clone() });
        }
        Ok(at + ends as u64)
    }
}

/// Returns the first field of a local header that is not that of the directory.
fn differing(entry: &Listed, local: &[u8], name_len: usize) -> Option<&'static str> {
    let listed = &entry.fixed;
    let (name, extra) = local[LOCAL_LEN..].split_at(name_len);
    let is_needed_more = u16_at(listed, 6) == 45; // a zip64 field in the directory alone
    let fields = [
        ("version", is_needed_more || u16_at(local, 4) == u16_at(listed, 6)),
        ("set of flags", u16_at(local, 6) == u16_at(listed, 8)),
        ("method", u16_at(local, 8) == u16_at(listed, 10)),
        ("time", u32_at(local, 10) == u32_at(listed, 12)),
        ("name", name == entry.name.as_bytes()),
        ("extra field", are_alike(extra, &entry.extra)),
    ];
    if let Some((field, _)) = fields.into_iter().find(|(_, is_same)| !is_same) {
        return Some(field);
    }
    let has_descriptor = u16_at(listed, 8) & HAS_DESCRIPTOR != 0;
    let is_wide = tags(extra).any(|(tag, _)| tag == ZIP64);
    let numbers = [
        ("checksum", u32_at(local, 14), u64::from(u32_at(listed, 16))),
        ("compressed size", u32_at(local, 18), entry.compressed),
        ("size", u32_at(local, 22), entry.size),
    ];
    let is_right = |local: u32, listed: u64| {
        u64::from(local) == listed || local == 0 && has_descriptor || local == u32::MAX && is_wide
    };
    numbers.into_iter().find(|(_, local, listed)| !is_right(*local, *listed)).map(|(field, ..)| field)
}

/// Returns whether two lists of extra fields say the same. Sizes and times may be in the local header alone, or shorter in
/// the directory.
fn are_alike(local: &[u8], listed: &[u8]) -> bool {
    if local == listed {
        return true;
    }
    let without_sizes =
        |extra| -> Vec<(u16, &[u8])> { tags(extra).filter(|(tag, _)| *tag != ZIP64).collect() };
    let (local, listed) = (without_sizes(local), without_sizes(listed));
    local.len() == listed.len()
        && local.iter().zip(&listed).all(|((tag, local), (other, listed))| {
            tag == other && (local == listed || *tag == TIMES && local.starts_with(listed))
        })
}

/// Returns the fields of an extra field; the rest as one where it cannot be split.
fn tags(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        if extra.is_empty() {
            return None;
        }
        let split = extra.split_first_chunk::<4>().and_then(|(head, rest)| {
            rest.split_at_checked(usize::from(u16_at(head, 2)))
                .map(|(data, rest)| (u16_at(head, 0), data, rest))
        });
        let (tag, data, rest) = split.unwrap_or((u16::MAX, extra, &[]));
        extra = rest;
        Some((tag, data))
    })
}

fn duplicates(listed: &[Listed], found: &mut Vec<Irregularity>) {
    let mut seen = HashSet::new();
    let again = listed.iter().filter(|entry| !seen.insert(&entry.name));
    found.extend(again.map(|entry| Irregularity::Duplicate { name: entry.name.clone() }));
}

/// A field of the directory: what it is called, whether only a nought of all others makes another value odd, and its value.
type Field = (&'static str, bool, fn(&Listed) -> u64);

/// Fields that are the same for all entries, whoever writes a zip, but for those that are nought unless a writer cares.
const FIELDS: [Field; 9] = [
    ("writer's version", false, |entry| u16_at(&entry.fixed, 4).into()),
    ("version", false, |entry| match u16_at(&entry.fixed, 6) {
        45 => 20, // an entry beyond 4 GiB
        version => version.into(),
    }),
    ("set of flags", false, |entry| (u16_at(&entry.fixed, 8) & !IS_UTF8).into()),
    ("number of the disk", true, |entry| u16_at(&entry.fixed, 34).into()),
    ("time", true, |entry| u32_at(&entry.fixed, 12).into()),
    ("kind of text", true, |entry| u16_at(&entry.fixed, 36).into()),
    ("mode", true, |entry| u32_at(&entry.fixed, 38).into()),
    // of a mode that is set all but the permissions, which differ from file to file
    ("kind of file", false, |entry| (u32_at(&entry.fixed, 38) & 0xf000_ffff).into()),
    ("comment", true, |entry| entry.comment_len as u64),
];

/// Finds the entry of three or more that alone has another value in one of [`FIELDS`].
fn odd_ones(listed: &[Listed], found: &mut Vec<Irregularity>) {
    let [first, second, third, ..] = listed else { return };
    for (field, is_nought, value) in FIELDS {
        let [a, b, c] = [first, second, third].map(value);
        let common = if a == b || a == c { a } else { b };
        if is_nought && common != 0 {
            continue;
        }
        let mut others = listed.iter().filter(|entry| value(entry) != common);
        if let (Some(odd), None) = (others.next(), others.next()) {
            found.push(Irregularity::Odd { name: odd.name.clone(), field });
        }
    }
}
