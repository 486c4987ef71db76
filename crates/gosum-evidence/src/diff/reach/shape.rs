//! What a file that no build reads is for, as its path suggests.

use super::{Inert, split};

/// Returns what the file at `path` is for, which is no source.
pub(super) fn of(path: &[u8]) -> Inert {
    let (folder, name) = split(path);
    let lower = name.to_ascii_lowercase();
    let starts = |list: &[&str]| list.iter().any(|start| lower.starts_with(start.as_bytes()));
    let ends = |list: &[&str]| list.iter().any(|end| lower.ends_with(end.as_bytes()));
    let below = |list: &[&str]| {
        folder.split(|&byte| byte == b'/').any(|element| list.iter().any(|name| element == name.as_bytes()))
    };
    if matches!(path, b"go.sum" | b"go.work" | b"go.work.sum") || path.ends_with(b"vendor/modules.txt") {
        Inert::MainModuleOnly
    } else if below(&["testdata"]) {
        Inert::Testdata
    } else if starts(&["license", "licence", "copying", "copyright", "notice", "patents"]) {
        Inert::Licence
    } else if below(&[".github", ".circleci", ".gitlab", ".buildkite"])
        || lower.starts_with(b".")
        || starts(&["appveyor.yml", "codecov.yml"])
    {
        Inert::Settings
    } else if ends(&[".md", ".rst", ".adoc", ".markdown"])
        || starts(&["readme", "changelog", "contributing", "authors", "contributors"])
        || below(&["doc", "docs"])
    {
        Inert::Docs
    } else {
        Inert::Unread
    }
}
