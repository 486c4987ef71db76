//! Files that other files name: in C and assembly, in `#cgo` lines, in `//go:generate` lines.
//!
//! What a C compiler would find is not worked out. Whatever stands in quotes or angle brackets in a file that is
//! compiled, and is how the path of a file of the module ends, counts as included; where an `#include` names a macro,
//! so does every word. That covers `-I` folders, `.incbin`, `#embed` and names behind `#define`, and takes some files
//! for reachable that are not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gosum_mod::build::embed::EmbedPattern;
use gosum_mod::build::scan::{TokenKind, tokens};
use gosum_mod::build::source_kind::SourceKind;
use gosum_mod::name::text::Text;

use super::folder::Folder;
use super::read::Reader;
use super::{Reach, Unknown, join, split};

/// How many paths may be compared with names in all.
const STEPS: usize = 5_000_000;
/// How long a name is that is looked at.
const MAX_NAME: usize = 4096;
/// How many words of `//go:generate` lines are looked at.
const MAX_WORDS: usize = 200_000;

/// Which files of a module others name.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    included: BTreeMap<Vec<u8>, Text>,
    generated: BTreeMap<Vec<u8>, Text>,
    /// A file of which it is not known what it includes.
    unknown: Option<Text>,
}

impl Mentions {
    pub(super) fn collect(
        paths: &[Vec<u8>],
        folders: &BTreeMap<Vec<u8>, Folder>,
        files: &BTreeMap<Vec<u8>, Reach>,
        generate: &Generate,
        reader: &mut Reader<'_>,
    ) -> Mentions {
        let roots = roots(folders, files);
        let mut search = Search::new(paths);
        if search.run(&roots, reader) {
            // an `#include` names a macro: every word may be a file
            search = Search { every_word: true, ..Search::new(paths) };
            search.run(&roots, reader);
        }
        let (generated, unknown) = generate.inputs(paths);
        Mentions { included: search.included, generated, unknown: search.unknown.or(unknown) }
    }

    pub(super) fn of(&self, path: &[u8]) -> Option<Reach> {
        let included = self.included.get(path).map(|by| Reach::Included { by: by.clone() });
        let generated = || self.generated.get(path).map(|by| Reach::GenerateInput { by: by.clone() });
        let unknown = || self.unknown.clone().map(|by| Reach::Unknown(Unknown::Names(by)));
        included.or_else(generated).or_else(unknown)
    }
}

/// Returns the files for which a C compiler or an assembler runs.
fn roots(folders: &BTreeMap<Vec<u8>, Folder>, files: &BTreeMap<Vec<u8>, Reach>) -> Vec<Vec<u8>> {
    let go = folders.values().flat_map(|folder| folder.cgo_files.iter().cloned());
    let other = files.iter().filter(|(path, reach)| {
        let kind = SourceKind::of(split(path).1);
        !reach.is_inert() && !matches!(kind, None | Some(SourceKind::Go | SourceKind::Syso))
    });
    go.chain(other.map(|(path, _)| path.clone())).collect()
}

struct Search<'a> {
    paths: &'a [Vec<u8>],
    /// The paths by their last elements, without the difference of case, which some systems do not know.
    named: HashMap<Vec<u8>, Vec<usize>>,
    included: BTreeMap<Vec<u8>, Text>,
    unknown: Option<Text>,
    seen: HashSet<Vec<u8>>,
    steps: usize,
    every_word: bool,
}

impl<'a> Search<'a> {
    fn new(paths: &'a [Vec<u8>]) -> Search<'a> {
        let mut named: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, path) in paths.iter().enumerate() {
            named.entry(split(path).1.to_ascii_lowercase()).or_default().push(at);
        }
        Search {
            paths,
            named,
            included: BTreeMap::new(),
            unknown: None,
            seen: HashSet::new(),
            steps: STEPS,
            every_word: false,
        }
    }

    /// Follows what `roots` name, and returns whether it takes every word to do so and they were not looked at.
    fn run(&mut self, roots: &[Vec<u8>], reader: &mut Reader<'_>) -> bool {
        let mut queue = roots.to_vec();
        let mut queued: BTreeSet<Vec<u8>> = roots.iter().cloned().collect();
        if let Some(first) = roots.first() {
            self.precompiled(&first.as_slice().into());
        }
        while let Some(path) = queue.pop() {
            let by = Text::from(path.as_slice());
            let Some(read) = reader.read(&path).filter(|read| !read.is_cut) else {
                self.unknown = Some(by);
                continue;
            };
            let text = match SourceKind::of(split(&path).1) {
                Some(SourceKind::Go) => comments(&read.text),
                _ => read.text,
            };
            if !self.every_word && text.split(|&byte| byte == b'\n').any(names_macro) {
                return true;
            }
            let is_swig =
                matches!(SourceKind::of(split(&path).1), Some(SourceKind::Swig | SourceKind::SwigCxx));
            for found in self.named_in(&text, is_swig, &by) {
                if queued.insert(found.clone()) {
                    queue.push(found);
                }
            }
        }
        false
    }

    /// Adds what a C compiler may take in the place of a header, unnamed.
    fn precompiled(&mut self, by: &Text) {
        let is_one = |path: &&Vec<u8>| {
            let mut elements = path.split(|&byte| byte == b'/');
            elements
                .any(|name| name.ends_with(b".gch") || name.ends_with(b".pch") || name == b"module.modulemap")
        };
        let found = self.paths.iter().filter(is_one).map(|path| (path.clone(), by.clone()));
        self.included.extend(found);
    }

    /// Returns the files that `text`, which is that of `by`, names.
    fn named_in(&mut self, text: &[u8], is_swig: bool, by: &Text) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for name in text.split(|byte| b"\"<>'`\n".contains(byte)) {
            self.look_up(name, by, &mut found);
        }
        if self.every_word || is_swig {
            for name in text.split(|&byte| !is_path(byte)) {
                self.look_up(name, by, &mut found);
            }
        }
        for line in text.split(|&byte| byte == b'\n').filter_map(cgo_line) {
            for word in line.split(|byte| byte.is_ascii_whitespace() || b"=,\"'".contains(byte)) {
                self.option(word, by, &mut found);
            }
        }
        found
    }

    /// Takes a word of a `#cgo` line.
    fn option(&mut self, word: &[u8], by: &Text, found: &mut Vec<Vec<u8>>) {
        let place = split(by.as_bytes()).0;
        match word {
            [b'-', b'l', b':', name @ ..] => self.look_up(name, by, found),
            [b'-', b'l', name @ ..] if !name.is_empty() => {
                let starts = [[b"lib", name, b"."].concat(), [name, b"."].concat()];
                self.add(by, found, &|path| starts.iter().any(|start| split(path).1.starts_with(start)));
            }
            [b'-', b'L' | b'F', folder @ ..] => {
                let folder = normal(place, without_root(folder));
                let below = [&folder[..], b"/"].concat();
                if !folder.is_empty() && folder != place && !place.starts_with(&below) {
                    self.add(by, found, &|path| path.starts_with(&below));
                }
            }
            word => self.look_up(without_root(word), by, found),
        }
    }

    /// Adds the files whose path ends as `name` does.
    fn look_up(&mut self, name: &[u8], by: &Text, found: &mut Vec<Vec<u8>>) {
        let name = name.trim_ascii();
        let end = name.iter().rposition(|&byte| byte != b'\\').map_or(0, |at| at + 1);
        let name = &name[..end];
        let start = name.iter().rposition(|byte| b"/\\".contains(byte)).map_or(0, |at| at + 1);
        if name.len() > MAX_NAME || !self.named.contains_key(&name[start..].to_ascii_lowercase()) {
            return;
        }
        let name = name.to_ascii_lowercase();
        let elements: Vec<&[u8]> = name.split(|byte| b"/\\".contains(byte)).collect();
        let up = elements.iter().rposition(|element| *element == b"..").map_or(0, |at| at + 1);
        let elements: Vec<&[u8]> =
            elements[up..].iter().copied().filter(|name| !matches!(*name, b"" | b".")).collect();
        let Some(named) = elements.last().and_then(|last| self.named.get(*last)) else { return };
        let tail = elements.join(&b'/');
        if !self.seen.insert(tail.clone()) {
            return;
        }
        if self.steps < named.len() {
            self.unknown = Some(by.clone());
            return;
        }
        self.steps -= named.len();
        let ends = |path: &[u8]| {
            let start = path.len().checked_sub(tail.len());
            start.is_some_and(|start| {
                path[start..].eq_ignore_ascii_case(&tail) && (start == 0 || path[start - 1] == b'/')
            })
        };
        for path in named.iter().map(|&at| &self.paths[at]).filter(|path| ends(path)) {
            self.included.entry(path.clone()).or_insert_with(|| by.clone());
            found.push(path.clone());
        }
    }

    /// Adds the files that `is_named` says are.
    fn add(&mut self, by: &Text, found: &mut Vec<Vec<u8>>, is_named: &dyn Fn(&[u8]) -> bool) {
        if self.steps < self.paths.len() {
            self.unknown = Some(by.clone());
            return;
        }
        self.steps -= self.paths.len();
        for path in self.paths.iter().filter(|path| is_named(path)) {
            self.included.entry(path.clone()).or_insert_with(|| by.clone());
            found.push(path.clone());
        }
    }
}

/// Returns the comments of a Go file, in one of which the C code is.
fn comments(text: &[u8]) -> Vec<u8> {
    let comments = tokens(text).filter(|token| token.kind == TokenKind::Comment);
    comments.map(|token| token.text).collect::<Vec<_>>().join(&b'\n')
}

/// Returns whether a line of C includes what is not written in it.
fn names_macro(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"//").map_or(line, <[u8]>::trim_ascii_start); // C code in comments of a Go file
    let Some(rest) = line.strip_prefix(b"#").or_else(|| line.strip_prefix(b"%:")) else { return false };
    let rest = rest.trim_ascii_start();
    let directive = [&b"include_next"[..], b"include", b"import", b"embed"];
    let Some(rest) = directive.into_iter().find_map(|directive| rest.strip_prefix(directive)) else {
        return false;
    };
    !matches!(rest.trim_ascii_start(), [] | [b'"' | b'<' | b'\'', ..])
}

/// Returns what follows `#cgo` in a line of a comment.
fn cgo_line(line: &[u8]) -> Option<&[u8]> {
    let start = line.iter().position(|byte| !byte.is_ascii_whitespace() && !b"/*".contains(byte))?;
    line[start..].strip_prefix(b"#cgo").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
}

fn without_root(word: &[u8]) -> &[u8] {
    let word = word.strip_prefix(b"-I").or_else(|| word.strip_prefix(b"@")).unwrap_or(word);
    word.strip_prefix(b"${SRCDIR}").map_or(word, |rest| rest.strip_prefix(b"/").unwrap_or(rest))
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./+~@-".contains(&byte) || byte >= 0x80
}

/// Returns `path`, as written in `folder`, seen from the root; what leads out of the root stays below it.
fn normal(folder: &[u8], path: &[u8]) -> Vec<u8> {
    let mut elements: Vec<&[u8]> = Vec::new();
    let joined = join(folder, path);
    for element in joined.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => {
                elements.pop();
            }
            name => elements.push(name),
        }
    }
    elements.join(&b'/')
}

/// What `//go:generate` lines name.
#[derive(Debug, Default)]
pub(super) struct Generate {
    /// The words that may be paths, seen from the root, and who has them.
    words: BTreeMap<Vec<u8>, Text>,
    looked_at: usize,
    /// A Go file with words that were not looked at.
    unknown: Option<Text>,
}

impl Generate {
    /// Adds the words of the Go file at `path`. Go looks for these lines without regard to comments and strings.
    pub(super) fn add(&mut self, path: &[u8], text: &[u8]) {
        let lines = text.split(|&byte| byte == b'\n');
        for line in lines.filter_map(|line| line.strip_prefix(b"//go:generate")) {
            for word in line.split(|byte| byte.is_ascii_whitespace() || b"\"'`=,:;()".contains(byte)) {
                if self.looked_at == MAX_WORDS {
                    self.unknown = Some(path.into());
                    return;
                }
                self.looked_at += 1;
                self.word(word, path);
            }
        }
    }

    fn word(&mut self, word: &[u8], path: &[u8]) {
        let can_be_path = word.len() <= MAX_NAME && word.iter().any(|byte| b"./*".contains(byte));
        let is_all = word.windows(3).any(|dots| dots == b"...");
        if !can_be_path || is_all {
            return;
        }
        let folder = split(path).0;
        let below = normal(folder, word);
        let is_above = below.is_empty() || join(folder, b"").starts_with(&[&below[..], b"/"].concat());
        if !is_above {
            self.words.entry(below).or_insert_with(|| path.into());
        }
    }

    /// Returns the files that the words name, in folders that they name too; and whose words were not all looked at.
    fn inputs(&self, paths: &[Vec<u8>]) -> (BTreeMap<Vec<u8>, Text>, Option<Text>) {
        let mut inputs = BTreeMap::new();
        let mut steps = STEPS;
        for (word, by) in &self.words {
            let Some(pattern) = EmbedPattern::parse(&[b"all:", &word[..]].concat()) else { continue };
            if steps < paths.len() {
                return (inputs, Some(by.clone()));
            }
            steps -= paths.len();
            for path in paths.iter().filter(|path| pattern.embeds(path, &|_| false)) {
                inputs.entry(path.clone()).or_insert_with(|| by.clone());
            }
        }
        (inputs, self.unknown.clone())
    }
}
