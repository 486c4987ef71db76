//! The config file that allowances are added to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gosum_evidence::policy::{Accepted, Allowance};
use toml::de::{DeTable, DeValue};

use super::super::new_file::NewFile;
use crate::config::{self, Config, MAX_BYTES};
use crate::session::Session;

/// A config file that allowances are to be added to, as it was before the audit.
pub(super) struct Draft {
    file: PathBuf,
    /// Its text; none where there is no such file.
    before: Option<String>,
    config: Config,
}

/// Why allowances were not added.
pub(super) struct Unwritten {
    pub(super) error: anyhow::Error,
    /// What would have been added.
    pub(super) tables: String,
}

impl Draft {
    /// Returns the file that says what `config` does; where there is none yet, `config` is what the new one will begin with.
    ///
    /// # Errors
    /// When it could not be written: that should not be found out after an hour.
    pub(super) fn open(session: &Session, file: PathBuf, config: Config) -> anyhow::Result<Draft> {
        let before = text(session, &file)?;
        let draft = Draft { file, before, config };
        draft.output(session)?;
        Ok(draft)
    }

    /// Returns the file as the user would name it.
    pub(super) fn shown(&self) -> String {
        self.file.display().to_string()
    }

    /// Adds `new`, and returns whether the file is another one now. Edits that were made since it was read are kept.
    pub(super) fn add(&self, session: &Session, new: &[Allowance]) -> Result<bool, Unwritten> {
        self.try_to_add(session, new)
            .map_err(|error| Unwritten { error, tables: new.iter().map(table).collect() })
    }

    fn try_to_add(&self, session: &Session, new: &[Allowance]) -> anyhow::Result<bool> {
        let now = text(session, &self.file)?;
        let is_edited = now != self.before;
        if is_edited {
            self.check_edited(session, now.as_deref().unwrap_or_default()).context("nothing was written")?;
        }
        let text = match &now {
            Some(now) if !now.is_empty() => added(now, new)?,
            _ => added(&self.beginning(session)?, new)?,
        };
        if now.as_ref() == Some(&text) {
            return Ok(false);
        }
        if text.len() as u64 > MAX_BYTES {
            bail!("{}: it would be larger than {MAX_BYTES} bytes, and nothing was written", self.shown());
        }
        Config::parse(&text, &self.shown(), session.today()?).with_context(|| match is_edited {
            true => format!("{} was changed meanwhile, and nothing was written", self.shown()),
            false => "what would be written cannot be read back, and nothing was written".to_owned(),
        })?;
        self.output(session)?.write(|out| out.write_all(text.as_bytes()))?;
        Ok(true)
    }

    fn output(&self, session: &Session) -> anyhow::Result<NewFile> {
        NewFile::open(&session.path(&self.file), &self.shown())
    }

    /// Fails when the text `now` asks for another audit than the one that was made.
    fn check_edited(&self, session: &Session, now: &str) -> anyhow::Result<()> {
        let meanwhile = || format!("{} was changed meanwhile", self.shown());
        let now = Config::parse(now, &self.shown(), session.today()?).with_context(meanwhile)?;
        let asks = |config: &Config| (config.require.clone(), config.only.clone(), config.skip.clone());
        // a file that is new has nothing that was followed
        let is_other = match self.before {
            Some(_) => asks(&now) != asks(&self.config),
            None => asks(&now) != asks(&Config::default()),
        };
        if is_other {
            bail!("{}, and asks for another audit now: run gosum init again", meanwhile());
        }
        Ok(())
    }

    /// Returns what a new file begins with.
    fn beginning(&self, session: &Session) -> anyhow::Result<String> {
        let mut text = format!(
            "# What gosum accepts in this project. Each allowance holds for these very hashes alone, and until its date.\n\
             # Written by gosum init on {}. To look at one: gosum explain MODULE@VERSION\n",
            session.today()?
        );
        let list = |list: &[String]| list.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ");
        let Config { private, hosts, .. } = &self.config;
        if self.before.is_none() && (!private.is_empty() || hosts.is_some()) {
            text.push_str("\n[audit]\n");
            if !private.is_empty() {
                let _ = writeln!(text, "private = [{}]", list(private));
            }
            if let Some(hosts) = hosts {
                let _ = writeln!(text, "hosts = [{}]", list(hosts));
            }
        }
        Ok(text)
    }
}

/// Returns the text of `file`, if it is there.
fn text(session: &Session, file: &Path) -> anyhow::Result<Option<String>> {
    match session.path(file).try_exists().with_context(|| format!("cannot read {}", file.display()))? {
        true => config::read(session, file).map(Some),
        false => Ok(None),
    }
}

/// Returns `text` with the allowances `new` at its end; in its list, where it has them in one.
fn added(text: &str, new: &[Allowance]) -> anyhow::Result<String> {
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let mut text = text.to_owned();
    match list(&text) {
        Some(List { end, comma }) => {
            let items = new.iter().map(|allowance| format!("  {},\n", inline(allowance)));
            let line_end = if text[..end].ends_with('\n') { "" } else { "\n" };
            text.insert_str(end, &format!("{line_end}{}", items.collect::<String>()));
            if let Some(comma) = comma {
                text.insert(comma, ',');
            }
        }
        None => {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.extend(new.iter().map(table));
        }
    }
    Ok(text)
}

/// A list in brackets.
#[derive(Debug, PartialEq, Eq)]
struct List {
    /// Where its last bracket is.
    end: usize,
    /// Where a comma is missing for a further item.
    comma: Option<usize>,
}

/// Returns where the allowances of `text` are, if they are one list in brackets: `allow = []`.
fn list(text: &str) -> Option<List> {
    let document = DeTable::parse(text).ok()?;
    let value = document.get_ref().get("allow")?;
    let DeValue::Array(items) = value.get_ref() else { return None };
    // the place of tables that stand one by one begins with a header
    if text.get(value.span())?.starts_with("[[") {
        return None;
    }
    let end = value.span().end.checked_sub(1)?;
    let last = items.iter().last().map(|item| item.span().end);
    let has_comma = |from: usize| {
        let lines = text[from..end].lines();
        lines.map(|line| line.split('#').next().unwrap_or(line)).any(|line| line.contains(','))
    };
    Some(List { end, comma: last.filter(|last| !has_comma(*last)) })
}

/// Returns an allowance as a table of the config file.
fn table(allowance: &Allowance) -> String {
    let mut text = String::from("\n[[allow]]\n");
    for (key, value) in entries(allowance) {
        let _ = writeln!(text, "{key} = {value}");
    }
    text
}

/// Returns an allowance as an item of a list.
fn inline(allowance: &Allowance) -> String {
    let entries = entries(allowance).into_iter().map(|(key, value)| format!("{key} = {value}"));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

fn entries(allowance: &Allowance) -> Vec<(String, String)> {
    let Allowance { subject, what, reason, until, .. } = allowance;
    let mut entries = Vec::new();
    let mut add = |key: &str, value: &str| entries.push((key.to_owned(), quoted(value)));
    add("module", subject.module.path().as_str());
    add("version", subject.module.version().as_str());
    add("artifact", &subject.artifact.to_string());
    match what {
        Accepted::Hashes(pinned) => {
            for (source, sum) in pinned {
                let name = source.as_str();
                // a name of the user's own may look like a slip of another one, if it does not stand in quotes
                let is_bare = matches!(name, "proxy" | "direct" | "sumdb" | "modcache" | "vendor");
                add(&if is_bare { name.to_owned() } else { quoted(name) }, &sum.to_string());
            }
        }
        Accepted::Missing { source, answer, why, hash } => {
            add("source", source.as_str());
            add("answer", answer.word());
            add("why", why.code());
            add("hash", &hash.to_string());
        }
    }
    add("reason", reason);
    add("until", &until.to_string());
    entries
}

/// Returns `text` as TOML writes it: as JSON does, but for one character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_back_as_it_was() {
        for text in ["plain", "\"'\\ \n\r\t", "\u{0}\u{1b}[31m\u{7f}\u{85}\u{202e}", "]] # x", "é\u{10ffff}"]
        {
            let file = format!("{} = {}\n", quoted(text), quoted(text));
            let read = DeTable::parse(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
            let value = read.get_ref().get(text).unwrap();
            assert!(matches!(value.get_ref(), DeValue::String(value) if value == text), "{file:?}");
        }
    }

    #[test]
    fn a_list_in_brackets_is_found_and_headers_are_not() {
        for (text, expected) in [
            ("", None),
            ("[audit]\n", None),
            ("[[allow]]\na = 1\n\n[[allow]]\na = 2\n", None),
            ("[[ allow ]]\na = ['x]']\n[audit]\nonly = []", None),
            ("allow = []\n[audit]\n", Some(("]\n[audit]\n", None))),
            ("allow = [ # none, ]\n]", Some(("]", None))),
            ("allow=[{a = 1}]", Some(("]", Some("]")))),
            ("allow = [{a = 1} # one, ]\n\n]", Some(("]", Some(" # one, ]\n\n]")))),
            ("allow = [\n  {a = 1}, # one, ]\n  {a = [2]}, # two\n]\n", Some(("]\n", None))),
        ] {
            let found =
                list(text).map(|List { end, comma }| (&text[end..], comma.map(|comma| &text[comma..])));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
