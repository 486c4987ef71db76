//! What the `.gitattributes` files of a tree say of its files, as far as it changes their bytes
//! (spec 05 §5). Attributes of the system, the user or the repository's own folder do not exist here.

use std::path::{Path, PathBuf};

use gix::attrs::search::{MetadataCollection, Outcome};
use gix::attrs::{Search, StateRef};
use gix::bstr::ByteSlice;
use gix::glob::pattern::Case;

use crate::GitError;
use crate::convert::{Conversion, Eol, Label};
use crate::limits::Bound;

/// A line of so many bytes is ignored.
const MAX_LINE: usize = 2048;
/// A file of so many bytes is ignored.
const MAX_FILE: usize = 100 << 20;
/// The most bytes of the files in force in one folder: many times what anybody has, and each takes a hundred times as
/// much memory.
const MAX_IN_FORCE: usize = 1 << 20;
/// The most `**` of a pattern: the time to match one doubles with each.
const MAX_STARS: usize = 6;

/// The attributes that matter, in the order in which they are read.
const NAMES: [&str; 5] = ["text", "crlf", "eol", "ident", "working-tree-encoding"];

/// The attributes in force in a folder: of all `.gitattributes` files from the root down to it.
pub(crate) struct Attributes {
    search: Search,
    names: MetadataCollection,
    outcome: Outcome,
    /// The folders from the root down.
    folders: Vec<Folder>,
}

struct Folder {
    /// Whether it has a `.gitattributes` file.
    has_file: bool,
    /// The bytes of all files in force in it.
    bytes: usize,
}

impl Attributes {
    pub(crate) fn new() -> Attributes {
        let mut names = MetadataCollection::default();
        let search = Search::new_globals(std::iter::empty::<PathBuf>(), &mut Vec::new(), &mut names)
            .expect("reads no file");
        Attributes { search, names, outcome: Outcome::default(), folders: Vec::new() }
    }

    /// Goes down into `folder`, whose `.gitattributes` file has `content`, if there is one.
    ///
    /// # Errors
    /// When it has a pattern that is not matched here as git does, or the files in force are too large together.
    pub(crate) fn enter(&mut self, folder: &[u8], content: Option<&[u8]>) -> Result<(), GitError> {
        let content = content.filter(|content| content.len() < MAX_FILE);
        let above = self.folders.last().map_or(0, |above| above.bytes);
        let bytes = above + content.map_or(0, <[u8]>::len);
        self.folders.push(Folder { has_file: content.is_some(), bytes });
        let Some(content) = content else { return Ok(()) };
        if bytes > MAX_IN_FORCE {
            return Err(GitError::Limit { bound: Bound::AttributeBytes, max: MAX_IN_FORCE as u64 });
        }
        if let Some(pattern) = unsupported(content) {
            return Err(GitError::UnsupportedPattern { pattern: pattern.into() });
        }
        let root = Some(Path::new(""));
        let macros_allowed = folder.is_empty();
        self.search
            .add_patterns_buffer(&heeded(content), source(folder), root, &mut self.names, macros_allowed)
            .expect("reads no file");
        self.outcome.initialize_with_selection(&self.names, NAMES);
        Ok(())
    }

    /// Goes up to the folder above.
    pub(crate) fn leave(&mut self) {
        if self.folders.pop().is_some_and(|folder| folder.has_file) {
            self.search.pop_pattern_list();
        }
    }

    /// Returns how the file at `path`, in the current folder, is to be converted.
    pub(crate) fn conversion(&mut self, path: &[u8]) -> Conversion {
        if !self.folders.iter().any(|folder| folder.has_file) {
            return Conversion::default();
        }
        self.outcome.reset();
        let path = path.as_bstr();
        self.search.pattern_matching_relative_path(path, Case::Sensitive, Some(false), &mut self.outcome);
        let mut states = self.outcome.iter_selected().map(|found| found.assignment.state);
        let mut next = || states.next().expect("one for each name");
        let (text, crlf, eol, ident, encoding) = (next(), next(), next(), next(), next());
        Conversion {
            eol: line_end(text, crlf, eol),
            ident: ident == StateRef::Set,
            encoding: encoding_in(encoding),
        }
    }
}

/// Returns the path of a folder's file, as far as the platform can tell it. No other folder with
/// attributes has the same one but for names that no module can have.
fn source(folder: &[u8]) -> PathBuf {
    #[cfg(unix)]
    let folder: &Path = Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(folder));
    #[cfg(not(unix))]
    let folder = PathBuf::from(String::from_utf8_lossy(folder).into_owned());
    folder.join(".gitattributes")
}

/// Returns a pattern that is not matched here as git does, or in no bounded time, if `content` has one.
///
/// Git compares the letters before the first wildcard apart, so that a `**` right behind them stands at the start of
/// what is left, and crosses slashes.
fn unsupported(content: &[u8]) -> Option<&[u8]> {
    let is_unsupported = |pattern: &&[u8]| {
        let stars: Vec<usize> =
            pattern.windows(2).enumerate().filter(|(_, two)| two == b"**").map(|(at, _)| at).collect();
        let behind_letters = |&at: &usize| at > 0 && !matches!(pattern[at - 1], b'/' | b'*');
        pattern.contains(&b'/') && (stars.iter().any(behind_letters) || stars.len() > MAX_STARS)
    };
    content.split(|&byte| byte == b'\n').map(pattern_of).find(is_unsupported)
}

/// Returns the pattern at the start of a line; all of a line that begins with a quote.
fn pattern_of(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let end = line.iter().position(u8::is_ascii_whitespace).filter(|_| !line.starts_with(b"\""));
    &line[..end.unwrap_or(line.len())]
}

/// Returns those lines of a file that git heeds: none that are very long, none behind a zero byte.
fn heeded(content: &[u8]) -> Vec<u8> {
    let content = content.split(|&byte| byte == 0).next().unwrap_or(content);
    let mut heeded = Vec::with_capacity(content.len() + 1);
    for line in content.split(|&byte| byte == b'\n').filter(|line| line.len() < MAX_LINE) {
        // before the first line too: a byte order mark, which git takes for a part of the first pattern,
        // is nothing special for gix either when it does not begin the file
        heeded.push(b'\n');
        heeded.extend_from_slice(line);
    }
    heeded
}

/// Returns what happens to line ends, with `core.autocrlf=input` and `core.eol=lf`.
fn line_end(text: StateRef<'_>, crlf: StateRef<'_>, eol: StateRef<'_>) -> Eol {
    let kind = TextKind::of(text).or_else(|| TextKind::of(crlf));
    let to_crlf = is_value(eol, "crlf");
    match kind {
        Some(TextKind::Binary) => Eol::Keep,
        Some(TextKind::Auto) if to_crlf => Eol::CrlfIfText,
        _ if to_crlf => Eol::Crlf,
        _ => Eol::Keep,
    }
}

#[derive(Clone, Copy)]
enum TextKind {
    Text,
    Binary,
    Auto,
}

impl TextKind {
    /// Returns what the attribute `text`, or its older name `crlf`, says; nothing for values that git
    /// does not know.
    fn of(state: StateRef<'_>) -> Option<TextKind> {
        match state {
            StateRef::Set => Some(TextKind::Text),
            StateRef::Unset => Some(TextKind::Binary),
            _ if is_value(state, "auto") => Some(TextKind::Auto),
            _ if is_value(state, "input") => Some(TextKind::Text),
            _ => None,
        }
    }
}

fn is_value(state: StateRef<'_>, value: &str) -> bool {
    matches!(state, StateRef::Value(got) if got.as_bstr() == value)
}

/// Returns the encoding to convert to, unless it is the one that git keeps files in.
fn encoding_in(state: StateRef<'_>) -> Option<Label> {
    let name: &[u8] = match &state {
        StateRef::Unspecified | StateRef::Unset => return None,
        StateRef::Set => return Some(Label::True),
        StateRef::Value(value) => value.as_bstr(),
    };
    let is_utf8 = name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"utf8");
    (!name.is_empty() && !is_utf8).then(|| Label::Name(name.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_git_matches_otherwise_are_told() {
        for good in [
            "*.txt text",
            "a/**/b ident",
            "**/a ident",
            "a/** -text",
            "a** ident",
            "* text\n/a/*.c eol=lf\n",
            "",
        ] {
            assert_eq!(unsupported(good.as_bytes()), None, "{good}");
        }
        let long = format!("{}b ident", "**/".repeat(9));
        for bad in ["/x** ident", "docs/foo** -text", "*.c text\n x/a**/b ident", "\"a b/x**\" ident", &long]
        {
            assert!(unsupported(bad.as_bytes()).is_some(), "{bad}");
        }
    }

    #[test]
    fn files_in_force_together_are_bounded() {
        let mut attributes = Attributes::new();
        let file = b"*.txt ident\n".repeat(50_000);
        attributes.enter(b"", Some(&file)).unwrap();
        let error = attributes.enter(b"a", Some(&file)).unwrap_err();
        assert!(matches!(error, GitError::Limit { bound: Bound::AttributeBytes, .. }), "{error}");
        attributes.leave();
        attributes.enter(b"b", Some(b"*.txt ident\n")).unwrap();
    }
}
