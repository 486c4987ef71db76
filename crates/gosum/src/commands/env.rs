//! `gosum env`: the settings in force, and where each comes from.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use gosum_evidence::report::SCHEMA;
use gosum_report::escape::terminal;
use serde_json::{Value, json};

use super::TextOrJson;
use crate::env::{Origin, Setting};
use crate::exit::Exit;
use crate::session::Session;

/// Print the settings in force, and where each comes from
///
/// A setting is read from the environment, else from the file that `go env -w` writes, else from the go.env of the
/// installed Go toolchain, else it has its default. Passwords in URLs and arguments of GOAUTH commands are shown as
/// `...`. With NAMEs, only the values are printed, one a line. The exit code is 2 when a value is malformed.
#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    /// Settings, such as GOPROXY; all of them without
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text")]
    format: TextOrJson,
}

pub(crate) fn run(args: &EnvArgs, mut session: Session) -> anyhow::Result<Exit> {
    let all = session.env.settings();
    let mut shown = Vec::new();
    for name in &args.names {
        match all.iter().find(|setting| setting.name == name) {
            Some(setting) => shown.push(setting),
            None => bail!("{name} is no setting that gosum reads: `gosum env` lists them"),
        }
    }
    match args.format {
        TextOrJson::Json => {
            if args.names.is_empty() {
                shown = all.iter().collect();
            }
            // an object is sorted, and has a name once
            let settings: serde_json::Map<_, _> =
                shown.iter().map(|setting| (setting.name.to_owned(), json(setting))).collect();
            let object = json!({"schema": SCHEMA, "settings": settings});
            gosum_report::json::write(&object, &mut session.out)?;
        }
        TextOrJson::Text if args.names.is_empty() => {
            shown = all.iter().collect();
            for setting in &shown {
                let line = format!("{}='{}'  # {}", setting.name, quoted(&setting.value), told(setting));
                writeln!(session.out, "{}", terminal(&line))?;
            }
        }
        TextOrJson::Text => {
            for setting in &shown {
                writeln!(session.out, "{}", terminal(&setting.value))?;
                if let Some(error) = &setting.error {
                    session.warn(format!("{}, from {}: {error}", setting.name, origin(setting)));
                }
            }
        }
    }
    let is_fine = shown.iter().all(|setting| setting.error.is_none());
    Ok(if is_fine { Exit::Success } else { Exit::Usage })
}

/// Returns `value` for single quotes of a shell.
fn quoted(value: &str) -> String {
    value.replace('\'', r"'\''")
}

/// Returns where a setting comes from, and what is wrong with it.
fn told(setting: &Setting) -> String {
    let error = setting.error.as_ref().map(|error| format!("; wrong: {error}"));
    origin(setting) + &error.unwrap_or_default()
}

fn origin(setting: &Setting) -> String {
    let origin = match &setting.origin {
        Origin::Environment => "environment".to_owned(),
        Origin::UserFile(file) | Origin::Toolchain(file) => file.display().to_string(),
        Origin::Default => "default".to_owned(),
    };
    let variable = setting.variable.map(|variable| format!("{variable}, "));
    let emptied = setting.emptied.as_ref().map(|file| format!(", empty in {}", file.display()));
    variable.unwrap_or_default() + &origin + &emptied.unwrap_or_default()
}

fn json(setting: &Setting) -> Value {
    let origin = match setting.origin {
        Origin::Environment => "environment",
        Origin::UserFile(_) => "user-file",
        Origin::Toolchain(_) => "toolchain",
        Origin::Default => "default",
    };
    json!({
        "value": setting.value,
        "origin": origin,
        "file": setting.origin.file().map(|file| file.display().to_string()),
        "variable": setting.variable,
        "emptied_by": setting.emptied.as_ref().map(|file| file.display().to_string()),
        "error": setting.error,
    })
}
