//! go.work files (spec 03 §3): which modules are built together.

use super::argument::{setting, string};
use super::error::{Fault, FaultKind, SyntaxError};
use super::main_mod::Godebug;
use super::reader::{MAX_FAULTS, go, toolchain};
use super::replace::Replace;
use super::statement::{Form, Statements};
use crate::name::text::Text;

/// The Go version of a workspace whose go.work file has no go statement.
pub const DEFAULT_GO: &str = "1.18";

/// A go.work file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoWork {
    /// The version of the go statement.
    pub go: Option<String>,
    /// The name in the toolchain statement: `default`, or one that starts with `go1`.
    pub toolchain: Option<Text>,
    /// The use statements, in the order of the file.
    pub uses: Vec<Use>,
    /// The replace statements, in the order of the file; two may be of the same version.
    pub replace: Vec<Replace>,
    /// The godebug statements, in the order of the file.
    pub godebug: Vec<Godebug>,
}

/// A use statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The directory of a main module, absolute or relative to the folder of the file; not checked.
    pub directory: Text,
    /// The line of the file, from 1.
    pub line: usize,
}

impl GoWork {
    /// Returns what `text` says as a go.work file.
    ///
    /// # Errors
    /// Gives the first thing that breaks the grammar; or else all that is wrong in the statements, up to a thousand.
    pub fn parse(text: &[u8]) -> Result<GoWork, SyntaxError> {
        let mut file = GoWork::default();
        match file.read(text) {
            Err(fault) => Err(SyntaxError { faults: vec![fault] }),
            Ok(faults) if faults.is_empty() => Ok(file),
            Ok(faults) => Err(SyntaxError { faults }),
        }
    }

    /// Returns the version of the go statement, or the one that stands for none.
    pub fn go_version(&self) -> &str {
        self.go.as_deref().unwrap_or(DEFAULT_GO)
    }

    fn read(&mut self, text: &[u8]) -> Result<Vec<Fault>, Fault> {
        let mut faults = Vec::new();
        let mut block = Vec::new();
        let mut statements = Statements::new(text)?;
        while let Some(statement) = statements.next()? {
            let line = statement.start.line;
            let added = match statement.form {
                Form::Line => self.add(statement.words[0], &statement.words[1..], line),
                Form::InBlock if is_block(&block) => self.add(block[0], &statement.words, line),
                Form::InBlock => Ok(()),
                Form::Block => {
                    block = statement.words;
                    match is_block(&block) {
                        true => Ok(()),
                        false => Err(FaultKind::UnknownBlock { words: block.join(&b' ').into() }),
                    }
                }
            };
            if let Err(kind) = added
                && faults.len() < MAX_FAULTS
            {
                faults.push(Fault { position: statement.start, kind });
            }
        }
        Ok(faults)
    }

    fn add(&mut self, verb: &[u8], args: &[&[u8]], line: usize) -> Result<(), FaultKind> {
        match verb {
            b"go" if self.go.is_some() => return Err(FaultKind::Repeated { verb: "go" }),
            b"go" => self.go = Some(go(args, false)?),
            b"toolchain" if self.toolchain.is_some() => {
                return Err(FaultKind::Repeated { verb: "toolchain" });
            }
            b"toolchain" => self.toolchain = Some(toolchain(args)?),
            b"use" => {
                let &[directory] = args else { return Err(FaultKind::Usage { usage: "use DIRECTORY" }) };
                self.uses.push(Use { directory: string(directory)?, line });
            }
            b"replace" => self.replace.push(Replace::parse(args, line)?),
            b"godebug" => {
                let (key, value) = setting(args)?;
                self.godebug.push(Godebug { key, value });
            }
            _ => return Err(FaultKind::UnknownVerb { verb: verb.into() }),
        }
        Ok(())
    }
}

fn is_block(head: &[&[u8]]) -> bool {
    matches!(head, [b"use" | b"replace" | b"godebug"])
}
