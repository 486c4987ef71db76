//! Running a command.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use gosum::Outside;
use gosum::interrupt::Interrupt;
use gosum_world::World;
use serde_json::Value;
use tempfile::TempDir;

/// A folder, an environment, and commands that run in them.
pub(crate) struct Place {
    dir: TempDir,
    env: BTreeMap<OsString, OsString>,
    routes: BTreeMap<String, SocketAddr>,
    pub(crate) stdin: Vec<u8>,
    pub(crate) now: SystemTime,
    pub(crate) interrupt: Interrupt,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place {
            dir: tempfile::tempdir().unwrap(),
            env: BTreeMap::from([
                ("GOENV".into(), "off".into()),
                ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
                ("GOSUMDB".into(), "off".into()),
            ]),
            routes: BTreeMap::new(),
            stdin: Vec::new(),
            // noon of 2026-11-26
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_694_400),
            interrupt: Interrupt::default(),
        }
    }

    /// Returns a place in `world`, whose module proxy is at `proxy.example`.
    pub(crate) fn in_world(world: &World) -> Place {
        let mut place = Place::new().env("GOPROXY", "https://proxy.example");
        place.routes = world.routes();
        place
    }

    pub(crate) fn env(self, key: &str, value: &str) -> Place {
        self.env_os(key, value.into())
    }

    pub(crate) fn env_os(mut self, key: &str, value: OsString) -> Place {
        self.env.insert(key.into(), value);
        self
    }

    /// Reaches `host` at `address`.
    pub(crate) fn route(mut self, host: &str, address: SocketAddr) -> Place {
        self.routes.insert(host.to_owned(), address);
        self
    }

    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Place {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs `gosum` with the words of `args`.
    pub(crate) fn run(&self, args: &str) -> Done {
        let (out, err) = (Kept::default(), Kept::default());
        let code = self.run_into(args, Box::new(out.clone()), Box::new(err.clone()));
        Done { code, stdout: out.text(), stderr: err.text() }
    }

    pub(crate) fn run_into(
        &self,
        args: &str,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
    ) -> u8 {
        let words = std::iter::once("gosum").chain(args.split_whitespace());
        gosum::run(Outside {
            args: words.map(Into::into).collect(),
            env: self.env.clone(),
            dir: self.dir.path().to_owned(),
            stdin: Box::new(io::Cursor::new(self.stdin.clone())),
            stdout,
            stderr,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            routes: self.routes.clone(),
            now: self.now,
            interrupt: self.interrupt.clone(),
        })
    }

    /// Runs `gosum audit --format json` with more words, and returns the exit code and the report.
    pub(crate) fn audit(&self, args: &str) -> (u8, Value) {
        let done = self.run(&format!("audit --format json {args}"));
        let report = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        (done.code, report)
    }

    /// Returns the environment of the commands.
    pub(crate) fn vars(&self) -> &BTreeMap<OsString, OsString> {
        &self.env
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// Keeps what is written.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the answer of `source` in the report's artifact number `index`.
pub(crate) fn answer<'r>(report: &'r Value, index: usize, source: &str) -> &'r Value {
    &report["artifacts"][index]["answers"][source]
}

/// Returns the codes of all findings.
pub(crate) fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}
