//! Passwords that users write into URLs, kept out of what is said about them.

use std::borrow::Cow;

/// Returns `text` without user name and password of the URLs in it. Of what is no good URL rather too much is left out than
/// too little.
pub(crate) fn without_credentials(text: &str) -> Cow<'_, str> {
    const SEPARATOR: &str = "://";
    if !text.contains(SEPARATOR) || !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(SEPARATOR) {
        let (before, after) = rest.split_at(at + SEPARATOR.len());
        shown.push_str(before);
        rest = &after[credentials(after)..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Returns how long user name and password are at the start of `text`, with the `@` after them.
fn credentials(text: &str) -> usize {
    let word = &text[..text.find(char::is_whitespace).unwrap_or(text.len())];
    let authority = &word[..word.find(['/', '?', '#']).unwrap_or(word.len())];
    // where the port is none, it is the beginning of a password that should have been escaped
    let is_cut = |host: &str| {
        host.rsplit_once(':').is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let within = if is_cut(authority) && !authority.ends_with(']') { word } else { authority };
    within.rfind('@').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_credentials_and_nothing_else() {
        for (text, expected) in [
            ("https://me:secret@a.example/x is none", "https://a.example/x is none"),
            (
                "https://secret@a.example and http://b:secret@b.example",
                "https://a.example and http://b.example",
            ),
            ("https://me:sec@ret@a.example", "https://a.example"),
            ("https://me:sec/ret@a.example:8443/x", "https://a.example:8443/x"),
            ("https://me:secret@[::1]:80/x", "https://[::1]:80/x"),
            ("ssh://git:secret@", "ssh://"),
            ("https://a.example/x@v1.0.0 is none", "https://a.example/x@v1.0.0 is none"),
            ("https://a.example:80/x@v1.0.0", "https://a.example:80/x@v1.0.0"),
            ("https://[::1]/x@v1.0.0", "https://[::1]/x@v1.0.0"),
            ("example.com/a@v1", "example.com/a@v1"),
            ("://", "://"),
        ] {
            assert_eq!(without_credentials(text), expected);
        }
    }
}
