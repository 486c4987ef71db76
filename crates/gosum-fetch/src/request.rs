//! What is asked, and what comes back.

use std::fmt;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use crate::{FetchError, SafeUrl};

/// Anyone who can be asked for a URL.
pub trait Fetch: Send + Sync {
    /// Sends `request` and returns the answer once its headers have come.
    ///
    /// # Errors
    /// When no answer came. A status such as 404 or 503 is an answer.
    fn send(&self, request: Request) -> Result<Response, FetchError>;

    /// Waits before another attempt; not when nothing more will be sent.
    fn pause(&self, wait: Duration) {
        std::thread::sleep(wait);
    }
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Get => "GET",
            Method::Post => "POST",
        })
    }
}

/// One request, with its bounds. The debug form shows the names of its headers alone: their values may be credentials.
#[derive(Clone)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// What is asked. Credentials in it are sent as basic authentication, over https only.
    pub url: SafeUrl,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Vec<u8>,
    /// The most bytes that the answer's body may have.
    pub max_bytes: u64,
    /// When the answer must have been read whole.
    pub deadline: Instant,
    /// How many redirects are followed; never from https to http.
    pub redirects: u8,
    /// Whether the request counts against the cap per host, as all requests to git hosts do.
    pub polite: bool,
}

impl Request {
    /// The most redirects that the go command follows: it gives up on the tenth, saying that it
    /// stopped after ten (spec 04 §2).
    pub const MAX_REDIRECTS: u8 = 9;

    /// Returns a GET of `url` that follows redirects.
    pub fn get(url: SafeUrl, max_bytes: u64, deadline: Instant) -> Request {
        Request {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            max_bytes,
            deadline,
            redirects: Request::MAX_REDIRECTS,
            polite: false,
        }
    }

    /// Returns a POST of `body` to `url` that follows no redirect.
    pub fn post(url: SafeUrl, body: Vec<u8>, max_bytes: u64, deadline: Instant) -> Request {
        Request { method: Method::Post, body, redirects: 0, ..Request::get(url, max_bytes, deadline) }
    }

    /// Returns the request with a further header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the request, counted against the cap per host.
    #[must_use]
    pub fn polite(mut self) -> Request {
        self.polite = true;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        write!(
            f,
            "Request({} {}, headers {headers:?}, at most {} bytes)",
            self.method, self.url, self.max_bytes
        )
    }
}

/// An answer: its body is still to be read.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status; 200 and 404 also stand for a `file:` URL that is there or is not, 403 for
    /// one that may not be read.
    pub status: u16,
    /// Who answered: the request's URL, or where its redirects led.
    pub url: SafeUrl,
    /// The answer's headers.
    pub headers: Headers,
    /// The body, bounded as the request asked.
    pub body: Body,
}

/// The headers of an answer.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Returns the value of the first header `name`, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns all headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Headers {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(headers: I) -> Headers {
        Headers(headers.into_iter().collect())
    }
}

/// The body of an answer, read as it comes. It ends with an error, never early and never silently,
/// when the connection breaks, the bound or the deadline is passed, or the declared length is wrong;
/// that error is a [`FetchError`] inside the `io::Error` (see [`FetchError::in_io`]).
pub struct Body {
    reader: Box<dyn Read + Send>,
    declared: Option<u64>,
}

impl Body {
    /// Returns a body that reads from `reader`, whose length the server has declared or not.
    pub fn new(reader: Box<dyn Read + Send>, declared: Option<u64>) -> Body {
        Body { reader, declared }
    }

    /// Returns a body that is there already.
    pub fn from_bytes(bytes: Vec<u8>) -> Body {
        let declared = bytes.len() as u64;
        Body { reader: Box::new(io::Cursor::new(bytes)), declared: Some(declared) }
    }

    /// Returns the length that the server has declared.
    pub fn declared(&self) -> Option<u64> {
        self.declared
    }

    /// Returns the whole body. Its size is bounded by the request's `max_bytes`.
    ///
    /// # Errors
    /// As reading does.
    pub fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("declared", &self.declared).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_credentials() {
        let url = SafeUrl::parse("https://user:secret@git.example/a").expect("a URL");
        let request = Request::get(url, 10, Instant::now()).header("Authorization", "Bearer secret");
        assert_eq!(
            format!("{request:?}"),
            "Request(GET https://git.example/a, headers [\"Authorization\"], at most 10 bytes)"
        );
    }
}
