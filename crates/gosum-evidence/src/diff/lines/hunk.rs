//! The places that differ, as a unified difference shows them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use gosum_mod::name::text::Text;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use super::Bounds;
use super::text::{LineEnd, RawLine};

/// No file has more lines around a change.
const MAX_CONTEXT: usize = 1 << 24;

/// A place that differs, with the lines around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines on the left, from 0.
    pub left: Range<usize>,
    /// The lines on the right, from 0.
    pub right: Range<usize>,
    /// The lines, those that are removed before those that are added in their place. Fewer than the ranges say where
    /// lines were left out for their number.
    pub lines: Vec<Line>,
}

impl Hunk {
    /// Returns the line that opens the hunk in a unified difference, such as `@@ -1,3 +1,4 @@`.
    pub fn header(&self) -> String {
        struct Shown<'a>(&'a Range<usize>);
        impl fmt::Display for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0.len() {
                    0 => write!(f, "{},0", self.0.start),
                    1 => write!(f, "{}", self.0.start + 1),
                    len => write!(f, "{},{len}", self.0.start + 1),
                }
            }
        }
        format!("@@ -{} +{} @@", Shown(&self.left), Shown(&self.right))
    }
}

/// What a line of a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// On both sides.
    Context,
    /// Only on the left.
    Removed,
    /// Only on the right.
    Added,
}

impl LineKind {
    /// Returns the sign before the line in a unified difference.
    pub fn sign(self) -> char {
        match self {
            LineKind::Context => ' ',
            LineKind::Removed => '-',
            LineKind::Added => '+',
        }
    }
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Its number on the left, from 1, where it is there.
    pub left: Option<usize>,
    /// Its number on the right.
    pub right: Option<usize>,
    /// Its bytes, without its end: any but line feeds. Of a long line only a part.
    pub bytes: Text,
    /// How many bytes of the line stand before that part.
    pub cut_before: usize,
    /// How many bytes of the line stand behind it.
    pub cut_after: usize,
    /// How it ends; on the left, where it is there.
    pub end: LineEnd,
}

impl Line {
    /// Returns the line as text, each byte that is not UTF-8 as `\xff`. Control characters are as they are: a medium
    /// escapes its own.
    pub fn text(&self) -> Cow<'_, str> {
        let bytes = self.bytes.as_bytes();
        if let Ok(text) = str::from_utf8(bytes) {
            return Cow::Borrowed(text);
        }
        let mut text = String::with_capacity(bytes.len() + 16);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
        Cow::Owned(text)
    }
}

/// All places that differ.
#[derive(Default)]
pub(super) struct Found {
    pub(super) hunks: Vec<Hunk>,
    pub(super) removed: usize,
    pub(super) added: usize,
    pub(super) left_out: usize,
    lines: usize,
}

/// Returns where the lines differ. Unless `ends_matter`, a carriage return at the end of a line is no difference. After
/// the deadline of `bounds` the places are right and may be larger than they need be.
pub(super) fn find(left: &[RawLine<'_>], right: &[RawLine<'_>], ends_matter: bool, bounds: &Bounds) -> Found {
    let mut numbers = Numbers { known: HashMap::new(), ends_matter };
    let (left_numbers, right_numbers) = (numbers.of(left), numbers.of(right));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &left_numbers, &right_numbers, bounds.deadline);
    let mut found = Found::default();
    for op in &ops {
        if !matches!(op, DiffOp::Equal { .. }) {
            found.removed += op.old_range().len();
            found.added += op.new_range().len();
        }
    }
    for ops in group_diff_ops(ops, bounds.context.min(MAX_CONTEXT)) {
        found.add_hunk(&ops, left, right, bounds);
    }
    found
}

/// Numbers for lines: the same for lines that are the same.
struct Numbers<'a> {
    known: HashMap<(&'a [u8], LineEnd), u32>,
    ends_matter: bool,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, lines: &[RawLine<'a>]) -> Vec<u32> {
        let number = |line: &RawLine<'a>| {
            let end = match line.end {
                LineEnd::CrLf if !self.ends_matter => LineEnd::Lf,
                end => end,
            };
            let next = u32::try_from(self.known.len()).expect("a file that is read has fewer lines");
            *self.known.entry((line.bytes, end)).or_insert(next)
        };
        lines.iter().map(number).collect()
    }
}

impl Found {
    fn add_hunk(&mut self, ops: &[DiffOp], left: &[RawLine<'_>], right: &[RawLine<'_>], bounds: &Bounds) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let mut hunk = Hunk {
            left: first.old_range().start..last.old_range().end,
            right: first.new_range().start..last.new_range().end,
            lines: Vec::new(),
        };
        for op in ops {
            let (old, new) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { .. } = op {
                for (at, other) in old.zip(new) {
                    let numbers = (Some(at), Some(other));
                    self.add_line(&mut hunk, LineKind::Context, numbers, left[at], None, bounds);
                }
                continue;
            }
            for (nth, at) in old.clone().enumerate() {
                let other = new.clone().nth(nth).map(|at| right[at].bytes);
                self.add_line(&mut hunk, LineKind::Removed, (Some(at), None), left[at], other, bounds);
            }
            for (nth, at) in new.enumerate() {
                let other = old.clone().nth(nth).map(|at| left[at].bytes);
                self.add_line(&mut hunk, LineKind::Added, (None, Some(at)), right[at], other, bounds);
            }
        }
        if !hunk.lines.is_empty() {
            self.hunks.push(hunk);
        }
    }

    /// Adds a line, of which `other` is what stands in its place on the other side.
    fn add_line(
        &mut self,
        hunk: &mut Hunk,
        kind: LineKind,
        (left, right): (Option<usize>, Option<usize>),
        line: RawLine<'_>,
        other: Option<&[u8]>,
        bounds: &Bounds,
    ) {
        if self.lines == bounds.shown_lines {
            self.left_out += 1;
            return;
        }
        self.lines += 1;
        let shown = part(line.bytes, other, bounds.line_bytes);
        hunk.lines.push(Line {
            kind,
            left: left.map(|at| at + 1),
            right: right.map(|at| at + 1),
            bytes: line.bytes[shown.clone()].into(),
            cut_before: shown.start,
            cut_after: line.bytes.len() - shown.end,
            end: line.end,
        });
    }
}

/// Returns which part of a line is kept: of a long one, where it begins to differ from `other`.
fn part(line: &[u8], other: Option<&[u8]>, max: usize) -> Range<usize> {
    if line.len() <= max {
        return 0..line.len();
    }
    let same = other.map_or(0, |other| line.iter().zip(other).take_while(|(a, b)| a == b).count());
    let start = same.saturating_sub(max / 4).min(line.len() - max);
    let start = boundary(line, start);
    start..boundary(line, (start + max).min(line.len()))
}

/// Returns the start of the character that has a byte at `at`, or `at` where there is no character.
fn boundary(line: &[u8], at: usize) -> usize {
    let is_inside = |at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let back = (0..4).take_while(|back| *back < at && is_inside(at - back)).count();
    if back < 4 { at - back } else { at }
}
