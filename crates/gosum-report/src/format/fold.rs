//! What could not be told, put together: one fold for each cause and repository.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Defect, Evidence, SourceName};
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::verdict::Verdict;

use super::headline::plural;
use super::shown::{of, silent, word};
use crate::escape::terminal;

/// How many modules or repositories of one host may fail alike before the host is said to be the reason.
const FEW: usize = 3;

/// Why a line could not be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub(super) source: String,
    /// The word for the answer, or what is wrong with a hash.
    pub(super) word: String,
    /// What was said, without what differs from line to line.
    pub(super) reason: String,
}

/// Lines that could not be told for one cause.
#[derive(Debug)]
pub(super) struct Fold<'r> {
    pub(super) cause: Cause,
    /// The repository, or the host, that was asked.
    pub(super) place: String,
    /// How many repositories of the host.
    pub(super) repositories: usize,
    pub(super) comparisons: Vec<&'r Comparison>,
}

impl Fold<'_> {
    /// Returns what the fold is about, on one line.
    pub(super) fn text(&self) -> String {
        let Fold { cause: Cause { source, word, reason }, place, repositories, comparisons } = self;
        let place = match (place.as_str(), repositories) {
            ("", _) => String::new(),
            (place, 1) => format!(" at {place}"),
            (host, several) => format!(" at {host} ({several} repositories)"),
        };
        let lines = plural(comparisons.len(), "line", "lines");
        format!("{source} {word}{place}, {lines}: {reason}")
    }
}

/// Returns what is unverified in `report`, the causes of most lines first. A line is in a fold of each source that did not
/// verify it.
pub(super) fn folds(report: &Report) -> Vec<Fold<'_>> {
    let mut by_cause: BTreeMap<Cause, BTreeMap<String, Vec<&Comparison>>> = BTreeMap::new();
    for Judged { comparison, .. } in of(report, Verdict::Unverified) {
        for (cause, place) in causes(comparison) {
            by_cause.entry(cause).or_default().entry(place).or_default().push(comparison);
        }
    }
    let answering = answering_hosts(report);
    let mut folds = Vec::new();
    for (cause, places) in by_cause {
        let mut by_host: BTreeMap<String, Vec<(String, Vec<&Comparison>)>> = BTreeMap::new();
        for (place, comparisons) in places {
            by_host.entry(host(&place).to_owned()).or_default().push((place, comparisons));
        }
        for (host, places) in by_host {
            let cause = || cause.clone();
            if places.len() > FEW && !answering.contains(&*host) {
                let repositories = places.len();
                let mut comparisons: Vec<_> =
                    places.into_iter().flat_map(|(_, comparisons)| comparisons).collect();
                comparisons.sort_by(|a, b| a.subject.cmp(&b.subject));
                folds.push(Fold { cause: cause(), place: host, repositories, comparisons });
            } else {
                let one = |(place, comparisons)| Fold { cause: cause(), place, repositories: 1, comparisons };
                folds.extend(places.into_iter().map(one));
            }
        }
    }
    folds.sort_by(|a, b| {
        let key = |fold: &Fold<'_>| std::cmp::Reverse(fold.comparisons.len());
        (key(a), &a.cause, &a.place).cmp(&(key(b), &b.cause, &b.place))
    });
    folds
}

/// Returns hosts that may well be private, each with for how many modules of it a proxy was asked: those of whose modules, more
/// than a few, no proxy and no database has one, although they do have others or know for sure that they have not these.
/// Names that were withheld from proxies count for nothing.
pub(super) fn private_hosts(report: &Report) -> Vec<(&str, usize)> {
    #[derive(Default)]
    struct Host<'r> {
        asked: BTreeSet<&'r str>,
        is_known: bool,
        is_unsure: bool,
    }
    let mut hosts: BTreeMap<&str, Host<'_>> = BTreeMap::new();
    for judged in &report.artifacts {
        let path = judged.comparison.subject.module.path().as_str();
        let host = hosts.entry(path.split('/').next().unwrap_or(path)).or_default();
        host.is_known |= judged.verdict != Verdict::Unverified;
        for (source, evidence) in judged.comparison.answers.iter() {
            match &evidence.answer {
                _ if !source.is_proxy() && *source != SourceName::SUMDB => {}
                Answer::Hash { .. } => host.is_known = true,
                // who was asked is known of each that was
                answer if source.is_proxy() && evidence.origin.from.is_some() => {
                    host.asked.insert(path);
                    host.is_unsure |= !matches!(answer, Answer::Absent(_));
                }
                _ => {}
            }
        }
    }
    let has_others = hosts.values().any(|host| host.is_known);
    let may_be = hosts
        .into_iter()
        .filter(|(_, host)| host.asked.len() > FEW && !host.is_known && (has_others || !host.is_unsure));
    may_be.map(|(name, host)| (name, host.asked.len())).collect()
}

/// Returns which sources could not be asked, or lack what they recompute, on lines that are verified without them, and why, a line
/// each. That the checksum database has no record is for a rule to say.
pub(super) fn missed(report: &Report) -> Vec<String> {
    let line = |name: &SourceName| {
        let mut causes: BTreeMap<Cause, usize> = BTreeMap::new();
        for Judged { comparison, .. } in of(report, Verdict::Verified) {
            let evidence = comparison.answers.get(name).filter(|evidence| match &evidence.answer {
                Answer::Unavailable(_) => true,
                Answer::Absent(_) => name.recomputes(),
                _ => false,
            });
            if let Some(evidence) = evidence {
                *causes.entry(cause(comparison, name, evidence).0).or_default() += 1;
            }
        }
        let lines = plural(causes.values().sum(), "line that is", "lines that are");
        // of as many lines, the first in the alphabet
        let (Cause { word, reason, .. }, _) = causes.iter().rev().max_by_key(|(_, lines)| **lines)?;
        let others = match causes.len() - 1 {
            0 => String::new(),
            others => format!("; and {}", plural(others, "other reason", "other reasons")),
        };
        let text = format!("{name}: no hash on {lines} verified without it: {word}: {reason}{others}");
        Some(terminal(&text).into_owned())
    };
    report.sources.iter().filter_map(|source| line(&source.name)).collect()
}

/// Returns the hosts of which a repository gave a hash.
fn answering_hosts(report: &Report) -> BTreeSet<&str> {
    let answers =
        report.artifacts.iter().filter_map(|judged| judged.comparison.answers.get(&SourceName::DIRECT));
    let given = answers.filter(|evidence| evidence.answer.sum().is_some());
    given.filter_map(|evidence| evidence.origin.from.as_deref()).map(host).collect()
}

/// Returns each source's reason for not verifying a line, and where it was asked.
fn causes(comparison: &Comparison) -> Vec<(Cause, String)> {
    let told = silent(comparison).into_iter();
    told.map(|(source, evidence)| cause(comparison, source, evidence)).collect()
}

fn cause(comparison: &Comparison, source: &SourceName, evidence: &Evidence) -> (Cause, String) {
    let Evidence { answer, origin, .. } = evidence;
    let reason = match answer.has_defect(Defect::Partial) {
        // how much it is differs from line to line
        true => "a part of a module verifies nothing".into(),
        false => answer.reason().unwrap_or_default(),
    };
    let from = origin.from.as_deref().unwrap_or("");
    let (place, reason) = match (without_url(&reason, from), url_in(&reason)) {
        (Some(reason), _) => (from, reason),
        (None, Some((url, reason))) => (host(url), reason),
        (None, None) => (from, &*reason),
    };
    let place = match source {
        _ if source.is_proxy() => host(place),
        // a file for each line
        _ if *source == SourceName::MODCACHE || *source == SourceName::VENDOR => "",
        _ => place,
    };
    let reason = without_version(reason, comparison).into_owned();
    (Cause { source: source.to_string(), word: word(answer), reason }, place.to_owned())
}

/// Returns `reason` without the URL that it begins with, if that is `from` or below it.
fn without_url<'r>(reason: &'r str, from: &str) -> Option<&'r str> {
    let rest = reason.strip_prefix(from).filter(|_| !from.is_empty())?;
    let below = rest.starts_with([':', '/', '?']).then_some(rest)?;
    below.split_once(": ").map(|(_, reason)| reason)
}

/// Returns the URL that `reason` begins with, and what follows.
fn url_in(reason: &str) -> Option<(&str, &str)> {
    let (url, rest) = reason.split_once(": ")?;
    let (scheme, path) = url.split_once("://")?;
    let is_url =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+');
    (is_url && !path.contains(char::is_whitespace)).then_some((url, rest))
}

/// Returns `reason` with a word in the place of the version: a tag that is not there has another name on each line.
fn without_version<'r>(reason: &'r str, comparison: &Comparison) -> Cow<'r, str> {
    let version = comparison.subject.module.version().as_str();
    let tag = version.strip_suffix("+incompatible").unwrap_or(version);
    match reason.contains(tag) {
        true => Cow::Owned(reason.replace(tag, "VERSION")),
        false => Cow::Borrowed(reason),
    }
}

/// Returns scheme and host of a URL.
fn host(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    url[after..].find(['/', '?']).map_or(url, |at| &url[..after + at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_without_its_url() {
        let from = "https://git.example/a";
        for (reason, rest) in [
            ("https://git.example/a: status 401", Some("status 401")),
            ("https://git.example/a/info/refs: status 401", Some("status 401")),
            ("https://git.example/ab: status 401", None),
            ("no tag `v1.0.0`", None),
        ] {
            assert_eq!(without_url(reason, from), rest, "{reason}");
        }
        assert_eq!(
            url_in("https://x.example/a?go-get=1: no: y"),
            Some(("https://x.example/a?go-get=1", "no: y"))
        );
        for reason in ["no tag: x", "a b://c: d", "://x: y", "see https://x.example: y"] {
            assert_eq!(url_in(reason), None, "{reason}");
        }
    }

    #[test]
    fn a_host_ends_where_its_path_begins() {
        for (url, expected) in [
            ("https://git.example/a/b", "https://git.example"),
            ("https://git.example?go-get=1", "https://git.example"),
            ("https://git.example:8443", "https://git.example:8443"),
            ("", ""),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
