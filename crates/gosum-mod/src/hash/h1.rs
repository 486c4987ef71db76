//! The h1 hash as a value and as text.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::sha256::Digest;
use crate::name::text::Text;

const PREFIX: &str = "h1:";

/// What a go.sum line records of an artifact: a SHA-256 over the names and digests of files (spec 02 §1).
///
/// Shown as `h1:` and the padded base64 of its 32 bytes: 47 characters, of which each value has one form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct H1(Digest);

/// A text that is not an h1 hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not `h1:` and the base64 of 32 bytes")]
pub struct H1Error {
    /// The text.
    pub text: Text,
}

impl H1 {
    /// Returns the hash whose 32 bytes are `digest`.
    pub fn new(digest: Digest) -> H1 {
        H1(digest)
    }

    /// Returns the hash that `text` writes.
    ///
    /// # Errors
    /// When it is not exactly what [`H1`] shows: another algorithm, length, alphabet or padding, or stray bits
    /// after the 32nd byte.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<H1, H1Error> {
        let text = text.as_ref();
        let mut digest = Digest::default();
        text.strip_prefix(PREFIX.as_bytes())
            .and_then(|base64| STANDARD.decode_slice(base64, &mut digest).ok())
            .filter(|&length| length == digest.len())
            .map(|_| H1(digest))
            .ok_or_else(|| H1Error { text: text.into() })
    }

    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &Digest {
        &self.0
    }
}

impl fmt::Display for H1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{PREFIX}{}", STANDARD.encode(self.0)))
    }
}

impl fmt::Debug for H1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for H1 {
    type Err = H1Error;

    fn from_str(text: &str) -> Result<H1, H1Error> {
        H1::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn text_form_reads_back() {
        let hash = H1::parse(EMPTY).unwrap();
        assert_eq!(hash.to_string(), EMPTY);
        assert_eq!(format!("{hash:?}"), EMPTY);
        assert_eq!(H1::new(*hash.as_bytes()), hash);
    }

    #[test]
    fn has_one_text_form() {
        let long = format!("h1:{}", STANDARD.encode([0; 33]));
        let short = format!("h1:{}", STANDARD.encode([0; 31]));
        for text in [
            "",
            "h1:",
            "h2:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "H1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", // not padded
            "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", // a stray bit
            "h1:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", // the alphabet of URLs
            "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            &long,
            &short,
        ] {
            assert!(H1::parse(text).is_err(), "{text:?}");
        }
    }
}
