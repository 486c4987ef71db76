//! Servers that do as each test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gosum_fetch::SafeUrl;

/// A server on loopback, with a thread for each connection.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// A request as it arrived.
pub(crate) struct Asked {
    /// The request line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Returns a server that hands each connection to `serve`.
    pub(crate) fn connected(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, serve) = (connections.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                thread::spawn(move || serve(stream.unwrap()));
            }
        });
        Server { address, connections }
    }

    /// Returns a server that reads requests and answers each with the bytes of `answer`.
    pub(crate) fn answering(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Server {
        Server::connected(move |mut stream| {
            while let Some(asked) = Asked::read(&mut stream) {
                if stream.write_all(&answer(&asked)).is_err() {
                    return;
                }
            }
        })
    }

    /// Returns a server that answers the first request of each connection with `bytes`, and hangs up.
    pub(crate) fn saying(bytes: &'static [u8]) -> Server {
        Server::connected(move |mut stream| {
            Asked::read(&mut stream).unwrap();
            stream.write_all(bytes).unwrap();
        })
    }

    /// Returns a server that answers the first request of each connection with `bytes`, and no more.
    pub(crate) fn stalling_after(bytes: &'static [u8]) -> Server {
        Server::connected(move |mut stream| {
            Asked::read(&mut stream).unwrap();
            stream.write_all(bytes).unwrap();
            // until the client hangs up
            let _ = stream.read(&mut [0]);
        })
    }

    pub(crate) fn url(&self, path: &str) -> SafeUrl {
        crate::url(&format!("http://{}{path}", self.address))
    }

    /// Returns how many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Asked {
    /// Reads a request; none when the client hangs up.
    pub(crate) fn read(stream: &mut impl Read) -> Option<Asked> {
        // a byte at a time: what follows the request stays in the stream
        let mut reader = BufReader::with_capacity(1, stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut asked = Asked { head, body: Vec::new() };
        let len = asked.header("content-length").map_or(0, |len| len.parse().unwrap());
        asked.body.resize(len, 0);
        reader.read_exact(&mut asked.body).ok()?;
        Some(asked)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns what the request line asks for.
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }
}

/// Returns an answer with `body` and its length.
pub(crate) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}
