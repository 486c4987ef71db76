//! Transparency logs and signed notes, as Go's checksum database has them: bytes in, values out.
//!
//! A checksum database is a log: records that are only ever appended, with a tree of hashes above them. Its [`note`]s sign
//! the tree's head. Whoever knows a head can have proven that a record is in the log, and that the log of an older head is
//! its beginning.
//!
//! - [`hash`]: the hash of a record and of two hashes
//! - [`stored`]: where a log keeps its hashes, and who reads them
//! - [`record`]: records as a lookup replies them
//! - [`tree`]: tree heads; proofs, made and checked
//! - [`tile`]: the pieces in which hashes are served
//! - [`plan`]: proofs out of tiles, which are checked against a tree head and fetched in one batch
//! - [`key`] and [`note`]: who signs, and what
//!
//! The specification is spec 06 §3 to §6 and RFC 6962, with the rules of Go 1.26, down to its oddities. The recorded answers
//! of Go in `testdata/vectors` hold this crate to them. Nothing here reads a network, a file or a clock: who fetches tiles
//! and keeps heads uses this crate to know what they are worth.
//!
//! ```
//! use gosum_tlog::hash::record_hash;
//! use gosum_tlog::key::SignerKey;
//! use gosum_tlog::note;
//! use gosum_tlog::stored::stored_hashes;
//! use gosum_tlog::tree::{TreeHead, check_record, prove_record, tree_hash};
//!
//! // a log of three records
//! let records = ["a.example/m v1.0.0 h1:…\n", "b.example/m v1.0.0 h1:…\n", "c.example/m v1.0.0 h1:…\n"];
//! let mut stored = Vec::new();
//! for (record, number) in records.iter().zip(0..) {
//!     stored.extend(stored_hashes(number, record_hash(record), &stored)?);
//! }
//!
//! // the database signs its head
//! let signer = SignerKey::new("sum.example", &[7; 32])?;
//! let head = TreeHead { size: 3, root: tree_hash(3, &stored)? };
//! let message = note::sign(head.to_string(), &[&signer])?;
//!
//! // a client that knows the key opens it, and has a record proven
//! let known = [signer.verifier()];
//! let head = TreeHead::parse(note::open(&message, &known)?.text)?;
//! let proof = prove_record(head.size, 1, &stored)?;
//! check_record(&proof, head, 1, record_hash(records[1]))?;
//! assert!(check_record(&proof, head, 1, record_hash("b.example/m v1.0.0 h1:forged\n")).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base64;
pub mod hash;
pub mod key;
pub mod note;
pub mod plan;
pub mod record;
pub mod stored;
pub mod tile;
pub mod tree;
