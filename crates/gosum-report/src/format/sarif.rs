//! SARIF 2.1.0, for code scanning.
//!
//! A finding is a result, and so is an artifact that could not be told: one that fails the audit is an error, though it is no
//! finding, as a list without it would look like a pass. Then `executionSuccessful` is false too, and notifications say why.
//! What an allowance covers is no result: the services that read these files show suppressed results as open ones. It is
//! counted in the properties of the run, and in a notification.

use std::borrow::Cow;
use std::io;

use gosum_evidence::lint::Lint;
use gosum_evidence::policy::Unverified;
use gosum_evidence::report::Report;
use gosum_evidence::rule::{RuleInfo, rules};
use gosum_evidence::subject::Location;
use serde_json::{Value, json};

use super::fold::folds;
use super::headline::{headline, lint_headline, plural};
use super::remark::{Kind, OWN, Remark, Weight, fingerprints, heads, nowhere, remarks, remarks_of_lint};
use super::{Format, Options};
use crate::escape::{terminal, uri};
use crate::json;

/// How many results are shown. Code scanning shows no more of one file, and takes the first.
const MOST: usize = 5_000;
/// How many causes of what could not be told are named.
const CAUSES: usize = 20;
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) struct Sarif;

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(&log(report), out)
    }
}

fn log(report: &Report) -> Value {
    let remarks = remarks(report);
    let nowhere = nowhere(report);
    let results = results(&remarks, &nowhere);
    let left_out = remarks.len() - results.len();
    let fails = report.is_untold() && report.unverified == Unverified::Fail;
    let whole: Vec<&Remark<'_>> = remarks.iter().filter(|remark| remark.kind == Kind::Whole).collect();
    document(
        report.gosum,
        &json!({
            "executionSuccessful": report.complete && !fails,
            "toolExecutionNotifications": notifications(report, &whole, left_out),
        }),
        &results,
        &json!({
            "verdict": report.verdict,
            "complete": report.complete,
            "counts": report.counts,
            "findings": report.findings.len(),
            "resultsLeftOut": left_out,
        }),
    )
}

/// Returns the log of a lint.
pub(crate) fn of_lint(lint: &Lint) -> Value {
    let heads = heads(lint);
    let remarks = remarks_of_lint(lint, &heads);
    let file = lint.files.first().map_or_else(|| "go.sum".into(), |linted| linted.file.clone());
    let results = results(&remarks, &Location { file, line: 1 });
    let left_out = remarks.len() - results.len();
    let fails = !lint.untold.is_empty() && lint.unverified == Unverified::Fail;
    let text = plain(&terminal(&format!("{}: {}", lint.verdict, lint_headline(lint)))).into_owned();
    document(
        lint.gosum,
        &json!({
            "executionSuccessful": !fails,
            "toolExecutionNotifications": [{ "level": word(Weight::Note), "message": { "text": text } }],
        }),
        &results,
        &json!({ "verdict": lint.verdict, "findings": lint.findings.len(), "resultsLeftOut": left_out }),
    )
}

fn all_rules() -> Vec<&'static RuleInfo> {
    rules().iter().map(|rule| rule.info()).chain(&OWN).collect()
}

/// Returns the results that `remarks` are, as far as they fit.
fn results(remarks: &[Remark<'_>], nowhere: &Location) -> Vec<Value> {
    let (rules, fingerprints) = (all_rules(), fingerprints(remarks));
    let shown = remarks.iter().zip(&fingerprints).take(MOST);
    shown.map(|(remark, fingerprint)| result(remark, fingerprint, nowhere, &rules)).collect()
}

fn document(gosum: &str, invocation: &Value, results: &[Value], properties: &Value) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "gosum",
                "semanticVersion": gosum,
                "shortDescription": { "text": "An independent second implementation of Go's module authentication" },
                "rules": all_rules().into_iter().map(descriptor).collect::<Vec<_>>(),
            } },
            "invocations": [invocation],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": properties,
        }],
    })
}

fn descriptor(info: &RuleInfo) -> Value {
    // what is a reason alone makes an artifact unverified, which fails the audit
    let level = info.level.map_or(Weight::Error, Weight::from);
    json!({
        "id": info.code,
        "shortDescription": { "text": first_paragraph(info.page) },
        "help": { "text": format!("{}\n\n{}", info.help, info.page), "markdown": info.page },
        "defaultConfiguration": { "level": word(level) },
        "properties": { "tags": ["security", "supply-chain"] },
    })
}

/// Returns the first paragraph after the title, on one line.
fn first_paragraph(page: &str) -> String {
    let paragraph = page.split("\n\n").map(str::trim).find(|part| !part.is_empty() && !part.starts_with('#'));
    paragraph.unwrap_or(page).replace('\n', " ")
}

fn result(remark: &Remark<'_>, fingerprint: &str, nowhere: &Location, rules: &[&RuleInfo]) -> Value {
    let Remark { weight, code, subject, help, .. } = remark;
    let index = rules.iter().position(|info| info.code == *code).expect("every code has a page");
    let mut location = place(remark.place(nowhere));
    if let Some(subject) = subject {
        location["logicalLocations"] =
            json!([{ "fullyQualifiedName": subject.to_string(), "kind": "module" }]);
    }
    let mut result = json!({
        "ruleId": code,
        "ruleIndex": index,
        "level": word(*weight),
        "message": { "text": format!("{}\nhelp: {help}", plain(&remark.text())) },
        "locations": [location],
        "partialFingerprints": {
            "gosum/v1": fingerprint,
            // what code scanning goes by; without it, it would take the text of the line
            "primaryLocationLineHash": format!("{fingerprint}:1"),
        },
    });
    if remark.at.len() > 1 {
        result["relatedLocations"] = remark.at[1..].iter().map(place).collect();
    }
    if let Some(comparison) = remark.comparison {
        let sums = comparison
            .answers
            .iter()
            .filter_map(|(source, evidence)| Some((source.to_string(), json!(evidence.answer.sum()?))));
        result["properties"] = json!({ "hashes": sums.collect::<serde_json::Map<_, _>>() });
    }
    result
}

/// Returns `text` without what SARIF takes for a link in plain text.
fn plain(text: &str) -> Cow<'_, str> {
    match text.contains("](") {
        true => Cow::Owned(text.replace('[', "\\[").replace(']', "\\]")),
        false => Cow::Borrowed(text),
    }
}

fn place(at: &Location) -> Value {
    let uri = uri::file(&at.file);
    let mut file = json!({ "uri": uri });
    if !uri.starts_with("file:") {
        file["uriBaseId"] = json!("%SRCROOT%");
    }
    json!({ "physicalLocation": { "artifactLocation": file, "region": { "startLine": at.line.max(1) } } })
}

fn notifications(report: &Report, whole: &[&Remark<'_>], left_out: usize) -> Vec<Value> {
    let one = |level: Weight, id: Option<&str>, text: String| {
        let mut one = json!({ "level": word(level), "message": { "text": plain(&terminal(&text)) } });
        if let Some(id) = id {
            one["descriptor"] = json!({ "id": id });
        }
        one
    };
    let weight = match report.unverified {
        Unverified::Fail => Weight::Error,
        Unverified::Warn => Weight::Warning,
    };
    let mut all = vec![one(Weight::Note, None, format!("{}: {}", report.verdict, headline(report)))];
    all.extend(whole.iter().map(|remark| one(remark.weight, Some(remark.code), remark.message.clone())));
    let folds = folds(report);
    all.extend(folds.iter().take(CAUSES).map(|fold| one(weight, Some("unverified"), fold.text())));
    let mut count = |count: usize, level, what: &str| {
        if count > 0 {
            all.push(one(level, None, what.to_owned()));
        }
    };
    let more = folds.len().saturating_sub(CAUSES);
    count(more, weight, &format!("and {}", plural(more, "cause of fewer lines", "causes of fewer lines")));
    count(
        left_out,
        Weight::Error,
        &format!("{left_out} more results than fit are left out, the lighter ones"),
    );
    let allowed = report.counts.allowed;
    count(allowed, Weight::Note, &format!("{} by allowances", plural(allowed, "line passes", "lines pass")));
    all
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    }
}
