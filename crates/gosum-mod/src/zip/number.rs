//! The numbers of a zip archive: little-endian, at fixed places of a record.

/// Returns the number at `at`.
///
/// # Panics
/// When `record` ends before it.
pub(super) fn u16_at(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(record, at))
}

/// Like [`u16_at`].
pub(super) fn u32_at(record: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes(record, at))
}

/// Like [`u16_at`].
pub(super) fn u64_at(record: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(record, at))
}

fn bytes<const N: usize>(record: &[u8], at: usize) -> [u8; N] {
    *record[at..].first_chunk().expect("the caller holds the whole record")
}
