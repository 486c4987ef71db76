//! Takes the statements of a go.mod file together.

use super::argument::{comment_text, deprecation, is_indirect, module_version, setting, string};
use super::error::{Fault, FaultKind, SyntaxError};
use super::go_mod::{Ignore, Module, Require, Retract};
use super::go_version;
use super::main_mod::{Exclude, Godebug, MainMod, Tool};
use super::replace::Replace;
use super::statement::{Form, Statement, Statements};
use crate::name::text::Text;

/// How many faults of one file are collected.
pub(super) const MAX_FAULTS: usize = 1000;

/// Whose go.mod file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// That of a dependency, in which what is not known or does not matter is passed over.
    Dependency,
    /// That of a main module.
    Main,
}

/// A block that the statements stand in.
#[derive(Debug)]
struct Block<'a> {
    head: Statement<'a>,
    /// The text of its comments, which goes to all statements that have none: made once, since those may be many.
    comment: Option<Text>,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    mode: Mode,
    file: MainMod,
    has_module: bool,
    faults: Vec<Fault>,
    block: Option<Block<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(mode: Mode) -> Reader<'a> {
        Reader { mode, file: MainMod::default(), has_module: false, faults: Vec::new(), block: None }
    }

    pub(super) fn read(mut self, text: &'a [u8]) -> Result<MainMod, SyntaxError> {
        match self.read_all(text) {
            Err(fault) => Err(SyntaxError { faults: vec![fault] }),
            Ok(()) if self.faults.is_empty() => Ok(self.file),
            Ok(()) => Err(SyntaxError { faults: self.faults }),
        }
    }

    fn read_all(&mut self, text: &'a [u8]) -> Result<(), Fault> {
        let mut statements = Statements::new(text)?;
        while let Some(statement) = statements.next()? {
            match statement.form {
                Form::Block => {
                    if self.mode == Mode::Main && !is_block(&statement.words) {
                        let words = statement.words.join(&b' ').into();
                        self.fault(&statement, FaultKind::UnknownBlock { words });
                    }
                    self.block = Some(Block { head: statement, comment: None });
                }
                Form::Line => {
                    self.block = None;
                    self.add(&statement, statement.words[0], &statement.words[1..]);
                }
                Form::InBlock => {
                    let head = self.block.as_ref().map_or(&[][..], |block| &block.head.words);
                    if is_block(head) {
                        let verb = head[0];
                        self.add(&statement, verb, &statement.words);
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, statement: &Statement<'_>, verb: &[u8], args: &[&[u8]]) {
        let main = self.mode == Mode::Main;
        let added = match verb {
            b"go" => self.add_go(args),
            b"module" => self.add_module(statement, args),
            b"require" => self.add_require(statement, args),
            b"ignore" => self.add_ignore(statement, args),
            // a later Go may have other forms, and its modules are read as well
            b"retract" => {
                self.add_retract(statement, args).or_else(|fault| if main { Err(fault) } else { Ok(()) })
            }
            _ if !main => Ok(()),
            b"toolchain" => self.add_toolchain(args),
            b"exclude" => self.add_exclude(statement, args),
            b"replace" => {
                Replace::parse(args, statement.start.line).map(|replace| self.file.replace.push(replace))
            }
            b"tool" => self.add_tool(statement, args),
            b"godebug" => self.add_godebug(args),
            _ => Err(FaultKind::UnknownVerb { verb: verb.into() }),
        };
        if let Err(kind) = added {
            self.fault(statement, kind);
        }
    }

    fn fault(&mut self, statement: &Statement<'_>, kind: FaultKind) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position: statement.start, kind });
        }
    }

    fn add_go(&mut self, args: &[&[u8]]) -> Result<(), FaultKind> {
        if self.file.go_mod.go.is_some() {
            return Err(FaultKind::Repeated { verb: "go" });
        }
        let lax = self.mode == Mode::Dependency;
        self.file.go_mod.go = Some(go(args, lax)?);
        Ok(())
    }

    fn add_toolchain(&mut self, args: &[&[u8]]) -> Result<(), FaultKind> {
        if self.file.toolchain.is_some() {
            return Err(FaultKind::Repeated { verb: "toolchain" });
        }
        self.file.toolchain = Some(toolchain(args)?);
        Ok(())
    }

    fn add_module(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        if std::mem::replace(&mut self.has_module, true) {
            return Err(FaultKind::Repeated { verb: "module" });
        }
        let &[path] = args else { return Err(FaultKind::Usage { usage: "module PATH" }) };
        let deprecated = deprecation(self.comment(statement).as_bytes()).into();
        self.file.go_mod.module =
            Some(Module { path: string(path)?, deprecated, line: statement.start.line });
        Ok(())
    }

    fn add_require(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path, version] = args else { return Err(FaultKind::Usage { usage: "require PATH VERSION" }) };
        let (path, version) = module_version(path, version)?;
        let indirect = statement.suffix.is_some_and(is_indirect);
        self.file.go_mod.require.push(Require { path, version, indirect, line: statement.start.line });
        Ok(())
    }

    fn add_exclude(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path, version] = args else { return Err(FaultKind::Usage { usage: "exclude PATH VERSION" }) };
        let (path, version) = module_version(path, version)?;
        self.file.exclude.push(Exclude { path, version, line: statement.start.line });
        Ok(())
    }

    fn add_ignore(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path] = args else { return Err(FaultKind::Usage { usage: "ignore PATH" }) };
        self.file.go_mod.ignore.push(Ignore { path: string(path)?, line: statement.start.line });
        Ok(())
    }

    fn add_tool(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path] = args else { return Err(FaultKind::Usage { usage: "tool PATH" }) };
        self.file.tool.push(Tool { path: string(path)?, line: statement.start.line });
        Ok(())
    }

    fn add_godebug(&mut self, args: &[&[u8]]) -> Result<(), FaultKind> {
        let (key, value) = setting(args)?;
        self.file.godebug.push(Godebug { key, value });
        Ok(())
    }

    fn add_retract(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let (low, high, rest) = interval(args)?;
        if let [word, ..] = rest
            && self.mode == Mode::Main
        {
            return Err(FaultKind::AfterVersion { word: (*word).into() });
        }
        let rationale = self.comment(statement);
        self.file.go_mod.retract.push(Retract { low, high, rationale, line: statement.start.line });
        Ok(())
    }

    /// Returns the text of the comments that belong to `statement`, line by line. Within a block, they are those of the
    /// block where the statement has none.
    fn comment(&mut self, statement: &Statement<'_>) -> Text {
        let own = !statement.before.is_empty() || statement.suffix.is_some();
        match &mut self.block {
            Some(Block { head, comment }) if !own => {
                comment.get_or_insert_with(|| comment_text(head.before.iter().chain(&head.suffix))).clone()
            }
            _ => comment_text(statement.before.iter().chain(&statement.suffix)),
        }
    }
}

/// Returns whether `head` is that of a block whose lines are statements. A go or toolchain statement has no such form.
fn is_block(head: &[&[u8]]) -> bool {
    const VERBS: [&[u8]; 8] =
        [b"module", b"godebug", b"require", b"exclude", b"replace", b"retract", b"tool", b"ignore"];
    matches!(head, [verb] if VERBS.contains(verb))
}

/// Returns the version of a go statement. A dependency may have been made for a Go whose versions have another form.
pub(super) fn go(args: &[&[u8]], lax: bool) -> Result<String, FaultKind> {
    let &[version] = args else { return Err(FaultKind::Usage { usage: "go VERSION" }) };
    let known = if lax { go_version::salvage(version) } else { go_version::strict(version) };
    known.map(str::to_owned).ok_or_else(|| FaultKind::GoVersion { version: version.into() })
}

/// Returns the name in a toolchain statement.
pub(super) fn toolchain(args: &[&[u8]]) -> Result<Text, FaultKind> {
    let &[name] = args else { return Err(FaultKind::Usage { usage: "toolchain NAME" }) };
    if go_version::is_toolchain(name) {
        Ok(name.into())
    } else {
        Err(FaultKind::Toolchain { name: name.into() })
    }
}

type Interval<'s, 'a> = (Text, Text, &'s [&'a [u8]]);

/// Returns the versions of a retract statement, and the words after them.
fn interval<'s, 'a>(args: &'s [&'a [u8]]) -> Result<Interval<'s, 'a>, FaultKind> {
    match args {
        [b"[", low, b",", high, b"]", rest @ ..] => Ok((string(low)?, string(high)?, rest)),
        [] | [b"(" | b"[", ..] => Err(FaultKind::Interval),
        [version, rest @ ..] => string(version).map(|version| (version.clone(), version, rest)),
    }
}
