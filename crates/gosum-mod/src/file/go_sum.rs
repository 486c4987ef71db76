//! go.sum files (spec 03 §1): lines of module path, version and hash.

use std::cmp::Ordering;
use std::fmt;

use super::space::fields;
use crate::name::id::{Artifact, ModuleVersion, ModuleVersionError};
use crate::name::path::ModulePath;
use crate::name::semver;
use crate::name::text::Text;
use crate::name::version::Version;

/// The hash of a go.mod file without any content. Go once wrote it for what is no module, and has dropped it since.
pub(super) const EMPTY_GO_MOD: &[u8] = b"h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/// The byte order mark of UTF-8. The go command knows none: it is the start of the first field of a file that begins with it.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What follows the version of a line that covers a go.mod file alone.
const GO_MOD: &[u8] = b"/go.mod";

/// The lines of a go.sum file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoSum {
    /// The lines that Go reads, in the order of the file. Several may have the same key, with the same hash or others.
    pub lines: Vec<Line>,
    /// The lines that are malformed, in the order of the file. The go command stops at the first.
    pub malformed: Vec<Malformed>,
}

impl GoSum {
    /// Returns the lines of `text`.
    ///
    /// Lines end with LF, and fields are separated by any white space; neither has to be UTF-8, nor is anything checked
    /// but the number of fields. Blank lines, and those with the hash of a go.mod file without content, are left out.
    pub fn parse(text: &[u8]) -> GoSum {
        let mut sums = GoSum::default();
        for (line, number) in text.split(|&byte| byte == b'\n').zip(1..) {
            let mut parts = fields(line);
            match [(); 4].map(|()| parts.next()) {
                [None, ..] => {}
                [Some(_), Some(_), Some(EMPTY_GO_MOD), None] => {}
                [Some(path), Some(version), Some(hash), None] => {
                    sums.lines.push(Line::new(number, path, version, hash));
                }
                _ => {
                    let count = fields(line).count();
                    sums.malformed.push(Malformed {
                        number,
                        fields: count,
                        conflict: starts_conflict(line),
                        byte_order_mark: number == 1 && line.starts_with(BYTE_ORDER_MARK),
                    });
                }
            }
        }
        sums
    }
}

/// A line with a wrong number of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The line of the file, from 1.
    pub number: usize,
    /// How many fields it has, in place of three.
    pub fields: usize,
    /// Whether it is one that git writes around what it could not merge.
    pub conflict: bool,
    /// Whether the file begins with a byte order mark, and this line with it.
    pub byte_order_mark: bool,
}

/// Returns whether `line` starts as those that git writes around what it could not merge.
fn starts_conflict(line: &[u8]) -> bool {
    let word = fields(line).next().unwrap_or_default();
    line.starts_with(word) && is_marker(word)
}

pub(super) fn is_marker(word: &[u8]) -> bool {
    matches!(word, b"<<<<<<<" | b"|||||||" | b"=======" | b">>>>>>>")
}

/// A line of three fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    number: usize,
    /// The fields, with a space between them.
    text: Box<[u8]>,
    path_end: usize,
    version_end: usize,
}

impl Line {
    fn new(number: usize, path: &[u8], version: &[u8], hash: &[u8]) -> Line {
        let text = [path, version, hash].join(&b' ').into();
        Line { number, text, path_end: path.len(), version_end: path.len() + 1 + version.len() }
    }

    /// Returns which line of the file this is, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the first field, a module path if all is well.
    pub fn path(&self) -> &[u8] {
        &self.text[..self.path_end]
    }

    /// Returns the second field, a version or a version with `/go.mod` if all is well.
    pub fn version(&self) -> &[u8] {
        &self.text[self.path_end + 1..self.version_end]
    }

    /// Returns the third field, a hash if all is well.
    pub fn hash(&self) -> &[u8] {
        &self.text[self.version_end + 1..]
    }

    /// Returns the line as Go would write it, without its end.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns whether git wrote this line around what it could not merge. Go reads such a line as any other if it
    /// happens to have three fields.
    pub fn is_conflict_marker(&self) -> bool {
        is_marker(self.path())
    }

    /// Returns whether the file begins with a byte order mark, and this line with it. To Go that is a part of the path.
    pub fn has_byte_order_mark(&self) -> bool {
        self.number == 1 && self.path().starts_with(BYTE_ORDER_MARK)
    }

    /// Returns what the line covers.
    ///
    /// # Errors
    /// When that is no version of a module, or neither its zip nor its go.mod file.
    pub fn key(&self) -> Result<(ModuleVersion, Artifact), KeyError> {
        let version = self.version();
        let (version, artifact) = match version.strip_suffix(GO_MOD) {
            Some(version) => (version, Artifact::GoMod),
            None => (version, Artifact::Zip),
        };
        if version.contains(&b'/') {
            return Err(KeyError::Artifact { version: self.version().into() });
        }
        let path = ModulePath::parse(self.path()).map_err(ModuleVersionError::from)?;
        let version = Version::parse(version).map_err(ModuleVersionError::from)?;
        Ok((ModuleVersion::new(path, version)?, artifact))
    }

    /// Returns the order of two lines in a file that Go wrote: as [`compare_keys`], then by hash.
    pub fn order(&self, other: &Line) -> Ordering {
        compare_keys((self.path(), self.version()), (other.path(), other.version()))
            .then_with(|| self.hash().cmp(other.hash()))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.number, Text::from(&*self.text))
    }
}

/// Shows the line as Go would write it, with U+FFFD for what is not UTF-8.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // two lines that differ are never shown alike
        for chunk in self.text.utf8_chunks() {
            f.write_str(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}

/// A line that covers no artifact of a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The version is followed by something other than `/go.mod`.
    #[error("{version:?} is neither a version nor a version with `/go.mod`")]
    Artifact {
        /// The second field of the line.
        version: Text,
    },
    /// The path or the version is none, or they do not belong together.
    #[error(transparent)]
    ModuleVersion(#[from] ModuleVersionError),
}

/// Returns the order of two keys, each the first two fields of a line, in a file that Go wrote: by path, then by version
/// as a number, then what follows the version (`/go.mod`) by bytes.
///
/// Where Go leaves the order open, because versions are equal as numbers alone (`v1.0` and `v1.0.0`, or two that are
/// none), they go by bytes.
pub fn compare_keys(a: (&[u8], &[u8]), b: (&[u8], &[u8])) -> Ordering {
    a.0.cmp(b.0).then_with(|| {
        let ((a, a_file), (b, b_file)) = (split_file(a.1), split_file(b.1));
        if a == b { a_file.cmp(b_file) } else { semver::compare_total(a, b) }
    })
}

/// Splits what follows the version off the second field of a line.
fn split_file(version: &[u8]) -> (&[u8], &[u8]) {
    version.split_at(version.iter().position(|&byte| byte == b'/').unwrap_or(version.len()))
}

/// Returns the line for an artifact, with its end, as Go writes it. Artifacts in their own order give lines in the order
/// of go.sum.
pub fn line(module: &ModuleVersion, artifact: Artifact, hash: &impl fmt::Display) -> String {
    let file = match artifact {
        Artifact::Zip => "",
        Artifact::GoMod => "/go.mod",
    };
    format!("{} {}{file} {hash}\n", module.path(), module.version())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_merge_conflicts_from_other_malformed_lines() {
        let text = b"<<<<<<< HEAD\na.b/c v1.0.0 h1:x\n=======\r\na.b/c v1.0.0 h1:y\n>>>>>>> a b\n========\n =======\none two\n||||||| 1 2 3\n";
        let sums = GoSum::parse(text);
        let malformed: Vec<_> =
            sums.malformed.iter().map(|line| (line.number, line.fields, line.conflict)).collect();
        assert_eq!(
            malformed,
            [(1, 2, true), (3, 1, true), (6, 1, false), (7, 1, false), (8, 2, false), (9, 4, true)]
        );
        let lines: Vec<_> =
            sums.lines.iter().map(|line| (line.number(), line.is_conflict_marker())).collect();
        assert_eq!(lines, [(2, false), (4, false), (5, true)]);
    }

    #[test]
    fn keys_name_a_module_version_and_its_artifact() {
        let key = |text: &str| GoSum::parse(text.as_bytes()).lines[0].key();
        let (module, artifact) = key("a.b/c/v2 v2.0.0/go.mod h1:x").unwrap();
        assert_eq!((module.to_string().as_str(), artifact), ("a.b/c/v2@v2.0.0", Artifact::GoMod));
        assert_eq!(key("a.b/c v1.0.0 h1:x").unwrap().1, Artifact::Zip);
        for (text, message) in [
            ("a.b/c v1.0.0/go.sum h", r#""v1.0.0/go.sum" is neither a version nor a version with `/go.mod`"#),
            (
                "a.b/c v1.0.0/go.mod/go.mod h",
                r#""v1.0.0/go.mod/go.mod" is neither a version nor a version with `/go.mod`"#,
            ),
            ("a.b/c v1.0 h", "version `v1.0` is not canonical: that would be `v1.0.0`"),
            ("a.b/c main h", r#""main" is not a semantic version"#),
            ("ab/c v1.0.0 h", r#"malformed module path "ab/c": missing dot in first path element"#),
            ("a.b/c v2.0.0 h", "invalid version of `a.b/c`"),
        ] {
            assert_eq!(key(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn artifacts_are_ordered_as_their_lines() {
        let ids = [
            "a.b/c@v1.10.0",
            "a.b/c@v1.9.0",
            "a.b/c@v1.9.0-rc1",
            "a.b/C@v1.0.0",
            "a.b/c/v2@v2.0.0",
            "a.b@v0.1.0",
        ];
        let mut artifacts: Vec<_> = ids
            .iter()
            .flat_map(|id| {
                [Artifact::GoMod, Artifact::Zip].map(|artifact| (ModuleVersion::parse(id).unwrap(), artifact))
            })
            .collect();
        artifacts.sort();
        let text: String =
            artifacts.iter().map(|(module, artifact)| line(module, *artifact, &"h1:x")).collect();
        let lines = GoSum::parse(text.as_bytes()).lines;
        assert_eq!(lines.len(), 12);
        assert!(lines.is_sorted_by(|a, b| a.order(b).is_lt()), "{text}");
        assert!(text.starts_with("a.b v0.1.0 h1:x\na.b v0.1.0/go.mod h1:x\na.b/C v1.0.0 h1:x\n"), "{text}");
    }

    proptest! {
        #[test]
        fn sorting_forgets_the_order_before(
            lines in proptest::collection::vec("[ab]\\.c v(1|01|1\\.0|1\\.0\\.0|1\\.0\\.0-a|2\\.0\\.0|x)(/go\\.mod|/a)? h[12]", 0..9)
        ) {
            let mut forwards = GoSum::parse(lines.join("\n").as_bytes()).lines;
            let mut backwards: Vec<_> = forwards.iter().rev().cloned().collect();
            forwards.sort_by(Line::order);
            backwards.sort_by(Line::order);
            let text = |lines: &[Line]| lines.iter().map(Line::to_string).collect::<Vec<_>>();
            prop_assert_eq!(text(&forwards), text(&backwards));
        }
    }
}
