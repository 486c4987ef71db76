//! The name of an object.

use std::fmt;

/// The id of a git object: SHA-1, or SHA-256 in repositories of that format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) gix::ObjectId);

/// A text that is no object id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no object id")]
pub struct IdError {
    /// The text.
    pub text: String,
}

impl ObjectId {
    /// Returns the id that 40 or 64 hexadecimal digits spell.
    ///
    /// # Errors
    /// When `text` is anything else.
    pub fn parse(text: &str) -> Result<ObjectId, IdError> {
        ObjectId::from_hex(text.as_bytes()).ok_or_else(|| IdError { text: text.to_owned() })
    }

    pub(crate) fn from_hex(hex: &[u8]) -> Option<ObjectId> {
        gix::ObjectId::from_hex(hex).ok().map(ObjectId)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<ObjectId> {
        gix::ObjectId::try_from(bytes).ok().map(ObjectId)
    }

    /// Returns the bytes of the id, 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_null()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_formats_and_nothing_else() {
        for len in [40, 64] {
            let hex = "0123456789abcdef".repeat(4)[..len].to_owned();
            assert_eq!(ObjectId::parse(&hex).unwrap().to_string(), hex);
        }
        for text in ["", "0123", &"g".repeat(40), &"0".repeat(41)] {
            assert!(ObjectId::parse(text).is_err(), "{text}");
        }
    }
}
