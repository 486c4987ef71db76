//! SHA-256, so that no other crate names the library that computes it.

use sha2::Digest as _;

/// The SHA-256 of some bytes.
pub type Digest = [u8; 32];

/// Computes a SHA-256 from pieces.
#[derive(Debug, Clone, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// Returns the state before the first piece.
    pub fn new() -> Sha256 {
        Sha256::default()
    }

    /// Takes in the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Returns the digest of all pieces.
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

/// Returns the SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    sha2::Sha256::digest(bytes).into()
}
