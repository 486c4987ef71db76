//! Transparency logs and signed notes, as Go's checksum database has them: bytes in, values out.
//!
//! - [`key`] and [`note`]: who signs, and what
//!
//! The specification is spec 06 §3, with the rules of Go 1.26, down to its oddities. The recorded answers of Go in
//! `testdata/vectors` hold this crate to them.
//!
//! ```
//! use gosum_tlog::key::SignerKey;
//! use gosum_tlog::note;
//!
//! let signer = SignerKey::new("sum.example", &[7; 32])?;
//! let message = note::sign("text\n", &[&signer])?;
//! assert_eq!(note::open(&message, &[signer.verifier()])?.text, "text\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base64;
pub mod key;
pub mod note;
