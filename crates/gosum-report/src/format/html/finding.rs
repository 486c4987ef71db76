//! What the rules found that is not shown with a mismatch, by rule.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::report::Report;
use maud::{Markup, html};

use super::shown::{Shown, Ticked, level, places};
use crate::format::headline::plural;
use crate::format::shown::others;

/// How many findings of one rule are there to see before it is opened.
const OPEN: usize = 10;

/// Returns the part of the page on them; nothing where there is none.
pub(super) fn section(report: &Report) -> Markup {
    let others = others(report);
    let mut by_rule: BTreeMap<(Reverse<Level>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &others {
        by_rule.entry((Reverse(finding.level), finding.code)).or_default().push(finding);
    }
    html! {
        @if !others.is_empty() {
            section id="findings" aria-labelledby="findings-title" {
                h2 id="findings-title" { "Findings" }
                @for ((Reverse(weight), code), found) in &by_rule {
                    // what names a module version stands with it
                    @let help = found.first().map(|first| &first.help);
                    @let help = help.filter(|help| found.iter().all(|finding| finding.help == **help));
                    details.fold open[found.len() <= OPEN] {
                        summary {
                            (level(*weight)) " " code { (code) } " "
                            span.count { (plural(found.len(), "finding", "findings")) }
                        }
                        p.help {
                            @if let Some(help) = help { "Help: " (Ticked(help)) ". " }
                            "More: " code { "gosum explain " (code) }
                        }
                        ul { @for finding in found { li { (one(finding, help.is_none())) } } }
                    }
                }
            }
        }
    }
}

fn one(finding: &Finding, with_help: bool) -> Markup {
    html! {
        @if let Some(subject) = &finding.subject { strong { (Shown(&subject.key())) } " " }
        @if !finding.at.is_empty() { span.places { (places(&finding.at)) } " " }
        (Ticked(&finding.message))
        @if with_help { p.help { "Help: " (Ticked(&finding.help)) } }
    }
}
