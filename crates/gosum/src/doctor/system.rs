//! The view of a machine: what checks look at, as data. It is looked up on the real one ([`look`](super::look)), or read
//! from a folder where it was recorded ([`record`](super::record)), and it holds no secret.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::mount::{self, Mount};
use super::sight::Blind;

/// A machine, as it was seen at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct System {
    /// The operating system, by Go's name: `linux`, `darwin`, `windows`.
    pub(crate) os: String,
    /// The architecture, by Go's name: `amd64`, `arm64`.
    pub(crate) arch: String,
    /// What the clock said, in seconds since 1970.
    pub(crate) now: i64,
    /// How many processors there are; none when the system does not say.
    pub(crate) cpus: Option<u64>,
    /// Who looked; none where the system has no numbers for users.
    pub(crate) user: Option<User>,
    /// The variables that checks look at, without what may be a password.
    pub(crate) variables: BTreeMap<String, String>,
    /// Names of variables that look like settings of Go and are none, with the one that may have been meant.
    pub(crate) unknown_settings: BTreeMap<String, Option<String>>,
    /// The files of Go's settings, there or not.
    pub(crate) settings_files: Vec<SettingsFile>,
    /// Variables that Go, git or gosum read, and that are not UTF-8.
    pub(crate) not_utf8: Vec<String>,
    /// Settings by name.
    pub(crate) settings: BTreeMap<String, Setting>,
    /// The folders that Go and gosum write to, by their setting.
    pub(crate) folders: BTreeMap<String, Folder>,
    /// Programs by name, those first that stand first in PATH.
    pub(crate) programs: BTreeMap<String, Vec<Program>>,
    /// What git's own settings say.
    pub(crate) git: Git,
    /// The limits of a process; empty where the system has none.
    pub(crate) limits: BTreeMap<String, Limit>,
    /// The files and folders in which trusted certificates are looked for; none where the system has its own store.
    pub(crate) certificates: Option<Vec<CertificatePlace>>,
    /// The programs that `go install` made.
    pub(crate) tools: Vec<Tool>,
    /// Why the current folder cannot be told; none when it can.
    pub(crate) lost: Option<String>,
    /// The go.mod and go.work that hold for the current folder.
    pub(crate) project: Vec<ProjectFile>,
    /// Who was asked over the network; none when the network was not used.
    pub(crate) sockets: Option<Vec<Socket>>,
    /// Files that are there and could not be read, and why.
    pub(crate) unreadable: BTreeMap<String, String>,
    /// The texts of system files by path, as below /proc, /sys and /etc.
    #[serde(skip)]
    pub(crate) files: BTreeMap<String, String>,
}

/// Who runs a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gids: Vec<u32>,
}

/// A setting in force, without what may be a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    pub(crate) value: String,
    /// `environment`, `default`, or a file.
    pub(crate) origin: String,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
}

impl Setting {
    pub(crate) fn is_default(&self) -> bool {
        self.origin == Setting::DEFAULT
    }

    pub(crate) const DEFAULT: &str = "default";
    pub(crate) const ENVIRONMENT: &str = "environment";
}

/// A file of Go's settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsFile {
    pub(crate) path: String,
    pub(crate) of: SettingsOf,
    pub(crate) state: State,
    /// Why it could not be read.
    pub(crate) error: Option<String>,
    /// The numbers of the lines that are not UTF-8.
    pub(crate) not_utf8: Vec<u64>,
    /// The lines that are neither settings nor comments.
    pub(crate) passed_over: Vec<String>,
    /// The settings whose values end in a carriage return.
    pub(crate) carriage_returns: Vec<String>,
    /// The names in it that Go does not read there, with the one that may have been meant.
    pub(crate) unread: BTreeMap<String, Option<String>>,
}

/// Whose settings a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SettingsOf {
    /// The user's, as `go env -w` writes them.
    User,
    /// Those that an installed toolchain comes with.
    Toolchain,
}

/// What came of reading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Read,
    Missing,
    /// For want of the right to read it.
    Denied,
    /// For want of the right to enter its folder.
    Closed,
    Failed,
}

/// A folder that Go or gosum writes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Folder {
    /// The path that the setting names.
    pub(crate) path: String,
    /// The folder itself or, where it is not there, the nearest one above it, without links; none when neither can be told.
    pub(crate) at: Option<String>,
    /// Whether there is something at `path`.
    pub(crate) exists: bool,
    /// What is wrong with what is at `at`: that it is no folder, or cannot be looked at.
    pub(crate) error: Option<String>,
    /// The facts about `at` that a system of this kind has.
    pub(crate) unix: Option<UnixFacts>,
    pub(crate) space: Option<Space>,
    /// Whether names that differ in case alone mean one file, as far as a look at names that are there shows.
    pub(crate) ignores_case: Option<bool>,
    /// Entries of somebody else's, a few of them.
    pub(crate) foreign: Vec<Foreign>,
}

/// Owner and rights of a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnixFacts {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// The permission bits, in octal.
    pub(crate) mode: String,
    /// Whether who looked may make files in it.
    pub(crate) writable: bool,
}

impl UnixFacts {
    /// Returns the permission bits; none when the recorded text is no octal number.
    pub(crate) fn bits(&self) -> Option<u32> {
        u32::from_str_radix(&self.mode, 8).ok()
    }
}

/// The room that a file system has for this user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Space {
    pub(crate) bytes: u64,
    pub(crate) free_bytes: u64,
    /// Zero where the file system does not count them.
    pub(crate) inodes: u64,
    pub(crate) free_inodes: u64,
}

/// An entry of somebody else's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Foreign {
    pub(crate) path: String,
    pub(crate) uid: u32,
}

/// A program in a folder of PATH.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) path: String,
    /// Where it is without links.
    pub(crate) real: String,
    /// `elf/amd64`, `pe/amd64`, `mach-o/arm64`, `script`; none when that is not known.
    pub(crate) format: Option<String>,
    /// What it says its version is; of a go command, what the file VERSION of its toolchain says.
    pub(crate) version: Option<String>,
}

/// git's settings, those of the user and the system alone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Git {
    pub(crate) config: Vec<GitValue>,
    /// Why they could not be read.
    pub(crate) error: Option<String>,
    /// The files of attributes that hold for all repositories.
    pub(crate) attributes: Vec<AttributeFile>,
    /// The repository around the current folder.
    pub(crate) work_tree: Option<WorkTree>,
}

/// A value of git's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GitValue {
    /// `section.key`, in lower case.
    pub(crate) key: String,
    pub(crate) subsection: Option<String>,
    pub(crate) value: String,
}

/// A file of attributes that is there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeFile {
    pub(crate) path: String,
    /// Its lines, without comments and empty ones.
    pub(crate) lines: Vec<String>,
    pub(crate) error: Option<String>,
}

/// The folder of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkTree {
    pub(crate) path: String,
    /// Who owns it; none where the system has no numbers for users.
    pub(crate) uid: Option<u32>,
}

/// A limit of a process; none for no limit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) soft: Option<u64>,
    pub(crate) hard: Option<u64>,
}

/// A place where trusted certificates are looked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificatePlace {
    pub(crate) path: String,
    /// How many certificates it has; none when it is not there.
    pub(crate) certificates: Option<u64>,
    pub(crate) error: Option<String>,
}

/// A program that `go install` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) format: Option<String>,
}

/// A go.mod or go.work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectFile {
    pub(crate) path: String,
    /// What its godebug statements set.
    pub(crate) godebug: Vec<String>,
    pub(crate) error: Option<String>,
}

/// What came of asking a server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Socket {
    pub(crate) kind: SocketKind,
    pub(crate) url: String,
    /// The HTTP status; none when no answer came.
    pub(crate) status: Option<u16>,
    /// From the question to the headers of the answer, connections included.
    pub(crate) milliseconds: u64,
    /// By how many seconds the server's clock is ahead of this machine's.
    pub(crate) ahead: Option<i64>,
    /// Why no answer came.
    pub(crate) error: Option<String>,
}

/// What a server is to gosum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SocketKind {
    Proxy,
    Database,
    GitHost,
}

impl System {
    /// Returns the text of a system file; none if it is not there.
    ///
    /// # Errors
    /// When it is there and could not be read.
    pub(crate) fn file(&self, path: &str) -> Result<Option<&str>, Blind> {
        match self.unreadable.get(path) {
            Some(reason) => Err(Blind::Unknown(format!("cannot read {path}: {reason}"))),
            None => Ok(self.files.get(path).map(String::as_str)),
        }
    }

    /// Returns the number in a system file; none if that is not there, or says `max`.
    ///
    /// # Errors
    /// When it could not be read, or holds something else.
    pub(crate) fn number(&self, path: &str) -> Result<Option<u64>, Blind> {
        match self.file(path)?.map(str::trim) {
            None | Some("max") => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(Blind::Unknown(format!("{path} holds no number"))),
            },
        }
    }

    /// Returns the variable `key`; none when it is empty.
    pub(crate) fn variable(&self, key: &str) -> Option<&str> {
        self.variables.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the setting `name`.
    ///
    /// # Errors
    /// When it was not recorded, or what the environment says of it is not UTF-8.
    pub(crate) fn setting(&self, name: &str) -> Result<&Setting, Blind> {
        if self.not_utf8.iter().any(|variable| variable == name) {
            return Err(Blind::Unknown(format!("the environment variable {name} is not UTF-8")));
        }
        self.settings.get(name).ok_or_else(|| Blind::Unknown(format!("the view does not hold {name}")))
    }

    /// Returns the first program of this name in PATH.
    pub(crate) fn program(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)?.first()
    }

    /// Returns the last value of git's setting `section.key` that is for no subsection.
    pub(crate) fn git_value(&self, key: &str) -> Option<&str> {
        let is_it = |value: &&GitValue| value.key == key && value.subsection.is_none();
        self.git.config.iter().rev().find(is_it).map(|value| value.value.as_str())
    }

    /// Returns the file systems in force.
    ///
    /// # Errors
    /// When this system does not tell.
    pub(crate) fn mounts(&self) -> Result<Vec<Mount>, Blind> {
        self.on_linux()?;
        match self.file(mount::FILE)? {
            Some(text) => Ok(mount::parse(text)),
            None => Err(Blind::Unknown(format!("there is no {}", mount::FILE))),
        }
    }

    /// Returns each folder that is there, or would be, with the file system on which it is.
    ///
    /// # Errors
    /// When this system does not tell.
    pub(crate) fn mounted(&self) -> Result<Vec<(&str, &Folder, Mount)>, Blind> {
        let mounts = self.mounts()?;
        let folders = self.folders.iter().filter_map(|(name, folder)| {
            let mount = mount::of(&mounts, Path::new(folder.at.as_deref()?))?;
            Some((name.as_str(), folder, mount.clone()))
        });
        Ok(folders.collect())
    }

    /// # Errors
    /// When this is another system than Linux.
    pub(crate) fn on_linux(&self) -> Result<(), Blind> {
        self.on(self.os == "linux", "Linux")
    }

    /// # Errors
    /// When users have no numbers on this system.
    pub(crate) fn on_unix(&self) -> Result<&User, Blind> {
        self.user.as_ref().ok_or_else(|| Blind::Skipped(format!("{} has no such owners and modes", self.os)))
    }

    fn on(&self, is: bool, what: &str) -> Result<(), Blind> {
        if is { Ok(()) } else { Err(Blind::Skipped(format!("known on {what} alone, this is {}", self.os))) }
    }
}
