//! Semantic versions as Go writes them: `v1.2.3-pre+build`, and the short forms `v1` and `v1.2` (spec 01 §4).

use std::cmp::Ordering;

/// A semantic version in its parts, each a piece of the text it was read from.
///
/// Numbers stay decimal text, since they may have any length.
#[derive(Debug, Clone, Copy)]
pub struct Semver<'a> {
    text: &'a str,
    major: &'a str,
    minor: &'a str,
    patch: &'a str,
    prerelease: &'a str,
    build: &'a str,
    /// What a short form leaves out: `.0.0`, `.0` or nothing.
    missing: &'static str,
}

/// Returns the parts of `version`, or nothing if it is not a semantic version.
pub fn parse(version: &[u8]) -> Option<Semver<'_>> {
    let text = str::from_utf8(version).ok()?;
    let (major, rest) = cut_number(text.strip_prefix('v')?)?;
    let short = Semver { text, major, minor: "0", patch: "0", prerelease: "", build: "", missing: "" };
    if rest.is_empty() {
        return Some(Semver { missing: ".0.0", ..short });
    }
    let (minor, rest) = cut_number(rest.strip_prefix('.')?)?;
    if rest.is_empty() {
        return Some(Semver { minor, missing: ".0", ..short });
    }
    let (patch, rest) = cut_number(rest.strip_prefix('.')?)?;
    let (prerelease, build) = rest.split_at(rest.find('+').unwrap_or(rest.len()));
    let valid = (prerelease.is_empty() || is_prerelease(prerelease)) && (build.is_empty() || is_build(build));
    valid.then_some(Semver { minor, patch, prerelease, build, ..short })
}

/// Splits a decimal number without needless zeros off the start of `text`.
fn cut_number(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (number == "0" || !number.is_empty() && !number.starts_with('0')).then_some((number, rest))
}

fn is_prerelease(text: &str) -> bool {
    let zeros = |ident: &str| ident.len() > 1 && ident.starts_with('0') && is_number(ident);
    text.strip_prefix('-')
        .is_some_and(|idents| idents.split('.').all(|ident| is_ident(ident) && !zeros(ident)))
}

fn is_build(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|idents| idents.split('.').all(is_ident))
}

fn is_ident(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'a> Semver<'a> {
    /// Returns the major version with its `v`.
    pub fn major(&self) -> &'a str {
        &self.text[..1 + self.major.len()]
    }

    /// Returns the major and minor version: `v1.2`, also of `v1.2.3`; of `v1`, `v1.0`.
    pub fn major_minor(&self) -> String {
        format!("{}.{}", self.major(), self.minor)
    }

    /// Returns the patch number.
    pub fn patch(&self) -> &'a str {
        self.patch
    }

    /// Returns the pre-release part with its `-`, or an empty text.
    pub fn prerelease(&self) -> &'a str {
        self.prerelease
    }

    /// Returns the build part with its `+`, or an empty text.
    pub fn build(&self) -> &'a str {
        self.build
    }

    /// Returns the full form without its build part: `v1` gives `v1.0.0`.
    pub fn canonical(&self) -> String {
        let plain = &self.text[..self.text.len() - self.build.len()];
        format!("{plain}{}", self.missing)
    }

    /// Returns the canonical form, with the build part kept if it is `+incompatible`: the form a module version has.
    pub fn module_canonical(&self) -> String {
        let kept = if self.build == "+incompatible" { self.build } else { "" };
        self.canonical() + kept
    }

    /// Returns which version comes first: by the numbers, then a pre-release before its release. The build part does
    /// not count.
    pub fn precedence(&self, other: &Semver<'_>) -> Ordering {
        compare_numbers(self.major, other.major)
            .then_with(|| compare_numbers(self.minor, other.minor))
            .then_with(|| compare_numbers(self.patch, other.patch))
            .then_with(|| compare_prereleases(self.prerelease, other.prerelease))
    }
}

/// Returns which of two texts is the lower version. What is not a semantic version comes before all that are, and
/// equals its like.
pub fn compare(v: &[u8], w: &[u8]) -> Ordering {
    match (parse(v), parse(w)) {
        (Some(v), Some(w)) => v.precedence(&w),
        (v, w) => v.is_some().cmp(&w.is_some()),
    }
}

/// Returns the order of sorted lists: [`compare`], then bytes.
pub fn compare_total(v: &[u8], w: &[u8]) -> Ordering {
    compare(v, w).then_with(|| v.cmp(w))
}

/// Compares decimal numbers without needless zeros, of any length.
pub(crate) fn compare_numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    a[1..].split('.').map(Ident).cmp(b[1..].split('.').map(Ident))
}

/// A pre-release identifier: numbers by value, below all others, which go by bytes.
struct Ident<'a>(&'a str);

impl Ord for Ident<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (is_number(self.0), is_number(other.0)) {
            (true, true) => compare_numbers(self.0, other.0),
            (false, false) => self.0.cmp(other.0),
            (a, b) => b.cmp(&a),
        }
    }
}

impl PartialOrd for Ident<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ident<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ident<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_the_semver_text_does() {
        let rising = [
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.9.0",
            "v1.10.0",
            "v1.18446744073709551616.0",
        ];
        for (at, low) in rising.iter().enumerate() {
            for high in &rising[at + 1..] {
                assert_eq!(compare(low.as_bytes(), high.as_bytes()), Ordering::Less, "{low} {high}");
            }
        }
    }

    #[test]
    fn build_part_does_not_count() {
        assert_eq!(compare(b"v1.0.0+a", b"v1.0.0+b"), Ordering::Equal);
        assert_eq!(compare_total(b"v1.0.0+a", b"v1.0.0+b"), Ordering::Less);
    }
}
