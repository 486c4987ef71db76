//! What the sources of an audit answered, compared and judged. Pure: values in, values out.
//!
//! [`Evidence`](evidence::Evidence) is one source's answer on one [`Subject`](subject::Subject); a
//! [`Comparison`](compare::Comparison) has the answers of all sources on one; [`judge`](judge::judge)
//! gives verdicts, counts and what the [rules](rule) find, and a [`Report`](report::Report) is what is
//! rendered from them. The hashes that are compared are those of Go's dirhash (spec 02); what agrees,
//! what is a mismatch and what cannot be told follows the product's contract. [`diff`] compares what the
//! sources have of one module, and says what of it can reach a build.
//!
//! ```
//! use gosum_evidence::compare::{Answers, Comparison};
//! use gosum_evidence::evidence::{Answer, SourceName};
//! use gosum_evidence::subject::Subject;
//! use gosum_evidence::verdict::Verdict;
//! use gosum_mod::hash::dirhash::go_mod_h1;
//! use gosum_mod::name::id::{Artifact, ModuleVersion};
//!
//! let module = ModuleVersion::parse("example.com/a@v1.0.0")?;
//! let h1 = go_mod_h1(b"module example.com/a\n");
//! let comparison = Comparison {
//!     subject: Subject::new(module, Artifact::GoMod),
//!     at: Vec::new(),
//!     answers: Answers::from_iter([
//!         (SourceName::PROXY, Answer::hash(h1).into()),
//!         (SourceName::DIRECT, Answer::Unavailable("connection refused".into()).into()),
//!     ]),
//! };
//! assert_eq!(comparison.verdict(&[SourceName::PROXY]), Verdict::Verified);
//! assert_eq!(comparison.verdict(&[SourceName::PROXY, SourceName::DIRECT]), Verdict::Unverified);
//! # Ok::<(), gosum_mod::name::id::ModuleVersionError>(())
//! ```

pub mod agree;
mod chain;
pub mod compare;
pub mod diff;
pub mod disk;
pub mod evidence;
pub mod explain;
pub mod finding;
pub mod judge;
pub mod lint;
pub mod policy;
pub mod report;
pub mod rule;
pub mod subject;
pub mod verdict;

pub use self::chain::chain;

#[cfg(test)]
mod growth;
#[cfg(test)]
mod sample;
