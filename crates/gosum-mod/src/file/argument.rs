//! What the words of a statement stand for.

use super::error::FaultKind;
use super::space::fields;
use crate::name::path::{check_path_major, split_path_version};
use crate::name::quote::unquote;
use crate::name::semver;
use crate::name::text::Text;
use crate::name::version::Version;

/// Returns what the word `text` of a statement stands for.
pub(super) fn string(text: &[u8]) -> Result<Text, FaultKind> {
    if text.starts_with(b"\"") {
        return unquote(text).map(Text::from).ok_or_else(|| FaultKind::Literal { text: text.into() });
    }
    if text.iter().any(|byte| b"\"'`".contains(byte)) {
        return Err(FaultKind::StrayQuote { text: text.into() });
    }
    Ok(text.into())
}

/// Returns the version of the module `path` that the word `text` stands for, in canonical form.
pub(super) fn version(path: &Text, text: &[u8]) -> Result<Version, FaultKind> {
    let version = string(text)?;
    match semver::parse(version.as_bytes()) {
        Some(parsed) => Ok(Version::parse(parsed.module_canonical()).expect("a canonical form is canonical")),
        None => Err(FaultKind::VersionForm { path: path.clone(), version }),
    }
}

/// Returns the major version that `path` ends in, for [`belongs`].
pub(super) fn major(path: &Text) -> Result<String, FaultKind> {
    match split_path_version(path.as_bytes()) {
        Some((_, major)) => Ok(str::from_utf8(major).expect("a major version is ASCII").to_owned()),
        None => Err(FaultKind::ModulePath { path: path.clone() }),
    }
}

/// Checks that `version` belongs to `path`, which ends in `major`.
pub(super) fn belongs(path: &Text, major: &str, version: &Version) -> Result<(), FaultKind> {
    check_path_major(version.as_str(), major).map_err(|error| FaultKind::Major { path: path.clone(), error })
}

/// Returns the module version that two words stand for.
pub(super) fn module_version(path: &[u8], text: &[u8]) -> Result<(Text, Version), FaultKind> {
    let path = string(path)?;
    let version = version(&path, text)?;
    belongs(&path, &major(&path)?, &version)?;
    Ok((path, version))
}

/// Returns the key and the value of a godebug statement.
pub(super) fn setting(args: &[&[u8]]) -> Result<(Text, Text), FaultKind> {
    const USAGE: FaultKind = FaultKind::Usage { usage: "godebug KEY=VALUE" };
    let &[word] = args else { return Err(USAGE) };
    if word.iter().any(|byte| b"\"'`,".contains(byte)) {
        return Err(USAGE);
    }
    let at = word.iter().position(|&byte| byte == b'=').ok_or(USAGE)?;
    Ok((word[..at].into(), word[at + 1..].into()))
}

/// Returns the text of the comment lines `comments`; blank lines count as one.
pub(super) fn comment_text<'a>(comments: impl Iterator<Item = &'a &'a [u8]>) -> Text {
    let lines: Vec<_> =
        comments.filter_map(|comment| comment.strip_prefix(b"//")).map(super::space::trim).collect();
    lines.join(&b'\n').into()
}

/// Returns whether `comment` marks what is required for others alone.
pub(super) fn is_indirect(comment: &[u8]) -> bool {
    let mut words = fields(comment.strip_prefix(b"//").unwrap_or(comment));
    matches!((words.next(), words.next()), (Some(b"indirect"), None) | (Some(b"indirect;"), Some(_)))
}

/// Returns what follows `Deprecated:` in the first paragraph of `comment` that starts so.
pub(super) fn deprecation(comment: &[u8]) -> &[u8] {
    const START: &[u8] = b"Deprecated:";
    const PARAGRAPH: &[u8] = b"\n\nDeprecated:";
    let notice = comment.strip_prefix(START).or_else(|| {
        let at = comment.windows(PARAGRAPH.len()).position(|window| window == PARAGRAPH)?;
        Some(&comment[at + PARAGRAPH.len()..])
    });
    let notice = notice.unwrap_or(b"");
    let notice = &notice[notice.iter().take_while(|&&byte| byte == b' ').count()..];
    let end = notice.windows(2).position(|window| window == b"\n\n");
    &notice[..end.unwrap_or(notice.len())]
}
