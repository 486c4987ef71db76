//! The allowances of the config file.

use std::collections::BTreeMap;
use std::sync::Arc;

use gosum_evidence::evidence::{Lasting, SourceName, Sum};
use gosum_evidence::policy::{Absence, Accepted, Allowance, Date, MAX_DAYS};
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use toml::Spanned;
use toml::de::DeValue;

use super::table::{Faults, Table, text};
use crate::source_arg;
use crate::suggest::nearest;

/// Returns the allowances of the list `value`, which stands in `file`.
pub(super) fn allowances(
    value: &Spanned<DeValue<'_>>,
    file: &Arc<str>,
    today: Date,
    faults: &mut Faults,
) -> Vec<Allowance> {
    let DeValue::Array(items) = value.get_ref() else {
        faults.add(&value.span(), "`allow` is a list of tables: [[allow]]");
        return Vec::new();
    };
    let mut allowances: Vec<Allowance> = Vec::new();
    for item in items.iter() {
        let DeValue::Table(entries) = item.get_ref() else {
            faults.add(&item.span(), "`allow` is a list of tables: [[allow]]");
            continue;
        };
        let first = entries.keys().map(Spanned::span).min_by_key(|span| span.start);
        let span = first.unwrap_or_else(|| item.span());
        let Some(allowance) = allowance(Table::new("[[allow]]", entries, span.clone()), file, today, faults)
        else {
            continue;
        };
        match allowances.iter().find(|other| contradict(other, &allowance)) {
            Some(other) => faults.add(
                &span,
                format_args!(
                    "a second allowance for {}: the first is on line {}; keep one of them",
                    allowance.subject.key(),
                    other.at.line
                ),
            ),
            None => allowances.push(allowance),
        }
    }
    allowances
}

/// Returns whether two allowances are about the same answers of the same artifact.
fn contradict(one: &Allowance, other: &Allowance) -> bool {
    let of = |allowance: &Allowance| match &allowance.what {
        Accepted::Hashes(_) => None,
        Accepted::Missing { source, .. } => Some(source.clone()),
    };
    one.subject == other.subject
        && match (of(one), of(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
}

fn allowance(
    mut table: Table<'_, '_>,
    file: &Arc<str>,
    today: Date,
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
        false => hashes(&mut table, faults),
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
fn hashes(table: &mut Table<'_, '_>, faults: &mut Faults) -> Option<Accepted> {
    const NAMES: [&str; 3] = ["proxy", "direct", "sumdb"];
    const KEYS: [&str; 7] = ["module", "version", "artifact", "reason", "until", "hash", "answer"];
    let mut pinned = BTreeMap::new();
    let mut is_whole = true;
    for (key, value) in table.rest() {
        let name = key.get_ref().as_ref();
        let is_known = name == "go.sum" || NAMES.contains(&name) || name == "modcache" || name == "vendor";
        let is_slip = KEYS.contains(&name) || nearest(name, &[NAMES.as_slice(), &KEYS].concat()).is_some();
        let source = match is_known {
            true => Ok(SourceName::further(name.to_owned())),
            // a name of the user's own, which is like no other key
            false if !is_slip || name.starts_with("proxy:") => source_arg::name(name),
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
                table.unknown(key, faults);
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

fn h1(text: &Spanned<String>, faults: &mut Faults) -> Option<Sum> {
    match H1::parse(text.get_ref()) {
        Ok(h1) => Some(Sum::H1(h1)),
        Err(error) => {
            faults.add(&text.span(), error);
            None
        }
    }
}
