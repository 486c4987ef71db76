//! The recorder's words for our errors.

use std::io::ErrorKind;

use gosum_mod::name::path::PathFault;
use gosum_mod::zip::archive::ArchiveError;
use gosum_mod::zip::content::ContentError;
use gosum_mod::zip::fault::{FileFault, InvalidFile};
use gosum_mod::zip::hash::ZipError;
use gosum_mod::zip::limits::{MAX_GO_MOD, SizeError};
use gosum_mod::zip::name::Collision;
use gosum_mod::zip::select::Omission;
use gosum_mod::zip::tree::TreeError;

pub(crate) fn path(fault: &PathFault) -> &'static str {
    match fault {
        PathFault::Utf8 => "utf8",
        PathFault::Empty => "empty",
        PathFault::LeadingDash => "leading-dash",
        PathFault::DoubleSlash => "double-slash",
        PathFault::TrailingSlash => "trailing-slash",
        PathFault::EmptyElement => "empty-element",
        PathFault::Dots { .. } => "dots-element",
        PathFault::LeadingDot => "leading-dot",
        PathFault::TrailingDot => "trailing-dot",
        PathFault::Char { .. } => "invalid-char",
        PathFault::WindowsName { .. } => "windows-name",
        PathFault::WindowsShortName => "windows-short-name",
        PathFault::MissingDot => "missing-dot",
        PathFault::FirstChar { .. } => "invalid-char-first",
        PathFault::Major => "invalid-version",
        _ => "other",
    }
}

pub(crate) fn file(name: &[u8], fault: &FileFault) -> &'static str {
    match fault {
        FileFault::Outside => "prefix",
        FileFault::NotClean => "not-clean",
        FileFault::Absolute => "not-relative",
        FileFault::Path(error) => path(&error.fault),
        FileFault::Collision(Collision::Case { .. }) => "case-collision",
        FileFault::Collision(Collision::FileAndFolder { .. }) => "file-and-dir",
        FileFault::Collision(Collision::Duplicate { .. }) => "duplicate-file",
        FileFault::NestedGoMod => "gomod-nested",
        FileFault::GoModCase => "gomod-case",
        FileFault::TooLarge { max: MAX_GO_MOD } if name.ends_with(b"go.mod") => "gomod-size",
        FileFault::TooLarge { .. } => "license-size",
        _ => "other",
    }
}

/// The first word that the recorder finds in Go's list of all that is wrong.
const PRECEDENCE: [&str; 18] = [
    "case-collision",
    "file-and-dir",
    "duplicate-file",
    "prefix",
    "not-clean",
    "not-relative",
    "gomod-case",
    "gomod-nested",
    "gomod-size",
    "license-size",
    "utf8",
    "empty",
    "double-slash",
    "trailing-slash",
    "dots-element",
    "trailing-dot",
    "invalid-char",
    "windows-name",
];

/// Returns the word for a module with these faults, if there are any.
pub(crate) fn module(size: Option<&SizeError>, invalid: &[InvalidFile]) -> Option<&'static str> {
    if size.is_some() {
        return Some("too-large");
    }
    let words: Vec<_> = invalid.iter().map(|file| self::file(file.name.as_bytes(), &file.fault)).collect();
    let first = PRECEDENCE.into_iter().find(|word| words.contains(word));
    assert_eq!(first.is_none(), words.is_empty(), "a word is missing in the list: {words:?}");
    first
}

pub(crate) fn omission(reason: Omission) -> &'static str {
    match reason {
        Omission::Vendored => "vendored",
        Omission::NestedModule => "nested-module",
        Omission::HgArchival => "hg-archival",
        Omission::Symlink => "symlink",
        Omission::Irregular => "irregular",
        _ => "other",
    }
}

pub(crate) fn archive(error: &ArchiveError) -> &'static str {
    match error {
        ArchiveError::Format => "zip-format",
        ArchiveError::UnexpectedEof => "unexpected-eof",
        _ => "other",
    }
}

pub(crate) fn content(error: &ContentError) -> &'static str {
    match error {
        ContentError::NoLocalHeader | ContentError::FolderWithContent | ContentError::LongerThanDeclared => {
            "zip-format"
        }
        ContentError::Method { .. } => "zip-method",
        ContentError::Corrupt => "zip-deflate",
        ContentError::UnexpectedEof => "unexpected-eof",
        ContentError::Checksum => "zip-crc",
        _ => "other",
    }
}

pub(crate) fn zip(error: &ZipError) -> &'static str {
    match error {
        ZipError::Name(_) => "name-newline",
        ZipError::Content { source, .. } => content(source),
        ZipError::TooLarge { .. } => "too-large",
        _ => "other",
    }
}

pub(crate) fn tree(error: &TreeError) -> &'static str {
    match error {
        TreeError::Name(_) => "name-newline",
        TreeError::List(source) | TreeError::Read { source, .. } => match source.kind() {
            ErrorKind::NotFound => "not-found",
            ErrorKind::IsADirectory => "irregular",
            ErrorKind::NotADirectory => "not-a-directory",
            _ => "other",
        },
        _ => "other",
    }
}
