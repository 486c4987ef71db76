//! go.mod files, as the go command reads those of dependencies (spec 03 §3, §5).

use super::error::{Fault, FaultKind, SyntaxError};
use super::go_version;
use super::space::{fields, trim};
use super::statement::{Form, Statement, Statements};
use crate::name::path::{ModulePath, check_path_major, split_path_version};
use crate::name::quote::{auto_quote, unquote};
use crate::name::semver::{self, compare_numbers};
use crate::name::text::Text;
use crate::name::version::Version;

/// How many faults of one file are collected.
const MAX_FAULTS: usize = 1000;

/// What the go command takes from the go.mod file of a dependency.
///
/// Statements that matter in a main module alone (replace, exclude, toolchain, tool, godebug) are left out, and so is
/// what no Go knows yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoMod {
    /// The module statement.
    pub module: Option<Module>,
    /// The version of the go statement: `1.23`, `1.23.4` or `1.23rc1`. What follows such a start is dropped.
    pub go: Option<String>,
    /// The require statements, in the order of the file.
    pub require: Vec<Require>,
    /// The retract statements, in the order of the file; those of a form that no Go knows yet are left out.
    pub retract: Vec<Retract>,
    /// The ignore statements, in the order of the file.
    pub ignore: Vec<Ignore>,
}

/// A module statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The path; not checked.
    pub path: Text,
    /// The deprecation notice, which may be empty like the one that is not there.
    pub deprecated: Text,
    /// The line of the file, from 1.
    pub line: usize,
}

/// A require statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Require {
    /// The path, of which only the major version is checked.
    pub path: Text,
    /// The version, in canonical form.
    pub version: Version,
    /// Whether it is marked `// indirect`.
    pub indirect: bool,
    /// The line of the file, from 1.
    pub line: usize,
}

/// A retract statement: the versions from `low` to `high`, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retract {
    /// The first version; not checked.
    pub low: Text,
    /// The last version; not checked.
    pub high: Text,
    /// The comment that says why.
    pub rationale: Text,
    /// The line of the file, from 1.
    pub line: usize,
}

/// An ignore statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The path; not checked.
    pub path: Text,
    /// The line of the file, from 1.
    pub line: usize,
}

impl GoMod {
    /// Returns what the go command takes from `text` as the go.mod file of a dependency.
    ///
    /// Needs up to some twenty times the memory of `text`, whose size the caller bounds.
    ///
    /// # Errors
    /// Gives the first thing that breaks the grammar; or else all that is wrong in the statements that are read, up to
    /// a thousand.
    pub fn parse_lax(text: &[u8]) -> Result<GoMod, SyntaxError> {
        let mut reader = Reader::default();
        match reader.read(text) {
            Err(fault) => Err(SyntaxError { faults: vec![fault] }),
            Ok(()) if reader.faults.is_empty() => Ok(reader.file),
            Ok(()) => Err(SyntaxError { faults: reader.faults }),
        }
    }
}

#[derive(Debug, Default)]
struct Reader<'a> {
    file: GoMod,
    has_module: bool,
    faults: Vec<Fault>,
    /// The block that the statements stand in.
    block: Option<Statement<'a>>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, text: &'a [u8]) -> Result<(), Fault> {
        let mut statements = Statements::new(text)?;
        while let Some(statement) = statements.next()? {
            match statement.form {
                Form::Block => self.block = Some(statement),
                Form::Line => {
                    self.block = None;
                    self.add(&statement, statement.words[0], &statement.words[1..]);
                }
                Form::InBlock => {
                    let head = self.block.as_ref().map_or(&[][..], |block| &block.words);
                    // a go statement has no block form; other heads belong to verbs that are not read
                    if let [verb @ (b"module" | b"require" | b"retract" | b"ignore")] = *head {
                        self.add(&statement, verb, &statement.words);
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, statement: &Statement<'_>, verb: &[u8], args: &[&[u8]]) {
        let added = match verb {
            b"go" => self.add_go(args),
            b"module" => self.add_module(statement, args),
            b"require" => self.add_require(statement, args),
            b"ignore" => self.add_ignore(statement, args),
            b"retract" => {
                self.add_retract(statement, args);
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(kind) = added
            && self.faults.len() < MAX_FAULTS
        {
            self.faults.push(Fault { position: statement.start, kind });
        }
    }

    fn add_go(&mut self, args: &[&[u8]]) -> Result<(), FaultKind> {
        if self.file.go.is_some() {
            return Err(FaultKind::Repeated { verb: "go" });
        }
        let &[version] = args else { return Err(FaultKind::Usage { usage: "go VERSION" }) };
        let known =
            go_version::salvage(version).ok_or_else(|| FaultKind::GoVersion { version: version.into() })?;
        self.file.go = Some(known.to_owned());
        Ok(())
    }

    fn add_module(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        if std::mem::replace(&mut self.has_module, true) {
            return Err(FaultKind::Repeated { verb: "module" });
        }
        let &[path] = args else { return Err(FaultKind::Usage { usage: "module PATH" }) };
        let deprecated = deprecation(&self.comment(statement)).into();
        self.file.module = Some(Module { path: string(path)?, deprecated, line: statement.start.line });
        Ok(())
    }

    fn add_require(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path, version] = args else { return Err(FaultKind::Usage { usage: "require PATH VERSION" }) };
        let (path, version) = (string(path)?, string(version)?);
        let Some(parsed) = semver::parse(version.as_bytes()) else {
            return Err(FaultKind::VersionForm { path, version });
        };
        let version = Version::parse(parsed.module_canonical()).expect("a canonical form is canonical");
        let Some((_, major)) = split_path_version(path.as_bytes()) else {
            return Err(FaultKind::ModulePath { path });
        };
        let major = str::from_utf8(major).expect("a major version is ASCII");
        if let Err(error) = check_path_major(version.as_str(), major) {
            return Err(FaultKind::Major { path, error });
        }
        let indirect = statement.suffix.is_some_and(is_indirect);
        self.file.require.push(Require { path, version, indirect, line: statement.start.line });
        Ok(())
    }

    fn add_ignore(&mut self, statement: &Statement<'_>, args: &[&[u8]]) -> Result<(), FaultKind> {
        let &[path] = args else { return Err(FaultKind::Usage { usage: "ignore PATH" }) };
        self.file.ignore.push(Ignore { path: string(path)?, line: statement.start.line });
        Ok(())
    }

    /// Adds a retract statement if its form is known: a later Go may have others, and its modules are read as well.
    fn add_retract(&mut self, statement: &Statement<'_>, args: &[&[u8]]) {
        let interval = match *args {
            [b"[", low, b",", high, b"]", ..] => string(low).and_then(|low| Ok((low, string(high)?))),
            [] | [b"(" | b"[", ..] => return,
            [version, ..] => string(version).map(|version| (version.clone(), version)),
        };
        if let Ok((low, high)) = interval {
            let rationale = self.comment(statement).into();
            self.file.retract.push(Retract { low, high, rationale, line: statement.start.line });
        }
    }

    /// Returns the text of the comments that belong to `statement`, line by line. Within a block, they are those of the
    /// block where the statement has none (blank lines count as one).
    fn comment(&self, statement: &Statement<'_>) -> Vec<u8> {
        let own = !statement.before.is_empty() || statement.suffix.is_some();
        let owner = match &self.block {
            Some(block) if !own => block,
            _ => statement,
        };
        let comments = owner.before.iter().chain(&owner.suffix);
        let lines: Vec<_> = comments.filter_map(|comment| comment.strip_prefix(b"//")).map(trim).collect();
        lines.join(&b'\n')
    }
}

/// Returns what the word `text` of a statement stands for.
fn string(text: &[u8]) -> Result<Text, FaultKind> {
    if text.starts_with(b"\"") {
        return unquote(text).map(Text::from).ok_or_else(|| FaultKind::Literal { text: text.into() });
    }
    if text.iter().any(|byte| b"\"'`".contains(byte)) {
        return Err(FaultKind::StrayQuote { text: text.into() });
    }
    Ok(text.into())
}

fn is_indirect(comment: &[u8]) -> bool {
    let mut words = fields(comment.strip_prefix(b"//").unwrap_or(comment));
    matches!((words.next(), words.next()), (Some(b"indirect"), None) | (Some(b"indirect;"), Some(_)))
}

/// Returns what follows `Deprecated:` in the first paragraph of `comment` that starts so.
fn deprecation(comment: &[u8]) -> &[u8] {
    const START: &[u8] = b"Deprecated:";
    const PARAGRAPH: &[u8] = b"\n\nDeprecated:";
    let notice = comment.strip_prefix(START).or_else(|| {
        let at = comment.windows(PARAGRAPH.len()).position(|window| window == PARAGRAPH)?;
        Some(&comment[at + PARAGRAPH.len()..])
    });
    let notice = notice.unwrap_or(b"");
    let notice = &notice[notice.iter().take_while(|&&byte| byte == b' ').count()..];
    let end = notice.windows(2).position(|window| window == b"\n\n");
    &notice[..end.unwrap_or(notice.len())]
}

/// Returns whether the module with this root go.mod file is of Go 1.24 or later, which decides on the files of its zip
/// (spec 02 §3).
///
/// The language version counts: `1.24rc1` is of Go 1.24. A module without a go.mod file, with one that cannot be
/// parsed, or with one that has no go statement is of an earlier Go.
pub fn at_least_go_1_24(go_mod: Option<&[u8]>) -> bool {
    let file = go_mod.and_then(|text| GoMod::parse_lax(text).ok());
    let go = file.and_then(|file| file.go);
    go.as_deref().and_then(go_version::language).and_then(|language| language.split_once('.')).is_some_and(
        |(major, minor)| compare_numbers(major, "1").then_with(|| compare_numbers(minor, "24")).is_ge(),
    )
}

/// Returns the path of the module statement that comes first in `text`, found without parsing the rest (spec 03 §5).
///
/// Returns nothing where there is none, or an empty or broken string in its place. The path is not checked: of a block,
/// it is `(`.
pub fn module_path(text: &[u8]) -> Option<Text> {
    let path = text.split(|&byte| byte == b'\n').find_map(|line| {
        let rest = trim(before_comment(line)).strip_prefix(b"module")?;
        let path = trim(rest);
        (path.len() < rest.len() && !path.is_empty()).then_some(path)
    })?;
    let path = match path {
        [b'"' | b'`', ..] => unquote(path)?.into(),
        _ => Text::from(path),
    };
    (!path.as_bytes().is_empty()).then_some(path)
}

/// Returns the version of the go statement that comes first in `text`, found without parsing the rest (spec 03 §5).
///
/// Returns nothing where there is none, or nothing stands after it. The version is not checked.
pub fn go_line(text: &[u8]) -> Option<Text> {
    let version =
        text.split(|&byte| byte == b'\n').find_map(|line| match trim(line).strip_prefix(b"go") {
            Some(rest @ [b' ' | b'\t', ..]) => Some(trim(before_comment(rest))),
            _ => None,
        })?;
    (!version.is_empty()).then(|| version.into())
}

fn before_comment(line: &[u8]) -> &[u8] {
    let end = line.windows(2).position(|window| window == b"//");
    &line[..end.unwrap_or(line.len())]
}

/// Returns the go.mod file that stands in for the missing one of the module `path` (spec 02 §5).
pub fn synthesized(path: &ModulePath) -> String {
    format!("module {}\n", auto_quote(path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_version_decides_on_go_1_24() {
        for go in ["1.24", "1.24.0", "1.24rc1", "1.24-custom", "v1.24x", "1.100", "2.0", "10.1.3", "1.24rc"] {
            assert!(at_least_go_1_24(Some(format!("go {go}\n").as_bytes())), "{go}");
        }
        for go in ["1.23.9", "1.3", "1.24.1rc1", "1.24rc01", "v1.24", "1.024", "0.30", "\"1.24\"", "1.24 x"] {
            assert!(!at_least_go_1_24(Some(format!("go {go}\n").as_bytes())), "{go}");
        }
        assert!(!at_least_go_1_24(Some(b"go 1.24\nrequire x\n")), "a file that cannot be parsed");
        assert!(!at_least_go_1_24(Some(b"module a.b/c\n")));
        assert!(!at_least_go_1_24(None));
    }

    #[test]
    fn finds_the_go_line_without_parsing() {
        let find = |text: &str| go_line(text.as_bytes()).map(|version| version.to_string());
        assert_eq!(find("module (\n go 1.21 // x\n").as_deref(), Some("1.21"));
        assert_eq!(find("go\t1.21 x\r\ngo 1.22").as_deref(), Some("1.21 x"));
        assert_eq!(
            find("gox 1.21\ngo\ngo // 1.20\ngo 1.22\n"),
            None,
            "the first one counts, with nothing after it"
        );
        assert_eq!(find("go\u{a0}1.21\n"), None);
    }

    #[test]
    fn writes_what_it_reads() {
        let path = ModulePath::parse("github.com/Azure/x-y_z~a/v2").unwrap();
        let text = synthesized(&path);
        assert_eq!(text, "module github.com/Azure/x-y_z~a/v2\n");
        assert_eq!(module_path(text.as_bytes()), Some(path.as_str().into()));
        assert_eq!(GoMod::parse_lax(text.as_bytes()).unwrap().module.unwrap().path, path.as_str().into());
    }

    #[test]
    fn collects_every_fault_with_its_place() {
        let error = GoMod::parse_lax(b"go 1.x\nrequire (\n\ta.b/c v1.0.0\n\ta.b/c\n)\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"line 1, column 1: invalid go version "1.x": it has a form like 1.23.0; line 4, column 2: usage: require PATH VERSION"#
        );
        let many = "require x\n".repeat(2 * MAX_FAULTS);
        assert_eq!(GoMod::parse_lax(many.as_bytes()).unwrap_err().faults.len(), MAX_FAULTS);
    }

    #[test]
    fn end_comment_belongs_to_its_line_only() {
        let file =
            GoMod::parse_lax(b"require a.b/c v1.0.0\nrequire ( // indirect\n\ta.b/d v1.0.0\n) // indirect\n");
        assert!(file.unwrap().require.iter().all(|require| !require.indirect));
    }
}
