//! Attributes that hold for all repositories.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "git-attributes",
    about: "attributes outside of repositories, which change what go fetches directly",
    run,
};

/// Attributes that change the bytes of files.
const CHANGING: [&str; 6] = ["text", "eol", "crlf", "ident", "filter", "working-tree-encoding"];

fn run(system: &System) -> Answer {
    super::git_config::known(system)?;
    let mut remarks = Vec::new();
    for file in &system.git.attributes {
        if let Some(error) = &file.error {
            return Err(Blind::Unknown(format!("cannot read {}: {error}", file.path)));
        }
        let lines = file.lines.iter().filter(|line| line.split_whitespace().skip(1).any(changes));
        let changing: Vec<&str> = lines.map(String::as_str).collect();
        if let Some(first) = changing.first() {
            let seen = format!("{} has {} lines such as `{first}`", file.path, changing.len());
            let why = "git archive applies it to every repository: what go fetches directly gets other bytes, and so another \
                       hash, than on any other machine";
            remarks.push(Remark::problem(seen, why).fix(format!("remove these lines from {}", file.path)));
        } else if !file.lines.is_empty() {
            let why = "they hold for every repository; none of them changes bytes";
            remarks.push(Remark::note(format!("{} has {} lines", file.path, file.lines.len()), why));
        }
    }
    Ok(Sight::of(remarks, || "none".to_owned()))
}

/// Returns whether an attribute, such as `text=auto`, `-text`, `eol=crlf`, may change the bytes of a file. Unset ones do
/// not, nor does `-text`, by which bytes stay as they are.
fn changes(attribute: &str) -> bool {
    let name = attribute.split('=').next().unwrap_or_default();
    CHANGING.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn attributes_that_keep_bytes_are_told_from_others() {
        for (attribute, expected) in [
            ("text", true),
            ("text=auto", true),
            ("eol=crlf", true),
            ("ident", true),
            ("filter=lfs", true),
            ("working-tree-encoding=UTF-16", true),
            ("-text", false),
            ("!eol", false),
            ("binary", false),
            ("diff=go", false),
            ("textual", false),
        ] {
            assert_eq!(changes(attribute), expected, "{attribute}");
        }
    }
}
