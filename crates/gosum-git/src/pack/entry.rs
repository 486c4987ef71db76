//! The header of an object in a pack.
//!
//! ```text
//! header = type-and-size [base]
//! type-and-size = 1 bit "more follows", 3 bits type, 4 bits size; then 7 bits of size a byte, lowest first
//! base   = of an offset delta: how many bytes back, 7 bits a byte, highest first, one added to all but the last
//!        | of an id delta: the id, 20 or 32 bytes
//! ```

use std::io::{self, BufRead};

use super::PackError;
use crate::ObjectId;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    pub(super) fn gix(self) -> gix::objs::Kind {
        match self {
            Kind::Commit => gix::objs::Kind::Commit,
            Kind::Tree => gix::objs::Kind::Tree,
            Kind::Blob => gix::objs::Kind::Blob,
            Kind::Tag => gix::objs::Kind::Tag,
        }
    }
}

/// What the deflated data of an object are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The object.
    Whole(Kind),
    /// A delta to the object that begins so many bytes before.
    Back(u64),
    /// A delta to an object anywhere.
    On(ObjectId),
}

/// Returns the form of the object that begins at `offset`, which is where `input` is, and the size
/// of its inflated data.
pub(super) fn read_header(
    input: &mut dyn BufRead,
    offset: u64,
    format: gix::hash::Kind,
) -> Result<(Form, u64), PackError> {
    let corrupt = |reason| PackError::Corrupt { offset, reason };
    let first = byte(input)?;
    let mut size = u64::from(first & 0x0f);
    let (mut shift, mut more) = (4, first & 0x80 != 0);
    while more {
        let next = byte(input)?;
        if shift > 56 {
            return Err(corrupt("its size is out of range"));
        }
        size |= u64::from(next & 0x7f) << shift;
        shift += 7;
        more = next & 0x80 != 0;
    }
    let form = match first >> 4 & 7 {
        1 => Form::Whole(Kind::Commit),
        2 => Form::Whole(Kind::Tree),
        3 => Form::Whole(Kind::Blob),
        4 => Form::Whole(Kind::Tag),
        6 => Form::Back(read_distance(input)?.ok_or_else(|| corrupt("its base is out of range"))?),
        7 => Form::On(read_id(input, format)?),
        _ => return Err(corrupt("it has an unknown type")),
    };
    Ok((form, size))
}

fn read_distance(input: &mut dyn BufRead) -> Result<Option<u64>, PackError> {
    let mut next = byte(input)?;
    let mut distance = u64::from(next & 0x7f);
    while next & 0x80 != 0 {
        next = byte(input)?;
        if distance >= 1 << 56 {
            return Ok(None);
        }
        distance = (distance + 1) << 7 | u64::from(next & 0x7f);
    }
    Ok(Some(distance))
}

fn read_id(input: &mut dyn BufRead, format: gix::hash::Kind) -> Result<ObjectId, PackError> {
    let mut id = [0; 32];
    let id = &mut id[..format.len_in_bytes()];
    read_exact(input, id)?;
    Ok(ObjectId::from_bytes(id).expect("as long as the format says"))
}

fn byte(input: &mut dyn BufRead) -> Result<u8, PackError> {
    let mut byte = [0];
    read_exact(input, &mut byte)?;
    Ok(byte[0])
}

/// Fills `buffer`; an early end is [`PackError::Truncated`].
pub(super) fn read_exact(input: &mut dyn BufRead, buffer: &mut [u8]) -> Result<(), PackError> {
    input.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => PackError::Truncated,
        _ => PackError::Read(error),
    })
}
