//! What appears in the Go files of one copy only, and is worth a look.
//!
//! It is looked for on tokens, so that comments and strings do not count. This points out, and proves nothing: who wants
//! to hide something can do without all of it, such as by a function variable that another package calls, or through a
//! module that is imported.

use std::collections::BTreeMap;
use std::fmt;

use gosum_mod::build::scan::{Token, TokenKind, tokens};
use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::FileTree;

use super::lines::{LinesError, read_whole};
use super::tree::{Change, FileFacts, Side};

/// No larger file is looked through.
const MAX_FILE: u64 = 16 << 20;

/// How many notices are kept.
const MAX_NOTICES: usize = 1_000;

/// How many bytes of a directive are kept.
const MAX_TEXT: usize = 200;

/// Something that is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// A function that runs when the program starts.
    Init,
    /// An import of `unsafe`.
    Unsafe,
    /// An import of `os/exec`.
    Exec,
    /// An import of `net`, or of a package below it.
    Net,
    /// An import of `plugin`.
    Plugin,
    /// An import of `syscall`.
    Syscall,
    /// An import of `C`.
    Cgo,
    /// A `#cgo` line, which sets flags of the C compiler.
    CgoFlags,
    /// A `//go:linkname` directive.
    Linkname,
    /// A `//go:embed` directive.
    Embed,
    /// A `//go:generate` directive.
    Generate,
    /// A file in assembly language.
    Assembly,
}

impl Feature {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Feature::Init => "init",
            Feature::Unsafe => "unsafe",
            Feature::Exec => "os/exec",
            Feature::Net => "net",
            Feature::Plugin => "plugin",
            Feature::Syscall => "syscall",
            Feature::Cgo => "cgo",
            Feature::CgoFlags => "cgo-flags",
            Feature::Linkname => "go:linkname",
            Feature::Embed => "go:embed",
            Feature::Generate => "go:generate",
            Feature::Assembly => "assembly",
        }
    }

    fn of_import(path: &[u8]) -> Option<Feature> {
        match path {
            b"unsafe" => Some(Feature::Unsafe),
            b"os/exec" => Some(Feature::Exec),
            b"net" => Some(Feature::Net),
            b"plugin" => Some(Feature::Plugin),
            b"syscall" => Some(Feature::Syscall),
            b"C" => Some(Feature::Cgo),
            _ => path.starts_with(b"net/").then_some(Feature::Net),
        }
    }

    fn of_directive(directive: &[u8]) -> Option<Feature> {
        let name = directive.split(|byte| b" \t".contains(byte)).next()?;
        match name {
            b"linkname" => Some(Feature::Linkname),
            b"embed" => Some(Feature::Embed),
            b"generate" => Some(Feature::Generate),
            _ => None,
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Something that is in a file of one copy, and not or less often in the same file of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The copy that has it.
    pub side: Side,
    /// What it is.
    pub what: Feature,
    /// The path of the file in that copy.
    pub path: Text,
    /// On which line it is, from 1; none for a whole file.
    pub line: Option<usize>,
    /// The import path or the directive, at most 200 bytes of it; for a function its name, for a file nothing.
    pub text: Text,
}

/// What is worth a look in the changes of two copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// The notices, in the order of the changes that were looked at; of each the left copy first, by line.
    pub notices: Vec<Notice>,
    /// How many more there are than are kept.
    pub left_out: usize,
    /// The Go files that were too large to be looked through.
    pub not_read: Vec<(Side, Text)>,
}

/// Returns what appears on one side only in the Go and assembly files of `changes`. Of too much, what is in the first ones is
/// kept.
///
/// Each file is compared with what stands in its place on the other side: what moved from file to file appears on both
/// sides. Of functions named `init`, of which a file may have many, the last are those that are more than in the other
/// file. Directives are told wherever they stand, also where Go would not obey them.
///
/// # Errors
/// When a file cannot be read, or is not what it was when the copies were compared.
pub fn notices<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    left: &dyn FileTree,
    right: &dyn FileTree,
) -> Result<Notices, LinesError> {
    let mut notices = Notices::default();
    for change in changes {
        if is_same_source(change) {
            continue;
        }
        let left = notices.look(Side::Left, left, change)?;
        let right = notices.look(Side::Right, right, change)?;
        let (Some(left), Some(right)) = (left, right) else { continue };
        notices.add(Side::Left, change, &left, &right);
        notices.add(Side::Right, change, &right, &left);
    }
    Ok(notices)
}

/// What a file has: by feature and text, the lines.
type Found = BTreeMap<(Feature, Vec<u8>), Vec<Option<usize>>>;

/// What a file is to Go, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Go,
    Assembly,
    Other,
}

fn source(path: &Text) -> Source {
    let base = path.as_bytes().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    match base.iter().rposition(|&byte| byte == b'.').map(|dot| &base[dot..]) {
        Some(b".go") => Source::Go,
        Some(b".s" | b".S" | b".sx") => Source::Assembly,
        _ => Source::Other,
    }
}

/// Returns whether the file is under another name, or listed more often, and nothing else.
fn is_same_source(change: &Change) -> bool {
    let (Some(left), Some(right)) = (&change.left, &change.right) else { return false };
    left.sha256 == right.sha256 && source(&left.path) == source(&right.path)
}

impl Notices {
    /// Returns what the file of a change has on `side`; nothing if it is too large.
    fn look(
        &mut self,
        side: Side,
        tree: &dyn FileTree,
        change: &Change,
    ) -> Result<Option<Found>, LinesError> {
        let Some(file) = change.side(side) else { return Ok(Some(Found::new())) };
        Ok(match source(&file.path) {
            Source::Other => Some(Found::new()),
            Source::Assembly => Some(Found::from([((Feature::Assembly, Vec::new()), vec![None])])),
            Source::Go if file.size > MAX_FILE => {
                self.not_read.push((side, file.path.clone()));
                None
            }
            Source::Go => Some(features(&read_whole(side, tree, file)?)),
        })
    }

    fn add(&mut self, side: Side, change: &Change, found: &Found, other: &Found) {
        let Some(FileFacts { path, .. }) = change.side(side) else { return };
        let mut new = Vec::new();
        for ((what, text), lines) in found {
            let both = other.get(&(*what, text.clone())).map_or(0, Vec::len);
            for &line in lines.iter().skip(both) {
                new.push(Notice { side, what: *what, path: path.clone(), line, text: cut(text) });
            }
        }
        new.sort_by_key(|notice| (notice.line, notice.what));
        let kept = new.len().min(MAX_NOTICES - self.notices.len());
        self.left_out += new.len() - kept;
        self.notices.extend(new.into_iter().take(kept));
    }
}

fn cut(text: &[u8]) -> Text {
    text[..text.len().min(MAX_TEXT)].into()
}

/// Where an import declaration is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Import {
    None,
    /// After `import`.
    One,
    /// After `import (`.
    Several,
}

/// Returns what a Go file has.
fn features(text: &[u8]) -> Found {
    let mut found = Found::new();
    let mut import = Import::None;
    let (mut comments, mut above) = (Vec::new(), Vec::new());
    let mut last: [Option<Token<'_>>; 2] = [None, None];
    for token in tokens(text) {
        if token.kind == TokenKind::Comment {
            add_directive(&mut found, &token);
            comments.push(token);
            continue;
        }
        if is_init(last, &token) {
            add(&mut found, Feature::Init, b"init", last[1].map_or(token.line, |name| name.line));
        }
        match import {
            _ if token.depth == 0 && token.is_ident("import") => {
                import = Import::One;
                above = std::mem::take(&mut comments);
            }
            Import::One if token.is_other(b'(') => import = Import::Several,
            Import::One | Import::Several if token.kind == TokenKind::String => {
                add_import(&mut found, &token, above.iter().chain(&comments));
                if import == Import::One {
                    import = Import::None;
                }
            }
            Import::One if token.kind != TokenKind::Ident && !token.is_other(b'.') => import = Import::None,
            Import::Several if token.depth == 0 => import = Import::None,
            _ => {}
        }
        // a package may be imported under a name, which stands between a comment and the path
        if import == Import::None || token.kind == TokenKind::String {
            comments.clear();
        }
        last = [last[1], Some(token)];
    }
    found
}

fn add(found: &mut Found, what: Feature, text: &[u8], line: usize) {
    found.entry((what, text.to_vec())).or_default().push(Some(line));
}

fn is_init(last: [Option<Token<'_>>; 2], token: &Token<'_>) -> bool {
    let [Some(before), Some(name)] = last else { return false };
    before.depth == 0 && before.is_ident("func") && name.is_ident("init") && token.is_other(b'(')
}

fn add_directive(found: &mut Found, comment: &Token<'_>) {
    let Some(directive) = comment.directive() else { return };
    if let Some(feature) = Feature::of_directive(directive) {
        add(found, feature, directive.trim_ascii(), comment.line);
    }
}

/// Adds an import, and the `#cgo` lines of the comments before an import of `C`.
fn add_import<'t>(found: &mut Found, path: &Token<'_>, comments: impl Iterator<Item = &'t Token<'t>>) {
    let Some(value) = path.value() else { return };
    let Some(feature) = Feature::of_import(&value) else { return };
    add(found, feature, &value, path.line);
    if feature != Feature::Cgo {
        return;
    }
    for comment in comments {
        for (line, text) in (comment.line..).zip(comment.text.split(|&byte| byte == b'\n')) {
            let text = text.strip_prefix(b"//").or(text.strip_prefix(b"/*")).unwrap_or(text).trim_ascii();
            let is_cgo = text
                .strip_prefix(b"#cgo")
                .is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\t"));
            if is_cgo {
                add(found, Feature::CgoFlags, text, line);
            }
        }
    }
}
