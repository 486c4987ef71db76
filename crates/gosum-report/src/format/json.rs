//! JSON: the report as it is, schema 1.

use std::io;

use gosum_evidence::report::Report;

use crate::json;

use super::{Format, Options};

pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(report, out)
    }
}
