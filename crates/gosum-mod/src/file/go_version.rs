//! The Go versions of go statements: `1.23`, `1.23.4`, `1.23rc1` (spec 03 §3), and their order (spec 01 §8).

use std::cmp::Ordering;

use crate::name::semver::compare_numbers;

/// Returns the Go version that the word `text` of a go statement is in a main module or a workspace.
pub(super) fn strict(text: &[u8]) -> Option<&str> {
    salvage(text).filter(|known| known.len() == text.len())
}

/// Returns whether the word `text` names a toolchain, or leaves the choice to Go. All that starts like one does.
pub(super) fn is_toolchain(text: &[u8]) -> bool {
    match text.strip_prefix(b"go1") {
        Some(rest) => rest.is_empty() || rest[0] == b'.',
        None => text == b"default",
    }
}

/// Returns the Go version that the word `text` of a go statement stands for. A dependency may have been made for a
/// version of a form yet unknown, or have a misspelt one: of what only starts like a version, the start counts.
pub(super) fn salvage(text: &[u8]) -> Option<&str> {
    let known = match language_len(text) {
        Some(end) if is_release(&text[end..]) => text,
        Some(end) => &text[..end],
        None => {
            let text = text.strip_prefix(b"v")?;
            let end = language_len(text).filter(|&end| end < text.len())?;
            &text[..end]
        }
    };
    Some(str::from_utf8(known).expect("a version is ASCII"))
}

/// Returns how much of `text` is a language version like `1.23`, if it starts with one.
fn language_len(text: &[u8]) -> Option<usize> {
    let dot = number_len(text).filter(|_| text[0] != b'0')?;
    let minor = text[dot..].strip_prefix(b".")?;
    Some(dot + 1 + number_len(minor)?)
}

/// Returns how much of `text` is a number, if it starts with one that has no needless zeros.
fn number_len(text: &[u8]) -> Option<usize> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (len == 1 || len > 1 && text[0] != b'0').then_some(len)
}

/// Returns whether `text` can follow a language version: `.4`, `rc1`, `.4rc1` or nothing.
fn is_release(text: &[u8]) -> bool {
    let kind = match text {
        [b'.', patch @ ..] => number_len(patch).map(|len| &patch[len..]),
        _ => Some(text),
    };
    kind.is_some_and(|kind| {
        let letters = kind.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let digits = &kind[letters..];
        kind.is_empty() || letters > 0 && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    })
}

/// Returns the language version of the Go version `go`, as [`salvage`] gives it: `1.23` of `1.23.4` and of `1.23rc1`.
///
/// Returns nothing for those that a go statement may name and that are none all the same: pre-releases of a patch
/// (`1.23.4rc1`), and those numbered with needless zeros (`1.23rc01`).
pub(super) fn language(go: &str) -> Option<&str> {
    let end = language_len(go.as_bytes())?;
    let (language, release) = go.split_at(end);
    let number = match release.strip_prefix('.') {
        Some(patch) => patch,
        None => release.trim_start_matches(|c: char| c.is_ascii_lowercase()),
    };
    let valid = release.is_empty() || number_len(number.as_bytes()) == Some(number.len());
    valid.then_some(language)
}

/// Returns whether `go` is a Go version, such as `1.23`, `1.23.4` and `1.23rc1`.
pub fn is_valid(go: &str) -> bool {
    strict(go.as_bytes()).is_some() && language(go).is_some()
}

/// Returns whether the Go version `go` is that of a language, such as `1.23`, and of no release.
pub fn is_language(go: &str) -> bool {
    language(go) == Some(go)
}

/// Returns which of two Go versions is the lower one: `1.21` comes before `1.21rc1`, and that before `1.21.0`; below
/// 1.21, `1.20rc1` comes before `1.20`, which is `1.20.0`.
///
/// What has the form of a go statement and is no Go version all the same, such as `1.23.4rc1`, comes before all that are,
/// and equals its like.
pub fn compare(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b))
}

/// Major, minor, patch, kind and number of a pre-release, in the order that they count. What is missing is the lowest.
type Parts<'a> = Option<(Number<'a>, Number<'a>, Number<'a>, &'a str, Number<'a>)>;

fn parts(go: &str) -> Parts<'_> {
    let (major, minor) = language(go)?.split_once('.')?;
    let release = &go[major.len() + 1 + minor.len()..];
    let (patch, kind, number) = match release.strip_prefix('.') {
        Some(patch) => (patch, "", ""),
        None if release.is_empty() && compare_numbers(minor, "21").is_lt() => ("0", "", ""),
        None => {
            let digits = release.trim_start_matches(|c: char| c.is_ascii_lowercase());
            ("", &release[..release.len() - digits.len()], digits)
        }
    };
    Some((Number(major), Number(minor), Number(patch), kind, Number(number)))
}

/// A decimal number without needless zeros, of any length, or an empty text below all numbers.
#[derive(PartialEq, Eq)]
struct Number<'a>(&'a str);

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_numbers(self.0, other.0)
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_pre_releases_as_their_time_had_it() {
        let rising = [
            "1.2",
            "1.9.1",
            "1.17beta1",
            "1.17rc1",
            "1.17",
            "1.17.1",
            "1.20",
            "1.21",
            "1.21rc1",
            "1.21rc10",
            "1.21.0",
            "1.21.10",
            "1.22",
            "1.100",
            "2.0",
        ];
        for (at, low) in rising.iter().enumerate() {
            for high in &rising[at + 1..] {
                assert_eq!(compare(low, high), Ordering::Less, "{low} {high}");
            }
            assert_eq!(compare("1.23.4rc1", low), Ordering::Less, "no Go version");
        }
        assert_eq!(compare("1.17", "1.17.0"), Ordering::Equal);
        assert_eq!(compare("1.23.4rc1", "1.23rc01"), Ordering::Equal);
    }
}
