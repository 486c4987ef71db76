//! The two go.sum sets that the two paths give, and the difference of two such sets.

use std::fmt::Write as _;

use similar::{DiffOp, group_diff_ops};

use crate::compare::Comparison;
use crate::evidence::{Answer, NotAsked, SourceName};

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// The name of the set that the proxy gives, as a file and in the difference.
pub const PROXY_FILE: &str = "go.sum.proxy";
/// The name of the set that version control gives.
pub const DIRECT_FILE: &str = "go.sum.direct";
/// The name of the file that holds their difference.
pub const DIFF_FILE: &str = "go.sum.diff";
/// The name of the file that lists what is in neither for want of an answer.
pub const UNANSWERED_FILE: &str = "go.sum.unanswered";

/// What the two paths give for the same lines, as files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// The lines that the proxy answered: a go.sum in Go's order.
    pub proxy: String,
    /// The lines that version control answered.
    pub direct: String,
    /// The unified difference from proxy to direct over the lines that both answered, or one of them does not need: empty
    /// exactly when they agree on all of them.
    pub diff: String,
    /// The lines that a source did not answer: module, version (with `/go.mod`), source, answer and
    /// reason, with one space between the first four.
    pub unanswered: String,
}

/// Returns the two sets over `comparisons`, which are in the order of their subjects.
pub fn sums(comparisons: &[Comparison]) -> Sums {
    let mut sums = Sums::default();
    let (mut proxy, mut direct) = (Vec::new(), Vec::new());
    let proxy_path = proxy_of(comparisons);
    // a toolchain is compared, and no line of any go.sum
    for comparison in comparisons.iter().filter(|comparison| !comparison.is_unrecorded_toolchain()) {
        let key = comparison.subject.key();
        let proxy_line = line(comparison, &proxy_path);
        let direct_line = line(comparison, &SourceName::DIRECT);
        sums.proxy.extend(proxy_line.as_deref());
        sums.direct.extend(direct_line.as_deref());
        unanswered(&mut sums.unanswered, &key, comparison, &proxy_path);
        // a line that one path answered, and the other does not need, is one that only the first has
        let is_known = |line: &Option<String>, source| line.is_some() || is_not_needed(comparison, source);
        if is_known(&proxy_line, &proxy_path) && is_known(&direct_line, &SourceName::DIRECT) {
            proxy.extend(proxy_line.map(|line| (&comparison.subject, line)));
            direct.extend(direct_line.map(|line| (&comparison.subject, line)));
        }
    }
    sums.diff = unified(PROXY_FILE, &proxy, DIRECT_FILE, &direct);
    sums
}

/// Returns whose answers are those of the proxy path, of the sources that are asked: GOPROXY's proxies, or in their place the
/// one other proxy. Of several others none is more the proxy path than the rest.
pub fn proxy_path<'a>(asked: impl IntoIterator<Item = &'a SourceName>) -> SourceName {
    let proxies: Vec<&SourceName> = asked.into_iter().filter(|source| source.is_proxy()).collect();
    match proxies.as_slice() {
        [one] => (*one).clone(),
        _ => SourceName::PROXY,
    }
}

/// Returns the same of what was asked: every source has an answer in every comparison, be it that it was not asked.
fn proxy_of(comparisons: &[Comparison]) -> SourceName {
    proxy_path(comparisons.iter().take(1).flat_map(|comparison| comparison.asked()).map(|(source, _)| source))
}

/// Returns how many lines both paths answered, and on how many of them they agree.
pub fn both_answered(comparisons: &[Comparison]) -> (usize, usize) {
    let sum = |comparison: &Comparison, source| comparison.answer(source).and_then(Answer::sum).cloned();
    let mut both = (0, 0);
    let proxy_path = proxy_of(comparisons);
    for comparison in comparisons {
        let proxy = sum(comparison, &proxy_path);
        let direct = sum(comparison, &SourceName::DIRECT);
        if proxy.is_some() && direct.is_some() {
            both.0 += 1;
            both.1 += usize::from(proxy == direct);
        }
    }
    both
}

fn is_not_needed(comparison: &Comparison, source: &SourceName) -> bool {
    matches!(comparison.answer(source), Some(Answer::NotAsked(NotAsked::NotNeeded)))
}

fn line(comparison: &Comparison, source: &SourceName) -> Option<String> {
    Some(comparison.subject.line(comparison.answer(source)?.sum()?))
}

fn unanswered(out: &mut String, key: &str, comparison: &Comparison, proxy_path: &SourceName) {
    for source in [proxy_path, &SourceName::DIRECT] {
        let not_asked = Answer::NotAsked(NotAsked::NotSelected);
        let answer = comparison.answer(source).unwrap_or(&not_asked);
        if answer.sum().is_none() && !is_not_needed(comparison, source) {
            let reason = answer.reason().expect("an answer without a hash has a reason");
            // a reason can quote a server: one line stays one line
            let reason: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = writeln!(out, "{key} {source} {} {reason}", answer.word());
        }
    }
}

/// Returns the unified difference of two lists of lines that are sorted by their keys and hold each
/// key once; empty when they are the same. Lines are compared key by key, so that the work grows with
/// the number of lines alone, and each text ends with a newline.
pub fn unified<K: Ord>(old_name: &str, old: &[(K, String)], new_name: &str, new: &[(K, String)]) -> String {
    let ops = align(old, new);
    let mut out = String::new();
    if ops.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
        return out;
    }
    let _ = writeln!(out, "--- {old_name}\n+++ {new_name}");
    for hunk in group_diff_ops(ops, CONTEXT) {
        write_hunk(&mut out, &hunk, old, new);
    }
    out
}

/// Returns how the keys of the two lists go together.
fn align<K: Ord>(old: &[(K, String)], new: &[(K, String)]) -> Vec<DiffOp> {
    let mut ops = Vec::new();
    let (mut old_index, mut new_index) = (0, 0);
    while old_index < old.len() || new_index < new.len() {
        let start = (old_index, new_index);
        let same = pairs(old, new, start).take_while(|(a, b)| a == b).count();
        if same > 0 {
            ops.push(DiffOp::Equal { old_index, new_index, len: same });
            (old_index, new_index) = (old_index + same, new_index + same);
            continue;
        }
        while let (Some(a), Some(b)) = (old.get(old_index), new.get(new_index))
            && a != b
        {
            old_index += usize::from(a.0 <= b.0);
            new_index += usize::from(a.0 >= b.0);
        }
        if old_index == old.len() || new_index == new.len() {
            (old_index, new_index) = (old.len(), new.len());
        }
        let (old_len, new_len) = (old_index - start.0, new_index - start.1);
        ops.push(DiffOp::Replace { old_index: start.0, old_len, new_index: start.1, new_len });
    }
    ops
}

fn pairs<'a, T>(
    old: &'a [T],
    new: &'a [T],
    (old_index, new_index): (usize, usize),
) -> impl Iterator<Item = (&'a T, &'a T)> {
    old[old_index..].iter().zip(&new[new_index..])
}

fn write_hunk<K>(out: &mut String, hunk: &[DiffOp], old: &[(K, String)], new: &[(K, String)]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let old_range = first.old_range().start..last.old_range().end;
    let new_range = first.new_range().start..last.new_range().end;
    let _ = writeln!(out, "@@ -{} +{} @@", span(&old_range), span(&new_range));
    for op in hunk {
        if let DiffOp::Equal { old_index, len, .. } = op {
            write_lines(out, ' ', &old[*old_index..old_index + len]);
        } else {
            write_lines(out, '-', &old[op.old_range()]);
            write_lines(out, '+', &new[op.new_range()]);
        }
    }
}

/// Returns a range of lines as a hunk's head writes it: the first line from 1 and their number, which
/// is left out when it is 1; the line before when there are none.
fn span(range: &std::ops::Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    }
}

fn write_lines<K>(out: &mut String, mark: char, lines: &[(K, String)]) {
    for (_, line) in lines {
        out.push(mark);
        out.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{comparison, hash, sum};

    fn lines(text: &str) -> Vec<(String, String)> {
        text.split_whitespace().map(|word| (word[..1].to_owned(), format!("{word}\n"))).collect()
    }

    #[test]
    fn a_difference_has_three_lines_of_context() {
        let old = lines("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1");
        let new = lines("a1 b1 c1 d1 e2 f1 g1 h1 i1 j1 k1 l1 m1");
        assert_eq!(
            unified("old", &old, "new", &new),
            "--- old\n+++ new\n\
             @@ -2,7 +2,7 @@\n b1\n c1\n d1\n-e1\n+e2\n f1\n g1\n h1\n\
             @@ -10,3 +10,4 @@\n j1\n k1\n l1\n+m1\n"
        );
    }

    #[test]
    fn one_side_may_be_empty() {
        assert_eq!(unified("old", &[], "new", &lines("a1")), "--- old\n+++ new\n@@ -0,0 +1 @@\n+a1\n");
        assert_eq!(
            unified("old", &lines("a1 b1"), "new", &[]),
            "--- old\n+++ new\n@@ -1,2 +0,0 @@\n-a1\n-b1\n"
        );
        assert_eq!(unified("old", &lines("a1"), "new", &lines("a1")), "");
    }

    #[test]
    fn a_line_without_an_answer_is_in_no_difference() {
        let told = comparison(Some(hash("a")), hash("a"), Answer::Unavailable("503 from\nthe host".into()));
        let sums = sums(&[told]);
        assert_eq!(sums.proxy, format!("example.com/colors v1.2.0 {}\n", sum("a")));
        assert_eq!((sums.direct.as_str(), sums.diff.as_str()), ("", ""));
        assert_eq!(sums.unanswered, "example.com/colors v1.2.0 direct unavailable 503 from the host\n");
    }

    #[test]
    fn one_other_proxy_is_the_proxy_path_when_those_of_the_settings_are_not_asked() {
        let named = |names: &[&str]| {
            let mut told = comparison(Some(hash("a")), hash("a"), hash("b"));
            let keep = told.answers.iter().filter(|(source, _)| **source != SourceName::PROXY);
            told.answers = keep.map(|(source, evidence)| (source.clone(), evidence.clone())).collect();
            for name in names {
                told.answers.insert(SourceName::further((*name).to_owned()), hash(name).into());
            }
            [told]
        };
        let mirror = sums(&named(&["mirror"]));
        assert_eq!(mirror.proxy, format!("example.com/colors v1.2.0 {}\n", sum("mirror")));
        assert!(mirror.diff.starts_with("--- go.sum.proxy\n+++ go.sum.direct\n"), "{}", mirror.diff);
        assert_eq!((mirror.unanswered.as_str(), both_answered(&named(&["mirror"]))), ("", (1, 0)));
        // beside GOPROXY's, or beside one another, they are written nowhere
        let beside = sums(&named(&["mirror", "proxy"]));
        assert_eq!(beside.proxy, format!("example.com/colors v1.2.0 {}\n", sum("proxy")));
        let several = sums(&named(&["mirror", "other"]));
        assert_eq!((several.proxy.as_str(), several.diff.as_str()), ("", ""));
    }

    #[test]
    fn two_hashes_are_a_difference_from_proxy_to_direct() {
        let sums = sums(&[comparison(Some(hash("a")), hash("a"), hash("b"))]);
        let (a, b) = (sum("a"), sum("b"));
        assert_eq!(
            sums.diff,
            format!(
                "--- go.sum.proxy\n+++ go.sum.direct\n@@ -1 +1 @@\n\
                 -example.com/colors v1.2.0 {a}\n+example.com/colors v1.2.0 {b}\n"
            )
        );
        assert_eq!(sums.unanswered, "");
    }

    /// Returns what `patch` would make of `old`.
    fn apply(old: &[(u8, String)], diff: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut next = 0;
        for line in diff.lines().skip(2) {
            if let Some(head) = line.strip_prefix("@@ -") {
                let (start, count) = head.split(' ').next().unwrap().split_once(',').unwrap_or((head, "1"));
                let start: usize = start.split(' ').next().unwrap().parse().unwrap();
                let start = if count == "0" { start } else { start - 1 };
                out.extend(old[next..start].iter().map(|(_, line)| line.clone()));
                next = start;
            } else if let Some(line) = line.strip_prefix('+') {
                out.push(format!("{line}\n"));
            } else {
                next += 1;
                if let Some(line) = line.strip_prefix(' ') {
                    out.push(format!("{line}\n"));
                }
            }
        }
        out.extend(old[next..].iter().map(|(_, line)| line.clone()));
        out
    }

    proptest! {
        #[test]
        fn a_difference_applied_to_the_old_set_gives_the_new_one(
            old in proptest::collection::btree_map(0u8..60, 0u8..3, 0..40),
            new in proptest::collection::btree_map(0u8..60, 0u8..3, 0..40),
        ) {
            let text = |set: std::collections::BTreeMap<u8, u8>| -> Vec<(u8, String)> {
                set.into_iter().map(|(key, value)| (key, format!("{key} {value}\n"))).collect()
            };
            let (old, new) = (text(old), text(new));
            let diff = unified("old", &old, "new", &new);
            let expected: Vec<String> = new.iter().map(|(_, line)| line.clone()).collect();
            prop_assert_eq!(diff.is_empty(), old == new);
            prop_assert_eq!(apply(&old, &diff), expected);
        }
    }
}
