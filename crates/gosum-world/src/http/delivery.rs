//! How a response goes out, faults included.

use std::io::{self, BufWriter, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Response, Stop};
use crate::fault::{Break, Plan};

/// The most bytes that are written at once.
const PIECE: u64 = 64 << 10;

/// What becomes of the connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    KeepAlive,
    /// It ends as is proper.
    Close,
    /// It is broken off.
    Reset,
}

/// A response on its way.
pub(crate) struct Delivery<'a> {
    pub(crate) stream: &'a TcpStream,
    pub(crate) response: &'a Response,
    pub(crate) plan: &'a Plan,
    /// Whether the headers only are asked for.
    pub(crate) headers_only: bool,
    pub(crate) keep_alive: bool,
    pub(crate) stop: &'a Stop,
    /// Told of bytes of the body before they are sent; of none before the headers are.
    pub(crate) sending: &'a dyn Fn(u64),
}

impl Delivery<'_> {
    pub(crate) fn run(&self) -> io::Result<Ending> {
        let plan = self.plan;
        if plan.delay > Duration::ZERO && self.stop.wait(Some(plan.delay)) {
            return Ok(Ending::Close);
        }
        if let Some(Break { after: None, reset }) = plan.end {
            return Ok(ending(reset));
        }
        let mut output = BufWriter::with_capacity(16 << 10, self.stream);
        (self.sending)(0);
        output.write_all(self.head().as_bytes())?;
        let broken = if self.headers_only { None } else { self.body(&mut output)? };
        output.flush()?;
        Ok(match broken {
            Some(ending) => ending,
            None if self.keep_alive && plan.length == 0 => Ending::KeepAlive,
            None => Ending::Close,
        })
    }

    fn is_chunked(&self) -> bool {
        self.plan.endless || (self.response.chunked && self.plan.length == 0)
    }

    fn head(&self) -> String {
        let Response { status, headers, body, .. } = self.response;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.is_chunked() {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else {
            let length = (body.len() as u64).saturating_add_signed(self.plan.length);
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        if !self.keep_alive {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        head
    }

    /// Sends the body. Returns how the connection ends if it ends early.
    fn body(&self, output: &mut impl Write) -> io::Result<Option<Ending>> {
        let plan = self.plan;
        let body = &**self.response.body;
        let filler: &[u8] = if body.is_empty() { b"more\n" } else { body };
        let length = if plan.endless { u64::MAX } else { body.len() as u64 };
        let (cut, stall) = (plan.end.and_then(|end| end.after), plan.stall.map(|stall| stall.after));
        let step = plan.drip.map_or(PIECE, |drip| drip.bytes.max(1));
        let mut at = 0;
        loop {
            if let Some(end) = plan.end.filter(|_| cut == Some(at)) {
                output.flush()?;
                return Ok(Some(ending(end.reset)));
            }
            if let Some(stall) = plan.stall.filter(|stall| stall.after == at) {
                output.flush()?;
                if self.stop.wait(stall.time) {
                    return Ok(Some(Ending::Close));
                }
            }
            if at == length {
                break;
            }
            let marks = [cut, stall].into_iter().flatten().filter(|&mark| mark > at);
            let most =
                marks.chain([at.saturating_add(step), length]).min().expect("there are two at least") - at;
            let start = usize::try_from(at % filler.len() as u64).expect("it is within the body");
            let piece = &filler[start..];
            let piece = &piece[..piece.len().min(usize::try_from(most).unwrap_or(usize::MAX))];
            self.piece(output, piece)?;
            at += piece.len() as u64;
            if let Some(drip) = plan.drip.filter(|_| at < length) {
                output.flush()?;
                if self.stop.wait(Some(drip.pause)) {
                    return Ok(Some(Ending::Close));
                }
            }
        }
        if self.is_chunked() {
            output.write_all(b"0\r\n\r\n")?;
        }
        Ok(None)
    }

    fn piece(&self, output: &mut impl Write, piece: &[u8]) -> io::Result<()> {
        (self.sending)(piece.len() as u64);
        if !self.is_chunked() {
            return output.write_all(piece);
        }
        write!(output, "{:x}\r\n", piece.len())?;
        output.write_all(piece)?;
        output.write_all(b"\r\n")
    }
}

fn ending(reset: bool) -> Ending {
    if reset { Ending::Reset } else { Ending::Close }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
