//! The keys of notes (spec 06 §3).

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::base64;

/// The algorithm byte of Ed25519 keys, the only ones there are.
const ED25519: u8 = 1;

/// A key that checks the signatures of one signer.
///
/// Shown as `NAME+HASH+KEY`: the signer's name, the key's hash in 8 hexadecimal digits, and in base64 the algorithm and the
/// public key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    id: KeyId,
    /// As it was given. Go takes any 32 bytes; those that are no point verify nothing.
    public: [u8; 32],
}

/// A key that signs.
///
/// `Debug` does not show the secret, and nothing prints it.
#[derive(Clone)]
pub struct SignerKey {
    id: KeyId,
    secret: SigningKey,
}

/// What tells keys apart: the signer's name, and a hash of name and public key.
///
/// Shown as `NAME+HASH`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    /// The signer's name, by custom a host and a path.
    pub name: String,
    /// The first four bytes of the hash of name and key.
    pub hash: u32,
}

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It does not have the form of a verifier key.
    #[error("{key:?} is not a verifier key `NAME+HASH+KEY`")]
    Verifier {
        /// The text, with U+FFFD for what is not UTF-8.
        key: String,
    },
    /// It does not have the form of a signer key. The text is not shown: it may be a secret.
    #[error("not a signer key `PRIVATE+KEY+NAME+HASH+KEY`")]
    Signer,
    /// The name is empty, or has white space or a `+`.
    #[error("{name:?} is not a name for a key")]
    Name {
        /// The name.
        name: String,
    },
    /// The hash is not that of name and key.
    #[error("hash of key `{id}` is not that of its name and bytes")]
    Hash {
        /// What the text says.
        id: KeyId,
    },
    /// The algorithm is not Ed25519.
    #[error("key `{id}` is for the unknown algorithm {algorithm}")]
    Algorithm {
        /// What the text says.
        id: KeyId,
        /// The algorithm.
        algorithm: u8,
    },
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}", self.name, self.hash)
    }
}

impl KeyId {
    fn of(name: &str, key: &[u8]) -> KeyId {
        let digest = Sha256::new().chain_update(name).chain_update("\n").chain_update(key).finalize();
        KeyId {
            name: name.to_owned(),
            hash: u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]),
        }
    }
}

/// Returns whether `name` may name a key: it is not empty, and without white space and `+`.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || char == '+')
}

/// Returns `NAME+HASH+KEY` in its parts: what it says to be, and the key's bytes, at least one.
///
/// The hash has exactly 8 hexadecimal digits; the bytes are base64 as Go reads it, with CR and LF anywhere.
fn split(key: &[u8]) -> Option<(KeyId, Vec<u8>)> {
    let mut parts = str::from_utf8(key).ok()?.splitn(3, '+');
    let (name, hash, bytes) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash = u32::from_str_radix(hash, 16).ok().filter(|_| hex)?;
    let bytes = base64::decode(bytes.as_bytes()).filter(|bytes| !bytes.is_empty())?;
    is_name(name).then(|| (KeyId { name: name.to_owned(), hash }, bytes))
}

fn with_algorithm(key: &[u8; 32]) -> [u8; 33] {
    let mut bytes = [ED25519; 33];
    bytes[1..].copy_from_slice(key);
    bytes
}

impl VerifierKey {
    /// Returns the key of the signer `name` with these bytes of an Ed25519 public key.
    ///
    /// # Errors
    /// When `name` cannot name a key.
    pub fn new(name: &str, public: [u8; 32]) -> Result<VerifierKey, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name { name: name.to_owned() });
        }
        Ok(VerifierKey { id: KeyId::of(name, &with_algorithm(&public)), public })
    }

    /// Returns the key that `key` writes.
    ///
    /// As Go reads it: the hash's digits may be capitals, and the base64 may have CR and LF anywhere.
    ///
    /// # Errors
    /// When it does not have the form of a key, its hash is another, or its algorithm not Ed25519.
    pub fn parse(key: impl AsRef<[u8]>) -> Result<VerifierKey, KeyError> {
        let key = key.as_ref();
        let malformed = || KeyError::Verifier { key: String::from_utf8_lossy(key).into_owned() };
        let (id, bytes) = split(key).ok_or_else(malformed)?;
        if KeyId::of(&id.name, &bytes) != id {
            return Err(KeyError::Hash { id });
        }
        match bytes.split_first() {
            Some((&ED25519, public)) => {
                let public = public.try_into().map_err(|_| malformed())?;
                Ok(VerifierKey { id, public })
            }
            Some((&algorithm, _)) => Err(KeyError::Algorithm { id, algorithm }),
            None => Err(malformed()),
        }
    }

    /// Returns the signer's name and the key's hash.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Returns whether `signature` is this signer's over `message`.
    ///
    /// With the rules of Go: points may be written in more than one way, but the scalar and the signature's own point may
    /// not.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = VerifyingKey::from_bytes(&self.public);
        let signature = Signature::from_slice(signature);
        key.ok().zip(signature.ok()).is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.id, base64::encode(&with_algorithm(&self.public)))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl SignerKey {
    /// Returns the key of the signer `name` that Ed25519 makes from `seed`.
    ///
    /// # Errors
    /// When `name` cannot name a key.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<SignerKey, KeyError> {
        let secret = SigningKey::from_bytes(seed);
        let id = VerifierKey::new(name, secret.verifying_key().to_bytes())?.id;
        Ok(SignerKey { id, secret })
    }

    /// Returns the key that `key` writes: `PRIVATE+KEY+NAME+HASH+KEY`, with the public key's hash, and in base64 the
    /// algorithm and the seed.
    ///
    /// # Errors
    /// When it does not have the form of a key, its algorithm is not Ed25519, or its hash is another.
    pub fn parse(key: impl AsRef<[u8]>) -> Result<SignerKey, KeyError> {
        let (id, bytes) =
            key.as_ref().strip_prefix(b"PRIVATE+KEY+").and_then(split).ok_or(KeyError::Signer)?;
        let (&algorithm, seed) = bytes.split_first().ok_or(KeyError::Signer)?;
        if algorithm != ED25519 {
            return Err(KeyError::Algorithm { id, algorithm });
        }
        let signer = SignerKey::new(&id.name, seed.try_into().map_err(|_| KeyError::Signer)?)?;
        if signer.id == id { Ok(signer) } else { Err(KeyError::Hash { id }) }
    }

    /// Returns the name and the key's hash.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Returns the key that checks what this one signs.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { id: self.id.clone(), public: self.secret.verifying_key().to_bytes() }
    }

    /// Returns the signature over `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of the group that a signature's scalar belongs to.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, //
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    #[test]
    fn the_secret_is_not_shown() {
        let signer = SignerKey::new("sum.example", &[7; 32]).unwrap();
        let shown = format!("{signer:?}");
        assert!(shown.contains("sum.example"));
        assert!(!shown.contains("7, 7") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_key_that_is_no_point_verifies_nothing() {
        let key = VerifierKey::new("sum.example", [2; 32]).unwrap();
        assert!(VerifyingKey::from_bytes(&[2; 32]).is_err());
        assert_eq!(VerifierKey::parse(key.to_string()), Ok(key.clone()));
        assert!(!key.verifies(b"", &[0; 64]));
    }

    #[test]
    fn a_key_of_small_order_verifies_as_in_go() {
        // y = 1 is the neutral element, also when written as y = p + 1 or with the sign of a zero x
        let mut one = [0; 32];
        one[0] = 1;
        let mut signed = one;
        signed[31] = 0x80;
        let mut unreduced = [0xff; 32];
        (unreduced[0], unreduced[31]) = (0xee, 0x7f);
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&one);
        for public in [one, signed, unreduced] {
            let key = VerifierKey::new("sum.example", public).unwrap();
            assert!(key.verifies(b"anything", &signature));
            let mut other = signature;
            other[..32].copy_from_slice(&unreduced);
            assert!(!key.verifies(b"anything", &other), "its own point has one form");
        }
    }

    #[test]
    fn a_scalar_has_one_form() {
        let signer = SignerKey::new("sum.example", &[7; 32]).unwrap();
        let mut signature = signer.sign(b"a");
        assert!(signer.verifier().verifies(b"a", &signature));
        let mut carry = 0;
        for (byte, more) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert!(!signer.verifier().verifies(b"a", &signature));
    }
}
