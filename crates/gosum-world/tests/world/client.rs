//! The plainest client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use gosum_world::World;

/// A connection to a world.
pub(crate) struct Client(BufReader<TcpStream>);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub(crate) fn connect(world: &World) -> Client {
        let stream = TcpStream::connect(world.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client(BufReader::new(stream))
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Asks for `host/path`.
    pub(crate) fn get(&mut self, address: &str) -> Answer {
        self.ask(address);
        self.answer().unwrap()
    }

    /// Sends a request for `host/path` and does not wait for what comes back.
    pub(crate) fn ask(&mut self, address: &str) {
        let (host, path) = address.split_once('/').unwrap();
        self.send(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    }

    /// Posts a request to git-upload-pack.
    pub(crate) fn post(&mut self, address: &str, protocol: &str, body: &[u8]) -> Answer {
        let (host, path) = address.split_once('/').unwrap();
        let length = body.len();
        self.send(format!(
            "POST /{path} HTTP/1.1\r\nHost: {host}\r\nGit-Protocol: {protocol}\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-git-upload-pack-request\r\n\r\n"
        ));
        self.send(body);
        self.answer().unwrap()
    }

    /// Reads the next answer.
    pub(crate) fn answer(&mut self) -> std::io::Result<Answer> {
        let mut answer = self.head()?;
        answer.body = match (answer.header("content-length"), answer.header("transfer-encoding")) {
            (Some(length), None) => {
                let mut body = vec![0; length.parse().unwrap()];
                self.0.read_exact(&mut body)?;
                body
            }
            (None, Some("chunked")) => self.chunks()?,
            other => panic!("no framing: {other:?}"),
        };
        Ok(answer)
    }

    /// Reads the status line and headers of the next answer.
    pub(crate) fn head(&mut self) -> std::io::Result<Answer> {
        let status = self.line()?;
        let status = status.strip_prefix("HTTP/1.1 ").unwrap().split(' ').next().unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(Answer { status, headers, body: Vec::new() });
            }
            let (name, value) = line.split_once(": ").unwrap();
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// Reads until the connection ends.
    pub(crate) fn rest(&mut self) -> std::io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).map(|_| rest)
    }

    fn chunks(&mut self) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line()?, 16).unwrap();
            let start = body.len();
            body.resize(start + length, 0);
            self.0.read_exact(&mut body[start..])?;
            assert_eq!(self.line()?, "");
            if length == 0 {
                return Ok(body);
            }
        }
    }

    pub(crate) fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
