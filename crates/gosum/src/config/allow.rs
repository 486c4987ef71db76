//! The allowances of the config file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use gosum_evidence::evidence::{Lasting, SourceName, Sum};
use gosum_evidence::policy::{Absence, Accepted, Allowance, Date, MAX_DAYS};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use toml::Spanned;
use toml::de::DeValue;

use super::stated::{Clash, Stated};
use super::table::{Faults, Table, text};
use crate::source_arg;
use crate::suggest::nearest;

/// The keys of allowances: what no source can be named.
pub(crate) const KEYS: [&str; 9] =
    ["module", "version", "artifact", "reason", "until", "source", "answer", "why", "hash"];

/// Returns the allowances of the list `value`, which stands in `file`. `sources` are names that the file uses for sources.
pub(super) fn allowances(
    value: &Spanned<DeValue<'_>>,
    file: &Arc<str>,
    today: Date,
    sources: &[SourceName],
    faults: &mut Faults,
) -> Vec<Allowance> {
    let DeValue::Array(items) = value.get_ref() else {
        faults.add(&value.span(), "`allow` is a list of tables: [[allow]]");
        return Vec::new();
    };
    let mut stated = Stated::default();
    for item in items.iter() {
        let DeValue::Table(entries) = item.get_ref() else {
            faults.add(&item.span(), "`allow` is a list of tables: [[allow]]");
            continue;
        };
        let first = entries.keys().map(Spanned::span).min_by_key(|span| span.start);
        let span = first.unwrap_or_else(|| item.span());
        let table = Table::new("[[allow]]", entries, span.clone());
        let Some(allowance) = allowance(table, file, today, sources, faults) else { continue };
        let key = allowance.subject.key();
        if let Err((other, clash)) = stated.add(allowance) {
            faults.add(&span, contradiction(&key, other.at.line, &clash));
        }
    }
    stated.into_list()
}

/// Returns how an allowance for the artifact `key` contradicts the one on `line`, in words.
fn contradiction(key: &str, line: usize, clash: &Clash) -> String {
    match clash {
        Clash::Twice => {
            format!("a second allowance for {key}: the first is on line {line}; keep one of them")
        }
        Clash::Missing(source) => format!(
            "one allowance for {key} pins a hash of {source}, and another says that it has none: the other is on line {line}"
        ),
        Clash::Hash(hash) => format!(
            "one allowance for {key} says that the others keep {hash}, which another does not pin: the other is on line {line}"
        ),
    }
}

fn allowance(
    mut table: Table<'_, '_>,
    file: &Arc<str>,
    today: Date,
    sources: &[SourceName],
    faults: &mut Faults,
) -> Option<Allowance> {
    let at = Location { file: file.clone(), line: faults.line(&table.span) };
    let subject = subject(&mut table, faults);
    let reason = required(&mut table, "reason", faults).filter(|reason| {
        let is_there = !reason.get_ref().trim().is_empty();
        if !is_there {
            faults.add(&reason.span(), "`reason` is empty: say why this is accepted");
        }
        is_there
    });
    let until = until(&mut table, today, faults);
    let what = match table.take("source").is_some() {
        true => missing(&mut table, faults),
        false => hashes(&mut table, sources, faults),
    };
    Some(Allowance { at, subject: subject?, what: what?, reason: reason?.into_inner(), until: until? })
}

fn required(table: &mut Table<'_, '_>, key: &'static str, faults: &mut Faults) -> Option<Spanned<String>> {
    if table.take(key).is_none() {
        faults.add(&table.span.clone(), format_args!("an allowance without `{key}`"));
        return None;
    }
    table.text(key, faults)
}

fn subject(table: &mut Table<'_, '_>, faults: &mut Faults) -> Option<Subject> {
    let module = required(table, "module", faults);
    let version = required(table, "version", faults);
    let artifact = required(table, "artifact", faults);
    let artifact = artifact.and_then(|artifact| match artifact.get_ref().as_str() {
        "zip" => Some(Artifact::Zip),
        "go.mod" => Some(Artifact::GoMod),
        other => {
            faults.add(
                &artifact.span(),
                format_args!("`artifact` is \"zip\" or \"go.mod\", and not {other:?}"),
            );
            None
        }
    });
    let (module, version) = (module?, version?);
    match ModuleVersion::parse(&format!("{}@{}", module.get_ref(), version.get_ref())) {
        Ok(id) => Some(Subject::new(id, artifact?)),
        Err(error) => {
            faults.add(&module.span(), error);
            None
        }
    }
}

fn until(table: &mut Table<'_, '_>, today: Date, faults: &mut Faults) -> Option<Date> {
    let until = required(table, "until", faults)?;
    match Date::parse(until.get_ref()) {
        Err(error) => {
            faults.add(&until.span(), error);
            None
        }
        Ok(date) if today.days_until(date) > i32::from(MAX_DAYS) => {
            let last = today.plus_days(MAX_DAYS);
            faults.add(
                &until.span(),
                format_args!("`until` lies more than {MAX_DAYS} days ahead: {last} is the last day"),
            );
            None
        }
        Ok(date) => Some(date),
    }
}

/// Returns what accepts that a source has no hash.
fn missing(table: &mut Table<'_, '_>, faults: &mut Faults) -> Option<Accepted> {
    let source = required(table, "source", faults).and_then(|name| match source_arg::name(name.get_ref()) {
        Ok(source) => Some(source),
        Err(error) => {
            faults.add(&name.span(), error);
            None
        }
    });
    let answer = required(table, "answer", faults).and_then(|answer| match answer.get_ref().as_str() {
        "absent" => Some(Absence::Absent),
        "unavailable" => Some(Absence::Unavailable),
        other => {
            faults.add(
                &answer.span(),
                format_args!("`answer` is \"absent\" or \"unavailable\", and not {other:?}"),
            );
            None
        }
    });
    let why = required(table, "why", faults).and_then(|why| {
        let known = Lasting::ALL.iter().find(|known| known.code() == why.get_ref());
        if known.is_none() {
            let all = Lasting::ALL.map(Lasting::code).join(", ");
            faults.add(&why.span(), format_args!("`why` is one of {all}"));
        }
        known.copied()
    });
    let hash = required(table, "hash", faults).and_then(|hash| h1(&hash, faults));
    table.finish(faults);
    Some(Accepted::Missing { source: source?, answer: answer?, why: why?, hash: hash? })
}

/// Returns what accepts the hashes of sources: every key that is none of the others names one.
///
/// One that is spelled much like a key is taken for a slip, unless it stands in quotes or is one of `sources`.
fn hashes(table: &mut Table<'_, '_>, sources: &[SourceName], faults: &mut Faults) -> Option<Accepted> {
    const NAMES: [&str; 3] = ["proxy", "direct", "sumdb"];
    let mut pinned = BTreeMap::new();
    let mut is_whole = true;
    for (key, value) in table.rest() {
        let name = key.get_ref().as_ref();
        let is_known = name == "go.sum" || NAMES.contains(&name) || name == "modcache" || name == "vendor";
        let is_meant = is_quoted(key) || sources.iter().any(|source| source.as_str() == name);
        let is_slip = !is_meant && is_like_a_key(name);
        let source = match is_known {
            true => Ok(SourceName::further(name.to_owned())),
            // a name of the user's own
            false if !is_slip => source_arg::name(name),
            false => Err(String::new()),
        };
        let hash = match source {
            Ok(source) => {
                text(value, name, faults).and_then(|text| h1(&text, faults)).map(|hash| (source, hash))
            }
            Err(_) => {
                NAMES.into_iter().chain(["source"]).for_each(|name| {
                    table.take(name);
                });
                let may_be = is_slip && source_arg::name(name).is_ok();
                let hint = if may_be { "; a source of this name is written in quotes" } else { "" };
                table.unknown_with(key, hint, faults);
                None
            }
        };
        match hash {
            Some((source, hash)) => drop(pinned.insert(source, hash)),
            None => is_whole = false,
        }
    }
    if pinned.is_empty() && is_whole {
        faults.add(
            &table.span.clone(),
            "an allowance without a hash: pin what each source gives, as in proxy = \"h1:...\", or name the missing `source`",
        );
    }
    (is_whole && !pinned.is_empty()).then_some(Accepted::Hashes(pinned))
}

/// Returns whether a key stands in quotes, as its place is longer than it is.
fn is_quoted(key: &Spanned<Cow<'_, str>>) -> bool {
    key.span().len() > key.get_ref().len()
}

/// Returns whether `name` is spelled much like a key of an allowance.
fn is_like_a_key(name: &str) -> bool {
    let keys: Vec<&str> = ["proxy", "direct", "sumdb"].into_iter().chain(KEYS).collect();
    nearest(name, &keys).is_some()
}

fn h1(text: &Spanned<String>, faults: &mut Faults) -> Option<Sum> {
    match H1::parse(text.get_ref()) {
        Ok(h1) => Some(Sum::H1(h1)),
        Err(error) => {
            faults.add(&text.span(), error);
            None
        }
    }
}
