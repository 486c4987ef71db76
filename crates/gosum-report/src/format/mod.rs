//! The formats of a report.

mod fold;
pub(crate) mod github;
mod gitlab;
pub(crate) mod headline;
mod html;
mod json;
mod jsonl;
mod junit;
mod markdown;
pub(crate) mod remark;
pub(crate) mod sarif;
mod shown;
mod text;

use std::io;

use gosum_evidence::report::{Judged, Report};

/// How many bytes fit a comment on a pull request.
pub const COMMENT: usize = 65_536;

/// How a report is shown. Formats for machines show everything, whatever this says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether what is alike is listed line by line instead of folded.
    pub all: bool,
    /// Whether the origin of every answer is shown.
    pub verbose: bool,
    /// How many bytes a report may have whose readers take no longer one, which is Markdown; none for [`COMMENT`].
    pub max_bytes: Option<usize>,
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

    /// Writes an artifact that was judged while the audit still runs, where the format has something to say then. What
    /// [`Format::artifact`] and, after the last, [`Format::end`] write is the report.
    ///
    /// # Errors
    /// As `out`.
    fn artifact(&self, _judged: &Judged, _out: &mut dyn io::Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes what is left of `report`, each artifact of which was given to [`Format::artifact`].
    ///
    /// # Errors
    /// As `out`.
    fn end(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        self.render(report, options, out)
    }
}

/// Returns all formats, by name.
pub fn formats() -> &'static [&'static dyn Format] {
    &[
        &github::Github,
        &gitlab::Gitlab,
        &html::Html,
        &json::Json,
        &jsonl::JsonLines,
        &junit::Junit,
        &markdown::Markdown,
        &sarif::Sarif,
        &text::Text,
    ]
}

/// Returns the format `name`.
pub fn named(name: &str) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| format.name() == name)
}
