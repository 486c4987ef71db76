//! The bounds of a body, whoever it comes from.

use std::io::{self, Read};
use std::time::Instant;

use crate::{FetchError, Request, SafeUrl};

/// Where the bytes of a body come from.
pub(crate) trait Flow: Send {
    /// Puts bytes into `buffer`, which is not empty, and returns how many; none at the end.
    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError>;
}

/// A body that keeps the bounds of its request, and the length that its server declared. The flow
/// is let go, which ends its download, as soon as there is no use for further bytes.
pub(crate) struct Bounded<F> {
    url: SafeUrl,
    max: u64,
    deadline: Instant,
    declared: Option<u64>,
    got: u64,
    state: State<F>,
}

enum State<F> {
    Open(F),
    Ended,
    Failed(FetchError),
}

impl<F: Flow> Bounded<F> {
    /// Returns the body that is `flow`, an answer of `url` to `request`.
    pub(crate) fn new(request: &Request, declared: Option<u64>, flow: F) -> Bounded<F> {
        let (url, max) = (request.url.clone(), request.max_bytes);
        let state = match declared.is_some_and(|declared| declared > max) {
            true => State::Failed(FetchError::TooLarge { url: url.clone(), max }),
            false => State::Open(flow),
        };
        Bounded { url, max, deadline: request.deadline, declared, got: 0, state }
    }

    /// Returns the body, of which nothing can be read because of `error`.
    pub(crate) fn refuse(self, error: FetchError) -> Bounded<F> {
        Bounded { state: State::Failed(error), ..self }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        let flow = match &mut self.state {
            State::Open(flow) => flow,
            State::Ended => return Ok(0),
            State::Failed(error) => return Err(error.clone()),
        };
        if Instant::now() >= self.deadline {
            return Err(FetchError::Deadline { url: self.url.clone() });
        }
        let came = flow.next(buffer)?;
        self.got += came as u64;
        if self.got > self.max {
            return Err(FetchError::TooLarge { url: self.url.clone(), max: self.max });
        }
        let wrong = |declared: &u64| self.got > *declared || came == 0 && self.got < *declared;
        if let Some(declared) = self.declared.filter(wrong) {
            return Err(FetchError::Length { url: self.url.clone(), declared, got: self.got });
        }
        Ok(came)
    }
}

impl<F: Flow> Read for Bounded<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let came = self.step(buffer);
        match &came {
            Ok(0) => self.state = State::Ended,
            Ok(_) => {}
            Err(error) => self.state = State::Failed(error.clone()),
        }
        Ok(came?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    /// Gives bytes, and shows by its reference whether it is still held.
    struct Bytes {
        bytes: &'static [u8],
        _held: Arc<()>,
    }

    impl Flow for Bytes {
        fn next(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
            Ok(self.bytes.read(buffer).unwrap())
        }
    }

    fn request(max: u64) -> Request {
        let url = SafeUrl::parse("https://proxy.example/a").unwrap();
        Request::get(url, max, Instant::now() + Duration::from_secs(60))
    }

    fn read(max: u64, declared: Option<u64>, bytes: &'static [u8]) -> Result<Vec<u8>, FetchError> {
        let held = Arc::new(());
        let mut body = Bounded::new(&request(max), declared, Bytes { bytes, _held: held.clone() });
        let mut read = Vec::new();
        let outcome = body.read_to_end(&mut read);
        assert_eq!(Arc::strong_count(&held), 1, "the flow is let go at the end, good or bad");
        match outcome {
            Ok(_) => Ok(read),
            Err(error) => {
                let again = body.read(&mut [0]).unwrap_err();
                let [first, second] = [&error, &again].map(|error| FetchError::in_io(error).unwrap());
                assert_eq!(first.to_string(), second.to_string(), "a body that failed stays failed");
                Err(first.clone())
            }
        }
    }

    #[test]
    fn gives_a_body_of_exactly_the_bound_and_none_of_one_byte_more() {
        assert_eq!(read(3, None, b"abc").unwrap(), b"abc");
        assert!(matches!(read(2, None, b"abc"), Err(FetchError::TooLarge { max: 2, .. })));
        assert!(matches!(read(2, Some(3), b"abc"), Err(FetchError::TooLarge { max: 2, .. })));
    }

    #[test]
    fn refuses_a_body_that_is_not_as_long_as_declared() {
        assert_eq!(read(9, Some(3), b"abc").unwrap(), b"abc");
        assert!(matches!(read(9, Some(4), b"abc"), Err(FetchError::Length { declared: 4, got: 3, .. })));
        assert!(matches!(read(9, Some(2), b"abc"), Err(FetchError::Length { declared: 2, .. })));
        assert!(matches!(read(9, Some(2), b""), Err(FetchError::Length { declared: 2, got: 0, .. })));
    }

    #[test]
    fn gives_no_byte_after_the_deadline() {
        let mut late = request(9);
        late.deadline = Instant::now();
        let mut body = Bounded::new(&late, None, Bytes { bytes: b"abc", _held: Arc::default() });
        let error = body.read(&mut [0; 8]).unwrap_err();
        assert!(matches!(FetchError::in_io(&error), Some(FetchError::Deadline { .. })));
    }
}
