//! What `gosum explain` tells, for people and for programs.

mod advice;
mod answers;
mod files;
mod json;
mod lines;
mod stand;
mod text;

use std::io;

use gosum_evidence::explain::{Account, Compared};

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

/// Writes the names of the files that differ between the left copy and the right one, a line each: `M` for a file that
/// is changed, `D` for one that only the left copy has, `A` for one that only the right copy has, `R` for one that is renamed,
/// with both its names; each after a tab. The go.mod files beside the copies count as files of that name.
///
/// # Errors
/// As `out`.
pub fn names(compared: &Compared, out: &mut dyn io::Write) -> io::Result<()> {
    files::names(compared, out)
}

/// Writes `account` as JSON.
///
/// # Errors
/// As `out`.
pub fn json(account: &Account, out: &mut dyn io::Write) -> io::Result<()> {
    crate::json::write(&json::value(account)?, out)
}
