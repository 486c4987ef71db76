//! The files that hold settings between runs: what `go env -w` writes, and a toolchain's go.env (spec 04 §5).

use std::collections::BTreeMap;

/// A line of such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'t> {
    /// `KEY=value`, nothing trimmed and nothing quoted.
    Setting(&'t str, &'t str),
    /// Nothing, or a comment.
    Blank,
    /// What Go passes over without a word.
    Other(&'t str),
}

/// Returns the lines in the text of such a file. Those that do not start with `A` to `Z` or have no `=` say nothing.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.split('\n').map(|line| match line.split_once('=') {
        Some((key, value)) if key.starts_with(|first: char| first.is_ascii_uppercase()) => {
            Line::Setting(key, value)
        }
        _ if line.trim().is_empty() || line.starts_with('#') => Line::Blank,
        _ => Line::Other(line),
    })
}

/// Returns the settings in the text of such a file: the last of one key counts.
pub fn parse(text: &str) -> BTreeMap<&str, &str> {
    let setting = |line| match line {
        Line::Setting(key, value) => Some((key, value)),
        Line::Blank | Line::Other(_) => None,
    };
    lines(text).filter_map(setting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_key_counts_and_nothing_is_trimmed() {
        let settings = parse(
            "# GOPROXY=no\nGOPROXY=a.example\n GOPROXY=no\nGOPRIVATE= x \nGOPROXY=b=c\nnone=1\nGOFLAGS\n=x\n",
        );
        assert_eq!(settings, BTreeMap::from([("GOPROXY", "b=c"), ("GOPRIVATE", " x ")]));
    }

    #[test]
    fn what_is_passed_over_is_told_from_comments() {
        let lines: Vec<Line> = lines("# A=b\n \r\nA=b\r\n A=b\nGOFLAGS\n\u{feff}A=b\n").collect();
        let expected = [
            Line::Blank,
            Line::Blank,
            Line::Setting("A", "b\r"),
            Line::Other(" A=b"),
            Line::Other("GOFLAGS"),
            Line::Other("\u{feff}A=b"),
            Line::Blank,
        ];
        assert_eq!(lines, expected);
    }
}
