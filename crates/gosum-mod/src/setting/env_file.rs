//! The files that hold settings between runs: what `go env -w` writes, and a toolchain's go.env (spec 04 §5).

use std::collections::BTreeMap;

/// Returns the settings in the text of such a file: `KEY=value` a line, nothing trimmed and nothing quoted, the last of
/// one key counts. Lines that do not start with `A` to `Z` or have no `=` say nothing.
pub fn parse(text: &str) -> BTreeMap<&str, &str> {
    text.split('\n')
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(|line| line.split_once('='))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_key_counts_and_nothing_is_trimmed() {
        let settings = parse(
            "# GOPROXY=no\nGOPROXY=a.example\n GOPROXY=no\nGOPRIVATE= x \nGOPROXY=b=c\nnone=1\nGOFLAGS\n",
        );
        assert_eq!(settings, BTreeMap::from([("GOPROXY", "b=c"), ("GOPRIVATE", " x ")]));
    }
}
