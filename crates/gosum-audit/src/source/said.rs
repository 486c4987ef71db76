//! What a server says in words, made fit to be shown.

use std::io::Read;

use gosum_fetch::Response;

/// The most that is shown of a server's text, as much as the go command shows (spec 04 §2).
const MAX_BYTES: u64 = 648;
const MAX_LINES: usize = 8;

/// A status that is not success, with the server's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Who answered.
    pub(crate) url: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The server's Retry-After.
    pub(crate) retry_after: Option<String>,
    /// What it said, in one line; empty when it said nothing that can be shown.
    text: String,
}

impl Refusal {
    /// Returns what `response`, whose status is no success, says.
    pub(crate) fn read(response: Response) -> Refusal {
        let retry_after = response.headers.get("retry-after").map(str::to_owned);
        let plain = response.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
        let (url, status) = (response.url.to_string(), response.status);
        let mut text = Vec::new();
        // a body that breaks off still says what came before
        let read = response.body.take(MAX_BYTES).read_to_end(&mut text);
        let text = if plain && (read.is_ok() || !text.is_empty()) { words(&text) } else { String::new() };
        Refusal { url, status, retry_after, text }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: status {}", self.url, self.status)?;
        if !self.text.is_empty() {
            write!(f, ": {}", self.text)?;
        }
        Ok(())
    }
}

/// Returns the first paragraph of `text` in one line, or nothing when it does not print.
fn words(text: &[u8]) -> String {
    // the bound may have cut the last character in two
    let text = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let lines = text.trim_start().lines().take(MAX_LINES).map(str::trim).take_while(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join("; ");
    if line.chars().any(char::is_control) { String::new() } else { line }
}

#[cfg(test)]
mod tests {
    use gosum_fetch::{Body, Headers, SafeUrl};

    use super::*;

    fn refusal(content_type: &str, body: &[u8]) -> Refusal {
        Refusal::read(Response {
            status: 403,
            url: SafeUrl::parse("https://user:secret@proxy.example/a").unwrap(),
            headers: Headers::from_iter([("Content-Type".into(), content_type.into())]),
            body: Body::from_bytes(body.to_vec()),
        })
    }

    #[test]
    fn shows_the_first_paragraph_of_plain_text() {
        let refusal = refusal("text/plain; charset=utf-8", b"not allowed:\n  by policy\n\nmore");
        assert_eq!(refusal.to_string(), "https://proxy.example/a: status 403: not allowed:; by policy");
    }

    #[test]
    fn shows_nothing_that_is_not_plain_printable_text() {
        let alone = "https://proxy.example/a: status 403";
        assert_eq!(refusal("text/html", b"<p>no</p>").to_string(), alone);
        assert_eq!(refusal("text/plain", b"\x1b[31mred").to_string(), alone);
        assert_eq!(refusal("text/plain", b"").to_string(), alone);
    }

    #[test]
    fn shows_no_more_than_go_does() {
        let shown = refusal("text/plain", "ß".repeat(1000).as_bytes()).to_string();
        assert_eq!(shown.matches('ß').count(), 324);
    }
}
