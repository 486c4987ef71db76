//! Text from outside, made harmless for the medium that shows it.

pub(crate) mod markdown;
pub(crate) mod uri;
pub(crate) mod xml;

use std::borrow::Cow;

/// Returns `text` fit for a terminal: characters that move the cursor, change colours, turn the direction of writing
/// or show nothing are spelled out as `\u{…}`. Line breaks are among them: what is escaped is part of a line.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

/// Returns a line of a file fit for a terminal: as [`terminal`], but for tabs, which stay.
pub fn terminal_line(line: &str) -> Cow<'_, str> {
    if !line.contains('\t') {
        return terminal(line);
    }
    let parts: Vec<Cow<'_, str>> = line.split('\t').map(terminal).collect();
    Cow::Owned(parts.join("\t"))
}

/// Returns whether a terminal obeys `c`, or shows it as nothing.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_out_what_a_terminal_would_obey() {
        assert_eq!(terminal("a\x1b[31mb\u{202e}c\nd\u{9b}"), "a\\u{1b}[31mb\\u{202e}c\\u{a}d\\u{9b}");
        assert_eq!(terminal_line("\ta\x1bb\t"), "\ta\\u{1b}b\t");
        assert_eq!(terminal("gr\u{fc}n \u{65e5}"), "gr\u{fc}n \u{65e5}");
    }
}
