//! Base64 as Go reads it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Returns what `text` writes in the standard alphabet with padding.
///
/// As in Go, CR and LF may stand anywhere, and bits past the last byte may be set; so a value has many texts.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        let kept: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        return ENGINE.decode(kept).ok();
    }
    ENGINE.decode(text).ok()
}

/// Returns the text of `bytes`, which has padding and no line breaks.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("AQ==", &[1]),
            ("AR==", &[1]),
            ("A\nQ=\r\n=\n", &[1]),
            ("\n", b""),
            ("+/+/", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes), "{text:?}");
        }
        for text in ["A", "AQ", "AQ=", "AQ===", "AQ==AQ==", "-_-_", "AQ= =", "=", "\u{e9}"] {
            assert_eq!(decode(text.as_bytes()), None, "{text:?}");
        }
    }
}
