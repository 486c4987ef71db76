//! Looking at the real machine. Nothing is written, and no program is run but `git --version` and, where servers are
//! asked, those that know credentials.

mod files;
mod folders;
mod git;
mod network;
mod process;
mod programs;
mod project;
mod settings;

use gosum_git::Programs;

pub(crate) use files::{of_view, read as read_files};
pub(crate) use network::Host;

use super::check;
use super::system::{Setting, System};
use crate::env::{Env, Origin};
use crate::session::Session;
use crate::target;

/// Returns the view of the machine that `session` runs on. With `hosts` the proxies, the checksum database and these git
/// hosts are asked over the network.
pub(crate) fn look(session: &Session, hosts: Option<&[Host]>) -> System {
    let env = &session.env;
    let programs = Programs::new(None, &env.access().vars);
    let user = process::user();
    let settings = env.machine_settings();
    let (files, unreadable) = files::read(&|path| files::of_machine(path));
    let folders = folders::look(&env.machine_folders(), user.as_ref());
    let tools = folders.get("GOBIN").map(|folder| programs::tools(&folder.path)).unwrap_or_default();
    let value = |name: &str| {
        let value =
            settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.as_str());
        value.filter(|value| !value.is_empty())
    };
    let compiler = value("CC").and_then(|command| command.split_whitespace().next()).map(str::to_owned);
    let named: Vec<String> = compiler.into_iter().chain(value("GOROOT").map(check::own_go)).collect();
    System {
        os: target::OS.to_owned(),
        arch: target::ARCH.to_owned(),
        now: session.seconds(),
        cpus: process::cpus(),
        variables: variables(env),
        unknown_settings: env
            .unknown_settings()
            .into_iter()
            .map(|(name, meant)| (name, meant.map(str::to_owned)))
            .collect(),
        settings_files: settings::files(env),
        not_utf8: env.not_utf8().to_vec(),
        settings: settings.into_iter().map(|setting| (setting.name.to_owned(), of_env(setting))).collect(),
        folders,
        programs: programs::look(&env.program_folders(), &named, &programs),
        git: git::look(session, user.as_ref()),
        limits: process::limits(),
        certificates: files::certificates(&env.certificates()),
        tools,
        lost: project::lost(session),
        project: project::look(session),
        sockets: hosts.map(|hosts| network::ask(session, hosts)),
        user,
        unreadable,
        files,
    }
}

fn of_env(setting: crate::env::Setting) -> Setting {
    let origin = match setting.origin {
        Origin::Environment => Setting::ENVIRONMENT.to_owned(),
        Origin::UserFile(file) | Origin::Toolchain(file) => file.display().to_string(),
        Origin::Default => Setting::DEFAULT.to_owned(),
    };
    let origin = match setting.variable {
        Some(variable) => format!("{variable}, {origin}"),
        None => origin,
    };
    Setting { value: setting.value, origin, error: setting.error }
}

/// Returns the variables that checks look at: lists of URLs without passwords, and of those that matter by being there
/// nothing but that.
fn variables(env: &Env) -> std::collections::BTreeMap<String, String> {
    const PLAIN: [&str; 4] = ["GODEBUG", "SSL_CERT_DIR", "SSL_CERT_FILE", "SUDO_UID"];
    const URLS: [&str; 8] = [
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    ];
    const THERE: [&str; 2] = ["GIT_SSL_NO_VERIFY", "WSL_INTEROP"];
    let owned = |key: &str, value: Option<String>| Some((key.to_owned(), value?));
    let plain = PLAIN.iter().filter_map(|key| owned(key, env.var(key).map(str::to_owned)));
    let urls = URLS.iter().filter_map(|key| owned(key, env.shown_urls(key)));
    let is_there = |name: &&str| {
        THERE.contains(name) || check::REPOSITORY_VARIABLES.contains(name) || check::is_for_make(name)
    };
    let there = env.names().filter(is_there).map(|name| (name.to_owned(), "set".to_owned()));
    plain.chain(urls).chain(there).chain(owned("PATH", env.path())).collect()
}
