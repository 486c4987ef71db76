//! The pages of the rules.

use std::io::Write as _;

use anyhow::bail;
use gosum_evidence::report::SCHEMA;
use gosum_evidence::rule::{RuleInfo, rules};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::session::Session;
use crate::suggest::nearest;

/// Prints all codes, a line each.
pub(super) fn list(session: &mut Session, as_json: bool) -> anyhow::Result<Exit> {
    let infos = || rules().iter().map(|rule| rule.info());
    if as_json {
        let rules: Vec<Value> = infos().map(shown).collect();
        gosum_report::json::write(&json!({"schema": SCHEMA, "rules": rules}), &mut session.out)?;
        return Ok(Exit::Success);
    }
    let width = infos().map(|info| info.code.len()).max().unwrap_or(0);
    for info in infos() {
        let line = summary(info);
        writeln!(session.out, "{:<width$}  {:<4}  {line}", info.code, level(info))?;
    }
    Ok(Exit::Success)
}

/// Prints the page of `code`.
///
/// # Errors
/// When there is no such code.
pub(super) fn page(session: &mut Session, code: &str, as_json: bool) -> anyhow::Result<Exit> {
    let Some(info) = rules().iter().map(|rule| rule.info()).find(|info| info.code == code) else {
        bail!("{}", unknown(code));
    };
    if as_json {
        gosum_report::json::write(&json!({"schema": SCHEMA, "rules": [shown(info)]}), &mut session.out)?;
        return Ok(Exit::Success);
    }
    let (title, rest) = info.page.split_once('\n').unwrap_or((info.page, ""));
    writeln!(session.out, "{title}\n\nDefault level: {}", level(info))?;
    write!(session.out, "{rest}")?;
    Ok(Exit::Success)
}

fn unknown(code: &str) -> String {
    let codes: Vec<&str> = rules().iter().map(|rule| rule.info().code).collect();
    let meant = match nearest(code, &codes) {
        Some(meant) => format!("did you mean {meant}? "),
        None => String::new(),
    };
    format!("{code} is neither a MODULE@VERSION nor a code: {meant}the codes are {}", codes.join(", "))
}

/// Returns the level of a rule's findings; a reason for a missing hash has none.
fn level(info: &RuleInfo) -> String {
    info.level.map_or("–".to_owned(), |level| level.to_string())
}

/// Returns the first sentence of a page.
fn summary(info: &RuleInfo) -> String {
    let paragraphs = info.page.split("\n\n").skip(1);
    let first =
        paragraphs.map(str::trim).find(|paragraph| !paragraph.is_empty() && !paragraph.starts_with('#'));
    first.unwrap_or(info.help).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(info: &RuleInfo) -> Value {
    json!({"code": info.code, "level": info.level, "help": info.help, "page": info.page})
}
