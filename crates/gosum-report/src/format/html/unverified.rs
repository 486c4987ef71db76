//! What could not be told, by cause, and what passes by an allowance.

use gosum_evidence::judge::Allowed;
use gosum_evidence::report::{Judged, Report};
use maud::{Markup, html};

use super::shown::{Shown, Ticked, Url, lines, places};
use crate::format::fold::{Cause, Fold, folds, private_hosts};

/// Returns the part of the page on what could not be told; nothing where all could.
pub(super) fn section(report: &Report) -> Markup {
    let folds = folds(report);
    html! {
        @if !folds.is_empty() {
            section id="unverified" aria-labelledby="unverified-title" {
                h2 id="unverified-title" { "Unverified" }
                p { "By cause, those of most lines first. A line is listed with each source that did not verify it." }
                @for fold in &folds { (cause(fold)) }
                @for (host, modules) in private_hosts(report) {
                    p.help {
                        "Help: no proxy has any of the " (modules) " modules of " code { (Shown(host)) }
                        ". If they are private, set " code { "GOPRIVATE=" (Shown(host)) "/*" } "."
                    }
                }
            }
        }
    }
}

fn cause(fold: &Fold<'_>) -> Markup {
    let Fold { cause: Cause { source, word, reason }, place, repositories, comparisons } = fold;
    html! {
        details.fold {
            summary {
                strong { (Shown(source)) } " " span.tag data-tone="warn" { (Shown(word)) } " "
                // of one line, which one is seen without opening it; where it was asked is inside
                @if let [one] = comparisons.as_slice() {
                    span.count { (Shown(&one.subject.key())) }
                } @else {
                    @if !place.is_empty() { "at " (Shown(place)) " " }
                    @if *repositories > 1 { "(" (repositories) " repositories) " }
                    span.count { (lines(comparisons.len())) }
                }
                @if !reason.is_empty() { ": " (Ticked(reason)) }
            }
            @if *repositories == 1 && !place.is_empty() { p { "Asked: " (Url(place)) } }
            ul {
                @for comparison in comparisons {
                    li {
                        (Shown(&comparison.subject.key()))
                        @if !comparison.at.is_empty() { " " span.places { (places(&comparison.at)) } }
                    }
                }
            }
        }
    }
}

/// Returns what is not verified and passes, with the allowances that say so.
pub(super) fn passing(report: &Report) -> impl Iterator<Item = (&Judged, &Allowed)> {
    report.artifacts.iter().filter_map(|judged| Some((judged, &**judged.allowed.as_ref()?)))
}

/// Returns the part of the page on it; nothing where there is none.
pub(super) fn allowed(report: &Report) -> Markup {
    html! {
        @if passing(report).next().is_some() {
            section id="allowed" aria-labelledby="allowed-title" {
                h2 id="allowed-title" { "Allowed" }
                div.scroll role="region" aria-labelledby="allowed-title" tabindex="0" {
                    table {
                        thead {
                            tr {
                                @for title in ["artifact", "in itself", "accepted because", "until", "allowance"] {
                                    th scope="col" { (title) }
                                }
                            }
                        }
                        tbody {
                            @for (judged, Allowed { at, reason, until }) in passing(report) {
                                tr {
                                    th scope="row" { (Shown(&judged.comparison.subject.key())) }
                                    td { (judged.verdict) }
                                    td { (Shown(reason)) }
                                    td.key { (until) }
                                    td.key { (places(std::slice::from_ref(at))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
