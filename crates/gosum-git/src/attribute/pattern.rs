//! Patterns of `.gitattributes` files, matched as git matches them.
//!
//! ```text
//! pattern = one without a slash, for the last element of a path | one with, for a path below the file's own folder
//! ?       = a byte that is no slash      *  = any that are no slashes      \x = x
//! **      = anything, between slashes or the ends of the pattern; anywhere else the same as *
//! **/     = anything up to a slash, or nothing
//! [...]   = a byte of a set, no slash: ranges, [:class:], \x, and ! or ^ in front for all others
//! ```
//!
//! Git compares what stands before the first of `*?[\` apart, so that a `**` right behind it is at the start of a
//! pattern, whatever stands before it. No pattern takes more time than its length times that of the path.

use std::ops::RangeInclusive;

/// The pattern of a line, for files alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// The last element is this.
    Name(Vec<u8>),
    /// The last element ends so.
    Ending(Vec<u8>),
    /// The last element matches this.
    NameGlob(Glob),
    /// The path is this.
    Path(Vec<u8>),
    /// The path begins so, and the rest of it matches this.
    PathGlob(Vec<u8>, Glob),
}

impl Pattern {
    /// Returns what `text` matches; nothing when that is no file: a folder, or nothing at all.
    pub(super) fn parse(text: &[u8]) -> Option<Pattern> {
        if text.ends_with(b"/") {
            return None;
        }
        let literal = text.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(text.len());
        let is_literal = literal == text.len();
        if !text.contains(&b'/') {
            let ending = text.strip_prefix(b"*").filter(|rest| !rest.iter().any(|b| b"*?[\\".contains(b)));
            return Some(match ending {
                _ if is_literal => Pattern::Name(text.to_vec()),
                Some(ending) => Pattern::Ending(ending.to_vec()),
                None => Pattern::NameGlob(Glob::parse(text)?),
            });
        }
        let prefix = text[..literal].strip_prefix(b"/").unwrap_or(&text[..literal]).to_vec();
        Some(match is_literal {
            true => Pattern::Path(prefix),
            false => Pattern::PathGlob(prefix, Glob::parse(&text[literal..])?),
        })
    }

    /// Returns whether the file at `path`, below the folder of the pattern, is meant; `name` is its last element. Each
    /// byte that is looked at is counted in `steps`.
    pub(super) fn matches(&self, path: &[u8], name: &[u8], steps: &mut u64) -> bool {
        *steps += 1;
        match self {
            Pattern::Name(text) => text == name,
            Pattern::Ending(ending) => name.ends_with(ending),
            Pattern::NameGlob(glob) => glob.matches(name, steps),
            Pattern::Path(text) => text == path,
            Pattern::PathGlob(prefix, glob) => {
                path.strip_prefix(&prefix[..]).is_some_and(|rest| glob.matches(rest, steps))
            }
        }
    }
}

/// A pattern with wildcards, as the states of a machine that reads a text once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Byte(u8),
    /// A byte that is no slash.
    Any,
    /// A byte of a set.
    Set(Box<Set>),
    /// Any bytes that are no slashes.
    Star,
    /// Any bytes.
    Everything,
    /// Either what follows, or what stands behind so many tokens.
    Option(usize),
}

impl Glob {
    /// Returns what `pattern` matches; nothing when it is malformed.
    fn parse(pattern: &[u8]) -> Option<Glob> {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&byte) = pattern.get(at) {
            at += 1;
            match byte {
                b'\\' => {
                    tokens.push(Token::Byte(*pattern.get(at)?));
                    at += 1;
                }
                b'?' => tokens.push(Token::Any),
                b'[' => tokens.push(Token::Set(Box::new(Set::parse(pattern, &mut at)?))),
                b'*' => {
                    let start = at - 1;
                    at += pattern[at..].iter().take_while(|byte| **byte == b'*').count();
                    let rest = &pattern[at..];
                    let is_apart = (start == 0 || pattern[start - 1] == b'/')
                        && (rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/"));
                    if at - start == 1 || !is_apart {
                        tokens.push(Token::Star);
                    } else if rest.starts_with(b"/") {
                        tokens.extend([Token::Option(2), Token::Everything, Token::Byte(b'/')]);
                        at += 1;
                    } else {
                        tokens.push(Token::Everything);
                    }
                }
                byte => tokens.push(Token::Byte(byte)),
            }
        }
        Some(Glob(tokens))
    }

    fn matches(&self, text: &[u8], steps: &mut u64) -> bool {
        let tokens = &self.0;
        let mut states = vec![false; tokens.len() + 1];
        states[0] = true;
        self.settle(&mut states);
        let mut next = vec![false; states.len()];
        for &byte in text {
            *steps += states.len() as u64;
            next.fill(false);
            for (at, token) in tokens.iter().enumerate().filter(|(at, _)| states[*at]) {
                match token {
                    Token::Byte(wanted) => next[at + 1] |= *wanted == byte,
                    Token::Any => next[at + 1] |= byte != b'/',
                    Token::Set(set) => next[at + 1] |= set.has(byte),
                    Token::Star => next[at] |= byte != b'/',
                    Token::Everything => next[at] = true,
                    Token::Option(_) => {}
                }
            }
            self.settle(&mut next);
            std::mem::swap(&mut states, &mut next);
            if !states.contains(&true) {
                return false;
            }
        }
        states[tokens.len()]
    }

    /// Adds the states that are reached without reading anything.
    fn settle(&self, states: &mut [bool]) {
        for (at, token) in self.0.iter().enumerate() {
            match token {
                Token::Star | Token::Everything => states[at + 1] |= states[at],
                Token::Option(length) => {
                    states[at + 1] |= states[at];
                    states[at + 1 + length] |= states[at];
                }
                _ => {}
            }
        }
    }
}

/// A set of bytes, as a bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Set {
    bits: [u64; 4],
    /// Whether all others are meant.
    negated: bool,
}

impl Set {
    /// Reads a set, whose bracket has been read, up to behind the bracket that ends it. The first byte ends nothing.
    fn parse(pattern: &[u8], at: &mut usize) -> Option<Set> {
        let negated = pattern.get(*at).is_some_and(|byte| matches!(byte, b'!' | b'^'));
        let mut set = Set { negated, ..Set::default() };
        *at += usize::from(negated);
        let mut last = None;
        let start = *at;
        loop {
            let byte = *pattern.get(*at)?;
            let following = pattern.get(*at + 1);
            match (byte, last, following) {
                (b']', ..) if *at > start => break,
                (b'-', Some(from), Some(to)) if *to != b']' => {
                    *at += 1;
                    let to = if *to == b'\\' { Set::escaped(pattern, at)? } else { *to };
                    set.add(from..=to);
                    last = None;
                }
                (b'\\', ..) => {
                    let byte = Set::escaped(pattern, at)?;
                    set.add(byte..=byte);
                    last = Some(byte);
                }
                (b'[', _, Some(b':')) => {
                    // up to the next bracket, whatever stands before it
                    let text = &pattern[*at + 2..];
                    let text = &text[..text.iter().position(|byte| *byte == b']')?];
                    if let Some(name) = text.strip_suffix(b":") {
                        set.add_class(name)?;
                        *at += 2 + text.len();
                        last = None;
                    } else {
                        set.add(b'['..=b'[');
                        last = Some(b'[');
                    }
                }
                (byte, ..) => {
                    set.add(byte..=byte);
                    last = Some(byte);
                }
            }
            *at += 1;
        }
        *at += 1;
        Some(set)
    }

    /// Returns the byte behind a backslash, and goes to it.
    fn escaped(pattern: &[u8], at: &mut usize) -> Option<u8> {
        *at += 1;
        pattern.get(*at).copied()
    }

    fn add(&mut self, bytes: RangeInclusive<u8>) {
        for byte in bytes {
            self.bits[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    fn add_class(&mut self, name: &[u8]) -> Option<()> {
        let is_in: fn(&u8) -> bool = match name {
            b"alnum" => u8::is_ascii_alphanumeric,
            b"alpha" => u8::is_ascii_alphabetic,
            b"blank" => |byte| matches!(byte, b' ' | b'\t'),
            b"cntrl" => u8::is_ascii_control,
            b"digit" => u8::is_ascii_digit,
            b"graph" => u8::is_ascii_graphic,
            b"lower" => u8::is_ascii_lowercase,
            b"print" => |byte| matches!(byte, b' '..=b'~'),
            b"punct" => u8::is_ascii_punctuation,
            b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
            b"upper" => u8::is_ascii_uppercase,
            b"xdigit" => u8::is_ascii_hexdigit,
            _ => return None,
        };
        (0..=u8::MAX).filter(is_in).for_each(|byte| self.add(byte..=byte));
        Some(())
    }

    /// Returns whether the set has `byte`; no set has a slash.
    fn has(&self, byte: u8) -> bool {
        let found = self.bits[usize::from(byte >> 6)] & 1 << (byte & 63) != 0;
        found != self.negated && byte != b'/'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap();
        let pattern = Pattern::parse(pattern.as_bytes());
        pattern.is_some_and(|pattern| pattern.matches(path.as_bytes(), name.as_bytes(), &mut 0))
    }

    #[test]
    fn names_match_in_any_folder_and_paths_from_their_own() {
        for (pattern, yes, no) in [
            ("a.txt", &["a.txt", "d/a.txt"][..], &["b/a.txt.c", "a.txt/b"][..]),
            ("*.txt", &[".txt", "d/a.txt"], &["a.txt/b", "a.txtx"]),
            ("*", &["a", "a/b"], &[]),
            ("/a", &["a"], &["d/a", "a/b"]),
            ("d/a", &["d/a"], &["x/d/a"]),
            ("/*", &["a"], &["a/b"]),
            ("d/*", &["d/a"], &["d/a/b"]),
            ("a?c", &["abc", "x/abc"], &["ac", "a/c"]),
            ("d/?/c", &["d/x/c"], &["d//c"]),
            ("a/", &[], &["a", "a/b"]),
            (r"\*", &["*"], &["a"]),
            (r"a\", &[], &["a", r"a\"]),
        ] {
            yes.iter().for_each(|path| assert!(matches(pattern, path), "{pattern} {path}"));
            no.iter().for_each(|path| assert!(!matches(pattern, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn two_stars_cross_slashes_only_between_slashes_and_ends() {
        for (pattern, yes, no) in [
            ("**/a", &["a", "x/a", "x/y/a"][..], &["xa"][..]),
            ("d/**", &["d/a", "d/x/y"], &["d", "da"]),
            ("d/**/a", &["d/a", "d/x/a", "d/x/y/a"], &["da", "d/xa"]),
            ("*/**a", &["d/xa"], &["d/x/a"]),
            ("?/x**", &["d/x", "d/xa"], &["d/x/y", "d/xa/y"]),
            // behind the letters before the first wildcard, a pattern begins anew
            ("/x**", &["x", "xa", "x/y", "xa/y/z"], &["y"]),
            ("d/x**/b", &["d/xb", "d/xa/b", "d/x/b", "d/xa/y/b"], &["d/b"]),
            ("d/x**b", &["d/xb", "d/xab"], &["d/x/b"]),
        ] {
            yes.iter().for_each(|path| assert!(matches(pattern, path), "{pattern} {path}"));
            no.iter().for_each(|path| assert!(!matches(pattern, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn sets_have_ranges_classes_and_their_opposites() {
        for (pattern, yes, no) in [
            ("[ab]", "ab", "c]"),
            ("[!ab]", "c]-", "ab"),
            ("[^a-c]", "d", "abc"),
            ("[]a]", "]a", "b"),
            ("[a-]", "a-", "b"),
            ("[]-a]", "]^_`a", "b-"),
            ("[--0]", "-.0", "1,"),
            ("[[:digit:]x]", "5x", "a:"),
            (r"[\]]", "]", r"\"),
            (r"[a\-c]", "a-c", "b"),
            ("[[:a]", "[:a", "]"),
            ("[[:space:]]", " \t\r", "\u{b}\u{c}"),
        ] {
            yes.chars().for_each(|c| assert!(matches(pattern, &c.to_string()), "{pattern} {c}"));
            no.chars().for_each(|c| assert!(!matches(pattern, &c.to_string()), "{pattern} {c}"));
        }
        for pattern in ["[a", "[", "[!", "[]", "[[:foo:]]", r"[\", "[a-", "[[:digit:]"] {
            assert_eq!(Pattern::parse(pattern.as_bytes()), None, "{pattern}");
        }
        assert!(!matches("d[/]a", "d/a") && !matches("d[!x]a", "d/a"));
    }

    #[test]
    fn no_pattern_takes_long() {
        let path = "a".repeat(4000);
        let mut steps = 0;
        for pattern in ["*a*a*a*a*a*a*a*a*a*a*b".to_owned(), "**/".repeat(600) + "b"] {
            let pattern = Pattern::parse(pattern.as_bytes()).unwrap();
            assert!(!pattern.matches(path.as_bytes(), path.as_bytes(), &mut steps));
        }
        assert!(steps < 10_000_000, "{steps}");
    }
    /// Returns a text of up to `max` pieces out of `pieces`, by dice that fall the same for the same seed.
    fn random(seed: &mut u64, pieces: &[&str], max: u64) -> String {
        let mut roll = |sides: u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) % sides
        };
        let count = 1 + roll(max);
        (0..count).map(|_| pieces[roll(pieces.len() as u64) as usize]).collect()
    }

    #[test]
    #[ignore = "needs git"]
    fn random_patterns_match_what_git_says() {
        use std::io::Write;
        use std::process::{Command, Stdio};

        const PARTS: [&str; 24] = [
            "a",
            "a",
            "b",
            "ab",
            ".",
            "-",
            "/",
            "/",
            "/",
            "*",
            "*",
            "**",
            "**/",
            "/**",
            "***",
            "?",
            "[ab]",
            "[!a]",
            "[^/]",
            "[a-c]",
            "[[:alpha:]]",
            r"\a",
            r"\*",
            "[]-a]",
        ];
        const PATHS: [&str; 8] = ["a", "b", "ab", "c", ".", "-", "/", "*"];
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str], input: String| {
            let mut git = Command::new("git")
                .args(arguments)
                .current_dir(folder.path())
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("HOME", folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut stdin = git.stdin.take().unwrap();
            std::thread::scope(|scope| {
                scope.spawn(move || stdin.write_all(input.as_bytes()));
                git.wait_with_output().unwrap().stdout
            })
        };
        git(&["init", "--quiet", "."], String::new());
        let (mut seed, mut matched, mut wrong) = (7, 0, Vec::new());
        for _ in 0..40 {
            let patterns: Vec<_> = (0..500).map(|_| random(&mut seed, &PARTS, 7)).collect();
            let patterns: Vec<_> = patterns.into_iter().filter(|pattern| !pattern.starts_with('!')).collect();
            let is_path = |path: &String| path.split('/').all(|element| !matches!(element, "" | "." | ".."));
            let mut paths: Vec<_> = (0..200).map(|_| random(&mut seed, &PATHS, 9)).filter(is_path).collect();
            paths.sort();
            paths.dedup();
            let lines: String =
                (0..).zip(&patterns).map(|(at, pattern)| format!("{pattern} x{at}\n")).collect();
            std::fs::write(folder.path().join(".gitattributes"), lines).unwrap();
            let asked = paths.iter().map(|path| format!("{path}\0")).collect();
            let told = git(&["check-attr", "-z", "--stdin", "-a"], asked);
            let told = String::from_utf8(told).unwrap();
            let fields: Vec<&str> = told.split('\0').collect();
            let expected: std::collections::HashSet<_> = fields
                .chunks_exact(3)
                .map(|found| (found[0], found[1][1..].parse::<usize>().unwrap()))
                .collect();
            matched += expected.len();
            for path in &paths {
                for (at, pattern) in patterns.iter().enumerate() {
                    if matches(pattern, path) != expected.contains(&(path.as_str(), at)) {
                        wrong.push(format!("{pattern} {path}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong: {:?}", wrong.len(), &wrong[..wrong.len().min(20)]);
        assert!(matched > 10_000, "too few patterns match anything: {matched}");
    }
}
