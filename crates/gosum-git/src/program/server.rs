//! A git server behind a program: `ssh HOST git-upload-pack PATH`, or `git upload-pack PATH` for a folder.
//!
//! A conversation over pipes is the one over HTTP, but that the server greets each time. So this is a [`Fetch`] like
//! any other: a GET is answered with the greeting, a POST with what comes behind it.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use gosum_fetch::{Body, Fetch, FetchError, Headers, Method, Request, Response, SafeUrl};
use gosum_mod::name::text::Text;

use super::{PlaceAt, Programs, TICK, out_of_repositories, quoted};

/// How many pieces of what a program says wait for their reader.
const WAITING: usize = 4;
const CHUNK: usize = 64 << 10;
/// How much of what a program says on its standard error is kept.
const MAX_WORDS: usize = 1000;
/// What a server says over HTTP before a greeting of an older protocol than v2.
const SERVICE: &[u8] = b"001e# service=git-upload-pack\n0000";

/// A program that speaks git's protocol for one repository.
#[derive(Debug, Clone)]
pub struct ProgramServer {
    /// The repository, as it is shown to people.
    pub url: SafeUrl,
    /// The program.
    pub program: OsString,
    /// Its arguments, the repository among them.
    pub arguments: Vec<OsString>,
    /// What is shown of it, when its own words may hold a secret.
    pub shown: Option<String>,
    /// The host that it speaks to, if that takes only a few at once.
    pub host: Option<String>,
    /// What the user has to install if the program is not there, such as `git`.
    pub needs: String,
    /// What all programs of the run share.
    pub programs: Arc<Programs>,
}

impl ProgramServer {
    fn start(&self, request: &Request) -> Result<Conversation, FetchError> {
        let url = &self.url;
        if self.programs.is_stopped() {
            return Err(FetchError::Interrupted { url: url.clone() });
        }
        let place = match &self.host {
            Some(host) => Some(self.programs.place_at(host, request.deadline).ok_or_else(|| {
                let url = url.clone();
                if self.programs.is_stopped() {
                    FetchError::Interrupted { url }
                } else {
                    FetchError::Deadline { url }
                }
            })?),
            None => None,
        };
        self.programs.show(&self.line());
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        out_of_repositories(&mut command);
        command.envs(self.programs.env.iter().copied());
        command.env("GIT_PROTOCOL", "version=2");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let reason = if missing { format!("needs {}", self.needs) } else { error.to_string() };
            FetchError::Program { url: url.clone(), reason }
        })?;
        let mut stdout = child.stdout.take().expect("it is piped");
        let mut stderr = child.stderr.take().expect("it is piped");
        let (send, chunks) = sync_channel(WAITING);
        thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = stdout.read(&mut chunk);
                let is_last = !matches!(read, Ok(1..));
                let read = read.map(|len| {
                    chunk.truncate(len);
                    chunk
                });
                // nobody listens any more when the conversation is over
                if send.send(read).is_err() || is_last {
                    break;
                }
            }
        });
        let words = Arc::new(Mutex::new(Vec::new()));
        let kept = words.clone();
        let listener = thread::spawn(move || {
            let mut chunk = [0; 1024];
            while let Ok(len @ 1..) = stderr.read(&mut chunk) {
                let mut words = kept.lock().unwrap_or_else(PoisonError::into_inner);
                words.extend_from_slice(&chunk[..len]);
                let beyond = words.len().saturating_sub(MAX_WORDS);
                words.drain(..beyond);
            }
        });
        Ok(Conversation {
            url: url.clone(),
            stdin: child.stdin.take(),
            child,
            chunks,
            words,
            listener: Some(listener),
            rest: io::Cursor::default(),
            deadline: request.deadline,
            left: request.max_bytes,
            max: request.max_bytes,
            programs: self.programs.clone(),
            place,
        })
    }

    /// Returns the command line as it is shown.
    fn line(&self) -> String {
        if let Some(shown) = &self.shown {
            return shown.clone();
        }
        quoted(std::iter::once(&self.program).chain(&self.arguments))
    }
}

impl Fetch for ProgramServer {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let mut conversation = self.start(&request)?;
        let greeting = conversation.greeting()?;
        let (kind, body) = match request.method {
            Method::Get => {
                let is_v2 = greeting.starts_with(b"000eversion 2");
                let start = if is_v2 { &[][..] } else { SERVICE };
                ("advertisement", Body::from_bytes([start, &greeting].concat()))
            }
            Method::Post => {
                conversation.say(request.body);
                ("result", Body::new(Box::new(conversation), None))
            }
        };
        let header = ("content-type".to_owned(), format!("application/x-git-upload-pack-{kind}"));
        Ok(Response { status: 200, url: request.url, headers: Headers::from_iter([header]), body })
    }

    fn pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        while !self.programs.is_stopped() && Instant::now() < end {
            thread::sleep(TICK.min(end - Instant::now().min(end)));
        }
    }
}

/// A program that runs. Dropping it ends the program.
struct Conversation {
    url: SafeUrl,
    child: Child,
    stdin: Option<ChildStdin>,
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// The end of what it said on its standard error.
    words: Arc<Mutex<Vec<u8>>>,
    listener: Option<thread::JoinHandle<()>>,
    rest: io::Cursor<Vec<u8>>,
    deadline: Instant,
    left: u64,
    max: u64,
    programs: Arc<Programs>,
    /// Given up when the program has ended.
    place: Option<PlaceAt>,
}

impl Conversation {
    /// Reads up to the first flush packet: all that a server says before it is asked.
    fn greeting(&mut self) -> Result<Vec<u8>, FetchError> {
        let mut greeting = Vec::new();
        loop {
            let start = greeting.len();
            self.take(4, &mut greeting)?;
            let length = std::str::from_utf8(&greeting[start..]).ok();
            let length = length.and_then(|digits| usize::from_str_radix(digits, 16).ok());
            match length {
                Some(0) => return Ok(greeting),
                Some(length @ 4..) => self.take(length - 4, &mut greeting)?,
                _ => {
                    let words = Text::from(&greeting[start..]);
                    return Err(self.failed(&format!("it does not speak git's protocol: {words:?}")));
                }
            }
            // an error is the last word
            if greeting[start + 4..].starts_with(b"ERR ") {
                return Ok(greeting);
            }
        }
    }

    fn take(&mut self, count: usize, into: &mut Vec<u8>) -> Result<(), FetchError> {
        let end = into.len() + count;
        while into.len() < end {
            let mut buffer = [0; 4096];
            let wanted = buffer.len().min(end - into.len());
            match self.next(&mut buffer[..wanted])? {
                0 => return Err(self.failed("the program ended early")),
                came => into.extend_from_slice(&buffer[..came]),
            }
        }
        Ok(())
    }

    /// Sends a request, and nothing after it.
    fn say(&mut self, request: Vec<u8>) {
        if let Some(mut stdin) = self.stdin.take() {
            // a program that is gone is told by what it says, or does not say
            thread::spawn(move || drop(stdin.write_all(&request)));
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        let came = self.rest.read(buffer).unwrap_or(0);
        if came > 0 || buffer.is_empty() {
            return Ok(came);
        }
        let chunk = loop {
            let url = || self.url.clone();
            if self.programs.is_stopped() {
                return Err(FetchError::Interrupted { url: url() });
            }
            let wait = self.deadline.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Err(FetchError::Deadline { url: url() });
            }
            match self.chunks.recv_timeout(wait.min(TICK)) {
                Ok(chunk) => break chunk,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        };
        let chunk =
            chunk.map_err(|error| FetchError::Broken { url: self.url.clone(), reason: error.to_string() })?;
        if chunk.is_empty() {
            return self.ended().map(|()| 0);
        }
        self.left = self
            .left
            .checked_sub(chunk.len() as u64)
            .ok_or_else(|| FetchError::TooLarge { url: self.url.clone(), max: self.max })?;
        self.rest = io::Cursor::new(chunk);
        Ok(self.rest.read(buffer).unwrap_or(0))
    }

    /// Returns whether the program, which says no more, has done its work.
    fn ended(&mut self) -> Result<(), FetchError> {
        drop(self.stdin.take());
        let status = self.programs.wait_for(&mut self.child, self.deadline);
        self.place = None;
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.failed(&status.to_string())),
            Err(error) => Err(self.failed(&error.to_string())),
        }
    }

    /// Returns the error with what the program said itself, if it said anything.
    fn failed(&mut self, reason: &str) -> FetchError {
        // a program that ends says its last words first, but what it started may hold the pipe open for longer
        let end = Instant::now() + Duration::from_secs(1);
        while self.listener.as_ref().is_some_and(|listener| !listener.is_finished()) && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let said: Vec<String> = String::from_utf8_lossy(&words)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(": {:?}", Text::from(said.join("; ").as_bytes()))
        };
        FetchError::Program { url: self.url.clone(), reason: format!("{reason}{said}") }
    }
}

impl Read for Conversation {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.next(buffer)?)
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // one that has ended already cannot be ended, and that is well
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a server that is a line of shell.
    fn shell(script: &str) -> ProgramServer {
        ProgramServer {
            url: url(),
            program: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            shown: None,
            host: None,
            needs: "git".to_owned(),
            programs: Arc::default(),
        }
    }

    fn url() -> SafeUrl {
        SafeUrl::parse("ssh://git.example/a").unwrap()
    }

    fn ask(server: &ProgramServer, request: Request) -> Result<Vec<u8>, String> {
        let shown = |error: &FetchError| error.to_string();
        let response = server.send(request).map_err(|error| shown(&error))?;
        response.body.into_bytes().map_err(|error| FetchError::in_io(&error).map_or(error.to_string(), shown))
    }

    fn soon(millis: u64) -> Instant {
        Instant::now() + Duration::from_millis(millis)
    }

    fn get(script: &str) -> Result<Vec<u8>, String> {
        ask(&shell(script), Request::get(url(), 1000, soon(5000)))
    }

    #[test]
    fn a_get_is_answered_with_the_greeting() {
        assert_eq!(get("printf '000eversion 2\\n0006a\\n0000more'").unwrap(), b"000eversion 2\n0006a\n0000");
        let v0 = get("printf '0006a\\n0000'").unwrap();
        assert_eq!(v0, b"001e# service=git-upload-pack\n00000006a\n0000");
        assert_eq!(get("printf '000aERR no'").unwrap(), [SERVICE, b"000aERR no"].concat());
    }

    #[test]
    fn a_post_is_answered_with_what_comes_behind_the_greeting() {
        let server = shell("printf '0006a\\n0000'; printf 'got: '; cat");
        let got = ask(&server, Request::post(url(), b"want".to_vec(), 1000, soon(5000)));
        assert_eq!(got.unwrap(), b"got: want");
    }

    #[test]
    fn what_goes_wrong_is_told_in_the_programs_own_words() {
        let text = get("echo 'Permission denied (publickey).' >&2; exit 255").unwrap_err();
        assert!(text.contains("255") && text.contains("Permission denied (publickey)."), "{text}");
        assert!(get("echo hello").unwrap_err().contains("does not speak git's protocol"));
        assert!(get("printf '0006'").unwrap_err().contains("ended early"));
        let missing = ProgramServer { program: "no-such-program-here".into(), ..shell("") };
        let text = ask(&missing, Request::get(url(), 1000, soon(5000))).unwrap_err();
        assert_eq!(text, "ssh://git.example/a: needs git");
    }

    #[test]
    fn programs_are_bounded_in_time_and_bytes_and_can_be_stopped() {
        let server = shell("sleep 60");
        let start = Instant::now();
        let text = ask(&server, Request::get(url(), 1000, soon(200))).unwrap_err();
        assert!(text.contains("deadline"), "{text}");
        let flood = shell("printf '0006a\\n0000'; cat /dev/zero");
        let text = ask(&flood, Request::post(url(), Vec::new(), 100_000, soon(20_000))).unwrap_err();
        assert!(text.contains("more than the allowed"), "{text}");
        server.programs.stop();
        let text = ask(&server, Request::get(url(), 1000, soon(60_000))).unwrap_err();
        assert!(text.contains("interrupted"), "{text}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_program_that_says_no_more_is_bounded_too() {
        let start = Instant::now();
        let silent = shell("printf '0006a\\n0000'; exec sleep 60 >&-");
        let text = ask(&silent, Request::post(url(), Vec::new(), 1000, soon(400))).unwrap_err();
        assert!(text.contains("does not end"), "{text}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_host_is_asked_by_a_few_programs_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let log = log.display();
        let script = format!("echo + >> {log}; sleep 0.2; echo - >> {log}; printf '0006a\\n0000'");
        let server = ProgramServer { host: Some("git.example".to_owned()), ..shell(&script) };
        thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| ask(&server, Request::get(url(), 1000, soon(60_000))).unwrap());
            }
        });
        let text = std::fs::read_to_string(dir.path().join("log")).unwrap();
        let counts = text.lines().scan(0_usize, |count, line| {
            *count = if line == "+" { *count + 1 } else { *count - 1 };
            Some(*count)
        });
        let most = counts.max().unwrap();
        assert!((2..=super::super::MAX_AT_HOST).contains(&most), "{most}");
        // who waits too long is told so
        let slow = ProgramServer { host: Some("slow.example".to_owned()), ..shell("sleep 60") };
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let text = ask(&slow, Request::get(url(), 1000, soon(300))).unwrap_err();
                    assert!(text.contains("deadline"), "{text}");
                });
            }
        });
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn shows_the_command_line() {
        let server = shell("echo 'a b'");
        assert_eq!(server.line(), r"sh -c 'echo '\''a b'\'''");
    }
}
