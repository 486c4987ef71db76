//! A program that is told something, and says something: a credential helper or a GOAUTH command.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Programs, TICK, out_of_repositories, quoted};

/// The most bytes that a program may say.
const MAX_OUTPUT: u64 = 1 << 20;

/// A program to run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    dir: Option<PathBuf>,
    /// What is shown of it, when its own words may hold a secret.
    shown: Option<String>,
    timeout: Duration,
    is_out_of_repositories: bool,
}

/// What a program said on its standard output, and how it ended. The text may hold a password.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) text: String,
}

impl Program {
    /// How long a program may take.
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

    pub(crate) fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Program {
        Program {
            program: program.as_ref().to_owned(),
            arguments: arguments.iter().map(Into::into).collect(),
            dir: None,
            shown: None,
            timeout: Program::TIMEOUT,
            is_out_of_repositories: false,
        }
    }

    /// Returns a line of the shell's.
    pub(crate) fn shell(line: &str) -> Program {
        Program::new("sh", &["-c", line])
    }

    /// Returns the program, of which nothing is shown but `words`.
    pub(crate) fn shown(self, words: String) -> Program {
        Program { shown: Some(words), ..self }
    }

    /// Returns the program, which may take no longer than `timeout`.
    pub(crate) fn bounded(self, timeout: Duration) -> Program {
        Program { timeout, ..self }
    }

    /// Returns the program, to run in a folder.
    pub(crate) fn within(self, dir: PathBuf) -> Program {
        Program { dir: Some(dir), ..self }
    }

    /// Returns the program, to run as git runs it when it asks a host for a repository: in none, and told of none.
    pub(crate) fn of_git(self) -> Program {
        Program { is_out_of_repositories: true, ..self }
    }

    fn line(&self) -> String {
        if let Some(shown) = &self.shown {
            return shown.clone();
        }
        quoted(std::iter::once(&self.program).chain(&self.arguments))
    }

    /// Runs the program, to which `input` is told.
    ///
    /// # Errors
    /// When it cannot be started, takes too long, or says too much.
    pub(crate) fn run(&self, programs: &Programs, input: &str) -> io::Result<Said> {
        let stopped = || io::Error::new(io::ErrorKind::Interrupted, "interrupted");
        if programs.is_stopped() {
            return Err(stopped());
        }
        programs.show(&self.line());
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(programs.env.iter().copied());
        if self.is_out_of_repositories {
            out_of_repositories(&mut command);
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let input = input.to_owned();
        // a program need not listen
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let (send, said) = channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = stdout.take(MAX_OUTPUT + 1).read_to_end(&mut text);
            // nobody listens when it took too long
            let _ = send.send(read.map(|_| text));
        });
        let end = Instant::now() + self.timeout;
        let text = loop {
            match said.recv_timeout(TICK) {
                Ok(text) => break text,
                Err(RecvTimeoutError::Timeout) if programs.is_stopped() => break Err(stopped()),
                Err(RecvTimeoutError::Timeout) if Instant::now() < end => {}
                Err(_) => break Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long")),
            }
        };
        let text = text.and_then(|text| match text.len() as u64 > MAX_OUTPUT {
            true => Err(io::Error::other("it says too much")),
            false => String::from_utf8(text).map_err(|_| io::Error::other("what it says is not UTF-8")),
        });
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                // one that has ended already cannot be ended
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        Ok(Said { status: programs.wait_for(&mut child, end)?, text })
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_hears_and_speaks() {
        let said = Program::shell("cat; exit 3").run(&Programs::default(), "hello").unwrap();
        assert_eq!((said.text.as_str(), said.status.code()), ("hello", Some(3)));
    }

    #[test]
    fn a_program_that_says_no_more_is_bounded_too() {
        let silent = Program::shell("exec sleep 60 >&-").bounded(Duration::from_millis(300));
        let start = Instant::now();
        let error = silent.run(&Programs::default(), "").map(|said| said.text).unwrap_err();
        assert_eq!(error.to_string(), "it says no more and does not end");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_of_gits_stands_in_no_repository() {
        let said = Program::shell("pwd; echo $GIT_TERMINAL_PROMPT").of_git().run(&Programs::default(), "");
        assert_eq!(said.unwrap().text, "/\n\n");
    }

    #[test]
    fn a_program_is_bounded_in_time_and_words() {
        let programs = Programs::default();
        let slow = Program::shell("exec sleep 60").bounded(Duration::from_millis(200));
        let start = Instant::now();
        let error =
            |program: Program| program.run(&programs, "").map(|said| said.text).unwrap_err().to_string();
        assert_eq!(error(slow), "it takes too long");
        assert!(start.elapsed() < Duration::from_secs(20));
        assert_eq!(error(Program::shell("exec cat /dev/zero")), "it says too much");
        programs.stop();
        assert_eq!(error(Program::shell("exit 0")), "interrupted");
    }
}
