//! What the `.gitattributes` files of a tree say of its files, as far as it changes their bytes
//! (spec 05 §5). Attributes of the system, the user or the repository's own folder do not exist here.

use std::path::{Path, PathBuf};

use gix::attrs::search::{MetadataCollection, Outcome};
use gix::attrs::{Search, StateRef};
use gix::bstr::ByteSlice;
use gix::glob::pattern::Case;

use crate::convert::{Conversion, Eol};

/// A line of so many bytes is ignored.
const MAX_LINE: usize = 2048;
/// A file of so many bytes is ignored.
const MAX_FILE: usize = 100 << 20;

/// The attributes that matter, in the order in which they are read.
const NAMES: [&str; 5] = ["text", "crlf", "eol", "ident", "working-tree-encoding"];

/// The attributes in force in a folder: of all `.gitattributes` files from the root down to it.
pub(crate) struct Attributes {
    search: Search,
    names: MetadataCollection,
    outcome: Outcome,
    /// For each folder from the root down, whether it has a file.
    folders: Vec<bool>,
}

impl Attributes {
    pub(crate) fn new() -> Attributes {
        let mut names = MetadataCollection::default();
        let search = Search::new_globals(std::iter::empty::<PathBuf>(), &mut Vec::new(), &mut names)
            .expect("reads no file");
        Attributes { search, names, outcome: Outcome::default(), folders: Vec::new() }
    }

    /// Goes down into `folder`, whose `.gitattributes` file has `content`, if there is one.
    pub(crate) fn enter(&mut self, folder: &[u8], content: Option<&[u8]>) {
        let content = content.filter(|content| content.len() < MAX_FILE);
        self.folders.push(content.is_some());
        let Some(content) = content else { return };
        let root = Some(Path::new(""));
        let macros_allowed = folder.is_empty();
        self.search
            .add_patterns_buffer(&heeded(content), source(folder), root, &mut self.names, macros_allowed)
            .expect("reads no file");
        self.outcome.initialize_with_selection(&self.names, NAMES);
    }

    /// Goes up to the folder above.
    pub(crate) fn leave(&mut self) {
        if self.folders.pop() == Some(true) {
            self.search.pop_pattern_list();
        }
    }

    /// Returns how the file at `path`, in the current folder, is to be converted.
    pub(crate) fn conversion(&mut self, path: &[u8]) -> Conversion {
        if !self.folders.contains(&true) {
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
fn encoding_in(state: StateRef<'_>) -> Option<Vec<u8>> {
    let label: &[u8] = match &state {
        StateRef::Unspecified => return None,
        // git gives up on these
        StateRef::Set => b"true",
        StateRef::Unset => b"false",
        StateRef::Value(value) => value.as_bstr(),
    };
    let is_utf8 = label.eq_ignore_ascii_case(b"utf-8") || label.eq_ignore_ascii_case(b"utf8");
    (!label.is_empty() && !is_utf8).then(|| label.to_vec())
}
