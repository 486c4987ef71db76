//! How the text of a go.sum file differs from how the go command would write the same lines (spec 03 §1).
//!
//! None of it changes what the go command makes of the file, but for a byte order mark. It shows that something else wrote it, and
//! makes files that say the same differ.
//!
//! ```
//! use gosum_mod::file::sum_form::{Flaw, flaws, rewritten};
//!
//! let text = b"example.com/b v1.0.0 h1:b\nexample.com/a v1.0.0 h1:a\r\nexample.com/b v1.0.0 h1:b\n";
//! assert_eq!(flaws(text), [(2, Flaw::Crlf), (2, Flaw::Misplaced), (3, Flaw::Repeats { first: 1 })]);
//! assert_eq!(rewritten(text), b"example.com/a v1.0.0 h1:a\nexample.com/b v1.0.0 h1:b\n");
//! ```

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::go_sum::{BYTE_ORDER_MARK, EMPTY_GO_MOD, GoSum, compare_keys, is_marker};
use super::space::fields;

/// What the go command would write otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// The line ends with CR LF.
    Crlf,
    /// There is other white space in the line than one space between two fields.
    Spacing,
    /// The line is blank.
    Blank,
    /// The file ends in the middle of the line.
    NoEnd,
    /// The line says what another one has said.
    Repeats {
        /// The number of that line, from 1.
        first: usize,
    },
    /// The line belongs before the one that is above it.
    Misplaced,
    /// The line has the hash of a go.mod file without content. The go command passes over it.
    Void,
    /// The file begins with a byte order mark. The go command takes it for the start of the first field, so that the line covers
    /// nothing; `go mod tidy` removes that line, and writes anew what is needed.
    ByteOrderMark,
}

/// The three fields of a line.
type Fields<'t> = [&'t [u8]; 3];

/// What a line of a file is.
enum Kind<'t> {
    Blank,
    Void,
    Sum(Fields<'t>),
    /// It has another number of fields, or is a mark of a merge that nobody finished.
    Other,
}

fn kind(line: &[u8]) -> Kind<'_> {
    let mut parts = fields(line);
    match [(); 4].map(|()| parts.next()) {
        [None, ..] => Kind::Blank,
        [Some(word), ..] if is_marker(word) => Kind::Other,
        [Some(_), Some(_), Some(EMPTY_GO_MOD), None] => Kind::Void,
        [Some(path), Some(version), Some(hash), None] => Kind::Sum([path, version, hash]),
        _ => Kind::Other,
    }
}

fn compare(a: &Fields<'_>, b: &Fields<'_>) -> Ordering {
    compare_keys((a[0], a[1]), (b[0], b[1]))
}

/// Returns the lines of `text`, which end with LF; what follows the last one is a line unless it is empty.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let all = if text.is_empty() { None } else { Some(text.split(|&byte| byte == b'\n')) };
    all.into_iter().flatten()
}

/// Returns what the go command would write otherwise, with the numbers of the lines, from 1, in order.
///
/// Of lines in disorder those are named that belong before the line above them: the least that has to be looked at. Different
/// hashes of one artifact are in order as they are, since the first of them decides. What is said of lines that the go command
/// does not read is only how they end.
pub fn flaws(text: &[u8]) -> Vec<(usize, Flaw)> {
    let mut flaws = Vec::new();
    let mut seen: HashMap<Fields<'_>, usize> = HashMap::new();
    let mut above: Option<Fields<'_>> = None;
    let mut count = 0;
    for (line, number) in lines(text).zip(1..) {
        count = number;
        let mut found = |flaw| flaws.push((number, flaw));
        let body = line.strip_suffix(b"\r").unwrap_or(line);
        if body.len() != line.len() {
            found(Flaw::Crlf);
        }
        if number == 1 && body.starts_with(BYTE_ORDER_MARK) {
            found(Flaw::ByteOrderMark);
            continue;
        }
        let parts = match kind(body) {
            Kind::Blank => {
                found(Flaw::Blank);
                continue;
            }
            Kind::Void => {
                found(Flaw::Void);
                continue;
            }
            Kind::Other => continue,
            Kind::Sum(parts) => parts,
        };
        if body != parts.join(&b' ') {
            found(Flaw::Spacing);
        }
        if let Some(&first) = seen.get(&parts) {
            found(Flaw::Repeats { first });
            continue;
        }
        seen.insert(parts, number);
        if above.is_some_and(|above| compare(&parts, &above).is_lt()) {
            found(Flaw::Misplaced);
        }
        above = Some(parts);
    }
    if count > 0 && !text.ends_with(b"\n") {
        flaws.push((count, Flaw::NoEnd));
    }
    flaws
}

/// Returns `text` without its flaws, as far as that takes no judgement.
///
/// Lines keep their places, and are all there, where one of them is malformed or a mark of a merge that nobody finished: what
/// they belong to is for people to say. Different hashes of one artifact keep their order. A byte order mark goes where the line
/// behind it is one that Go could have written, and no other line contradicts it; else it is as a malformed line.
pub fn rewritten(text: &[u8]) -> Vec<u8> {
    let text = match unmarked(text) {
        Some(text) => text,
        None if text.starts_with(BYTE_ORDER_MARK) => return in_place(text),
        None => text,
    };
    let mut sums: Vec<Fields<'_>> = Vec::new();
    let mut seen: HashSet<Fields<'_>> = HashSet::new();
    for line in lines(text) {
        match kind(line) {
            Kind::Blank | Kind::Void => {}
            Kind::Sum(parts) => {
                if seen.insert(parts) {
                    sums.push(parts);
                }
            }
            Kind::Other => return in_place(text),
        }
    }
    sums.sort_by(compare);
    let mut out = Vec::with_capacity(text.len() + 1);
    for parts in sums {
        out.extend_from_slice(&parts.join(&b' '));
        out.push(b'\n');
    }
    out
}

/// Returns `text` without the byte order mark that it begins with, if that takes no judgement.
fn unmarked(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(BYTE_ORDER_MARK)?;
    let Some(first) = lines(text).next() else { return Some(text) };
    let goes = match kind(first) {
        Kind::Blank | Kind::Void => true,
        Kind::Other => false,
        Kind::Sum(parts) => {
            let has_key = GoSum::parse(first).lines.iter().all(|line| line.key().is_ok());
            // the first hash of an artifact is the one that counts, and this line has not counted so far
            let contradicts = |line| match kind(line) {
                Kind::Sum(other) => other[..2] == parts[..2] && other[2] != parts[2],
                _ => false,
            };
            has_key && !lines(text).any(contradicts)
        }
    };
    goes.then_some(text)
}

/// Returns `text` with each line written as Go would write it, and no other change.
fn in_place(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1);
    for line in lines(text) {
        match kind(line) {
            Kind::Sum(parts) => out.extend_from_slice(&parts.join(&b' ')),
            Kind::Blank => {}
            Kind::Void | Kind::Other => out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line)),
        }
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::file::go_sum::GoSum;

    fn text(text: &str) -> String {
        String::from_utf8(rewritten(text.as_bytes())).unwrap()
    }

    #[test]
    fn what_go_wrote_has_no_flaw() {
        let written = "a.b/c v1.9.0 h1:x\na.b/c v1.9.0/go.mod h1:x\na.b/c v1.10.0 h1:z\na.b/c v1.10.0 h1:y\n";
        assert_eq!(flaws(written.as_bytes()), []);
        assert_eq!(text(written), written);
        for nothing in ["", "\n"] {
            assert_eq!((flaws(nothing.as_bytes()).len(), text(nothing).as_str()), (0, ""), "{nothing:?}");
        }
    }

    #[test]
    fn each_flaw_is_named_where_it_is() {
        let untidy = "a.b/d v1.0.0 h1:x\r\n\na.b/c  v1.0.0\th1:x \na.b/e v1.0.0 h1:x\na.b/d v1.0.0 h1:x\n\
                      a.b/f v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\na.b/f v1.0.0 h1:x";
        assert_eq!(
            flaws(untidy.as_bytes()),
            [
                (1, Flaw::Crlf),
                (2, Flaw::Blank),
                (3, Flaw::Spacing),
                (3, Flaw::Misplaced),
                (5, Flaw::Repeats { first: 1 }),
                (6, Flaw::Void),
                (7, Flaw::NoEnd),
            ]
        );
        assert_eq!(
            text(untidy),
            "a.b/c v1.0.0 h1:x\na.b/d v1.0.0 h1:x\na.b/e v1.0.0 h1:x\na.b/f v1.0.0 h1:x\n"
        );
    }

    #[test]
    fn nothing_moves_around_what_cannot_be_read() {
        let conflict = "b.b/c v1.0.0 h1:x\r\n<<<<<<< ours\na.b/c v1.0.0  h1:x\n=======\na.b/c v1.0.0 h1:x\n>>>>>>> a b\r\n\n";
        assert_eq!(
            text(conflict),
            "b.b/c v1.0.0 h1:x\n<<<<<<< ours\na.b/c v1.0.0 h1:x\n=======\na.b/c v1.0.0 h1:x\n>>>>>>> a b\n\n"
        );
        assert_eq!(
            text("b.b/c v1.0.0 h1:x\noops\na.b/c v1.0.0 h1:x"),
            "b.b/c v1.0.0 h1:x\noops\na.b/c v1.0.0 h1:x\n"
        );
    }

    #[test]
    fn a_byte_order_mark_goes_where_that_takes_no_judgement() {
        let marked = "\u{feff}b.b/c v1.0.0 h1:x\na.b/c v1.0.0 h1:x\nb.b/c v1.0.0 h1:x\n";
        assert_eq!(flaws(marked.as_bytes()), [(1, Flaw::ByteOrderMark)]);
        assert_eq!(text(marked), "a.b/c v1.0.0 h1:x\nb.b/c v1.0.0 h1:x\n");
        assert_eq!(text("\u{feff}a.b/c v1.0.0 h1:x\noops\n"), "a.b/c v1.0.0 h1:x\noops\n");
        for nothing in ["\u{feff}", "\u{feff}\n", "\u{feff}\r\n"] {
            assert_eq!(text(nothing), "", "{nothing:?}");
        }
        for stays in [
            // another hash would begin to count
            "\u{feff}b.b/c v1.0.0 h1:y\nb.b/c v1.0.0 h1:x\na.b/c v1.0.0 h1:x\n",
            "\u{feff}oops\nb.b/c v1.0.0 h1:x\na.b/c v1.0.0 h1:x\n",
            "\u{feff}b.b/c main h1:x\na.b/c v1.0.0 h1:x\n",
            "\u{feff}\u{feff}b.b/c v1.0.0 h1:x\na.b/c v1.0.0 h1:x\n",
            "\u{feff}<<<<<<< ours\nb.b/c v1.0.0 h1:x\na.b/c v1.0.0 h1:x\n",
        ] {
            assert_eq!(text(stays), stays);
        }
    }

    proptest! {
        #[test]
        fn rewriting_keeps_what_go_reads(
            lines in proptest::collection::vec("[ab]\\.c[ \t]v(1|2|1\\.10)\\.0\\.0(/go\\.mod)? h[12](\r| )?|\r?|oops", 0..12),
            end in "\n?",
        ) {
            let text = lines.join("\n") + &end;
            let out = rewritten(text.as_bytes());
            let before = GoSum::parse(text.as_bytes());
            let after = GoSum::parse(&out);
            prop_assert_eq!(before.malformed.len(), after.malformed.len());
            // the first hash of each artifact is the same, and no hash is lost or made up
            let first = |sum: &GoSum| {
                let mut first: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
                for line in &sum.lines {
                    let hashes = first.entry([line.path(), line.version()].join(&b' ')).or_default();
                    if !hashes.contains(&line.hash().to_vec()) {
                        hashes.push(line.hash().to_vec());
                    }
                }
                first
            };
            prop_assert_eq!(first(&before), first(&after));
            prop_assert_eq!(rewritten(&out), out.clone());
            let left = |flaw: &Flaw| !matches!(flaw, Flaw::Blank | Flaw::Misplaced | Flaw::Repeats { .. });
            prop_assert!(flaws(&out).iter().all(|(_, flaw)| !left(flaw)));
            if before.malformed.is_empty() {
                prop_assert_eq!(flaws(&out), []);
            }
        }
    }
}
