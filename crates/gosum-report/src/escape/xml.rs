//! Text from outside in XML 1.0.

use super::terminal;

/// Returns `text` fit for an attribute in double quotes, and for the content of an element. What XML 1.0 has no way to write
/// is spelled out as on a terminal, or replaced.
pub(crate) fn xml(text: &str) -> String {
    escape(&terminal(text))
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            c if is_forbidden(c) => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// Returns whether no XML 1.0 document may have `c`, not even as a reference.
fn is_forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_attribute_or_an_element() {
        assert_eq!(xml("a=\"b\" & 'c' ]]> <d/>"), "a=&quot;b&quot; &amp; &apos;c&apos; ]]&gt; &lt;d/&gt;");
    }

    #[test]
    fn what_xml_cannot_hold_is_spelled_out_or_replaced() {
        assert_eq!(xml("\u{0}\u{1b}\n"), "\\u{0}\\u{1b}\\u{a}");
        assert_eq!(xml("\u{fffe}\u{ffff}\u{10fffe}"), "\u{fffd}\u{fffd}\u{10fffe}");
        assert_eq!(escape("\u{0}\u{8}\u{c}\t\n"), "\u{fffd}\u{fffd}\u{fffd}\t\n");
    }
}
