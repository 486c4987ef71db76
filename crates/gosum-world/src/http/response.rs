//! Responses.

use std::sync::Arc;

use crate::page::Page;

/// A response, whole.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Arc<Vec<u8>>,
    /// Whether the body goes out in chunks, or with its length said before.
    pub(crate) chunked: bool,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Arc<Vec<u8>>>) -> Response {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Response { status, headers, body: body.into(), chunked: false }
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Response {
        Response::new(status, "text/plain; charset=utf-8", body.into().into_bytes())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl From<&Page> for Response {
    fn from(page: &Page) -> Response {
        Response {
            status: page.status,
            headers: page.headers.clone(),
            body: Arc::clone(&page.body),
            chunked: false,
        }
    }
}
