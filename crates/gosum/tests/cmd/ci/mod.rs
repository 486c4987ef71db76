//! The files for CI systems: their scripts run as their hosts run them, with the real program, in a small world.

mod action;
mod github;
mod gitlab;
mod pre_commit;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gosum_world::demo::{self, Demo};
use tempfile::TempDir;
use yaml_rust2::{Yaml, YamlLoader};

use super::checkout;
use gosum_world::repository::{Files, ObjectFormat, ObjectId, Repository};

/// The root of the repository that these files are in.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Returns the document in a file of this repository.
fn yaml(file: &str) -> Yaml {
    let text = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let mut documents = YamlLoader::load_from_str(&text).unwrap();
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// A machine that a CI system runs jobs on: a checkout, programs in PATH, and nothing to reach but the world of the demo.
struct Machine {
    dir: TempDir,
    env: BTreeMap<String, String>,
    demo: Demo,
}

impl Machine {
    fn new() -> Machine {
        let demo = demo::world().unwrap();
        let dir = tempfile::tempdir().unwrap();
        for folder in ["bin", "home", "temp", "checkout"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_gosum"), dir.path().join("bin/gosum")).unwrap();
        let mut env = BTreeMap::new();
        let mut set = |key: &str, value: &str| env.insert(key.to_owned(), value.to_owned());
        let path = std::env::var("PATH").unwrap();
        set("PATH", &format!("{}:{path}", dir.path().join("bin").display()));
        set("HOME", dir.path().join("home").to_str().unwrap());
        set("CI", "true");
        set("GOENV", "off");
        set("GOPROXY", &demo.proxy);
        set("GOSUMDB", &demo.gosumdb);
        // nothing leaves this machine
        set("HTTPS_PROXY", "http://127.0.0.1:1");
        set("HTTP_PROXY", &format!("http://{}", demo.world.address()));
        set("NO_PROXY", "127.0.0.1");
        set("GIT_CONFIG_NOSYSTEM", "1");
        let hosts = demo.world.routes();
        set("GIT_CONFIG_COUNT", &hosts.len().to_string());
        for (number, host) in hosts.keys().enumerate() {
            let url = demo.world.url(host);
            set(&format!("GIT_CONFIG_KEY_{number}"), &format!("url.{url}/.insteadOf"));
            set(&format!("GIT_CONFIG_VALUE_{number}"), &format!("https://{host}/"));
        }
        Machine { dir, env, demo }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn set(&mut self, key: &str, value: &str) {
        self.env.insert(key.to_owned(), value.to_owned());
    }

    /// Puts a program with this text in front of all others of its name.
    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Writes files of the checkout.
    fn files(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = self.path("checkout").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Makes the checkout one of a repository, without git, whose only commit has these files. Returns the commit.
    fn commit(&self, files: &[(&str, &str)]) -> ObjectId {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        let files = files.iter().fold(Files::new(), |files, (path, text)| files.file(path, *text));
        let commit = repository.commit("main", 1_700_000_000, &files);
        checkout::write(&repository, &self.path("checkout/.git"));
        commit
    }

    /// Returns `program`, to be run in the checkout.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(self.path("checkout")).stdin(Stdio::null());
        command
    }

    /// Returns the go.sum of the demo, without the modules whose hosts have to be asked by https where they are.
    fn sums(&self) -> String {
        self.sums_without(&[])
    }

    /// Returns the same without the lines that have one of `words` too.
    fn sums_without(&self, words: &[&str]) -> String {
        let lines = self.demo.go_sum.lines().filter(|line| line.starts_with("github.com/"));
        let kept = lines.filter(|line| !words.iter().any(|word| line.contains(word)));
        kept.map(|line| format!("{line}\n")).collect()
    }
}

/// Returns the exit code, what was written to standard output, and to standard error.
fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Runs git in the checkout.
fn git(machine: &Machine, args: &[&str]) -> (i32, String, String) {
    let mut git = machine.command("git");
    git.args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]);
    told(&git.args(args).output().unwrap())
}
