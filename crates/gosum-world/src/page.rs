//! Answers that are written out: go-import pages, redirects, anything else.

use std::sync::Arc;

/// An answer to every request that reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Arc<Vec<u8>>,
}

impl Page {
    /// Returns a page without headers, but for those that the body asks for.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Page {
        Page { status, headers: Vec::new(), body: Arc::new(body.into()) }
    }

    /// Returns a page that says where the repository of the modules below `prefix` is: `vcs` is `git`, or `mod` if
    /// `url` is that of a module proxy (spec 05 §1).
    pub fn go_import(prefix: &str, vcs: &str, url: &str) -> Page {
        let content = format!("{prefix} {vcs} {url}");
        Page::html(
            200,
            format!(
                "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"go-import\" content=\"{content}\">\n</head>\n<body>\n{prefix}\n</body>\n</html>\n"
            ),
        )
    }

    /// Returns a page of HTML.
    pub fn html(status: u16, body: impl Into<Vec<u8>>) -> Page {
        Page::new(status, body).header("Content-Type", "text/html; charset=utf-8")
    }

    /// Returns a page of plain text.
    pub fn text(status: u16, body: impl Into<Vec<u8>>) -> Page {
        Page::new(status, body).header("Content-Type", "text/plain; charset=utf-8")
    }

    /// Returns a page that says that there is another one at `location`.
    pub fn redirect(status: u16, location: &str) -> Page {
        Page::text(status, "elsewhere\n").header("Location", location)
    }

    /// Returns the page with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Page {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
