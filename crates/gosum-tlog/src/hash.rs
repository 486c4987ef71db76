//! The hashes of a log (spec 06 §5; RFC 6962 §2.1).

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::base64;

/// What stands before a record, and before two hashes, when they are hashed: neither can pass for the other.
const RECORD: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// A SHA-256 of a record, of two hashes, or of nothing.
///
/// Shown as the padded base64 of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Hash::SIZE]);

/// A text that is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the base64 of 32 bytes")]
pub struct HashError {
    /// The text, with U+FFFD for what is not UTF-8.
    pub text: String,
}

impl Hash {
    /// How many bytes a hash has.
    pub const SIZE: usize = 32;

    /// The root of a tree without records: the SHA-256 of nothing.
    pub const EMPTY: Hash = Hash([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, //
        0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// Returns the hash of these bytes.
    pub fn new(bytes: [u8; Hash::SIZE]) -> Hash {
        Hash(bytes)
    }

    /// Returns the hash that `text` writes.
    ///
    /// As Go reads base64: CR and LF may stand anywhere, and the two bits past the last byte may be set.
    ///
    /// # Errors
    /// When it is not the padded base64 of 32 bytes.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Hash, HashError> {
        let text = text.as_ref();
        base64::decode(text)
            .and_then(|bytes| Hash::from_slice(&bytes))
            .ok_or_else(|| HashError { text: String::from_utf8_lossy(text).into_owned() })
    }

    /// Returns the hash of these bytes, if they are 32.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }

    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; Hash::SIZE] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base64::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Hash, HashError> {
        Hash::parse(text)
    }
}

/// Returns the hash of the record whose text is `text`, which includes its final LF.
pub fn record_hash(text: impl AsRef<[u8]>) -> Hash {
    Hash(Sha256::new().chain_update(RECORD).chain_update(text).finalize().into())
}

/// Returns the hash above `left` and `right`.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update(NODE).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// Returns the root of the complete tree over the hashes in `bytes`, whose number must be a power of two.
pub(crate) fn complete_root(bytes: &[u8]) -> Hash {
    let mut row: Vec<Hash> = bytes.as_chunks().0.iter().copied().map(Hash).collect();
    while row.len() > 1 {
        row = row.as_chunks().0.iter().map(|&[left, right]| node_hash(left, right)).collect();
    }
    row.pop().unwrap_or(Hash::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_root_is_the_hash_of_nothing() {
        assert_eq!(Hash(Sha256::digest([]).into()), Hash::EMPTY);
    }

    #[test]
    fn hashes_a_complete_tree_pair_by_pair() {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(record_hash);
        let bytes = [a, b, c, d].map(|hash| *hash.as_bytes()).concat();
        assert_eq!(complete_root(&bytes), node_hash(node_hash(a, b), node_hash(c, d)));
        assert_eq!(complete_root(&bytes[..32]), a);
    }

    #[test]
    fn text_form_reads_back() {
        let text = Hash::EMPTY.to_string();
        assert_eq!(text.parse(), Ok(Hash::EMPTY));
        assert_eq!(Hash::parse([&text, "="].concat()), Err(HashError { text: format!("{text}=") }));
    }
}
