//! Whether there is a build for which constraints hold.
//!
//! A build is for one system and one processor, and its other tags are free: whoever builds may give any with `-tags`,
//! `ignore` too. A second system or processor cannot be given so: each of their names, once given, declares a constant
//! of the package `internal/goos` or `internal/goarch` again, and no program links. The two that do not, `nacl` and
//! `amd64p32`, count as free, and so do `unix` (unknown before Go 1.19), `cgo`, the tags of releases, of compilers and
//! of experiments. A system that is in no list may be met, and gives none of the names.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::Expr;
use super::name::{PROCESSORS, SYSTEMS};
use super::platform::{Platform, implied, is_platform};

/// How much work one file is worth, in tags looked at.
const STEPS: usize = 1 << 12;

/// Whether something can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Possible {
    /// There is such a build.
    Yes,
    /// Not found out within bounds.
    Unknown,
    /// There is none.
    No,
}

/// Returns whether there is a build of `platform` for which all of `exprs` hold.
pub(super) fn possible(exprs: &[Expr], platform: &Platform) -> Possible {
    let mut steps = STEPS;
    let configuration = match platform {
        Platform::One(configuration) => configuration,
        Platform::Any => return any(exprs, &mut steps),
    };
    solve(&reduce_all(exprs, &|tag| configuration.decides(tag), &mut steps), &mut steps)
}

fn any(exprs: &[Expr], steps: &mut usize) -> Possible {
    let mut named = BTreeSet::new();
    exprs.iter().for_each(|expr| platforms(expr, &mut named));
    let mut found = Possible::No;
    for system in choices(SYSTEMS, &named) {
        for processor in choices(PROCESSORS, &named) {
            let decide = |tag: &str| {
                let given = system.contains(tag) || processor.contains(tag);
                named.contains(tag).then_some(given)
            };
            match solve(&reduce_all(exprs, &decide, steps), steps) {
                Possible::Yes => return Possible::Yes,
                Possible::Unknown => found = Possible::Unknown,
                Possible::No => {}
            }
        }
    }
    found
}

/// Collects the tags of systems and processors, of which a build gives one each.
fn platforms<'a>(expr: &'a Expr, named: &mut BTreeSet<&'a str>) {
    match expr {
        Expr::Tag(tag) if is_platform(tag) && !matches!(&**tag, "nacl" | "amd64p32") => {
            named.insert(tag);
        }
        Expr::Tag(_) => {}
        Expr::Not(expr) => platforms(expr, named),
        Expr::And(list) | Expr::Or(list) => list.iter().for_each(|expr| platforms(expr, named)),
    }
}

/// Returns which of the tags `named` are given by each of `all`, and by none of them: those that differ.
fn choices<'a>(all: &[&'a str], named: &BTreeSet<&str>) -> BTreeSet<BTreeSet<&'a str>> {
    let given =
        |name: &'a str| [Some(name), implied(name)].into_iter().flatten().filter(|tag| named.contains(tag));
    all.iter().map(|name| given(name).collect()).chain([BTreeSet::new()]).collect()
}

/// An expression of tags that are still open, with negations at the tags alone.
#[derive(Debug, Clone)]
enum Open<'a> {
    True,
    False,
    /// A tag, given or not.
    Tag(&'a str, bool),
    And(Vec<Open<'a>>),
    Or(Vec<Open<'a>>),
}

impl<'a> Open<'a> {
    fn constant(value: bool) -> Open<'a> {
        if value { Open::True } else { Open::False }
    }

    /// Joins `list` by "and" (`all`) or "or".
    fn join(list: impl Iterator<Item = Open<'a>>, all: bool) -> Open<'a> {
        let mut open = Vec::new();
        for item in list {
            match item {
                Open::True if all => {}
                Open::False if !all => {}
                Open::True | Open::False => return item,
                item => open.push(item),
            }
        }
        match (open.is_empty(), all) {
            (true, _) => Open::constant(all),
            (false, true) => Open::And(open),
            (false, false) => Open::Or(open),
        }
    }

    /// Puts in what `decide` knows.
    fn with(&self, decide: &dyn Fn(&str) -> Option<bool>, steps: &mut usize) -> Open<'a> {
        match self {
            Open::True | Open::False => self.clone(),
            Open::Tag(tag, given) => {
                *steps = steps.saturating_sub(1);
                decide(tag).map_or_else(|| self.clone(), |value| Open::constant(value == *given))
            }
            Open::And(list) => Open::join(list.iter().map(|item| item.with(decide, steps)), true),
            Open::Or(list) => Open::join(list.iter().map(|item| item.with(decide, steps)), false),
        }
    }

    /// Collects which tags are wanted, and wanted not to be given.
    fn wants(&self, wanted: &mut BTreeMap<&'a str, [bool; 2]>) {
        match self {
            Open::True | Open::False => {}
            Open::Tag(tag, given) => wanted.entry(tag).or_default()[usize::from(*given)] = true,
            Open::And(list) | Open::Or(list) => list.iter().for_each(|item| item.wants(wanted)),
        }
    }
}

fn reduce_all<'a>(exprs: &'a [Expr], decide: &dyn Fn(&str) -> Option<bool>, steps: &mut usize) -> Open<'a> {
    Open::join(exprs.iter().map(|expr| reduce(expr, true, decide, steps)), true)
}

/// Returns what is open of `expr`, or of its opposite.
fn reduce<'a>(
    expr: &'a Expr,
    holds: bool,
    decide: &dyn Fn(&str) -> Option<bool>,
    steps: &mut usize,
) -> Open<'a> {
    match expr {
        Expr::Tag(tag) => {
            *steps = steps.saturating_sub(1);
            decide(tag).map_or(Open::Tag(tag, holds), |value| Open::constant(value == holds))
        }
        Expr::Not(expr) => reduce(expr, !holds, decide, steps),
        Expr::And(list) => Open::join(list.iter().map(|item| reduce(item, holds, decide, steps)), holds),
        Expr::Or(list) => Open::join(list.iter().map(|item| reduce(item, holds, decide, steps)), !holds),
    }
}

/// Returns whether there are tags that make `open` true.
///
/// A tag that is wanted in one way only is given that way; of one that is wanted in both, both are tried.
fn solve(open: &Open<'_>, steps: &mut usize) -> Possible {
    match open {
        Open::True => return Possible::Yes,
        Open::False => return Possible::No,
        _ if *steps == 0 => return Possible::Unknown,
        _ => {}
    }
    let mut wanted = BTreeMap::new();
    open.wants(&mut wanted);
    let disputed = wanted.iter().find(|(_, ways)| **ways == [true; 2]).map(|(tag, _)| *tag);
    let Some(disputed) = disputed else { return Possible::Yes };
    let mut found = Possible::No;
    for given in [true, false] {
        let decide = |tag: &str| match wanted.get(tag) {
            _ if tag == disputed => Some(given),
            Some([wanted_not, wanted]) if wanted != wanted_not => Some(*wanted),
            _ => None,
        };
        match solve(&open.with(&decide, steps), steps) {
            Possible::Yes => return Possible::Yes,
            Possible::Unknown => found = Possible::Unknown,
            Possible::No => {}
        }
    }
    found
}
