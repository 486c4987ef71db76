//! Random repositories, file by file as `git archive` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gosum_git::{ArchiveTree, Filter, GitError};

use super::server::RealRepository;
use super::tar;

/// How many repositories are made, unless the variable says otherwise.
const REPOSITORIES: u32 = 100;
const VARIABLE: &str = "GOSUM_GIT_REPOSITORIES";

/// Folders in which files lie.
const FOLDERS: [&str; 6] = ["", "d/", "d/e/", "d/e/f f/", "x.txt/", "\u{e9}/"];
/// Names of files.
const NAMES: [&str; 8] = ["a.txt", "b.txt", "a.go", "B.TXT", "noext", "[a].txt", "sp ace.txt", "a.txt.bak"];
/// Patterns of attribute lines.
const PATTERNS: [&str; 16] = [
    "*",
    "*.txt",
    "*.go",
    "/a.txt",
    "a.txt",
    "d/*.txt",
    "**/a.txt",
    "d/**",
    "d/e/a.txt",
    "\"sp ace.txt\"",
    "[ab].txt",
    "*.[tT][xX][tT]",
    "\\[a\\].txt",
    "e/*",
    "x.txt/",
    "?.*",
];
/// What attribute lines say of a file. The macros are those that the file in the root defines.
const STATES: [&str; 30] = [
    "text",
    "-text",
    "!text",
    "text=auto",
    "text=input",
    "text=nonsense",
    "eol=crlf",
    "eol=lf",
    "-eol",
    "!eol",
    "ident",
    "-ident",
    "!ident",
    "ident=x",
    "crlf",
    "-crlf",
    "crlf=input",
    "crlf=auto",
    "binary",
    "-binary",
    "!binary",
    "windows",
    "-windows",
    "keyed",
    "!keyed",
    "export-subst",
    "export-ignore",
    "filter=lfs",
    "working-tree-encoding=UTF-8",
    "working-tree-encoding=UTF-16LE",
];
/// Kinds of content, each with a few examples.
const CONTENTS: [(&str, &[&[u8]]); 10] = [
    ("empty", &[b""]),
    ("lf", &[b"one\ntwo\n", b"\n", b"no end"]),
    ("crlf", &[b"one\r\ntwo\r\n", b"\r\n"]),
    ("mixed", &[b"one\r\ntwo\n", b"\n\r\n", b"one\n\r"]),
    ("lone cr", &[b"one\rtwo\n", b"\r\r\n\n"]),
    ("zero", &[b"one\0two\n", b"\n\0"]),
    ("control", &[b"\x01\x02\x03\n", b"\x7f\n", b"\x1b[1mbold\x1b[0m\n\t\x08\x0c"]),
    ("end mark", &[b"one\n\x1a", b"\x1a", b"one\x1a\n"]),
    (
        "keyword",
        &[
            b"$Id$\n",
            b"a $Id: old $ b $Id$\n",
            b"$Id: a b $ $Id:$\n",
            b"$Id: no\nend $ $Id",
            b"$Id$\r\n$Id:x$\n\0",
            b"$Id: $$Id$\x1a",
        ],
    ),
    ("other keyword", &[b"$Format:%H$\n", b"$Id\n$id$\n"]),
];

/// A source of numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }
}

/// A file, or a symbolic link.
struct Entry {
    mode: &'static str,
    content: Vec<u8>,
    /// Which kind of content it is.
    kind: &'static str,
}

fn attribute_file(dice: &mut Dice, is_root: bool) -> Vec<u8> {
    let mut text = String::new();
    if is_root {
        text.push_str("[attr]windows text eol=crlf\n[attr]keyed ident -export-subst\n");
    } else if dice.roll(5) == 0 {
        text.push_str("[attr]windows -text\n"); // is not allowed here
    }
    for _ in 0..1 + dice.roll(6) {
        text.push_str(dice.pick(&PATTERNS));
        for _ in 0..1 + dice.roll(3) {
            text.push(' ');
            // what changes most bytes comes up more often
            let common = ["eol=crlf", "ident", "text=auto eol=crlf", "text eol=crlf"];
            text.push_str(if dice.roll(3) == 0 { dice.pick(&common) } else { dice.pick(&STATES) });
        }
        text.push_str(dice.pick(&["\n", "\r\n", "  \n", "\n#comment\n"]));
    }
    text.into_bytes()
}

fn content(dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let (kind, examples) = dice.pick(&CONTENTS);
    let mut content = dice.pick(examples).to_vec();
    // enough that is printable for what is not to be overlooked
    if dice.roll(4) == 0 {
        content.extend_from_slice("long enough a line of text\n".repeat(1 + dice.roll(40)).as_bytes());
    }
    (kind, content)
}

fn random_files(dice: &mut Dice) -> BTreeMap<String, Entry> {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        if dice.roll(3) > 0 {
            let mode = if dice.roll(12) == 0 { "120000" } else { "100644" };
            let content = attribute_file(dice, folder.is_empty());
            files.insert(format!("{folder}.gitattributes"), Entry { mode, content, kind: "attributes" });
        }
        for name in NAMES {
            if dice.roll(4) == 0 {
                continue;
            }
            let mode = dice.pick(&["100644", "100644", "100644", "100755"]);
            let (kind, content) = content(dice);
            files.insert(format!("{folder}{name}"), Entry { mode, content, kind });
        }
        if dice.roll(2) == 0 {
            files.insert(
                format!("{folder}link.txt"),
                Entry { mode: "120000", content: b"$Id$ a.txt".to_vec(), kind: "link" },
            );
        }
    }
    files
}

fn import_stream(files: &BTreeMap<String, Entry>) -> Vec<u8> {
    let mut stream = b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 0\n".to_vec();
    for (path, entry) in files {
        let mut head = String::new();
        write!(head, "M {} inline \"{path}\"\ndata {}\n", entry.mode, entry.content.len()).unwrap();
        stream.extend_from_slice(head.as_bytes());
        stream.extend_from_slice(&entry.content);
        stream.push(b'\n');
    }
    stream
}

/// How often which attributes met which kind of content, and how often that changed the file.
type Histogram = BTreeMap<(String, &'static str), (u32, u32)>;

/// Returns the states of a file's attributes as git tells them.
fn states(repository: &RealRepository, paths: &[&str]) -> BTreeMap<String, String> {
    let names = ["text", "crlf", "eol", "ident"];
    let input: String = paths.iter().map(|path| format!("{path}\0")).collect();
    repository.git(&["read-tree", "main"], b"");
    let arguments = ["-c", "core.bare=true", "check-attr", "--cached", "-z", "--stdin"];
    let output = repository.git(&[&arguments[..], &names[..]].concat(), input.as_bytes());
    let output = String::from_utf8(output).unwrap();
    let fields: Vec<&str> = output.split('\0').collect();
    let mut states = BTreeMap::<String, String>::new();
    for field in fields.chunks_exact(3).filter(|field| field[2] != "unspecified") {
        write!(states.entry(field[0].to_owned()).or_default(), "{}={} ", field[1], field[2]).unwrap();
    }
    states
}

#[track_caller]
fn compare(seed: u32, tree: &ArchiveTree, archived: &BTreeMap<Vec<u8>, Vec<u8>>, folder: &str) {
    assert_eq!(tree.files().len(), archived.len(), "seed {seed}, folder {folder:?}");
    for (index, file) in tree.files().iter().enumerate() {
        let path = [folder.as_bytes(), &file.path].concat();
        match tree.content(index) {
            Ok(content) => {
                assert!(content == archived[&path], "seed {seed}: {:?}", String::from_utf8_lossy(&path));
                assert_eq!(file.size, content.len() as u64);
            }
            // git writes these in another encoding
            Err(GitError::UnsupportedEncoding { encoding, .. }) => {
                assert_eq!(encoding.as_bytes(), b"UTF-16LE");
            }
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
}

#[test]
#[ignore = "needs git"]
fn random_repositories_are_archived_as_git_archives_them() {
    let count = std::env::var(VARIABLE).map_or(REPOSITORIES, |count| count.parse().expect("a number"));
    let mut histogram = Histogram::new();
    for seed in 1..=count {
        let files = random_files(&mut Dice(seed.into()));
        let repository = RealRepository::new(if seed % 10 == 0 { "sha256" } else { "sha1" });
        repository.import(&import_stream(&files));
        let commit = repository.id("main");
        let fetched = repository.open().fetch(&[commit], Filter::None).unwrap();
        let snapshot = fetched.snapshot(commit).unwrap();
        let tree = snapshot.archive("").unwrap();
        let arguments = ["-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=tar", "main"];
        let archived = tar::files(&repository.git(&arguments, b""));
        compare(seed, &tree, &archived, "");
        let archived = tar::files(&repository.git(&[&arguments[..], &["d/e"]].concat(), b""));
        compare(seed, &snapshot.archive("d/e").unwrap(), &archived, "d/e/");

        let paths: Vec<_> = files.keys().map(String::as_str).collect();
        let states = states(&repository, &paths);
        for (index, file) in tree.files().iter().enumerate() {
            let path = std::str::from_utf8(&file.path).unwrap();
            let (state, entry) = (states.get(path).cloned().unwrap_or_default(), &files[path]);
            let (met, changed) = histogram.entry((state, entry.kind)).or_default();
            *met += 1;
            *changed += u32::from(tree.content(index).is_ok_and(|content| content != entry.content));
        }
    }
    for ((states, kind), (met, changed)) in &histogram {
        eprintln!("{met:6} files, {changed:6} changed: {kind:14} {states}");
    }
    let changed: u32 = histogram.values().map(|(_, changed)| changed).sum();
    assert!(changed > 5 * count, "too few files are changed by attributes: {changed}");
}
