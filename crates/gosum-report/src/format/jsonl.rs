//! JSON lines: an artifact a line, as JSON has it, then the report without its artifacts.
//!
//! While an audit runs, the lines come as the artifacts are judged. What has no last line was broken off.

use std::io::{self, Write};

use gosum_evidence::report::{Judged, Report, WithoutArtifacts};

use super::{Format, Options};
use crate::json;

pub(super) struct JsonLines;

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn render(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        report.artifacts.iter().try_for_each(|judged| self.artifact(judged, out))?;
        self.end(report, options, out)
    }

    fn artifact(&self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        json::write_line(judged, out)
    }

    fn end(&self, report: &Report, _options: &Options, out: &mut dyn Write) -> io::Result<()> {
        json::write_line(&WithoutArtifacts(report), out)
    }
}
