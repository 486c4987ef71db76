//! The lists of patterns in GOPRIVATE and its like (spec 04 §4).
//!
//! A list is separated by commas. A pattern matches the start of a path, element by element: `*` and `?` stay within an
//! element, `[a-z]` and `[^a-z]` stand for one character, `\` takes the next character as it is.

use super::unicode::decode;

/// A list of patterns for module paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Returns the list that `list` spells. As in Go, an empty or malformed pattern matches nothing, and blanks count.
    pub fn parse(list: impl AsRef<[u8]>) -> Patterns {
        let patterns = list.as_ref().split(|&byte| byte == b',');
        let patterns = patterns.map(|pattern| pattern.strip_suffix(b"/").unwrap_or(pattern));
        Patterns(patterns.filter(|pattern| !pattern.is_empty()).filter_map(Pattern::parse).collect())
    }

    /// Returns the patterns of this list, and those that `list` spells.
    #[must_use]
    pub fn and(mut self, list: impl AsRef<[u8]>) -> Patterns {
        self.0.extend(Patterns::parse(list).0);
        self
    }

    /// Returns whether a pattern of the list matches `path` or what stands before one of its slashes.
    pub fn matches(&self, path: impl AsRef<[u8]>) -> bool {
        let path = path.as_ref();
        self.0.iter().any(|pattern| {
            first_elements(path, pattern.slashes + 1).is_some_and(|path| pattern.matches(path))
        })
    }
}

/// Returns the first `count` elements of `path`, or nothing if it has fewer.
pub(crate) fn first_elements(path: &[u8], count: usize) -> Option<&[u8]> {
    let mut ends = (0..path.len()).filter(|&at| path[at] == b'/').chain([path.len()]);
    ends.nth(count - 1).map(|end| &path[..end])
}

/// One pattern, as Go's `path.Match` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// How many slashes are in it.
    pub(crate) slashes: usize,
    runs: Vec<Run>,
}

/// What stands between two stars.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    /// Whether a star stands before.
    star: bool,
    /// Empty only past a star that ends the pattern.
    items: Vec<Item>,
}

/// What stands for one byte or character.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Byte(u8),
    Any,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Returns the pattern that `text` spells, unless it is malformed.
    pub(crate) fn parse(text: &[u8]) -> Option<Pattern> {
        let slashes = text.iter().filter(|&&byte| byte == b'/').count();
        let mut runs: Vec<Run> = Vec::new();
        let mut rest = text;
        while let [byte, after @ ..] = rest {
            rest = after;
            let item = match byte {
                b'*' => {
                    if runs.last().is_none_or(|run| !run.items.is_empty()) {
                        runs.push(Run { star: true, items: Vec::new() });
                    }
                    continue;
                }
                b'?' => Item::Any,
                b'[' => {
                    let (class, after) = class(rest)?;
                    rest = after;
                    class
                }
                b'\\' => {
                    let (&byte, after) = rest.split_first()?;
                    rest = after;
                    Item::Byte(byte)
                }
                _ => Item::Byte(*byte),
            };
            match runs.last_mut() {
                Some(run) => run.items.push(item),
                None => runs.push(Run { star: false, items: vec![item] }),
            }
        }
        Some(Pattern { slashes, runs })
    }

    /// Returns whether the whole of `name` is of the form.
    ///
    /// Like Go, gives each run the first place where it fits and never tries another.
    pub(crate) fn matches(&self, mut name: &[u8]) -> bool {
        for (index, run) in self.runs.iter().enumerate() {
            let last = index + 1 == self.runs.len();
            if run.items.is_empty() {
                return !name.contains(&b'/');
            }
            let reach = name.iter().take_while(|&&byte| run.star && byte != b'/').count();
            let mut fits = (0..=reach).filter_map(|skip| run.strip(&name[skip..]));
            match fits.find(|rest| rest.is_empty() || !last) {
                Some(rest) => name = rest,
                None => return false,
            }
        }
        name.is_empty()
    }
}

/// Reads a class past its `[`, and returns it with what follows its `]`.
fn class(text: &[u8]) -> Option<(Item, &[u8])> {
    let (negated, mut rest) = match text {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut ranges = Vec::new();
    loop {
        match rest {
            [b']', after @ ..] if !ranges.is_empty() => {
                return Some((Item::Class { negated, ranges }, after));
            }
            _ => {
                let (low, after) = class_char(rest)?;
                let (high, after) = match after {
                    [b'-', after @ ..] => class_char(after)?,
                    _ => (low, after),
                };
                ranges.push((low, high));
                rest = after;
            }
        }
    }
}

fn class_char(text: &[u8]) -> Option<(char, &[u8])> {
    let text = match text {
        [b'-' | b']', ..] => return None,
        [b'\\', text @ ..] => text,
        text => text,
    };
    match decode(text) {
        (char::REPLACEMENT_CHARACTER, 0 | 1) => None,
        (c, width) => Some((c, &text[width..])),
    }
}

impl Run {
    /// Returns what follows this run at the start of `text`, if it stands there.
    fn strip<'a>(&self, mut text: &'a [u8]) -> Option<&'a [u8]> {
        for item in &self.items {
            let &first = text.first()?;
            let (fits, width) = match item {
                Item::Byte(byte) => (*byte == first, 1),
                Item::Any => (first != b'/', decode(text).1),
                Item::Class { negated, ranges } => {
                    let (c, width) = decode(text);
                    (ranges.iter().any(|&(low, high)| low <= c && c <= high) != *negated, width)
                }
            };
            if !fits {
                return None;
            }
            text = &text[width..];
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_leading_elements() {
        let patterns = Patterns::parse("*.corp.example.com,git.example.com/team/");
        for path in ["git.corp.example.com/x/y", "git.corp.example.com", "git.example.com/team/x"] {
            assert!(patterns.matches(path), "{path}");
        }
        for path in
            ["corp.example.com/x", "git.example.com", "git.example.com/teams", "", "x/git.example.com/team"]
        {
            assert!(!patterns.matches(path), "{path}");
        }
    }

    #[test]
    fn blanks_count_and_malformed_patterns_match_nothing() {
        assert!(!Patterns::parse("a.b, c.d").matches("c.d/x"));
        assert!(Patterns::parse("[,a\\,[]a],[a-],[-a],[a-z,[\\,a.b").matches("a.b/x"));
        for list in ["", ",", "/", "a[", "[]a]", "[^]", "[a-]b", "a\\"] {
            for path in ["a", "a[", "]", "b", "", "a-", "a\\"] {
                assert!(!Patterns::parse(list).matches(path), "{list} {path}");
            }
        }
    }

    #[test]
    fn takes_first_place_where_a_run_fits() {
        for (pattern, path, matches) in [
            ("**", "a", true),
            ("*a*", "bab", true),
            ("a*b", "a/b", false),
            ("*ab", "aab", true),
            ("[^a]*", "b", true),
            ("?", "é", true),
            ("[é-ü]", "ö", true),
            ("\\*", "a", false),
            ("\\*", "*", true),
            ("a*", "a", true),
        ] {
            assert_eq!(Patterns::parse(pattern).matches(path), matches, "{pattern} {path}");
        }
    }

    proptest! {
        #[test]
        fn escaped_text_matches_itself_alone(text in "[a-z*?\\[\\]^-]{1,8}", other in "[a-z*?\\[\\]^-]{1,8}") {
            let pattern: String = text.chars().flat_map(|c| ['\\', c]).collect();
            prop_assert!(Patterns::parse(&pattern).matches(&text));
            prop_assert_eq!(Patterns::parse(&pattern).matches(&other), text == other);
        }
    }
}
