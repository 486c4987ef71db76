//! Our HTTP client as the transport of gix.
//!
//! What goes wrong is kept aside in a [`Fault`], as gix passes errors on in its own words only.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};
use gix_transport::packetline;
use gosum_fetch::{Fetch, FetchError, Request, Response, SafeUrl};
use gosum_mod::name::text::Text;

use crate::error::Said;
use crate::limits::Bound;
use crate::{GitError, ObjectId};

/// How much is read from the network at once.
const CHUNK: usize = 64 << 10;

/// The User-Agent header: some hosts speak git only with programs that say they are git.
const USER_AGENT: &str = concat!("git/gosum-", env!("CARGO_PKG_VERSION"));

/// One exchange with a host: who is asked, and what it may cost.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) url: SafeUrl,
    pub(crate) deadline: Instant,
    pub(crate) max_bytes: u64,
    /// The bound that an answer of more than `max_bytes` passes.
    pub(crate) bound: Bound,
}

/// What a status other than success means, given what the server said with it.
type OfStatus = fn(&SafeUrl, u16, Option<&str>, Said) -> GitError;

/// What a git server answers first, and where it was found.
#[derive(Clone)]
pub(crate) struct Greeting {
    /// The repository, after all redirects.
    pub(crate) url: SafeUrl,
    pub(crate) bytes: Arc<[u8]>,
}

impl Call {
    /// Asks for the first answer of a repository.
    pub(crate) fn greet(&self) -> Result<Greeting, GitError> {
        let service = self.url.below("/info/refs").join("?service=git-upload-pack");
        let service = service.map_err(|error| self.no_git(error.to_string()))?;
        let request = Request::get(service, self.max_bytes, self.deadline)
            .header("User-Agent", USER_AGENT)
            .header("Git-Protocol", "version=2");
        let response = self.send(request, GitError::of_status)?;
        let moved = response.url.join("..").ok().filter(|_| response.url.path().ends_with("/info/refs"));
        let moved = moved.map(|url| url.below(""));
        let url = moved.ok_or_else(|| self.no_git("redirected to something else".to_owned()))?;
        self.check_type(&response, "application/x-git-upload-pack-advertisement")?;
        let bytes = response.body.into_bytes().map_err(|error| self.broken(error))?;
        if let Some(words) = bytes.get(4..).and_then(|line| line.strip_prefix(b"ERR ")) {
            return Err(GitError::Remote { url: self.url.clone(), said: Said::new(words) });
        }
        Ok(Greeting { url, bytes: without_version_1(bytes).into() })
    }

    /// Sends `request` and returns the answer if its status is 200; else what `of_status` makes of it.
    fn send(&self, request: Request, of_status: OfStatus) -> Result<Response, GitError> {
        let mut response = self.fetch.send(request.polite()).map_err(|error| self.failed(error))?;
        if response.status == 200 {
            return Ok(response);
        }
        let is_text = response.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
        let mut words = Vec::new();
        if is_text {
            // what the server has to say is only an addition: the status is the answer
            let _ = response.body.by_ref().take(Said::MAX as u64).read_to_end(&mut words);
        }
        let retry_after = response.headers.get("retry-after");
        Err(of_status(&self.url, response.status, retry_after, Said::new(&words)))
    }

    fn check_type(&self, response: &Response, expected: &str) -> Result<(), GitError> {
        match response.headers.get("content-type").map(str::trim) {
            // parameters such as a character set say nothing here
            Some(kind)
                if kind.split(';').next().unwrap_or(kind).trim_end().eq_ignore_ascii_case(expected) =>
            {
                Ok(())
            }
            Some(kind) => Err(self.no_git(format!("content type {:?}", Text::from(kind)))),
            None => Err(self.no_git("no content type".to_owned())),
        }
    }

    fn no_git(&self, reason: String) -> GitError {
        GitError::NotGit { url: self.url.clone(), reason }
    }

    fn failed(&self, error: FetchError) -> GitError {
        match error {
            FetchError::TooLarge { max, .. } => GitError::Limit { bound: self.bound, max },
            error => error.into(),
        }
    }

    /// Returns what it means that a body could not be read.
    fn broken(&self, error: io::Error) -> GitError {
        if FetchError::in_io(&error).is_some()
            && let Some(inner) = error.into_inner()
            && let Ok(error) = inner.downcast::<FetchError>()
        {
            return self.failed(*error);
        }
        GitError::Silent { url: self.url.clone() }
    }

    /// Returns what it means that an answer could not be understood, if nothing else is known.
    pub(crate) fn misread(&self, error: &io::Error) -> GitError {
        let url = self.url.clone();
        let words = error.get_ref().and_then(|inner| inner.downcast_ref::<packetline::read::Error>());
        match words {
            Some(error) => GitError::Remote { url, said: Said::new(&error.message) },
            None if error.kind() == io::ErrorKind::UnexpectedEof => GitError::Silent { url },
            None => self.misspoken(&error.to_string()),
        }
    }

    pub(crate) fn misspoken(&self, reason: &str) -> GitError {
        GitError::Protocol { url: self.url.clone(), reason: format!("{:?}", Text::from(reason)) }
    }
}

/// Returns a greeting without the line by which protocol v1 differs from v0, and which gix does not read.
fn without_version_1(mut greeting: Vec<u8>) -> Vec<u8> {
    const VERSION: &[u8] = b"000eversion 1\n";
    const SERVICE: &[u8] = b"001e# service=git-upload-pack\n0000";
    let at = if greeting.starts_with(SERVICE) { SERVICE.len() } else { 0 };
    if greeting[at..].starts_with(VERSION) {
        greeting.drain(at..at + VERSION.len());
    }
    greeting
}

/// What went wrong first.
#[derive(Clone, Default)]
pub(crate) struct Fault(Rc<RefCell<Option<GitError>>>);

impl Fault {
    pub(crate) fn set(&self, error: GitError) {
        self.0.borrow_mut().get_or_insert(error);
    }

    pub(crate) fn take(&self) -> Option<GitError> {
        self.0.borrow_mut().take()
    }
}

/// A connection for one request, to a server that has greeted us already.
pub(crate) struct Wire {
    call: Call,
    greeting: Arc<[u8]>,
    fault: Fault,
}

impl Wire {
    pub(crate) fn new(call: Call, greeting: &Greeting, fault: Fault) -> Wire {
        let call = Call { url: greeting.url.clone(), ..call };
        Wire { call, greeting: Arc::clone(&greeting.bytes), fault }
    }
}

impl Http for Wire {
    type Headers = Head;
    type ResponseBody = Box<dyn BufRead>;
    type PostBody = Upload;

    /// Gives the greeting again.
    fn get(
        &mut self,
        _url: &str,
        _base_url: &str,
        _headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<GetResponse<Head, Box<dyn BufRead>>, gix::Error> {
        let headers = Head::Known(Cursor::new("content-type: application/x-git-upload-pack-advertisement\n"));
        Ok(GetResponse { headers, body: Box::new(Cursor::new(Arc::clone(&self.greeting))) })
    }

    /// Prepares a request, which is sent when the first of its answer is read.
    fn post(
        &mut self,
        _url: &str,
        _base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _body: PostBodyDataKind,
    ) -> Result<PostResponse<Head, Box<dyn BufRead>, Upload>, gix::Error> {
        let url = self.call.url.below("/git-upload-pack");
        let mut request = Request::post(url, Vec::new(), self.call.max_bytes, self.call.deadline);
        for header in headers {
            if let Some((name, value)) = header.as_ref().split_once(": ") {
                let value = if name.eq_ignore_ascii_case("user-agent") { USER_AGENT } else { value };
                request = request.header(name, value);
            }
        }
        let exchange =
            Exchange { call: self.call.clone(), fault: self.fault.clone(), state: State::Asking(request) };
        let exchange = Rc::new(RefCell::new(exchange));
        Ok(PostResponse {
            post_body: Upload(Rc::clone(&exchange)),
            headers: Head::Awaited(Rc::clone(&exchange)),
            body: Box::new(BufReader::with_capacity(CHUNK, Answer(exchange))),
        })
    }

    fn configure(&mut self, _config: &dyn std::any::Any) -> Result<(), gix::Error> {
        Ok(())
    }
}

/// A request and its answer.
pub(crate) struct Exchange {
    call: Call,
    fault: Fault,
    state: State,
}

enum State {
    Asking(Request),
    Answered(Box<Response>),
    Failed,
}

impl Exchange {
    /// Sends the request if that has not been done, and returns the answer.
    fn answer(&mut self) -> io::Result<&mut Response> {
        if let State::Asking(_) = &self.state
            && let State::Asking(request) = std::mem::replace(&mut self.state, State::Failed)
        {
            let checked = self.call.send(request, GitError::of_later_status).and_then(|response| {
                self.call.check_type(&response, "application/x-git-upload-pack-result")?;
                Ok(response)
            });
            match checked {
                Ok(response) => self.state = State::Answered(Box::new(response)),
                Err(error) => self.fault.set(error),
            }
        }
        match &mut self.state {
            State::Answered(response) => Ok(response),
            _ => Err(io::Error::other("no answer")),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.answer()?.body.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.fault.set(self.call.broken(error));
                Err(io::Error::other("broken answer"))
            }
            read => read,
        }
    }
}

/// The body of a request.
pub(crate) struct Upload(Rc<RefCell<Exchange>>);

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0.borrow_mut().state {
            State::Asking(request) => request.body.write(bytes),
            _ => Err(io::Error::other("the request has been sent")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The headers of an answer, as far as gix looks at them.
pub(crate) enum Head {
    Known(Cursor<&'static str>),
    Awaited(Rc<RefCell<Exchange>>),
}

impl Head {
    fn known(&mut self) -> io::Result<&mut Cursor<&'static str>> {
        if let Head::Awaited(exchange) = self {
            exchange.borrow_mut().answer()?;
            *self = Head::Known(Cursor::new("content-type: application/x-git-upload-pack-result\n"));
        }
        match self {
            Head::Known(head) => Ok(head),
            Head::Awaited(_) => Err(io::Error::other("no answer")),
        }
    }
}

impl Read for Head {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.known()?.read(buffer)
    }
}

impl BufRead for Head {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.known()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Head::Known(head) = self {
            head.consume(amount);
        }
    }
}

/// The body of an answer.
struct Answer(Rc<RefCell<Exchange>>);

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

/// Returns which of `ids` the words of a server name.
pub(crate) fn named_in(said: &Said, ids: &[ObjectId]) -> Option<ObjectId> {
    let words = said.words()?.to_lossy();
    ids.iter().copied().find(|id| words.contains(&id.to_string()))
}
