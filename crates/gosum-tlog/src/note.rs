//! Signed notes (spec 06 §3): a text, a blank line, and a line for each signature.

use std::fmt;

use crate::base64;
use crate::key::{KeyId, SignerKey, VerifierKey, is_name};

/// The most signatures that a note may have.
const MAX_SIGNATURES: usize = 100;

/// What begins a signature's line.
const MARK: &str = "\u{2014} ";

/// A note whose signatures were looked at.
///
/// Shown as a message again, though not always the one that was opened: the verified signatures come first, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, with its final LF.
    pub text: String,
    /// The signatures of known keys, which hold.
    pub verified: Vec<Signature>,
    /// The signatures of unknown keys, of which nothing is known.
    pub unverified: Vec<Signature>,
}

/// One signature of a note.
///
/// Shown as its line, without LF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key it says to be from.
    pub key: KeyId,
    /// The base64 of the key's hash and the signature, as it was written.
    pub base64: String,
}

/// Why a note cannot be trusted.
///
/// [`NoteError::Signature`] and [`NoteError::Unverified`] are security failures: the text is not what a known key signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// It is not UTF-8, or has a control character below U+0020 other than LF.
    #[error("malformed note: it is not plain UTF-8 text")]
    Text,
    /// It does not end in a blank line and lines of signatures.
    #[error("malformed note: it does not end in a blank line and signatures")]
    Unsigned,
    /// A line after the blank one is no signature.
    #[error("malformed note: {line:?} is no signature")]
    Line {
        /// The line.
        line: String,
    },
    /// It has too many signatures.
    #[error("malformed note: it has more than {max} signatures")]
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// Several of the known keys have the name and hash of a signature.
    #[error("several keys are known as `{key}`")]
    Ambiguous {
        /// The name and hash.
        key: KeyId,
    },
    /// A signature of a known key does not hold.
    #[error("signature of `{key}` does not fit the note's text")]
    Signature {
        /// The key.
        key: KeyId,
    },
    /// No signature is of a known key.
    #[error("note is signed by no known key, but by {}", signers(.note))]
    Unverified {
        /// The note. Nothing vouches for its text.
        note: Box<Note>,
    },
}

fn signers(note: &Note) -> String {
    let keys: Vec<String> = note.unverified.iter().map(|signature| format!("`{}`", signature.key)).collect();
    keys.join(", ")
}

/// Why a text cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// It does not end in LF.
    #[error("text to sign does not end in a line feed")]
    Unended,
}

/// Returns the note in `message`, if it is signed by one of the keys in `known`.
///
/// The text goes up to the last blank line. After it stand signatures, one a line: an em dash, a space, the signer's name, a
/// space, and in base64 the key's hash and the signature. Those of unknown keys are kept aside, each line once; of several by
/// one known key, the first counts and the others are not looked at.
///
/// # Errors
/// When the message is not such a note, a signature of a known key does not hold, or there is none. In the last case
/// the error has the note.
pub fn open(message: impl AsRef<[u8]>, known: &[VerifierKey]) -> Result<Note, NoteError> {
    let message = str::from_utf8(message.as_ref()).map_err(|_| NoteError::Text)?;
    if message.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Text);
    }
    let split = message.rfind("\n\n").ok_or(NoteError::Unsigned)?;
    let (text, lines) = (&message[..=split], &message[split + 2..]);
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
    let mut note = Note { text: text.to_owned(), verified: Vec::new(), unverified: Vec::new() };
    for (count, line) in lines.split('\n').enumerate() {
        let (signature, bytes) = parse_line(line).ok_or_else(|| NoteError::Line { line: line.to_owned() })?;
        if count >= MAX_SIGNATURES {
            return Err(NoteError::TooMany { max: MAX_SIGNATURES });
        }
        let mut keys = known.iter().filter(|key| *key.id() == signature.key);
        match (keys.next(), keys.next()) {
            (None, _) if note.unverified.contains(&signature) => {}
            (None, _) => note.unverified.push(signature),
            (Some(_), Some(_)) => return Err(NoteError::Ambiguous { key: signature.key }),
            (Some(_), None) if note.verified.iter().any(|seen| seen.key == signature.key) => {}
            (Some(key), None) if key.verifies(text.as_bytes(), &bytes) => note.verified.push(signature),
            (Some(_), None) => return Err(NoteError::Signature { key: signature.key }),
        }
    }
    if note.verified.is_empty() { Err(NoteError::Unverified { note: Box::new(note) }) } else { Ok(note) }
}

/// Returns the signature in a line, and its bytes after the key's hash, at least one.
fn parse_line(line: &str) -> Option<(Signature, Vec<u8>)> {
    let (name, text) = line.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = base64::decode(text.as_bytes())?;
    let (hash, bytes) = bytes.split_first_chunk()?;
    let key = KeyId { name: name.to_owned(), hash: u32::from_be_bytes(*hash) };
    let valid = is_name(name) && !bytes.is_empty();
    valid.then(|| (Signature { key, base64: text.to_owned() }, bytes.to_vec()))
}

/// Returns the note of `text` with the signature of each of `signers`, in that order.
///
/// # Errors
/// When `text` does not end in LF. It may still be one that [`open`] refuses for its control characters, as in Go.
pub fn sign(text: impl AsRef<[u8]>, signers: &[&SignerKey]) -> Result<Vec<u8>, SignError> {
    let text = text.as_ref();
    if !text.ends_with(b"\n") {
        return Err(SignError::Unended);
    }
    let mut message = [text, b"\n"].concat();
    for signer in signers {
        let key = signer.id().clone();
        let bytes = [&key.hash.to_be_bytes()[..], &signer.sign(text)].concat();
        let signature = Signature { key, base64: base64::encode(&bytes) };
        message.extend_from_slice(format!("{signature}\n").as_bytes());
    }
    Ok(message)
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{} {}", self.key.name, self.base64)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.verified.iter().chain(&self.unverified).try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_shows_what_it_signed() {
        let signer = SignerKey::new("sum.example", &[7; 32]).unwrap();
        let message = sign("a\n", &[&signer]).unwrap();
        let stranger = SignerKey::new("sum.example", &[8; 32]).unwrap().verifier();
        let Err(NoteError::Unverified { note }) = open(&message, &[stranger]) else { panic!("opened") };
        assert_eq!(note.text, "a\n");
        assert_eq!(note.to_string().as_bytes(), message);
        assert_eq!(open(&message, &[signer.verifier()]).unwrap().verified, note.unverified);
    }
}
