//! Where in a file build constraints stand.

use super::ConstraintError;
use super::expr::{self, Expr};
use crate::file::space::trim;

/// Returns the constraints in a file: those of its `//go:build` line, or else of its `// +build` lines, all of which
/// must hold.
///
/// Both stand before anything but comments. A `// +build` line counts only where a blank line follows somewhere before
/// anything but `//` comments; a `//go:build` line counts up to the first code.
pub(super) fn constraints(text: &[u8]) -> Result<Vec<Expr>, ConstraintError> {
    let header = read(text)?;
    if let Some(line) = header.go_build {
        return Ok(vec![expr::parse(line)?]);
    }
    let lines = header.old.split(|&byte| byte == b'\n');
    Ok(lines.filter_map(expr::plus_build).filter_map(expr::parse_old).collect())
}

struct Header<'a> {
    go_build: Option<&'a [u8]>,
    /// Where `// +build` lines count.
    old: &'a [u8],
}

fn read(text: &[u8]) -> Result<Header<'_>, ConstraintError> {
    let mut header = Header { go_build: None, old: b"" };
    let (mut end, mut ended, mut in_block) = (0, false, false);
    for whole in text.split_inclusive(|&byte| byte == b'\n') {
        end += whole.len();
        let line = trim(whole);
        if line.is_empty() && !ended {
            header.old = &text[..end];
            continue;
        }
        ended |= !line.starts_with(b"//");
        if let Some(constraint) = expr::go_build(line).filter(|_| !in_block)
            && header.go_build.replace(constraint).is_some()
        {
            return Err(ConstraintError::Two);
        }
        if has_code(line, &mut in_block) {
            break;
        }
    }
    Ok(header)
}

/// Returns whether there is anything but comments in a line, and tells whether one goes on after it.
fn has_code(mut line: &[u8], in_block: &mut bool) -> bool {
    loop {
        if *in_block {
            let Some(close) = line.windows(2).position(|pair| pair == b"*/") else { return false };
            *in_block = false;
            line = trim(&line[close + 2..]);
        }
        match line {
            [] | [b'/', b'/', ..] => return false,
            [b'/', b'*', rest @ ..] => {
                *in_block = true;
                line = trim(rest);
            }
            _ => return true,
        }
    }
}

/// Returns what go reads of a file that is not Go for its constraints: all before the first byte that is neither space
/// nor in a comment. Nothing where it stumbles over a NUL byte, a lone slash or an open comment; then no constraint
/// counts.
pub(super) fn before_code(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut at = 0;
    loop {
        let rest = &text[at..];
        at += match rest {
            [] => break,
            [b' ' | b'\x0c' | b'\t' | b'\r' | b'\n' | b';', ..] => 1,
            [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', comment @ ..] => comment.windows(2).position(|pair| pair == b"*/")? + 4,
            [0 | b'/', ..] => return None,
            _ => break,
        };
    }
    let read = &text[..at];
    (!read.contains(&0)).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match constraints(text.as_bytes()) {
            Ok(list) => format!("{list:?}").replace("Tag(\"", "").replace("\")", ""),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn finds_constraints_where_they_count() {
        for (text, found) in [
            ("package p", "[]"),
            ("//go:build a\npackage p", "[a]"),
            ("// x\n\n//go:build a\n// +build b\n\npackage p", "[a]"),
            ("/* x */ //go:build a\n", "[]"),
            ("/* x\n*/\n//go:build a\npackage p", "[a]"),
            ("/*\n//go:build a\n*/\npackage p", "[]"),
            ("/* x */ package p\n//go:build a\n", "[]"),
            ("package p\n//go:build a\n", "[]"),
            ("//go:build a", "[a]"),
            ("// +build a\npackage p", "[]"),
            ("// +build a\n\npackage p", "[a]"),
            ("// +build a\n//\n\n// +build b\n\npackage p", "[a, b]"),
            ("// +build a\n\n// +build b\npackage p", "[a]"),
            ("// +build a\n\n/* x */\n// +build b\n\npackage p", "[a]"),
            ("// +build a", "[]"),
            ("// +build a\n  \t\npackage p", "[a]"),
            ("\n// +build a\r\n\r\npackage p", "[a]"),
        ] {
            assert_eq!(shown(text), found, "{text:?}");
        }
        assert_eq!(constraints(b"//go:build a\n//go:build a\n"), Err(ConstraintError::Two));
    }

    #[test]
    fn reads_other_files_up_to_their_code() {
        for (text, read) in [
            ("// a\nint x;", Some("// a\n")),
            ("// a\n  #include", Some("// a\n  ")),
            ("/* a */;// b\nint", Some("/* a */;// b\n")),
            ("\u{feff}// a", Some("// a")),
            ("", Some("")),
            ("/ a", None),
            ("/* a", None),
            ("// a\0\nint", None),
        ] {
            assert_eq!(before_code(text.as_bytes()), read.map(str::as_bytes), "{text:?}");
        }
    }
}
