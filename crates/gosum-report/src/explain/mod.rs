//! What `gosum explain` tells, for people and for programs.

mod advice;
mod json;
mod lines;
mod stand;
mod text;

use std::io;

use gosum_evidence::explain::Account;

/// How an account is shown as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether everything is listed, however much it is.
    pub all: bool,
}

/// Writes `account` as text for people.
///
/// # Errors
/// As `out`.
pub fn text(account: &Account, options: Options, out: &mut dyn io::Write) -> io::Result<()> {
    text::render(account, options, out)
}

/// Writes `account` as JSON.
///
/// # Errors
/// As `out`.
pub fn json(account: &Account, out: &mut dyn io::Write) -> io::Result<()> {
    crate::json::write(&json::value(account)?, out)
}

/// Returns `bytes` in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
