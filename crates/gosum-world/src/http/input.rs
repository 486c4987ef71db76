//! What a client sends.

use std::io::{self, Read};
use std::net::TcpStream;

/// Reads from a socket such that the bytes read last stay with the kernel until more are asked for.
///
/// A socket that is closed while bytes lie unread in it breaks the connection off (RST) instead of ending it (FIN).
/// So dropping this breaks off, and [`Input::settle`] before that makes it an orderly end.
pub(crate) struct Input<'a> {
    stream: &'a TcpStream,
    unread: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(stream: &'a TcpStream) -> Input<'a> {
        Input { stream, unread: 0 }
    }

    /// Takes from the kernel what was read.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        io::copy(&mut self.stream.take(self.unread as u64), &mut io::sink())?;
        self.unread = 0;
        Ok(())
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.settle()?;
        self.unread = self.stream.peek(buffer)?;
        Ok(self.unread)
    }
}
