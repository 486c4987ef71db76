//! The h1 hash, and what it is made from (spec 02 §1).
//!
//! ```
//! use gosum_mod::hash::dirhash::{go_mod_h1, hash1};
//! use gosum_mod::hash::sha256::sha256;
//!
//! let h1 = go_mod_h1(b"module github.com/ex/nomod\n");
//! assert_eq!(h1.to_string(), "h1:BDr5FVevchYRyXU1cblAjexwj1JDwETuygPYTlR39hc=");
//!
//! let files = [("example.com/m@v1.0.0/a.go", sha256(b"package a\n"))];
//! assert_eq!(hash1(files)?.to_string().len(), 47);
//! # Ok::<(), gosum_mod::hash::dirhash::NewlineInName>(())
//! ```

pub mod batch;
pub mod dirhash;
pub mod h1;
pub(crate) mod lanes;
pub mod sha256;
