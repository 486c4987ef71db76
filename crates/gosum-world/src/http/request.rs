//! Requests.

use std::io::{self, BufRead, Read, Write};

use flate2::read::MultiGzDecoder;

/// The most bytes of a request line and the headers, and of the body, packed and unpacked.
const MAX_HEAD: u64 = 64 << 10;
const MAX_BODY: u64 = 32 << 20;

/// A request, read whole.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The host that is meant, in small letters, without a port.
    pub(crate) host: String,
    /// The path and query as they were sent.
    pub(crate) target: String,
    /// The path, with `%xx` decoded.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub(crate) body: Vec<u8>,
    pub(crate) keep_alive: bool,
}

/// A request that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// The connection is gone.
    #[error("the connection broke")]
    Connection(#[from] io::Error),
    #[error("bad request: {0}")]
    Bad(&'static str),
    #[error("the request is too large")]
    TooLarge,
}

impl RequestError {
    /// Returns the status that tells the client, if it is still there.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            RequestError::Connection(_) => None,
            RequestError::Bad(_) => Some(400),
            RequestError::TooLarge => Some(413),
        }
    }
}

impl Request {
    /// Reads the next request, or nothing if the client has ended the connection. `output` tells a client that waits
    /// for it to go on.
    pub(crate) fn read(
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<Option<Request>, RequestError> {
        let Some(head) = head(input)? else { return Ok(None) };
        let mut request = Request::parse(&head)?;
        let length = request.header("content-length").map(str::to_owned);
        let chunked = request.header("transfer-encoding").map(str::to_ascii_lowercase);
        if length.is_none() && chunked.is_none() {
            return Ok(Some(request));
        }
        if request.header("expect").is_some_and(|expect| expect.eq_ignore_ascii_case("100-continue")) {
            output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.body = match (chunked.as_deref(), length) {
            (Some("chunked"), None) => chunks(input)?,
            (None, Some(length)) => {
                sized(input, length.parse().map_err(|_| RequestError::Bad("content length"))?)?
            }
            _ => return Err(RequestError::Bad("transfer encoding")),
        };
        match request.header("content-encoding") {
            None | Some("identity") => {}
            Some("gzip" | "x-gzip") => request.body = gunzip(&request.body)?,
            Some(_) => return Err(RequestError::Bad("content encoding")),
        }
        Ok(Some(request))
    }

    /// Returns the first header `name`, which is given in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }

    fn parse(head: &str) -> Result<Request, RequestError> {
        let mut lines = head.lines();
        let mut parts = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(RequestError::Bad("request line"));
        };
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(RequestError::Bad("header"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Request { method: method.to_owned(), headers, ..Request::default() };
        request.locate(target)?;
        let connection = request.header("connection").unwrap_or_default().to_ascii_lowercase();
        request.keep_alive = match version {
            "HTTP/1.1" => !connection.contains("close"),
            "HTTP/1.0" => false,
            _ => return Err(RequestError::Bad("version")),
        };
        Ok(request)
    }

    /// Finds out what is meant: by the Host header; by a whole URL, as clients send it to a proxy; or by a path that
    /// begins with `/@host/` and the host.
    fn locate(&mut self, target: &str) -> Result<(), RequestError> {
        let host = self.header("host").ok_or(RequestError::Bad("host"))?.to_owned();
        let (host, target) = match target.strip_prefix("http://") {
            Some(url) => url.find('/').map_or((url, "/"), |slash| url.split_at(slash)),
            None => (host.as_str(), target),
        };
        let (host, target) = match target.strip_prefix("/@host/") {
            Some(rest) => rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash)),
            None => (host, target),
        };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        self.path = percent_decode(path).ok_or(RequestError::Bad("path"))?;
        self.query = query;
        self.host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        self.target = target.to_owned();
        if self.path.starts_with('/') { Ok(()) } else { Err(RequestError::Bad("path")) }
    }
}

/// Returns the lines up to the empty one, without line ends, or nothing if there are no bytes at all.
fn head(input: &mut impl BufRead) -> Result<Option<String>, RequestError> {
    let mut head = Vec::new();
    let mut input = input.take(MAX_HEAD);
    loop {
        let start = head.len();
        input.read_until(b'\n', &mut head)?;
        match &head[start..] {
            b"" if start == 0 => return Ok(None),
            b"\r\n" | b"\n" if start == 0 => head.clear(), // between two requests
            b"\r\n" | b"\n" => break,
            line if line.ends_with(b"\n") => {}
            _ if input.limit() == 0 => return Err(RequestError::TooLarge),
            _ => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
    String::from_utf8(head)
        .map(|head| Some(head.trim_end().to_owned()))
        .map_err(|_| RequestError::Bad("text"))
}

fn sized(input: &mut impl BufRead, length: u64) -> Result<Vec<u8>, RequestError> {
    if length > MAX_BODY {
        return Err(RequestError::TooLarge);
    }
    let mut body = Vec::new();
    let read = input.take(length).read_to_end(&mut body)? as u64;
    if read < length { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) } else { Ok(body) }
}

fn chunks(input: &mut impl BufRead) -> Result<Vec<u8>, RequestError> {
    let mut body = Vec::new();
    loop {
        let line = line(input)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).map_err(|_| RequestError::Bad("chunk"))?;
        if length == 0 {
            break;
        }
        if length > MAX_BODY - body.len() as u64 {
            return Err(RequestError::TooLarge);
        }
        body.extend(sized(input, length)?);
        if !self::line(input)?.is_empty() {
            return Err(RequestError::Bad("chunk"));
        }
    }
    while !line(input)?.is_empty() {}
    Ok(body)
}

fn line(input: &mut impl BufRead) -> Result<String, RequestError> {
    let mut line = String::new();
    input.take(1024).read_line(&mut line)?;
    if line.ends_with('\n') { Ok(line.trim_end().to_owned()) } else { Err(RequestError::Bad("chunk")) }
}

fn gunzip(packed: &[u8]) -> Result<Vec<u8>, RequestError> {
    let mut body = Vec::new();
    let mut decoder = MultiGzDecoder::new(packed).take(MAX_BODY + 1);
    decoder.read_to_end(&mut body).map_err(|_| RequestError::Bad("gzip"))?;
    if body.len() as u64 > MAX_BODY { Err(RequestError::TooLarge) } else { Ok(body) }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Request>, RequestError> {
        Request::read(&mut &*bytes, &mut Vec::new())
    }

    #[test]
    fn request_says_what_is_meant() {
        for (head, host, path, query) in [
            ("GET /a/%2bb?c HTTP/1.1\r\nHost: Example.com:80\r\n\r\n", "example.com", "/a/+b", Some("c")),
            ("GET http://git.example/x HTTP/1.1\r\nHost: proxy\r\n\r\n", "git.example", "/x", None),
            ("GET http://git.example:8 HTTP/1.1\r\nHost: proxy\r\n\r\n", "git.example", "/", None),
            ("\r\nGET /@host/a.b/c/d HTTP/1.0\nhost: x\n\n", "a.b", "/c/d", None),
        ] {
            let request = read(head.as_bytes()).unwrap().unwrap();
            assert_eq!((request.host.as_str(), request.path.as_str()), (host, path));
            assert_eq!(request.query.as_deref(), query);
        }
    }

    #[test]
    fn bodies_are_read_in_every_form() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"hello").unwrap();
        let gzip = gzip.finish().unwrap();
        let packed = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", gzip.len());
        for (rest, body) in [
            ("Content-Length: 5\r\n\r\n", &b"hello"[..]),
            ("Transfer-Encoding: chunked\r\n\r\n", b"3;x\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n"),
            (&packed, &gzip),
        ] {
            let bytes = [b"POST / HTTP/1.1\r\nHost: h\r\n", rest.as_bytes(), body].concat();
            assert_eq!(read(&bytes).unwrap().unwrap().body, b"hello", "{rest}");
        }
    }

    #[test]
    fn client_that_waits_is_told_to_go_on() {
        let bytes = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx";
        let mut output = Vec::new();
        assert!(Request::read(&mut &bytes[..], &mut output).unwrap().is_some());
        assert_eq!(output, b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    #[test]
    fn rejects_requests_that_are_too_large_or_wrong() {
        let status = |text: &str| read(text.as_bytes()).unwrap_err().status();
        let long = "x".repeat(70_000);
        assert_eq!(status(&format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n")), Some(413));
        assert_eq!(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n"), Some(413));
        let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(status(&format!("{chunked}7fffffff\r\n")), Some(413));
        assert_eq!(status(&format!("{chunked}-1\r\n")), Some(400));
        assert_eq!(status("GET / HTTP/1.1\r\n\r\n"), Some(400));
        assert_eq!(status("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), Some(400));
        assert_eq!(status("GET / HTTP/2\r\nHost: h\r\n\r\n"), Some(400));
        assert_eq!(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel"), None);
        assert!(read(b"").unwrap().is_none());
    }

    #[test]
    fn rejects_gzip_that_unpacks_to_too_much() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        io::copy(&mut io::repeat(0).take(MAX_BODY + 1), &mut gzip).unwrap();
        assert!(matches!(gunzip(&gzip.finish().unwrap()), Err(RequestError::TooLarge)));
    }
}
