//! Which lines differ between the two copies of a file.

mod hunk;
mod text;

use std::fmt;
use std::io::{self, Read as _};
use std::time::Instant;

use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::FileTree;

pub use self::hunk::{Hunk, Line, LineKind};
use self::text::Source;
pub use self::text::{Encoding, LineEnd, NotText, TextForm};
use super::tree::{Change, FileFacts, Side};

/// What a line costs beside its bytes.
const LINE: u64 = 64;

/// How much is compared, and how much of it is kept.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// The most lines of a file.
    pub file_lines: usize,
    /// The most that all files together may cost: their bytes, and 64 more for each line.
    pub total_bytes: u64,
    /// When to stop.
    pub deadline: Option<Instant>,
    /// How many unchanged lines stand around a change.
    pub context: usize,
    /// How many lines of a file's difference are kept; the others are counted.
    pub shown_lines: usize,
    /// How many bytes of a line are kept.
    pub line_bytes: usize,
}

impl Default for Bounds {
    /// Bounds for a reader: files up to 8 MiB and 500,000 lines, 64 MiB together, 3 lines around a change, 2,000
    /// lines a file, 1,000 bytes a line, and no deadline.
    fn default() -> Bounds {
        Bounds {
            file_bytes: 8 << 20,
            file_lines: 500_000,
            total_bytes: 64 << 20,
            deadline: None,
            context: 3,
            shown_lines: 2_000,
            line_bytes: 1_000,
        }
    }
}

impl Bounds {
    /// The clock is read here and in what compares lines, for nothing but the deadline that the caller sets.
    fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| !deadline.elapsed().is_zero())
    }
}

/// How two copies of a file differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// Not in their content: a file under another name, or one that a copy lists more often.
    Same,
    /// In these lines.
    Text(TextLines),
    /// At least one of them is not text.
    Binary(NotText),
    /// They are too large to be compared line by line.
    TooLarge(Excess),
    /// The deadline passed before it was known.
    OutOfTime,
}

/// The lines in which two texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLines {
    /// The places that differ, with the lines around them; none where the lines are the same and only their ends or
    /// the encoding differ.
    pub hunks: Vec<Hunk>,
    /// What all of the difference comes down to; empty when there is more to it.
    pub only: Vec<Only>,
    /// What the left text is like, where there is one.
    pub left: Option<TextForm>,
    /// What the right text is like.
    pub right: Option<TextForm>,
    /// How many lines are on the left and not on the right.
    pub removed: usize,
    /// How many lines are on the right and not on the left.
    pub added: usize,
    /// How many lines of the hunks were left out for their number.
    pub left_out: usize,
}

/// Something that a difference may come down to. It can matter all the same: white space ends a comment in Go, and
/// shells take a carriage return as part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Only {
    /// How characters are encoded: a byte order mark, UTF-16.
    Encoding,
    /// How lines end: with a line feed, or with a carriage return before it.
    LineEnds,
    /// Whether the last line ends at all.
    LastLineEnd,
    /// White space, line breaks among it.
    WhiteSpace,
}

impl fmt::Display for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Only::Encoding => "encoding",
            Only::LineEnds => "line ends",
            Only::LastLineEnd => "end of the last line",
            Only::WhiteSpace => "white space",
        })
    }
}

/// Which bound forbids to compare two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// One has more than [`Bounds::file_bytes`].
    FileBytes {
        /// How many the larger one has.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// One has more than [`Bounds::file_lines`].
    FileLines {
        /// How many the longer one has.
        lines: usize,
        /// The bound.
        max: usize,
    },
    /// With those compared before, they have more than [`Bounds::total_bytes`].
    Total {
        /// The bound.
        max: u64,
    },
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Excess::FileBytes { bytes, max } => write!(f, "{bytes} bytes, more than the {max} of the bound"),
            Excess::FileLines { lines, max } => write!(f, "{lines} lines, more than the {max} of the bound"),
            Excess::Total { max } => {
                write!(f, "all files together have more than the {max} bytes of the bound")
            }
        }
    }
}

/// A file that cannot be read again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinesError {
    /// It cannot be read.
    #[error("cannot read {path:?} of the {side} copy")]
    Read {
        /// Which copy.
        side: Side,
        /// The path of the file below the root.
        path: Text,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not what it was when the copies were compared.
    #[error("{path:?} of the {side} copy changed while it was compared")]
    Changed {
        /// Which copy.
        side: Side,
        /// The path of the file below the root.
        path: Text,
    },
}

/// Compares changed files line by line, within one bound for all of them.
pub struct LineDiffs<'a> {
    left: &'a dyn FileTree,
    right: &'a dyn FileTree,
    bounds: Bounds,
    spent: u64,
}

impl<'a> LineDiffs<'a> {
    /// Returns what compares the files of these two copies.
    pub fn new(left: &'a dyn FileTree, right: &'a dyn FileTree, bounds: Bounds) -> LineDiffs<'a> {
        LineDiffs { left, right, bounds, spent: 0 }
    }

    /// Returns how the two files of `change`, which is one of these two copies, differ. A file that only one copy has
    /// is compared with an empty one.
    ///
    /// The same changes in the same order give the same lines, unless the deadline strikes. A file that is over a
    /// bound by its size is not read, and costs nothing of the bound for all.
    ///
    /// # Errors
    /// When a file cannot be read, or is not what it was when the copies were compared.
    pub fn lines(&mut self, change: &Change) -> Result<Lines, LinesError> {
        let sizes = || [&change.left, &change.right].into_iter().flatten().map(|facts| facts.size);
        if same_content(change) {
            return Ok(Lines::Same);
        }
        if self.bounds.is_out_of_time() {
            return Ok(Lines::OutOfTime);
        }
        let (bytes, max) = (sizes().max().unwrap_or(0), self.bounds.file_bytes);
        if bytes > max {
            return Ok(Lines::TooLarge(Excess::FileBytes { bytes, max }));
        }
        if let Err(excess) = self.spend(sizes().sum()) {
            return Ok(Lines::TooLarge(excess));
        }
        let left = change.left.as_ref().map(|facts| read_whole(Side::Left, self.left, facts)).transpose()?;
        let right =
            change.right.as_ref().map(|facts| read_whole(Side::Right, self.right, facts)).transpose()?;
        Ok(self.compare(left.as_deref(), right.as_deref()))
    }

    fn compare(&mut self, left: Option<&[u8]>, right: Option<&[u8]>) -> Lines {
        let (left, right) = match (Source::read(left), Source::read(right)) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(why), _) | (_, Err(why)) => return Lines::Binary(why),
        };
        let (left_lines, right_lines) = (left.lines(), right.lines());
        let (lines, max) = (left_lines.len().max(right_lines.len()), self.bounds.file_lines);
        if lines > max {
            return Lines::TooLarge(Excess::FileLines { lines, max });
        }
        if let Err(excess) = self.spend((left_lines.len() + right_lines.len()) as u64 * LINE) {
            return Lines::TooLarge(excess);
        }
        let forms = (left.form(&left_lines), right.form(&right_lines));
        let only = only(&left, &right);
        let ends_matter = !only.contains(&Only::LineEnds) && !text::have_other_ends(&forms.0, &forms.1);
        let found = hunk::find(&left_lines, &right_lines, ends_matter, &self.bounds);
        if self.bounds.is_out_of_time() {
            return Lines::OutOfTime; // what was found may be an approximation
        }
        Lines::Text(TextLines {
            hunks: found.hunks,
            only,
            left: forms.0,
            right: forms.1,
            removed: found.removed,
            added: found.added,
            left_out: found.left_out,
        })
    }

    fn spend(&mut self, cost: u64) -> Result<(), Excess> {
        let max = self.bounds.total_bytes;
        let spent = self.spent.saturating_add(cost);
        if spent > max {
            return Err(Excess::Total { max });
        }
        self.spent = spent;
        Ok(())
    }
}

/// Returns how the two files of one change differ: as [`LineDiffs::lines`], for one change alone.
///
/// # Errors
/// As there.
pub fn lines(
    change: &Change,
    left: &dyn FileTree,
    right: &dyn FileTree,
    bounds: &Bounds,
) -> Result<Lines, LinesError> {
    LineDiffs::new(left, right, bounds.clone()).lines(change)
}

fn same_content(change: &Change) -> bool {
    let content = |facts: &FileFacts| (facts.size, facts.sha256);
    match (&change.left, &change.right) {
        (Some(left), Some(right)) => content(left) == content(right),
        (Some(one), None) | (None, Some(one)) => one.is_folder(),
        (None, None) => true,
    }
}

/// Returns the content of a file, which must be what it was when the copies were compared.
pub(super) fn read_whole(side: Side, tree: &dyn FileTree, facts: &FileFacts) -> Result<Vec<u8>, LinesError> {
    let path = || facts.path.clone();
    let mut content = Vec::new();
    tree.open(facts.path.as_bytes())
        .and_then(|file| file.take(facts.size.saturating_add(1)).read_to_end(&mut content))
        .map_err(|source| LinesError::Read { side, path: path(), source })?;
    match sha256(&content) == facts.sha256 {
        true => Ok(content),
        false => Err(LinesError::Changed { side, path: path() }),
    }
}

/// Returns what all of the difference of two texts comes down to.
fn only(left: &Source<'_>, right: &Source<'_>) -> Vec<Only> {
    let (Some(left_encoding), Some(right_encoding)) = (left.encoding(), right.encoding()) else {
        return Vec::new();
    };
    let mut only = Vec::new();
    if left_encoding != right_encoding {
        only.push(Only::Encoding);
    }
    if left.bytes() == right.bytes() {
        return only;
    }
    let (left, right) = (left.bytes(), right.bytes());
    let (left_feeds, right_feeds) = (text::with_feeds(left), text::with_feeds(right));
    let open = text::without_last_end;
    if left_feeds == right_feeds {
        only.push(Only::LineEnds);
    } else if open(left) == open(right) {
        only.push(Only::LastLineEnd);
    } else if open(&left_feeds) == open(&right_feeds) {
        only.extend([Only::LineEnds, Only::LastLineEnd]);
    } else if text::without_white_space(left).eq(text::without_white_space(right)) {
        only.push(Only::WhiteSpace);
    } else {
        only.clear();
    }
    only
}
