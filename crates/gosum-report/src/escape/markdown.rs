//! Text from outside in Markdown, as CommonMark and the forges that extend it read it.
//!
//! All of it is put into code: nothing in code is markup, HTML, a link, a person who is told, or a number that links to an
//! issue. A backslash would be enough for CommonMark alone, and not for what forges look for in the finished text.

use super::{terminal, terminal_line};

/// The most characters of a text that are shown in a line.
const LONGEST: usize = 600;

/// Returns `text` as code within a line. What is very long is cut.
pub(crate) fn code(text: &str) -> String {
    let shown = shorten(&terminal(text));
    if shown.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&shown) + 1);
    // CommonMark takes one space off each end where both have one, so that code can begin and end with a backtick
    let needs_space = |c: Option<char>| c.is_some_and(|c| c == '`' || c == ' ');
    let pad =
        if needs_space(shown.chars().next()) || needs_space(shown.chars().next_back()) { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Returns `text` as code within a cell of a table, where nothing holds a `|` back.
pub(crate) fn cell(text: &str) -> String {
    code(&text.replace('|', "\\u{7c}"))
}

/// Returns `lines` as a block of code in the language `language`.
pub(crate) fn block(language: &str, lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| terminal_line(line).into_owned()).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let mut block = format!("{fence}{language}\n");
    for line in lines {
        block.push_str(&line);
        block.push('\n');
    }
    block + &fence + "\n"
}

/// Returns how many backticks stand next to one another at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_ends_where_it_should() {
        for (text, expected) in [
            ("a", "`a`"),
            ("", ""),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("`a", "`` `a ``"),
            (" a", "`  a `"),
            ("a\nb", "`a\\u{a}b`"),
            ("<b>@who #1 [x](y) www.x.example", "`<b>@who #1 [x](y) www.x.example`"),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
        assert_eq!(cell("a|b\\"), "`a\\u{7c}b\\`");
        assert_eq!(code(&"\u{e9}".repeat(601)).chars().count(), 603);
    }

    #[test]
    fn a_block_is_fenced_longer_than_what_is_in_it() {
        assert_eq!(block("diff", &["+a", "-\u{1b}"]), "```diff\n+a\n-\\u{1b}\n```\n");
        assert_eq!(block("", &["````", "b"]), "`````\n````\nb\n`````\n");
    }
}
