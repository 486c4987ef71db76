//! GitLab's code quality report.

use std::io;

use gosum_evidence::report::Report;
use serde_json::{Value, json};

use super::remark::{Kind, Remark, Weight, fingerprints, nowhere, remarks};
use super::{Format, Options};
use crate::escape::uri::relative;
use crate::json;

pub(super) struct Gitlab;

impl Format for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let remarks = remarks(report);
        let nowhere = nowhere(report);
        let entry = |(remark, fingerprint): (&Remark<'_>, String)| {
            let at = remark.place(&nowhere);
            json!({
                "description": format!("{} (help: {})", remark.text(), remark.help),
                "check_name": remark.code,
                "fingerprint": fingerprint,
                "severity": severity(remark),
                "location": { "path": relative(&at.file), "lines": { "begin": at.line.max(1) } },
            })
        };
        let entries: Vec<Value> = remarks.iter().zip(fingerprints(&remarks)).map(entry).collect();
        json::write(&entries, out)
    }
}

fn severity(remark: &Remark<'_>) -> &'static str {
    match (remark.weight, remark.kind) {
        (Weight::Error, Kind::Finding) => "critical",
        (Weight::Error, _) => "major",
        (Weight::Warning, _) => "minor",
        (Weight::Note, _) => "info",
    }
}
