//! `//go:embed`: which files become part of a package.

use crate::file::space::trim;
use crate::name::path::check_file_path;
use crate::name::pattern::{Pattern, first_elements};
use crate::name::quote::unquote;
use crate::name::unicode::{decode, is_space};

/// Returns the patterns of a directive (what follows `//go:`) that embeds; nothing for another one, and for one that
/// is not well-formed.
pub fn patterns(directive: &[u8]) -> Option<Vec<Vec<u8>>> {
    let rest = directive.strip_prefix(b"embed")?;
    if !starts_with_space(rest) {
        return None;
    }
    let mut rest = trim(rest);
    let mut patterns = Vec::new();
    while !rest.is_empty() {
        let (pattern, after) = argument(rest)?;
        patterns.push(pattern);
        rest = trim(after);
    }
    Some(patterns)
}

fn starts_with_space(text: &[u8]) -> bool {
    text.is_empty() || is_space(decode(text).0)
}

/// Returns the word or quoted string at the start of `text`, and what follows it.
fn argument(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let end = match text[0] {
        mark @ (b'"' | b'`') => quoted(text, mark)?,
        _ => {
            let mut end = 0;
            while !starts_with_space(&text[end..]) {
                end += decode(&text[end..]).1;
            }
            return Some((text[..end].to_vec(), &text[end..]));
        }
    };
    let (quoted, rest) = text.split_at(end);
    starts_with_space(rest).then_some((unquote(quoted)?, rest))
}

fn quoted(text: &[u8], mark: u8) -> Option<usize> {
    let mut at = 1;
    while *text.get(at)? != mark {
        at += if mark == b'"' && text[at] == b'\\' { 2 } else { 1 };
    }
    Some(at + 1)
}

/// A pattern of a `//go:embed` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedPattern {
    glob: Pattern,
    /// Whether it begins with `all:`, so that folders are taken with their hidden files.
    all: bool,
}

impl EmbedPattern {
    /// Returns the pattern that `text` spells; nothing for one that go refuses, as it does with one that leads out of
    /// the folder of the package.
    pub fn parse(text: &[u8]) -> Option<EmbedPattern> {
        let (all, glob) = text.strip_prefix(b"all:").map_or((false, text), |glob| (true, glob));
        let is_path = glob.split(|&byte| byte == b'/').all(|element| !matches!(element, b"" | b"." | b".."));
        (is_path && str::from_utf8(glob).is_ok())
            .then(|| Pattern::parse(glob))
            .flatten()
            .map(|glob| EmbedPattern { glob, all })
    }

    /// Returns whether it embeds the regular file at `path`, which is seen from the folder of the package, elements
    /// separated by slashes. `is_module` tells which folders, seen from there as well, have a go.mod of their own.
    ///
    /// A pattern that matches a folder stands for all files in it, without those whose name, or that of a folder on the
    /// way to them, begins with `.` or `_` or could not be in a module zip.
    pub fn embeds(&self, path: &[u8], is_module: &dyn Fn(&[u8]) -> bool) -> bool {
        let Some(matched) = first_elements(path, self.glob.slashes + 1) else { return false };
        if !self.glob.matches(matched) {
            return false;
        }
        let mut ends = (0..path.len()).filter(|&at| path[at] == b'/');
        if ends.any(|end| is_module(&path[..end])) {
            return false;
        }
        let mut named = matched.split(|&byte| byte == b'/');
        let below = path.get(matched.len() + 1..).unwrap_or_default();
        let mut below = below.split(|&byte| byte == b'/').filter(|_| matched.len() < path.len());
        named.all(|name| !is_bad(name))
            && below
                .all(|name| !is_bad(name) && (self.all || !name.starts_with(b".") && !name.starts_with(b"_")))
    }
}

/// Returns whether nothing of this name is taken for part of a module.
fn is_bad(name: &[u8]) -> bool {
    check_file_path(name).is_err() || matches!(name, b".bzr" | b".hg" | b".git" | b".svn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_embed_files_and_folders() {
        for (pattern, path, embeds) in [
            ("a", "a", true),
            ("a", "b", false),
            ("a", "a/b/c", true),
            ("a", "a/.b", false),
            ("a", "a/_b/c", false),
            ("all:a", "a/.b/_c", true),
            ("a/*", "a/.b", true),
            ("a/*", "a/b/.c", false),
            ("*", ".a", true),
            ("*", "a/b", true),
            ("*.txt", "a.txt", true),
            ("*.txt", "a/b.txt", false),
            ("*/*.txt", "a/b.txt", true),
            ("a/b", "a", false),
            ("[ab]?", "b/c", false),
            ("a\\*", "a*", false), // no module has a file of this name
            (".git", ".git/config", false),
            ("all:a", "a/.git/config", false),
            ("a", "a/con", false),
            ("a", "a/m/b", false),
            ("a/m/b", "a/m/b", false),
            ("m", "m/b", false),
        ] {
            let parsed = EmbedPattern::parse(pattern.as_bytes()).unwrap();
            let is_module = |folder: &[u8]| folder == b"a/m" || folder == b"m";
            assert_eq!(parsed.embeds(path.as_bytes(), &is_module), embeds, "{pattern} {path}");
        }
        for refused in ["", ".", "..", "/a", "a/", "a//b", "./a", "a/../b", "[a", "all:"] {
            assert_eq!(EmbedPattern::parse(refused.as_bytes()), None, "{refused}");
        }
        assert_eq!(EmbedPattern::parse(b"\xff"), None);
    }
}
