//! Repositories that real git keeps and serves, without a network.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use gosum_fetch::{Body, Fetch, FetchError, Method, Request, Response, SafeUrl};
use gosum_git::{ObjectId, Options, Repository};

/// Returns whether git is there; says that `what` is skipped where it is not.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn has_git(what: &str) -> bool {
    let found = Command::new("git")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped, as there is no git: {what}");
    }
    found
}

/// A bare repository in a temporary folder.
pub(crate) struct RealRepository {
    folder: tempfile::TempDir,
    /// What the server is told with `-c`.
    pub(crate) settings: Vec<String>,
    /// Whether it may speak version 2 of the protocol.
    pub(crate) v2: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

impl RealRepository {
    pub(crate) fn new(format: &str) -> RealRepository {
        let folder = tempfile::tempdir().unwrap();
        let repository = RealRepository { folder, settings: Vec::new(), v2: true, asked: Arc::default() };
        repository.git(
            &["init", "--quiet", "--bare", "--template=", &format!("--object-format={format}"), "."],
            b"",
        );
        // as the go command does in its own copies
        std::fs::create_dir_all(repository.folder.path().join("info")).unwrap();
        std::fs::write(repository.own_attributes(), "\n* -export-subst -export-ignore\n").unwrap();
        repository
    }

    /// Returns its folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the file of attributes that belong to no commit.
    pub(crate) fn own_attributes(&self) -> std::path::PathBuf {
        self.folder.path().join("info/attributes")
    }

    /// Returns what git writes.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (output, success) = self.try_git(arguments, input);
        assert!(success, "git {arguments:?}");
        output
    }

    /// Returns what git writes, and whether it succeeds.
    pub(crate) fn try_git(&self, arguments: &[&str], input: &[u8]) -> (Vec<u8>, bool) {
        let mut child = command(self.folder.path(), arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().unwrap()
        });
        (output.stdout, output.status.success())
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        let output = self.git(&["rev-parse", revision], b"");
        ObjectId::parse(String::from_utf8(output).unwrap().trim()).unwrap()
    }

    /// Writes what a stream for `git fast-import` says.
    pub(crate) fn import(&self, stream: &[u8]) {
        self.git(&["fast-import", "--quiet", "--force"], stream);
    }

    pub(crate) fn open(&self) -> Repository {
        self.open_with(Options::default())
    }

    pub(crate) fn open_with(&self, options: Options) -> Repository {
        let server = Server {
            folder: self.folder.path().to_owned(),
            settings: self.settings.clone(),
            v2: self.v2,
            asked: self.asked.clone(),
        };
        let url = SafeUrl::parse("https://git.example/real").unwrap();
        Repository::open(Arc::new(server), url, options, Arc::default()).unwrap()
    }

    /// Returns what was asked since the last call, a text for each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder);
    // nothing of the machine's own settings
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_ATTR_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// `git upload-pack` in the place of a host.
struct Server {
    folder: std::path::PathBuf,
    settings: Vec<String>,
    v2: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fetch for Server {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let mut arguments: Vec<&str> = self.settings.iter().flat_map(|setting| ["-c", setting]).collect();
        arguments.extend(["upload-pack", "--strict", "--stateless-rpc"]);
        let (kind, start) = match request.method {
            Method::Get => {
                arguments.push("--advertise-refs");
                ("advertisement", if self.v2 { "" } else { "001e# service=git-upload-pack\n0000" })
            }
            Method::Post => ("result", ""),
        };
        arguments.push(".");
        let mut command = command(&self.folder, &arguments);
        if let Some((_, version)) = request.headers.iter().find(|(name, _)| name == "Git-Protocol" && self.v2)
        {
            command.env("GIT_PROTOCOL", version);
        }
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        self.asked.lock().unwrap().push(String::from_utf8_lossy(&request.body).into_owned());
        let mut stdin = child.stdin.take().unwrap();
        std::thread::spawn(move || stdin.write_all(&request.body));
        let header = ("content-type".to_owned(), format!("application/x-git-upload-pack-{kind}"));
        let body = io::Cursor::new(start).chain(Output(child));
        Ok(Response {
            status: 200,
            url: request.url,
            headers: [header].into_iter().collect(),
            body: Body::new(Box::new(body), None),
        })
    }
}

struct Output(Child);

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stdout.as_mut().unwrap().read(buffer)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        drop(self.0.stdout.take());
        let _ = self.0.wait();
    }
}
