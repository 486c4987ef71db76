//! Standard output and standard error.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Where text goes. A reader that has gone away is no error: what is written from then on is thrown away, and the run
/// ends with the code that it would have had. Clones write to the same place.
#[derive(Clone)]
pub(crate) struct Output(Arc<Mutex<Sink>>);

struct Sink {
    to: Box<dyn Write + Send>,
    gone: bool,
}

impl Output {
    pub(crate) fn new(to: Box<dyn Write + Send>) -> Output {
        Output(Arc::new(Mutex::new(Sink { to, gone: false })))
    }

    fn with<T>(&self, done: T, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        // a writer that panicked in another thread has already made this run a fault
        let mut sink = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if sink.gone {
            return Ok(done);
        }
        match write(&mut sink.to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                sink.gone = true;
                Ok(done)
            }
            result => result,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(bytes.len(), |to| to.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with((), |to| to.write_all(bytes))
    }

    /// Writes all of it at once: lines of several threads must not run into one another.
    fn write_fmt(&mut self, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        self.write_all(text.to_string().as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with((), |to| to.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(usize);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            assert_eq!(self.0, 1, "nothing is written to a pipe that has been closed");
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let mut output = Output::new(Box::new(Closed(0)));
        for _ in 0..3 {
            output.write_all(b"text").unwrap();
        }
        output.flush().unwrap();
    }

    #[test]
    fn other_errors_are() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(Output::new(Box::new(Full)).write_all(b"text").is_err());
    }
}
