//! What the `.gitattributes` files of a commit are known to say of a file.
//!
//! This reads less than git does, and knows where it does: what depends on a line that is not read is *not known*, so
//! that no cause rests on a guess.
//!
//! ```text
//! line    = blank* pattern (blank+ state)*        comment = blank* "#" ...      blank = " " | TAB | CR
//! state   = name | "-" name | "!" name | name "=" value
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};

use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::FileTree;

/// The name of a file of attributes.
pub(super) const FILE: &[u8] = b".gitattributes";

/// A line of so many bytes is ignored by git.
const MAX_LINE: usize = 2048;

/// What all files together may have, so that many lines cannot meet many files. Of more, nothing is known.
const MAX_BYTES: usize = 64 << 10;

/// The largest file that is read.
const MAX_FILE: u64 = 1 << 20;

/// The `.gitattributes` files that can say something of a module's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The module's folder in the repository: empty, or with a slash at its end.
    prefix: Vec<u8>,
    /// The files by their folders below the root of the repository: empty, or with a slash at the end.
    files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The lines of each file; none if there are too many of them.
    lines: Option<BTreeMap<Vec<u8>, Vec<Line>>>,
    /// What the files define as short for other attributes.
    macros: BTreeSet<Vec<u8>>,
}

/// A line that sets attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// Which files it is about, if that can be told.
    pattern: Option<Vec<u8>>,
    states: Vec<Vec<u8>>,
}

/// What an attribute is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Set,
    Unset,
    Unspecified,
    Value(Vec<u8>),
    /// It depends on a line that is not understood.
    NotKnown,
}

/// Whether a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    NotKnown,
}

impl From<bool> for Match {
    fn from(matches: bool) -> Match {
        if matches { Match::Yes } else { Match::No }
    }
}

impl Attributes {
    /// Returns the attributes of a module in the folder `subdir` of a repository (empty at its root): `files` are *all*
    /// `.gitattributes` files of the commit from the root of the repository down, each with its folder.
    pub fn new<'f>(subdir: &str, files: impl IntoIterator<Item = (&'f str, Vec<u8>)>) -> Attributes {
        let files = files.into_iter().map(|(folder, content)| (slashed(folder.as_bytes()), content));
        Attributes::parse(slashed(subdir.as_bytes()), files.collect())
    }

    fn parse(prefix: Vec<u8>, files: BTreeMap<Vec<u8>, Vec<u8>>) -> Attributes {
        let is_small = files.values().map(Vec::len).sum::<usize>() <= MAX_BYTES;
        let lines = is_small.then(|| {
            let lines = |content: &[u8]| content.split(|&byte| byte == b'\n').filter_map(line).collect();
            files.iter().map(|(folder, content)| (folder.clone(), lines(content))).collect()
        });
        let macros = files.values().flat_map(|content| content.split(|&byte| byte == b'\n'));
        let macros = macros.filter_map(defined).map(<[u8]>::to_vec).collect();
        Attributes { prefix, files, lines, macros }
    }

    /// Returns the attributes of a module at the root of its repository, from a copy of it that lacks none.
    ///
    /// # Errors
    /// When the copy cannot be listed, or a file of attributes cannot be read or is larger than 1 MiB.
    pub fn read(tree: &dyn FileTree) -> io::Result<Attributes> {
        let mut files = BTreeMap::new();
        for file in tree.list()? {
            if let Some(folder) = folder(&file.path) {
                files.insert(folder.to_vec(), content(tree, &file.path)?);
            }
        }
        Ok(Attributes::parse(Vec::new(), files))
    }

    /// Returns the paths of the files, none for one that is outside the module.
    pub(super) fn paths(&self) -> impl Iterator<Item = Option<Vec<u8>>> {
        self.files.keys().map(|folder| Some([folder.strip_prefix(&self.prefix[..])?, FILE].concat()))
    }

    /// Returns the path, below the module, of a file of attributes in a copy that is another one than here.
    pub(super) fn contradiction(&self, tree: &dyn FileTree) -> io::Result<Option<Text>> {
        for file in tree.list()? {
            let Some(folder) = folder(&file.path) else { continue };
            let known = self.files.get(&[&self.prefix, folder].concat());
            if known != Some(&content(tree, &file.path)?) {
                return Ok(Some(file.path.as_slice().into()));
            }
        }
        Ok(None)
    }

    /// Returns what `name` is set to for the file of the module, or the folder if it ends in a slash, at `path`.
    pub(super) fn state(&self, path: &[u8], name: &str) -> State {
        self.state_at(&[&self.prefix, path].concat(), name)
    }

    /// Returns whether an archive leaves out the file of the module at `path`, if that is known.
    pub(super) fn is_export_ignored(&self, path: &[u8]) -> Option<bool> {
        let path = [&self.prefix, path].concat();
        let folders = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..=at]);
        let mut is_known = true;
        for above in folders.chain([&path[..]]) {
            match self.state_at(above, "export-ignore") {
                State::Set => return Some(true),
                State::NotKnown => is_known = false,
                State::Unset | State::Unspecified | State::Value(_) => {}
            }
        }
        is_known.then_some(false)
    }

    fn state_at(&self, path: &[u8], name: &str) -> State {
        let Some(files) = &self.lines else { return State::NotKnown };
        let within = path.strip_suffix(b"/").unwrap_or(path);
        let mut folder =
            &within[..within.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)];
        loop {
            if let Some(lines) = files.get(folder)
                && let Some(state) = self.state_in(lines, &path[folder.len()..], name)
            {
                return state;
            }
            let Some(inner) = folder.strip_suffix(b"/") else { return State::Unspecified };
            folder = &inner[..inner.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)];
        }
    }

    /// Returns what one file says of `path`, which is below its folder; the last line that says something counts.
    fn state_in(&self, lines: &[Line], path: &[u8], name: &str) -> Option<State> {
        lines.iter().rev().find_map(|line| {
            let state = line.states.iter().rev().find_map(|word| self.assigned(word, name))?;
            match line.pattern.as_ref().map_or(Match::NotKnown, |pattern| matches(pattern, path)) {
                Match::Yes => Some(state),
                Match::No => None,
                Match::NotKnown => Some(State::NotKnown),
            }
        })
    }

    /// Returns what a word of a line sets `name` to, if it can set it.
    fn assigned(&self, word: &[u8], name: &str) -> Option<State> {
        let (assigned, state) = match word {
            [b'-', rest @ ..] => (rest, State::Unset),
            [b'!', rest @ ..] => (rest, State::Unspecified),
            _ => match word.iter().position(|&byte| byte == b'=') {
                Some(at) => (&word[..at], State::Value(word[at + 1..].to_vec())),
                None => (word, State::Set),
            },
        };
        if self.macros.contains(assigned) {
            return Some(State::NotKnown);
        }
        if assigned == b"binary" && name == "text" {
            // what takes `binary` back takes it from the lines before, too
            return Some(if state == State::Set { State::Unset } else { State::NotKnown });
        }
        (assigned == name.as_bytes()).then_some(state)
    }
}

fn line(line: &[u8]) -> Option<Line> {
    let mut words = words(line);
    let pattern = words.next().filter(|pattern| !pattern.starts_with(b"#"))?;
    let states: Vec<Vec<u8>> = words.map(<[u8]>::to_vec).collect();
    let is_read = line.len() < MAX_LINE
        && line.is_ascii()
        && !pattern.starts_with(b"\"")
        && states.iter().all(|word| is_named(word));
    Some(Line { pattern: is_read.then(|| pattern.to_vec()), states })
}

/// Returns whether a word sets an attribute of a plain name. For another one git ignores the whole line.
fn is_named(word: &[u8]) -> bool {
    let name = word.strip_prefix(b"-").or(word.strip_prefix(b"!")).unwrap_or(word);
    let name = name.split(|&byte| byte == b'=').next().unwrap_or_default();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    !name.is_empty() && !name.starts_with(b"-") && !name.starts_with(b"builtin") && name.iter().all(is_plain)
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| b" \t\r".contains(byte)).filter(|word| !word.is_empty())
}

/// Returns the name that a line defines as short for other attributes.
fn defined(line: &[u8]) -> Option<&[u8]> {
    words(line.trim_ascii_start().strip_prefix(b"[attr]")?).next()
}

fn slashed(folder: &[u8]) -> Vec<u8> {
    let folder = folder.strip_suffix(b"/").unwrap_or(folder);
    if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() }
}

/// Returns the folder, with its slash, that the file of attributes at `path` is about.
fn folder(path: &[u8]) -> Option<&[u8]> {
    path.strip_suffix(FILE).filter(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

fn content(tree: &dyn FileTree, path: &[u8]) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    tree.open(path)?.take(MAX_FILE + 1).read_to_end(&mut content)?;
    match content.len() as u64 > MAX_FILE {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "more attributes than 1 MiB")),
        false => Ok(content),
    }
}

/// Returns whether `pattern` matches `path`, below the folder of the file that has the pattern; a folder ends in a slash.
fn matches(pattern: &[u8], path: &[u8]) -> Match {
    if pattern.starts_with(b"!") || pattern.starts_with(b"[attr]") {
        return Match::No; // git ignores the one, and the other defines a name
    }
    let is_odd = |part: &[u8]| part != b"**" && part.windows(2).any(|pair| pair == b"**");
    let has_odd_part = pattern.split(|&byte| byte == b'/').any(is_odd);
    if pattern.iter().any(|byte| b"[\\".contains(byte)) || has_odd_part || has_double_slash(pattern) {
        return Match::NotKnown;
    }
    let (path, is_folder) = match path.strip_suffix(b"/") {
        Some(folder) => (folder, true),
        None => (path, false),
    };
    let pattern = match pattern.strip_suffix(b"/") {
        Some(_) if !is_folder => return Match::No,
        Some(pattern) => pattern,
        None => pattern,
    };
    if !pattern.contains(&b'/') {
        let base = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        return matches_name(pattern, base).into();
    }
    let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
    let split = |text: &'_ [u8]| text.split(|&byte| byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
    matches_path(&split(pattern), &split(path)).into()
}

fn has_double_slash(pattern: &[u8]) -> bool {
    pattern.windows(2).any(|pair| pair == b"//")
}

/// Matches names of folders and files one by one; `**` stands for any number of them, at the end for one or more.
fn matches_path(pattern: &[Vec<u8>], path: &[Vec<u8>]) -> bool {
    // row[n]: whether what was seen of the pattern matches the first n names
    let mut row: Vec<bool> = (0..=path.len()).map(|n| n == 0).collect();
    for (at, part) in pattern.iter().enumerate() {
        let mut next = vec![false; path.len() + 1];
        if part == b"**" {
            let least = usize::from(at + 1 == pattern.len());
            if let Some(first) = row.iter().position(|&matches| matches) {
                next.iter_mut().skip(first + least).for_each(|matches| *matches = true);
            }
        } else {
            for n in 1..=path.len() {
                next[n] = row[n - 1] && matches_name(part, &path[n - 1]);
            }
        }
        row = next;
    }
    row[path.len()]
}

/// Matches one name: `*` stands for any bytes, `?` for one.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((star_at, from)) => {
                    star = Some((star_at, from + 1));
                    (at, seen) = (star_at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Attributes {
        Attributes::new("", files.iter().map(|(folder, text)| (*folder, text.as_bytes().to_vec())))
    }

    #[test]
    fn patterns_match_as_git_matches_them() {
        use Match::{No, NotKnown, Yes};
        for (pattern, path, expected) in [
            ("*", "a/b", Yes),
            ("*.txt", "a/b.txt", Yes),
            ("*.txt", "b.txt.go", No),
            ("b", "a/b", Yes),
            ("/b", "a/b", No),
            ("/b", "b", Yes),
            ("a/b", "a/b", Yes),
            ("a/b", "x/a/b", No),
            ("a/*", "a/b", Yes),
            ("a/*", "a/b/c", No),
            ("a/**", "a/b/c", Yes),
            ("a/**", "a/", No),
            ("**/c", "c", Yes),
            ("**/c", "a/b/c", Yes),
            ("a/**/c", "a/c", Yes),
            ("a/**/c", "a/b/b/c", Yes),
            ("a/", "a", No),
            ("a/", "a/", Yes),
            ("a", "a/", Yes),
            ("a?c", "abc", Yes),
            ("a*c*e", "abcde", Yes),
            ("[ab]", "a", NotKnown),
            ("\\a", "a", NotKnown),
            ("a**", "a", NotKnown),
            ("a//", "a/", NotKnown),
            ("!a", "a", No),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_line_of_the_innermost_file_counts() {
        let attributes = of(&[
            ("", "* text=auto\n*.bat eol=crlf\n*.bin binary\nq !text\n# * -text\n"),
            ("a", "*.bat -eol\n/x.bat eol=lf text\n"),
        ]);
        let state = |path: &str, name| attributes.state(path.as_bytes(), name);
        assert_eq!(state("z", "text"), State::Value(b"auto".to_vec()));
        assert_eq!(state("q", "text"), State::Unspecified);
        assert_eq!(state("b/z.bin", "text"), State::Unset);
        assert_eq!(state("z.bat", "eol"), State::Value(b"crlf".to_vec()));
        assert_eq!(state("a/z.bat", "eol"), State::Unset);
        assert_eq!(state("a/x.bat", "eol"), State::Value(b"lf".to_vec()));
        assert_eq!(state("a/x.bat", "text"), State::Set);
        assert_eq!(state("z", "eol"), State::Unspecified);
    }

    #[test]
    fn what_is_not_read_is_not_known() {
        let attributes =
            of(&[("", "* eol=crlf\n\"a b\" eol=lf\n[xy].c eol=lf\n[attr]dos eol=crlf\n*.d dos\n")]);
        let state = |path: &str| attributes.state(path.as_bytes(), "eol");
        assert_eq!(state("a.c"), State::NotKnown);
        assert_eq!(
            of(&[("", "[xy].c eol=lf\n*.c eol=crlf\n")]).state(b"x.c", "eol"),
            State::Value(b"crlf".to_vec())
        );
        assert_eq!(of(&[("", "[xy].c diff\n")]).state(b"x.c", "eol"), State::Unspecified);
        let macros = of(&[("", "[attr]dos eol=crlf\n*.d dos\n")]);
        assert_eq!(macros.state(b"x.d", "eol"), State::NotKnown);
        assert_eq!(macros.state(b"x.e", "eol"), State::Unspecified);
        // `-binary` keeps the first line from setting it; a name that is none takes the whole line along
        for text in ["* binary\n* -binary\n", "* text \"a\"\n", "* text --x\n", "* text \u{e9}\n"] {
            assert_eq!(of(&[("", text)]).state(b"a", "text"), State::NotKnown, "{text}");
        }
    }

    #[test]
    fn of_too_many_lines_nothing_is_known() {
        let attributes = of(&[("", &"# \n".repeat(30_000)), ("a", "* text\n")]);
        assert_eq!(attributes.state(b"a/b", "text"), State::NotKnown);
    }

    #[test]
    fn a_folder_that_is_left_out_takes_its_files_along() {
        let attributes =
            Attributes::new("sub", [("", b"docs/ export-ignore\n/sub/x export-ignore\n".to_vec())]);
        let ignored = |path: &str| attributes.is_export_ignored(path.as_bytes());
        assert_eq!(ignored("a/docs/b"), Some(true));
        assert_eq!(ignored("docs"), Some(false));
        assert_eq!(ignored("x/y"), Some(true));
        assert_eq!(ignored("y"), Some(false));
        let unsure = of(&[("", "[d]ocs export-ignore\n*.md export-ignore\n")]);
        assert_eq!(unsure.is_export_ignored(b"docs/a"), None);
        assert_eq!(unsure.is_export_ignored(b"docs/a.md"), Some(true));
    }
}
