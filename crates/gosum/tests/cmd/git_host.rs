//! A host of repositories that real git keeps: `git upload-pack` behind plain HTTP on loopback.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Serves the bare repositories in a folder, each under the last element of its URL's path, until it is dropped.
pub(crate) struct GitHost {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl GitHost {
    pub(crate) fn start(folder: &Path) -> GitHost {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let (folder, stop) = (folder.to_owned(), stopped.clone());
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let folder = folder.clone();
                // a client that goes away is no concern of the server's
                thread::spawn(move || stream.and_then(|stream| answer(&folder, &stream)));
            }
        });
        GitHost { address, stopped, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns whether git is there; says so once where it is not.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn has_git(what: &str) -> bool {
    let found = Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("SKIPPED, needs git: {what}");
    }
    found
}

/// Answers one request, and closes the connection.
fn answer(folder: &Path, stream: &TcpStream) -> io::Result<()> {
    let mut input = BufReader::new(stream);
    let (mut line, mut version, mut length) = (String::new(), String::new(), 0);
    input.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        let mut header = String::new();
        input.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "git-protocol" => version = value.to_owned(),
            "content-length" => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    let mut out = stream;
    let path = path.split('?').next().unwrap_or_default();
    let (repository, kind) = match (path.strip_suffix("/info/refs"), path.strip_suffix("/git-upload-pack")) {
        (Some(repository), _) => (repository, "advertisement"),
        (_, Some(repository)) => (repository, "result"),
        _ => {
            return out
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    };
    let name = repository.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let repository: PathBuf = folder.join(name);
    if !repository.join("HEAD").exists() {
        return out.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let settings = ["uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true", "safe.directory=*"];
    let mut git = Command::new("git");
    git.args(settings.iter().flat_map(|setting| ["-c", setting]));
    git.args(["upload-pack", "--strict", "--stateless-rpc"]);
    if kind == "advertisement" {
        git.arg("--advertise-refs");
    }
    git.arg(&repository).env("GIT_PROTOCOL", version).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut stdin = git.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(&body));
    let mut said = Vec::new();
    git.stdout.take().unwrap().read_to_end(&mut said)?;
    let _ = writer.join();
    git.wait()?;
    let start: &[u8] = match kind {
        "advertisement" if !said.starts_with(b"000eversion 2") => b"001e# service=git-upload-pack\n0000",
        _ => b"",
    };
    write!(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        start.len() + said.len()
    )?;
    out.write_all(start)?;
    out.write_all(&said)
}
