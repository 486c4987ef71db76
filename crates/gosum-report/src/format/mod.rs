//! The formats of a report.

mod fold;
mod json;
mod text;

use std::io;

use gosum_evidence::report::Report;

/// How a report is shown. Formats for machines show everything, whatever this says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether what is alike is listed line by line instead of folded.
    pub all: bool,
    /// Whether the origin of every answer is shown.
    pub verbose: bool,
}

/// One format.
pub trait Format: Sync {
    /// Returns the name by which users ask for it.
    fn name(&self) -> &'static str;

    /// Writes `report`.
    ///
    /// # Errors
    /// As `out`.
    fn render(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Returns all formats, by name.
pub fn formats() -> &'static [&'static dyn Format] {
    &[&json::Json, &text::Text]
}

/// Returns the format `name`.
pub fn named(name: &str) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| format.name() == name)
}
