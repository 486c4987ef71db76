//! A table of the config file, read key by key: every key that nobody asks for is a fault.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::suggest::nearest;

/// What is wrong with a file, with where: all of it.
pub(super) struct Faults {
    /// Where the lines begin.
    lines: Vec<usize>,
    found: Vec<(usize, String)>,
}

impl Faults {
    pub(super) fn new(text: &str) -> Faults {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Faults { lines: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(), found: Vec::new() }
    }

    /// Adds what is wrong with what stands at `span`.
    pub(super) fn add(&mut self, span: &Range<usize>, what: impl Display) {
        self.found.push((span.start, what.to_string()));
    }

    /// Returns the line, from 1, of what stands at `span`.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.place(span.start).0
    }

    /// Returns the faults, in their order, as messages about `file`.
    pub(super) fn messages(mut self, file: &str) -> Vec<String> {
        self.found.sort();
        let found = std::mem::take(&mut self.found);
        let message = |(at, what): (usize, String)| {
            let (line, column) = self.place(at);
            format!("{file}:{line}:{column}: {what}")
        };
        found.into_iter().map(message).collect()
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at);
        (line, at - self.lines[line - 1] + 1)
    }
}

/// A table of which keys are taken out.
pub(super) struct Table<'a, 't> {
    /// How messages name it: `[audit]`.
    name: &'static str,
    entries: &'a DeTable<'t>,
    asked: BTreeSet<&'static str>,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

/// A value, and where it stands.
pub(super) type Value<'a, 't> = &'a Spanned<DeValue<'t>>;

impl<'a, 't> Table<'a, 't> {
    pub(super) fn new(name: &'static str, entries: &'a DeTable<'t>, span: Range<usize>) -> Table<'a, 't> {
        Table { name, entries, asked: BTreeSet::new(), span }
    }

    /// Returns the value of `key`.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'a, 't>> {
        self.asked.insert(key);
        self.entries.get(key)
    }

    /// Returns the text at `key`.
    pub(super) fn text(&mut self, key: &'static str, faults: &mut Faults) -> Option<Spanned<String>> {
        let value = self.take(key)?;
        text(value, key, faults)
    }

    /// Returns the texts in the list at `key`.
    pub(super) fn texts(&mut self, key: &'static str, faults: &mut Faults) -> Option<Vec<Spanned<String>>> {
        let value = self.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            faults.add(&value.span(), format_args!("`{key}` is a list of texts: [\"...\"]"));
            return None;
        };
        Some(items.iter().filter_map(|item| text(item, key, faults)).collect())
    }

    /// Returns the table at `key`.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        name: &'static str,
        faults: &mut Faults,
    ) -> Option<Table<'a, 't>> {
        let value = self.take(key)?;
        let DeValue::Table(entries) = value.get_ref() else {
            faults.add(&value.span(), format_args!("`{key}` is a table: {name}"));
            return None;
        };
        Some(Table::new(name, entries, value.span()))
    }

    /// Returns the keys that nobody asked for, with their values, in the order of the file.
    pub(super) fn rest(&self) -> Vec<(&'a Spanned<std::borrow::Cow<'t, str>>, Value<'a, 't>)> {
        let mut rest: Vec<_> =
            self.entries.iter().filter(|(key, _)| !self.asked.contains(&**key.get_ref())).collect();
        rest.sort_by_key(|(key, _)| key.span().start);
        rest
    }

    /// Calls every key a fault that nobody asked for.
    pub(super) fn finish(&self, faults: &mut Faults) {
        for (key, _) in self.rest() {
            self.unknown(key, faults);
        }
    }

    /// Calls `key` a fault.
    pub(super) fn unknown(&self, key: &Spanned<std::borrow::Cow<'t, str>>, faults: &mut Faults) {
        self.unknown_with(key, "", faults);
    }

    /// Calls `key` a fault, and says what else it may be.
    pub(super) fn unknown_with(
        &self,
        key: &Spanned<std::borrow::Cow<'t, str>>,
        else_: &str,
        faults: &mut Faults,
    ) {
        let hint = meant(key.get_ref(), self.asked.iter().copied());
        faults
            .add(&key.span(), format_args!("unknown key `{}` in {}{hint}{else_}", key.get_ref(), self.name));
    }
}

/// Returns the text that `value`, of `key`, is. A day may be written without quotes.
pub(super) fn text(value: Value<'_, '_>, key: &str, faults: &mut Faults) -> Option<Spanned<String>> {
    let span = value.span();
    match value.get_ref() {
        DeValue::String(text) => Some(Spanned::new(span, text.to_string())),
        DeValue::Datetime(day) if key == "until" => Some(Spanned::new(span, day.to_string())),
        _ => {
            faults.add(&span, format_args!("`{key}` is a text: \"...\""));
            None
        }
    }
}

/// Returns, as the end of a message, which of `known` may have been meant by `given`.
pub(crate) fn meant<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    nearest(given, &known).map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?"))
}
