//! Random repositories, file by file as `git archive` writes them.
//!
//! Each repository has files of all kinds of content in folders with random `.gitattributes`; about two in three have,
//! behind all those, a line of their own that gives one attribute one state, in turn, so that every attribute meets
//! every content in every state. What state an attribute has in the end, git tells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gosum_git::{ArchiveTree, Filter, GitError};

use super::server::{RealRepository, has_git};
use super::tar;

/// How many repositories are made, unless the variable says otherwise.
const REPOSITORIES: u32 = 1000;
const VARIABLE: &str = "GOSUM_GIT_REPOSITORIES";
/// How often each attribute meets each kind of content in each state, at least.
const MEETINGS: u32 = 20;
const THREADS: u32 = 2;

/// Folders in which files lie.
const FOLDERS: [&str; 6] = ["", "d/", "d/e/", "d/e/f f/", "x.txt/", "\u{e9}/"];
/// Names of files.
const NAMES: [&str; 11] = [
    "a.txt",
    "b.txt",
    "a.go",
    "B.TXT",
    "noext",
    "[a].txt",
    "sp ace.txt",
    "a.txt.bak",
    "b.bin",
    "c",
    "\u{65e5}",
];
/// Patterns of attribute lines.
const PATTERNS: [&str; 22] = [
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
    "/d**",
    "d/e**/a.*",
    "**/e/**",
    "[^a].*",
    "!*.txt",
    "\"d/e/f f/*\"",
];
/// What attribute lines say of a file besides. The macros are those that the file in the root defines.
const MORE: [&str; 10] = [
    "windows",
    "-windows",
    "!windows",
    "keyed",
    "!keyed",
    "nested",
    "-binary",
    "!binary",
    "text eol=crlf",
    "text=auto eol=crlf",
];

/// The states that each attribute has to have: as a line says them, and as git tells them.
const STATES: [(&str, &[(&str, &str)]); 9] = [
    (
        "text",
        &[
            ("text", "set"),
            ("-text", "unset"),
            ("!text", "unspecified"),
            ("text=auto", "auto"),
            ("text=input", "input"),
            ("text=nonsense", "nonsense"),
        ],
    ),
    (
        "crlf",
        &[
            ("crlf", "set"),
            ("-crlf", "unset"),
            ("!crlf", "unspecified"),
            ("crlf=input", "input"),
            ("crlf=auto", "auto"),
        ],
    ),
    (
        "eol",
        &[
            ("eol", "set"),
            ("-eol", "unset"),
            ("!eol", "unspecified"),
            ("eol=crlf", "crlf"),
            ("eol=lf", "lf"),
            ("eol=CRLF", "CRLF"),
        ],
    ),
    ("ident", &[("ident", "set"), ("-ident", "unset"), ("!ident", "unspecified"), ("ident=x", "x")]),
    (
        "working-tree-encoding",
        &[
            ("!working-tree-encoding", "unspecified"),
            ("working-tree-encoding=UTF-8", "UTF-8"),
            ("working-tree-encoding=UTF-16", "UTF-16"),
            ("working-tree-encoding=UTF-16LE", "UTF-16LE"),
            ("working-tree-encoding=utf16be", "utf16be"),
            ("working-tree-encoding=UTF-16LE-BOM", "UTF-16LE-BOM"),
            ("working-tree-encoding=UTF-16BE-BOM", "UTF-16BE-BOM"),
            ("working-tree-encoding=UTF-32", "UTF-32"),
            ("working-tree-encoding=UTF-32LE", "UTF-32LE"),
            ("working-tree-encoding=UTF-32BE", "UTF-32BE"),
            ("working-tree-encoding=latin-1", "latin-1"),
            ("working-tree-encoding=ISO-8859-15", "ISO-8859-15"),
            ("working-tree-encoding=CP1252", "CP1252"),
            ("working-tree-encoding=SHIFT-JIS", "SHIFT-JIS"),
            ("working-tree-encoding=EUC-JP", "EUC-JP"),
            ("working-tree-encoding=GB18030", "GB18030"),
            ("working-tree-encoding=KOI8-R", "KOI8-R"),
            ("working-tree-encoding=EBCDIC-US", "EBCDIC-US"),
            ("working-tree-encoding=no-such-encoding", "no-such-encoding"),
        ],
    ),
    ("filter", &[("filter=lfs", "lfs"), ("-filter", "unset"), ("filter", "set")]),
    (
        "export-subst",
        &[("export-subst", "set"), ("-export-subst", "unset"), ("!export-subst", "unspecified")],
    ),
    (
        "export-ignore",
        &[("export-ignore", "set"), ("-export-ignore", "unset"), ("!export-ignore", "unspecified")],
    ),
    ("binary", &[("binary", "set"), ("-binary", "unset"), ("!binary", "unspecified")]),
];

/// Kinds of content, each with a few examples.
const CONTENTS: [(&str, &[&[u8]]); 14] = [
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
    (
        "utf-8",
        &[
            "h\u{e9}llo $Id$\n".as_bytes(),
            "\u{65e5}\u{672c}\n".as_bytes(),
            "\u{1f600} \u{20ac}\n".as_bytes(),
            "\u{416}\n".as_bytes(),
            "\u{2460}\u{2014}\n".as_bytes(),
        ],
    ),
    ("mark", &["\u{feff}one\n".as_bytes(), b"\xff\xfeo\0\n\0", b"\xfe\xff\0o\0\n"]),
    ("not utf-8", &[b"h\xe9llo\n", b"\xc3\n", b"\xed\xa0\x80\n", b"$Id$ \xff\n"]),
    (
        "pointer",
        &[b"version https://git-lfs.example/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"],
    ),
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

/// What is to meet: a state of an attribute as a line says it, and a kind of content by its number.
fn meetings() -> Vec<(&'static str, usize)> {
    let states = STATES.iter().flat_map(|(_, states)| states.iter().map(|(line, _)| *line));
    states.flat_map(|state| (0..CONTENTS.len()).map(move |kind| (state, kind))).collect()
}

fn attribute_file(dice: &mut Dice, is_root: bool) -> String {
    let mut text = String::new();
    if is_root {
        text.push_str(
            "[attr]windows text eol=crlf\n[attr]keyed ident -export-subst\n[attr]nested keyed windows\n",
        );
    } else if dice.roll(5) == 0 {
        text.push_str("[attr]windows -text\n"); // is not allowed here
    }
    for _ in 0..1 + dice.roll(6) {
        text.push_str(dice.pick(&PATTERNS));
        for _ in 0..1 + dice.roll(3) {
            text.push(' ');
            // what changes most bytes comes up more often
            let common = ["eol=crlf", "ident", "text=auto eol=crlf", "text eol=crlf"];
            let (_, states) = dice.pick(&STATES);
            text.push_str(match dice.roll(4) {
                0 => dice.pick(&common),
                1 => dice.pick(&MORE),
                _ => dice.pick(states).0,
            });
        }
        text.push_str(dice.pick(&["\n", "\r\n", "  \n", "\n#comment\n"]));
    }
    text
}

fn content(dice: &mut Dice, kind: usize) -> Vec<u8> {
    let mut content = dice.pick(CONTENTS[kind].1).to_vec();
    // enough that is printable for what is not to be overlooked
    if !content.is_empty() && dice.roll(4) == 0 {
        content.extend_from_slice("long enough a line of text\n".repeat(1 + dice.roll(40)).as_bytes());
    }
    content
}

/// Returns the files of a repository, with those of `meetings` that come up from number `next` on.
fn random_files(
    dice: &mut Dice,
    meetings: &[(&'static str, usize)],
    next: &mut usize,
) -> BTreeMap<String, Entry> {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        let mut attributes =
            if dice.roll(3) > 0 { attribute_file(dice, folder.is_empty()) } else { String::new() };
        // in the place of a link, git reads it all the same
        let mode = if dice.roll(12) == 0 { "120000" } else { "100644" };
        for name in NAMES {
            let mut kind = dice.roll(CONTENTS.len());
            match dice.roll(6) {
                0 => continue,
                1 => {}
                _ => {
                    let (state, wanted) = meetings[*next % meetings.len()];
                    *next += 1;
                    kind = wanted;
                    writeln!(attributes, "\"/{name}\" {state}").unwrap();
                }
            }
            let mode = dice.pick(&["100644", "100644", "100644", "100755"]);
            let entry = Entry { mode, content: content(dice, kind), kind: CONTENTS[kind].0 };
            files.insert(format!("{folder}{name}"), entry);
        }
        if !attributes.is_empty() {
            let entry = Entry { mode, content: attributes.into_bytes(), kind: "attributes" };
            files.insert(format!("{folder}.gitattributes"), entry);
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

/// How often an attribute in a state met a kind of content, and how often the file was changed.
type Histogram = BTreeMap<(String, String, &'static str), (u32, u32)>;

/// Counts the states of the attributes of all files, as git tells them.
fn count(
    histogram: &mut Histogram,
    repository: &RealRepository,
    files: &BTreeMap<String, Entry>,
    tree: &ArchiveTree,
) {
    let names = STATES.map(|(name, _)| name);
    let is_plain = |(_, entry): &(&String, &Entry)| !matches!(entry.kind, "attributes" | "link");
    let input: String = files.iter().filter(is_plain).map(|(path, _)| format!("{path}\0")).collect();
    // as the commit has them, and not as the go command's own file changes them
    std::fs::remove_file(repository.own_attributes()).unwrap();
    repository.git(&["read-tree", "main"], b"");
    let arguments = ["-c", "core.bare=true", "check-attr", "--cached", "-z", "--stdin"];
    let output = repository.git(&[&arguments[..], &names[..]].concat(), input.as_bytes());
    let output = String::from_utf8(output).unwrap();
    let changed: Vec<&[u8]> = (tree.files().iter().enumerate())
        .filter(|(index, file)| {
            let before = &files[std::str::from_utf8(&file.path).unwrap()].content;
            tree.content(*index).is_ok_and(|content| content != *before)
        })
        .map(|(_, file)| &file.path[..])
        .collect();
    for field in output.split('\0').collect::<Vec<_>>().chunks_exact(3) {
        let key = (field[1].to_owned(), field[2].to_owned(), files[field[0]].kind);
        let (met, differ) = histogram.entry(key).or_default();
        *met += 1;
        *differ += u32::from(changed.contains(&field[0].as_bytes()));
    }
}

#[track_caller]
fn compare(seed: u32, tree: &ArchiveTree, archived: &BTreeMap<Vec<u8>, Vec<u8>>, folder: &str) {
    assert_eq!(tree.files().len(), archived.len(), "seed {seed}, folder {folder:?}");
    for (index, file) in tree.files().iter().enumerate() {
        let path = [folder.as_bytes(), &file.path].concat();
        match tree.content(index) {
            Ok(content) => {
                assert!(
                    content == archived[&path],
                    "seed {seed}: {:?}\ngosum {:?}\ngit   {:?}",
                    String::from_utf8_lossy(&path),
                    String::from_utf8_lossy(&content),
                    String::from_utf8_lossy(&archived[&path])
                );
                assert_eq!(file.size, content.len() as u64);
            }
            // git writes these, and we know that we cannot write all of them
            Err(GitError::UnsupportedEncoding { encoding, .. }) => {
                let encoding = encoding.to_lossy();
                let is_partly = ["SHIFT-JIS", "EUC-JP", "GB18030", "EBCDIC-US"].contains(&&*encoding);
                assert!(is_partly, "seed {seed}: {encoding}");
            }
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
}

/// Holds the repositories `from`, `from + THREADS` and so on up to `count` against git.
fn hold(from: u32, count_: u32) -> Histogram {
    let meetings = meetings();
    let mut next = from as usize * meetings.len() / THREADS as usize;
    let mut histogram = Histogram::new();
    for seed in (from..count_).step_by(THREADS as usize) {
        let files = random_files(&mut Dice(seed.into()), &meetings, &mut next);
        let repository = RealRepository::new(if seed % 10 == 0 { "sha256" } else { "sha1" });
        repository.import(&import_stream(&files));
        let commit = repository.id("main");
        let fetched = repository.open().fetch(&[commit], Filter::None).unwrap();
        let snapshot = fetched.snapshot(commit).unwrap();
        let tree = snapshot.archive("").unwrap();
        let arguments = ["-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=tar", "main"];
        let archived = tar::files(&repository.git(&arguments, b""));
        compare(seed, &tree, &archived, "");
        if files.keys().any(|path| path.starts_with("d/e/")) {
            let archived = tar::files(&repository.git(&[&arguments[..], &["d/e"]].concat(), b""));
            compare(seed, &snapshot.archive("d/e").unwrap(), &archived, "d/e/");
        }
        count(&mut histogram, &repository, &files, &tree);
    }
    histogram
}

#[test]
fn random_repositories_are_archived_as_git_archives_them() {
    if !has_git("random repositories against git archive") {
        return;
    }
    let repositories = std::env::var(VARIABLE).map_or(REPOSITORIES, |count| count.parse().expect("a number"));
    let mut histogram = Histogram::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|from| scope.spawn(move || hold(from, repositories))).collect();
        for thread in threads {
            let part = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for (key, (met, changed)) in part {
                let sum = histogram.entry(key).or_default();
                *sum = (sum.0 + met, sum.1 + changed);
            }
        }
    });
    eprintln!("{repositories} repositories without a difference; files that met, and of those the changed:");
    let mut rare = Vec::new();
    for (name, states) in STATES {
        for (_, state) in states {
            let mut line = format!("{name}={state}");
            for (kind, _) in CONTENTS {
                let key = (name.to_owned(), (*state).to_owned(), kind);
                let (met, changed) = histogram.get(&key).copied().unwrap_or_default();
                write!(line, "  {kind} {met}/{changed}").unwrap();
                if met < MEETINGS {
                    rare.push(format!("{name}={state} {kind}: {met}"));
                }
            }
            eprintln!("{line}");
        }
    }
    assert!(rare.is_empty() || repositories < REPOSITORIES, "too few of {rare:?}");
    let changed: u32 = histogram.values().map(|(_, changed)| changed).sum();
    assert!(changed > 5 * repositories, "too few files are changed by attributes: {changed}");
}
