//! Zip archives written field by field, to be wrong in one of them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// An entry; `default` of a name and content is a sound one, deflated.
#[derive(Clone)]
pub(crate) struct RawEntry {
    pub(crate) name: &'static str,
    /// What stands behind the local header: compressed data, then perhaps a data descriptor.
    pub(crate) packed: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    /// The index of the entry whose local header and data are this one's too.
    pub(crate) same_as: Option<usize>,
}

impl RawEntry {
    pub(crate) fn new(name: &'static str, content: &[u8]) -> RawEntry {
        let packed = deflated(content);
        RawEntry {
            name,
            flags: 0,
            method: 8,
            crc: crc32fast::hash(content),
            compressed: packed.len() as u32,
            size: content.len() as u32,
            same_as: None,
            packed,
        }
    }
}

pub(crate) fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The parts of an archive, before they are put together.
pub(crate) struct Parts {
    pub(crate) bodies: Vec<u8>,
    pub(crate) directory: Vec<u8>,
    pub(crate) records: usize,
}

impl Parts {
    pub(crate) fn new(entries: &[RawEntry]) -> Parts {
        let (mut bodies, mut directory, mut offsets) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            let offset = entry.same_as.map_or(bodies.len(), |index| offsets[index]);
            offsets.push(offset);
            let sizes = [entry.crc, entry.compressed, entry.size].map(u32::to_le_bytes).concat();
            let name_len = (entry.name.len() as u16).to_le_bytes();
            let common = [
                &[20, 0][..],
                &entry.flags.to_le_bytes(),
                &entry.method.to_le_bytes(),
                &[0; 4],
                &sizes,
                &name_len,
                &[0; 2],
            ]
            .concat();
            if entry.same_as.is_none() {
                bodies.extend([b"PK\x03\x04", &common[..], entry.name.as_bytes(), &entry.packed].concat());
            }
            let offset = (offset as u32).to_le_bytes();
            directory.extend(
                [b"PK\x01\x02\x14\0", &common[..], &[0; 10], &offset, entry.name.as_bytes()].concat(),
            );
        }
        Parts { bodies, directory, records: entries.len() }
    }

    /// Returns an end record for a directory of `size` bytes at `offset`.
    pub(crate) fn end(&self, size: u32, offset: u32) -> Vec<u8> {
        let records = (self.records as u16).to_le_bytes();
        let (size, offset) = (size.to_le_bytes(), offset.to_le_bytes());
        [b"PK\x05\x06\0\0\0\0", &records[..], &records, &size, &offset, &[0; 2]].concat()
    }

    pub(crate) fn archive(&self) -> Vec<u8> {
        let end = self.end(self.directory.len() as u32, self.bodies.len() as u32);
        [&self.bodies[..], &self.directory, &end].concat()
    }
}

pub(crate) fn archive(entries: &[RawEntry]) -> Vec<u8> {
    Parts::new(entries).archive()
}
