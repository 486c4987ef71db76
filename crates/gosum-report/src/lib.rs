//! Reports: one value, the [`Report`](gosum_evidence::report::Report), rendered in several formats. Pure: a report in,
//! bytes out.
//!
//! A format is a file in [`format`](mod@format) and one line of its list. Each escapes for its medium.
//!
//! ```
//! use gosum_evidence::judge::judge;
//! use gosum_evidence::policy::{Date, Policy};
//! use gosum_evidence::report::Report;
//! use gosum_evidence::rule::Case;
//! use gosum_report::format::{Options, named};
//!
//! let policy = Policy::plain(Vec::new(), Date::parse("2026-11-26")?);
//! let judgement = judge(&Case::default(), &[], &policy);
//! let report = Report::new("0.1.0", Vec::new(), &[], judgement, String::new());
//! let mut out = Vec::new();
//! named("text").expect("text is a format").render(&report, &Options::default(), &mut out)?;
//! assert!(out.starts_with(b"verified: "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod disk;
pub mod escape;
pub mod explain;
pub mod format;
pub mod json;
pub mod lint;
mod paint;

/// Returns `bytes` in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
