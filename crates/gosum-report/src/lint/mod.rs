//! A lint of go.sum files, for people and for programs.

mod text;

use std::io;

use gosum_evidence::lint::Lint;

use crate::format::{github, sarif};
use crate::json;

/// How a lint is shown in text. Formats for machines show everything, whatever this says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether everything is listed, however much is alike.
    pub all: bool,
}

/// The formats of a lint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// The lint as it is, schema 1.
    Json,
    /// For code scanning.
    Sarif,
    /// Annotations of a workflow.
    Github,
}

/// All formats, with their names.
pub const FORMATS: [(&str, Format); 4] =
    [("text", Format::Text), ("json", Format::Json), ("sarif", Format::Sarif), ("github", Format::Github)];

impl Format {
    /// Writes `lint`.
    ///
    /// # Errors
    /// As `out`.
    pub fn render(self, lint: &Lint, options: Options, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Format::Text => text::render(lint, options, out),
            Format::Json => json::write(lint, out),
            Format::Sarif => json::write(&sarif::of_lint(lint), out),
            Format::Github => github::of_lint(lint, out),
        }
    }
}
