//! Packs made for tests.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Kind;
use crate::ObjectId;

/// A pack under construction.
pub(crate) struct PackWriter {
    format: gix::hash::Kind,
    bytes: Vec<u8>,
    count: u32,
}

impl PackWriter {
    pub(crate) fn new(format: gix::hash::Kind) -> PackWriter {
        PackWriter { format, bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), count: 0 }
    }

    /// Adds an object and returns where it begins.
    pub(crate) fn whole(&mut self, kind: Kind, data: &[u8]) -> u64 {
        let code = match kind {
            Kind::Commit => 1,
            Kind::Tree => 2,
            Kind::Blob => 3,
            Kind::Tag => 4,
        };
        self.entry(code, &[], data)
    }

    /// Adds a delta to the object that begins at `base`.
    pub(crate) fn offset_delta(&mut self, base: u64, delta: &[u8]) -> u64 {
        let mut distance = self.bytes.len() as u64 - base;
        let mut digits = vec![distance as u8 & 0x7f];
        while distance >= 0x80 {
            distance = (distance >> 7) - 1;
            digits.push(distance as u8 & 0x7f | 0x80);
        }
        digits.reverse();
        self.entry(6, &digits, delta)
    }

    pub(crate) fn id_delta(&mut self, base: ObjectId, delta: &[u8]) -> u64 {
        self.entry(7, base.as_bytes(), delta)
    }

    /// Adds an entry of any type.
    pub(crate) fn entry(&mut self, code: u8, base: &[u8], data: &[u8]) -> u64 {
        let offset = self.bytes.len() as u64;
        let (mut size, mut byte) = (data.len() >> 4, code << 4 | (data.len() & 0x0f) as u8);
        while size > 0 {
            self.bytes.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        self.bytes.push(byte);
        self.bytes.extend_from_slice(base);
        let mut encoder = ZlibEncoder::new(&mut self.bytes, Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap();
        self.count += 1;
        offset
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes[8..12].copy_from_slice(&self.count.to_be_bytes());
        sealed(self.bytes, self.format)
    }
}

/// Returns `bytes` with their checksum behind them.
pub(crate) fn sealed(mut bytes: Vec<u8>, format: gix::hash::Kind) -> Vec<u8> {
    let mut hasher = gix::hash::hasher(format);
    hasher.update(&bytes);
    bytes.extend_from_slice(hasher.try_finalize().unwrap().as_slice());
    bytes
}

pub(crate) fn id_of(format: gix::hash::Kind, kind: Kind, data: &[u8]) -> ObjectId {
    ObjectId(gix::objs::compute_hash(format, kind.gix(), data).unwrap())
}

/// Returns a delta that makes `target` of `base` by what both begin and end with.
pub(crate) fn delta(base: &[u8], target: &[u8]) -> Vec<u8> {
    let start = base.iter().zip(target).take_while(|(a, b)| a == b).count().min(0xffff);
    let room = base.len().min(target.len()) - start;
    let same_end = base.iter().rev().zip(target.iter().rev()).take_while(|(a, b)| a == b);
    let end = same_end.count().min(room).min(0xffff);
    let mut delta = Vec::new();
    for mut size in [base.len(), target.len()] {
        while size >= 0x80 {
            delta.push(size as u8 | 0x80);
            size >>= 7;
        }
        delta.push(size as u8);
    }
    copy(&mut delta, 0, start);
    for part in target[start..target.len() - end].chunks(0x7f) {
        delta.push(part.len() as u8);
        delta.extend_from_slice(part);
    }
    copy(&mut delta, base.len() - end, end);
    delta
}

fn copy(delta: &mut Vec<u8>, offset: usize, size: usize) {
    if size > 0 {
        delta.push(0xbf);
        delta.extend_from_slice(&(offset as u32).to_le_bytes());
        delta.extend_from_slice(&(size as u16).to_le_bytes());
    }
}
