//! Words with quotes around some of them, as GOFLAGS and the commands of GOAUTH write them.

/// A quote without another one behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the quote {0} does not end")]
pub struct OpenQuote(
    /// The quote.
    pub char,
);

/// Returns the words of `text`: separated by blanks, and by nothing where a quoted one ends. A quote counts at the
/// start of a word alone, and nothing within quotes is special.
///
/// # Errors
/// When a quote does not end.
pub fn split(text: &str) -> Result<Vec<&str>, OpenQuote> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while let Some(first) = rest.chars().next() {
        let (word, after) = if matches!(first, '"' | '\'') {
            rest[1..].split_once(first).ok_or(OpenQuote(first))?
        } else {
            rest.split_at(rest.find(is_blank).unwrap_or(rest.len()))
        };
        words.push(word);
        rest = after.trim_start_matches(is_blank);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_a_word_together_where_it_starts() {
        for (text, words) in [
            ("", Ok(vec![])),
            (" -x\t-v\r\n", Ok(vec!["-x", "-v"])),
            ("'-a b' \"-c 'd'\" -e='f g'", Ok(vec!["-a b", "-c 'd'", "-e='f", "g'"])),
            ("'a'b ''", Ok(vec!["a", "b", ""])),
            ("a\u{a0}b", Ok(vec!["a\u{a0}b"])),
            ("-x '-a", Err(OpenQuote('\''))),
        ] {
            assert_eq!(split(text), words, "{text:?}");
        }
    }
}
