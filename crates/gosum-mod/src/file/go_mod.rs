//! go.mod files, as the go command reads those of dependencies (spec 03 §3, §5).

use super::error::SyntaxError;
use super::go_version;
use super::reader::{Mode, Reader};
use super::space::trim;
use crate::name::path::ModulePath;
use crate::name::quote::{auto_quote, unquote};
use crate::name::semver::compare_numbers;
use crate::name::text::Text;
use crate::name::version::Version;

/// The Go version of a module whose go.mod file has no go statement.
pub const DEFAULT_GO: &str = "1.16";

/// What the go command takes from the go.mod file of a dependency.
///
/// Statements that matter in a main module alone (replace, exclude, toolchain, tool, godebug) are left out, and so is
/// what no Go knows yet; [`MainMod`](super::main_mod::MainMod) has them.
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
        Reader::new(Mode::Dependency).read(text).map(|file| file.go_mod)
    }

    /// Returns the version of the go statement, or the one that stands for none.
    pub fn go_version(&self) -> &str {
        self.go.as_deref().unwrap_or(DEFAULT_GO)
    }

    /// Returns whether the file lists all that the module's packages need, as those of Go 1.17 and later do, so that
    /// what lies behind can be left out of the module graph (spec 03 §6).
    pub fn is_pruned(&self) -> bool {
        go_version::compare(self.go_version(), "1.17").is_ge()
    }
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
    statement(text, "go").map(|(version, _)| version)
}

/// Returns what stands after the word `verb`, where a line of `text` begins with it, and the number of that line, from 1: of a
/// go.mod or a go.work, as the go command looks into it before it knows which toolchain is to read it.
///
/// The first such line counts. Returns nothing where there is none, or nothing stands after the word.
pub fn statement(text: &[u8], verb: &str) -> Option<(Text, usize)> {
    let mut lines = text.split(|&byte| byte == b'\n').enumerate();
    let (value, at) = lines.find_map(|(at, line)| match trim(line).strip_prefix(verb.as_bytes()) {
        Some(rest @ [b' ' | b'\t', ..]) => Some((trim(before_comment(rest)), at + 1)),
        _ => None,
    })?;
    (!value.is_empty()).then(|| (value.into(), at))
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
        let toolchain = statement(b"go 1.21\r\n\ttoolchain go1.22.1 // x\r\n", "toolchain");
        assert_eq!(toolchain, Some(("go1.22.1".into(), 2)));
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
        let many = "require x\n".repeat(2000);
        assert_eq!(GoMod::parse_lax(many.as_bytes()).unwrap_err().faults.len(), 1000);
    }

    #[test]
    fn lines_of_a_block_share_its_comment() {
        // copied to each line, it would take twenty gigabytes
        let text = format!("// {}\nretract (\n{})\n", "x".repeat(1 << 20), "\tv1.0.0\n".repeat(20_000));
        let file = GoMod::parse_lax(text.as_bytes()).unwrap();
        assert_eq!(file.retract.len(), 20_000);
        assert!(file.retract.iter().all(|retract| retract.rationale.as_bytes().len() == 1 << 20));
    }

    #[test]
    fn end_comment_belongs_to_its_line_only() {
        let file =
            GoMod::parse_lax(b"require a.b/c v1.0.0\nrequire ( // indirect\n\ta.b/d v1.0.0\n) // indirect\n");
        assert!(file.unwrap().require.iter().all(|require| !require.indirect));
    }
}
