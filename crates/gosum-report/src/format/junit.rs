//! JUnit's XML, as Jenkins and GitLab read it: a test case for each artifact.
//!
//! A finding that fails the audit is a failure. An artifact that could not be told is an error where that fails the audit, else
//! it is skipped; it is never a test that passed. What fails nothing is in the output of a test that passed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use gosum_evidence::report::{Judged, Report};
use gosum_evidence::subject::{Location, Subject};
use serde_json::Value;

use super::headline::headline;
use super::remark::{Kind, Remark, Weight, remarks};
use super::shown::{answer, answers};
use super::{Format, Options};
use crate::escape::uri::relative;
use crate::escape::xml::xml;

pub(super) struct Junit;

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let remarks = remarks(report);
        let cases = cases(report, &remarks);
        let count = |end: End| cases.iter().filter(|case| case.end == end).count();
        let totals = format!(
            r#"tests="{}" failures="{}" errors="{}""#,
            cases.len(),
            count(End::Failure),
            count(End::Error)
        );
        let skipped = count(End::Skipped);
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<testsuites name="gosum" {totals}>"#)?;
        writeln!(out, r#"  <testsuite name="gosum audit" {totals} skipped="{skipped}">"#)?;
        properties(report, out)?;
        cases.iter().try_for_each(|case| case.write(out))?;
        writeln!(out, "    <system-out>{}: {}</system-out>", report.verdict, xml(&headline(report)))?;
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failure,
    Error,
    Skipped,
}

struct Case {
    class: String,
    name: String,
    at: Option<Location>,
    end: End,
    /// What is said first, and its code.
    told: Option<(&'static str, String)>,
    /// All that is said, line by line.
    text: Vec<String>,
}

impl Case {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, r#"    <testcase classname="{}" name="{}""#, xml(&self.class), xml(&self.name))?;
        if let Some(Location { file, line }) = &self.at {
            write!(out, r#" file="{}" line="{line}""#, xml(&relative(file)))?;
        }
        let text = self.text.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n");
        let (code, message) = self.told.as_ref().map_or(("", ""), |(code, message)| (*code, message));
        let element = match self.end {
            End::Passed if text.is_empty() => return writeln!(out, "/>"),
            End::Passed => return writeln!(out, "><system-out>{text}</system-out></testcase>"),
            // readers show the message of it, and nothing more
            End::Skipped => return writeln!(out, r#"><skipped message="{}"/></testcase>"#, xml(message)),
            End::Failure => "failure",
            End::Error => "error",
        };
        let message = xml(message);
        writeln!(out, r#"><{element} type="{code}" message="{message}">{text}</{element}></testcase>"#)
    }
}

fn cases(report: &Report, remarks: &[Remark<'_>]) -> Vec<Case> {
    let mut by_subject: BTreeMap<&Subject, Vec<&Remark<'_>>> = BTreeMap::new();
    for remark in remarks {
        if let Some(subject) = remark.subject {
            by_subject.entry(subject).or_default().push(remark);
        }
    }
    let judged: BTreeSet<&Subject> =
        report.artifacts.iter().map(|judged| &judged.comparison.subject).collect();
    let is_apart = |remark: &&Remark<'_>| remark.subject.is_none_or(|subject| !judged.contains(subject));
    let apart = remarks.iter().filter(is_apart).map(|remark| of_its_own(report, remark));
    let artifacts = report.artifacts.iter().map(|judged| {
        let remarks = by_subject.get(&judged.comparison.subject).map_or(&[][..], Vec::as_slice);
        of_artifact(report, judged, remarks)
    });
    apart.chain(artifacts).collect()
}

/// Returns the case of what is about no artifact that was judged.
fn of_its_own(report: &Report, remark: &Remark<'_>) -> Case {
    let at = remark.at.first();
    let place = at.map(|at| format!(" {at}")).unwrap_or_default();
    Case {
        class: "gosum".to_owned(),
        name: format!("{}{place}", remark.code),
        at: at.cloned(),
        end: end(report, remark),
        told: Some((remark.code, remark.text())),
        text: told(remark).into(),
    }
}

fn of_artifact(report: &Report, judged: &Judged, remarks: &[&Remark<'_>]) -> Case {
    let subject = &judged.comparison.subject;
    let ends: Vec<End> = remarks.iter().map(|remark| end(report, remark)).collect();
    let worst = [End::Failure, End::Error, End::Skipped].into_iter().find(|end| ends.contains(end));
    let first = worst.and_then(|worst| remarks.iter().zip(&ends).find(|(_, end)| **end == worst));
    let mut lines: Vec<String> = remarks.iter().flat_map(|remark| told(remark)).collect();
    if let Some(allowed) = &judged.allowed {
        lines.push(format!("allowed until {}: {} ({})", allowed.until, allowed.reason, allowed.at));
    }
    if !lines.is_empty() {
        let answers = answers(&judged.comparison, report);
        lines.extend(answers.map(|(source, evidence)| format!("{source}: {}", answer(evidence))));
    }
    Case {
        class: subject.module.path().to_string(),
        name: subject.key().split_once(' ').map_or(String::new(), |(_, version)| version.to_owned()),
        at: judged.comparison.at.first().cloned(),
        end: worst.unwrap_or(End::Passed),
        told: first.map(|(remark, _)| (remark.code, remark.message.clone())),
        text: lines,
    }
}

fn told(remark: &Remark<'_>) -> [String; 2] {
    [format!("{}: {}", remark.code, remark.message), format!("help: {}", remark.help)]
}

/// Returns how a test ends of which `remark` is said.
fn end(report: &Report, remark: &Remark<'_>) -> End {
    match (remark.kind, remark.weight) {
        (Kind::Finding, weight) if weight <= report.fail_on.into() => End::Failure,
        (Kind::Finding | Kind::Mismatch, _) => End::Passed,
        (Kind::Unverified | Kind::Whole, Weight::Error) => End::Error,
        (Kind::Unverified | Kind::Whole, _) => End::Skipped,
    }
}

fn properties(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut properties = vec![
        ("gosum".to_owned(), report.gosum.to_owned()),
        ("verdict".to_owned(), report.verdict.to_string()),
        ("complete".to_owned(), report.complete.to_string()),
        ("findings".to_owned(), report.findings.len().to_string()),
    ];
    if let Value::Object(counts) = serde_json::to_value(report.counts)? {
        properties.extend(counts.into_iter().map(|(name, count)| (name, count.to_string())));
    }
    writeln!(out, "    <properties>")?;
    for (name, value) in properties {
        writeln!(out, r#"      <property name="{}" value="{}"/>"#, xml(&name), xml(&value))?;
    }
    writeln!(out, "    </properties>")
}
