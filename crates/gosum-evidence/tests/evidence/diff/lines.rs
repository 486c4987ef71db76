use std::time::{Duration, Instant};

use gosum_evidence::diff::lines::{
    Bounds, Encoding, Excess, LineDiffs, LineEnd, LineKind, Lines, NotText, Only, TextLines, lines,
};
use gosum_evidence::diff::tree::compare;
use proptest::prelude::*;

use crate::files::{Files, Huge};

fn between(left: &[u8], right: &[u8], bounds: &Bounds) -> Lines {
    let (left, right) = (Files::new([("f", left)]), Files::new([("f", right)]));
    let diff = compare(&left, &right).unwrap();
    lines(&diff.changes[0], &left, &right, bounds).unwrap()
}

#[track_caller]
fn text(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> TextLines {
    match between(left.as_ref(), right.as_ref(), &Bounds::default()) {
        Lines::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// The hunks as a unified difference.
fn shown(text: &TextLines) -> Vec<String> {
    let mut out = Vec::new();
    for hunk in &text.hunks {
        out.push(hunk.header());
        for line in &hunk.lines {
            let end = if line.end == LineEnd::None { "$" } else { "" };
            out.push(format!("{}{}{end}", line.kind.sign(), line.text()));
        }
    }
    out
}

#[test]
fn lines_stand_in_hunks_with_their_numbers() {
    let left: String = (1..=20).map(|n| format!("{n}\n")).collect();
    let right = left.replace("\n5\n", "\nfive\n").replace("\n18\n", "\n18\n18b\n");
    let text = text(&left, &right);
    assert_eq!(
        shown(&text),
        [
            "@@ -2,7 +2,7 @@",
            " 2",
            " 3",
            " 4",
            "-5",
            "+five",
            " 6",
            " 7",
            " 8",
            "@@ -16,5 +16,6 @@",
            " 16",
            " 17",
            " 18",
            "+18b",
            " 19",
            " 20",
        ]
    );
    assert_eq!((text.removed, text.added, text.left_out), (1, 2, 0));
    assert_eq!(text.only, []);
    let added = &text.hunks[0].lines[4];
    assert_eq!((added.kind, added.left, added.right), (LineKind::Added, None, Some(5)));
    let context = &text.hunks[1].lines[4];
    assert_eq!((context.kind, context.left, context.right), (LineKind::Context, Some(19), Some(20)));
}

#[test]
fn a_file_of_one_side_is_all_lines() {
    let (left, right) = (Files::default(), Files::new([("f", "a\nb")]));
    for (left, right, expected) in
        [(&left, &right, ["@@ -0,0 +1,2 @@", "+a", "+b$"]), (&right, &left, ["@@ -1,2 +0,0 @@", "-a", "-b$"])]
    {
        let diff = compare(left, right).unwrap();
        let Lines::Text(text) = lines(&diff.changes[0], left, right, &Bounds::default()).unwrap() else {
            panic!()
        };
        assert_eq!(shown(&text), expected);
        assert_eq!((text.only, text.left.is_some()), (vec![], diff.changes[0].left.is_some()));
    }
}

#[test]
fn tells_what_a_difference_comes_down_to() {
    use Only::{Encoding, LastLineEnd, LineEnds, WhiteSpace};
    for (left, right, only, hunks) in [
        ("a\nb\n", "a\r\nb\r\n", vec![LineEnds], 0),
        ("a\nb\n", "a\r\nb\n", vec![LineEnds], 0),
        ("a\nb\n", "a\nb", vec![LastLineEnd], 1),
        ("a\r\nb", "a\nb\n", vec![LineEnds, LastLineEnd], 1),
        ("a\nb\n", "\u{feff}a\nb\n", vec![Encoding], 0),
        ("a\nb\n", "\u{feff}a\r\nb\r\n", vec![Encoding, LineEnds], 0),
        ("a b\n", "\ta  b \n", vec![WhiteSpace], 1),
        ("a\nb\n", "a\n\nb\n", vec![WhiteSpace], 1),
        ("a\n", "a\r", vec![WhiteSpace], 1),
        ("\n", "", vec![LastLineEnd], 1),
        ("a\nb\n", "a\nc\n", vec![], 1),
        ("\u{feff}a\n", "b\n", vec![], 1),
        ("a\nb\n", "a\r\nc\r\n", vec![], 1),
    ] {
        let found = text(left, right);
        assert_eq!((&found.only, found.hunks.len()), (&only, hunks), "{left:?} {right:?}");
        let back = text(right, left);
        assert_eq!((&back.only, back.hunks.len()), (&only, hunks), "{right:?} {left:?}");
    }
}

#[test]
fn other_line_ends_do_not_hide_a_change() {
    let found = text("a\nb\nc\n", "a\r\nB\r\nc\r\n");
    assert_eq!(shown(&found), ["@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]);
    let (left, right) = (found.left.unwrap(), found.right.unwrap());
    assert_eq!((left.lf, left.crlf, right.lf, right.crlf), (3, 0, 0, 3));
    let mixed = text("a\nb\r\nc\n", "a\nb\nd\n");
    assert_eq!(shown(&mixed), ["@@ -1,3 +1,3 @@", " a", "-b", "-c", "+b", "+d"]);
    assert_eq!(mixed.hunks[0].lines[1].end, LineEnd::CrLf);
}

#[test]
fn a_last_line_without_an_end_is_told() {
    assert_eq!(shown(&text("a\nb", "a\nb\n")), ["@@ -1,2 +1,2 @@", " a", "-b$", "+b"]);
    let both = text("x\nb", "y\nb");
    assert_eq!(shown(&both), ["@@ -1,2 +1,2 @@", "-x", "+y", " b$"]);
    assert!(!both.left.unwrap().is_ended && text("x\n", "").right.unwrap().is_ended);
}

#[test]
fn utf16_is_read_where_a_mark_says_so() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let little = utf16("gr\u{fc}n\n\u{1f600}\n", u16::to_le_bytes);
    let found = text(&little, utf16("gr\u{fc}n\nb\n", u16::to_be_bytes));
    assert_eq!(shown(&found), ["@@ -1,2 +1,2 @@", " gr\u{fc}n", "-\u{1f600}", "+b"]);
    assert_eq!(found.left.unwrap().encoding, Encoding::Utf16Le);
    assert_eq!(found.right.unwrap().encoding, Encoding::Utf16Be);
    assert_eq!(text(&little, "gr\u{fc}n\n\u{1f600}\n").only, [Only::Encoding]);

    let bounds = Bounds::default();
    let plain: &[u8] = b"a\n";
    assert_eq!(between(b"\xff\xfea", plain, &bounds), Lines::Binary(NotText::BrokenUtf16), "half a unit");
    assert_eq!(between(b"\xff\xfe\x00\xd8", plain, &bounds), Lines::Binary(NotText::BrokenUtf16));
    assert_eq!(between(b"\xfe\xff\x00\x00", plain, &bounds), Lines::Binary(NotText::Nul));
    assert_eq!(between(&little[2..], plain, &bounds), Lines::Binary(NotText::Nul), "without a mark");
}

#[test]
fn bytes_that_are_not_utf8_are_text_where_the_rest_is() {
    let found = text(b"gr\xfcn\nb\n", b"gr\xfcn\nb\xff\n");
    assert_eq!(shown(&found), ["@@ -1,2 +1,2 @@", " gr\\xfcn", "-b", "+b\\xff"]);
    assert_eq!(found.hunks[0].lines[0].bytes.as_bytes(), b"gr\xfcn", "the bytes are kept");
    assert_eq!(found.left.unwrap().encoding, Encoding::Unknown);
    let koi8: Vec<u8> = (0..200).map(|n| if n % 20 == 0 { b'\n' } else { 0xc0 + n % 31 }).collect();
    assert_eq!(text(koi8, "x").left.unwrap().encoding, Encoding::Unknown);

    let bounds = Bounds::default();
    let noise: Vec<u8> = (1..=255).chain(1..=255).collect();
    assert_eq!(between(&noise, b"a\n", &bounds), Lines::Binary(NotText::Bytes));
    assert_eq!(between(b"a\n", b"a\0\n", &bounds), Lines::Binary(NotText::Nul));
    assert_eq!(shown(&text("\x1b[31ma", "\u{202e}b")), ["@@ -1 +1 @@", "-\x1b[31ma$", "+\u{202e}b$"]);
}

#[test]
fn of_a_long_line_the_part_that_differs_is_kept() {
    let line = |n: usize| -> String { format!("{}{}{}\n", "\u{e4}".repeat(n), "X", "y".repeat(1 << 20)) };
    let found = text(line(300_000), line(300_001));
    for line in &found.hunks[0].lines {
        let bytes = line.bytes.as_bytes();
        assert!((997..=1_003).contains(&bytes.len()), "{}", bytes.len());
        assert!(line.text().contains('X') && str::from_utf8(bytes).is_ok());
        let whole = line.cut_before + bytes.len() + line.cut_after;
        assert_eq!(whole, 600_001 + (1 << 20) + if line.kind == LineKind::Added { 2 } else { 0 });
    }
    let short = Bounds { line_bytes: 2, ..Bounds::default() };
    let Lines::Text(found) = between(b"abc\xff\xff\xff\xff\xff\xff", b"", &short) else { panic!() };
    let line = &found.hunks[0].lines[0];
    assert_eq!((line.bytes.as_bytes(), line.cut_before, line.cut_after), (&b"ab"[..], 0, 7));
    let none = Bounds { line_bytes: 0, ..Bounds::default() };
    let Lines::Text(found) = between("\u{e4}\u{f6}".as_bytes(), b"", &none) else { panic!() };
    assert_eq!(found.hunks[0].lines[0].cut_after, 4);
}

#[test]
fn each_bound_is_told() {
    let bounds = Bounds { file_bytes: 10, file_lines: 4, shown_lines: 3, ..Bounds::default() };
    let excess = |left: &[u8], right: &[u8]| match between(left, right, &bounds) {
        Lines::TooLarge(excess) => excess.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(excess(b"1", b"12345678901"), "11 bytes, more than the 10 of the bound");
    assert_eq!(excess(b"\n\n\n\n\n", b""), "5 lines, more than the 4 of the bound");
    let Lines::Text(text) = between(b"a\nb\n", b"c\nd\n", &bounds) else { panic!() };
    assert_eq!(shown(&text), ["@@ -1,2 +1,2 @@", "-a", "-b", "+c"]);
    assert_eq!((text.removed, text.added, text.left_out), (2, 2, 1));

    let (left, right) = (
        Huge { name: "huge", size: 200 << 20, last: b'x' },
        Huge { name: "huge", size: 200 << 20, last: b'y' },
    );
    let diff = compare(&left, &right).unwrap();
    assert_eq!(
        lines(&diff.changes[0], &left, &right, &Bounds::default()).unwrap(),
        Lines::TooLarge(Excess::FileBytes { bytes: 200 << 20, max: 8 << 20 })
    );
}

#[test]
fn one_bound_holds_for_all_files() {
    let files = |content: &str| Files::new((0..10).map(|n| (format!("{n}"), content.to_owned())));
    let (left, right) = (files("1\n"), files("2\n"));
    let diff = compare(&left, &right).unwrap();
    // 4 bytes and two lines each
    let bounds = Bounds { total_bytes: 3 * 132 + 100, ..Bounds::default() };
    let mut diffs = LineDiffs::new(&left, &right, bounds);
    let texts = diff.changes.iter().filter(|change| match diffs.lines(change).unwrap() {
        Lines::Text(_) => true,
        Lines::TooLarge(Excess::Total { .. }) => false,
        other => panic!("{other:?}"),
    });
    assert_eq!(texts.count(), 3);
}

#[test]
fn a_deadline_that_has_passed_is_told() {
    let bounds = Bounds { deadline: Some(Instant::now()), ..Bounds::default() };
    assert_eq!(between(b"a", b"b", &bounds), Lines::OutOfTime);
    // one that passes on the way
    let noise = |seed: u64| -> String {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % 50
        };
        (0..60_000).map(|_| format!("{}\n", next())).collect()
    };
    let deadline = Instant::now() + Duration::from_millis(5);
    let bounds = Bounds { deadline: Some(deadline), ..Bounds::default() };
    assert_eq!(between(noise(1).as_bytes(), noise(2).as_bytes(), &bounds), Lines::OutOfTime);
    assert!(deadline.elapsed() < Duration::from_secs(5));
}

#[test]
fn nothing_differs_in_a_renamed_file() {
    let (left, right) = (Files::new([("a", "1"), ("d/", "")]), Files::new([("b", "1")]));
    let diff = compare(&left, &right).unwrap();
    assert_eq!(diff.changes.len(), 2);
    for change in &diff.changes {
        assert_eq!(lines(change, &left, &right, &Bounds::default()).unwrap(), Lines::Same);
    }
}

#[test]
fn a_file_that_changes_meanwhile_is_an_error() {
    let (left, right) = (Files::new([("a", "1")]), Files::new([("a", "2")]));
    let diff = compare(&left, &right).unwrap();
    let error =
        |right: &Files| lines(&diff.changes[0], &left, right, &Bounds::default()).unwrap_err().to_string();
    for later in ["3", "22", ""] {
        let later = Files::new([("a", later)]);
        assert_eq!(error(&later), r#""a" of the right copy changed while it was compared"#);
    }
    assert_eq!(error(&Files::default()), r#"cannot read "a" of the right copy"#);
}

/// Returns what the hunks make of `left`.
fn apply(left: &str, text: &TextLines) -> String {
    let lines: Vec<&str> = left.split_inclusive('\n').collect();
    let (mut out, mut next) = (String::new(), 0);
    for hunk in &text.hunks {
        out.extend(lines[next..hunk.left.start].iter().copied());
        next = hunk.left.end;
        let mut numbers = (hunk.left.start, hunk.right.start);
        for line in &hunk.lines {
            let (on_left, on_right) = (line.kind != LineKind::Added, line.kind != LineKind::Removed);
            numbers = (numbers.0 + usize::from(on_left), numbers.1 + usize::from(on_right));
            assert_eq!(
                (line.left, line.right),
                (on_left.then_some(numbers.0), on_right.then_some(numbers.1))
            );
            if on_right {
                out.push_str(&line.text());
                out.push_str(match line.end {
                    LineEnd::Lf => "\n",
                    LineEnd::CrLf => "\r\n",
                    LineEnd::None => "",
                });
            }
        }
        assert_eq!(numbers, (hunk.left.end, hunk.right.end));
    }
    out.extend(lines[next..].iter().copied());
    out
}

fn lines_of(letters: &'static str) -> impl Strategy<Value = String> {
    proptest::string::string_regex(letters).unwrap()
}

proptest! {
    #[test]
    fn hunks_applied_to_the_left_give_the_right(
        left in lines_of("([ab]\n){0,30}[ab]?"),
        right in lines_of("([ab]\n){0,30}[ab]?"),
        context in 0usize..4,
    ) {
        prop_assume!(left != right);
        let bounds = Bounds { context, ..Bounds::default() };
        let found = between(left.as_bytes(), right.as_bytes(), &bounds);
        prop_assert_eq!(&found, &between(left.as_bytes(), right.as_bytes(), &bounds));
        let Lines::Text(text) = found else { panic!() };
        prop_assert_eq!(apply(&left, &text), right);
    }

    #[test]
    fn any_bytes_are_told(left in any::<Vec<u8>>(), right in any::<Vec<u8>>(), line_bytes in 0usize..9) {
        prop_assume!(left != right);
        let bounds = Bounds { line_bytes, ..Bounds::default() };
        match between(&left, &right, &bounds) {
            Lines::Text(text) => prop_assert!(!text.hunks.is_empty() || !text.only.is_empty()),
            Lines::Binary(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
