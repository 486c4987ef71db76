//! The checks: a file each, with one function over the view of a machine. A new one is a file and a line in [`checks`].

mod certificates;
mod cgo_compiler;
mod cgroup_controllers;
mod checksum_database;
mod clock;
mod compiler_variables;
mod database_reach;
mod file_size;
mod folder_case;
mod folder_file_system;
mod folder_layout;
mod folder_mode;
mod folder_noexec;
mod folder_owner;
mod folder_space;
mod folder_writable;
mod foreign_tools;
mod git_attributes;
mod git_command;
mod git_config;
mod git_environment;
mod git_filters;
mod git_host_reach;
mod git_line_ends;
mod git_owner;
mod git_rewrites;
mod git_tls;
mod go_command;
mod go_flags;
mod go_settings;
mod godebug;
mod http_proxy;
mod insecure_hosts;
mod memory;
mod open_files;
mod processes;
mod proxy_list;
mod proxy_reach;
mod settings_files;
#[cfg(test)]
mod tests;

mod toolchain_selection;
mod tools_in_path;
mod umask;
mod unknown_settings;
mod user_namespaces;
mod wsl_automount;
mod wsl_drives;
mod wsl_interop;
mod wsl_programs;
mod wsl_systemd;
mod wsl_version;

pub(super) use compiler_variables::is_for_make;
pub(super) use git_environment::NAMES as REPOSITORY_VARIABLES;
pub(super) use go_command::own_go;
use gosum_mod::name::pattern::Patterns;
pub(super) use user_namespaces::SWITCHES as NAMESPACE_FILES;
pub(super) use wsl_interop::RUNNERS as INTEROP_FILES;

use super::sight::{Answer, Blind, Remark};
use super::system::{Setting, Socket, SocketKind, System};

/// One check.
pub(crate) struct Check {
    /// Its name in reports, which is never used again for another one.
    pub(crate) id: &'static str,
    /// What it looks at.
    pub(crate) about: &'static str,
    /// Looks.
    pub(crate) run: fn(&System) -> Answer,
}

/// Returns all checks, in the order in which they are shown.
pub(crate) fn checks() -> Vec<Check> {
    vec![
        checksum_database::CHECK,
        insecure_hosts::CHECK,
        go_flags::CHECK,
        proxy_list::CHECK,
        toolchain_selection::CHECK,
        go_command::CHECK,
        go_settings::CHECK,
        settings_files::CHECK,
        unknown_settings::CHECK,
        godebug::CHECK,
        git_command::CHECK,
        git_config::CHECK,
        git_tls::CHECK,
        git_rewrites::CHECK,
        git_attributes::CHECK,
        git_filters::CHECK,
        git_line_ends::CHECK,
        git_owner::CHECK,
        git_environment::CHECK,
        folder_layout::CHECK,
        folder_owner::CHECK,
        folder_writable::CHECK,
        folder_mode::CHECK,
        folder_space::CHECK,
        folder_noexec::CHECK,
        folder_file_system::CHECK,
        folder_case::CHECK,
        umask::CHECK,
        wsl_version::CHECK,
        wsl_drives::CHECK,
        wsl_automount::CHECK,
        wsl_programs::CHECK,
        wsl_systemd::CHECK,
        wsl_interop::CHECK,
        cgroup_controllers::CHECK,
        open_files::CHECK,
        processes::CHECK,
        memory::CHECK,
        file_size::CHECK,
        user_namespaces::CHECK,
        clock::CHECK,
        certificates::CHECK,
        http_proxy::CHECK,
        proxy_reach::CHECK,
        database_reach::CHECK,
        git_host_reach::CHECK,
        cgo_compiler::CHECK,
        compiler_variables::CHECK,
        tools_in_path::CHECK,
        foreign_tools::CHECK,
    ]
}

/// Returns how a setting is taken back, from where it was made.
fn unset(name: &str, setting: &Setting) -> String {
    match setting.origin.as_str() {
        Setting::ENVIRONMENT => format!("unset {name}"),
        file if file.ends_with("go.env") => format!("edit {file}"),
        _ => format!("go env -u {name}"),
    }
}

/// Returns a setting as it is shown: `NAME=value (origin)`.
fn shown(name: &str, setting: &Setting) -> String {
    format!("{name}={} ({})", setting.value, setting.origin)
}

/// Returns which public names `list`, patterns as of GOPRIVATE, covers: all of them, or all at one public host.
fn covered(list: &str) -> Option<&'static str> {
    let patterns = Patterns::parse(list);
    // a name that nobody excepts by itself
    let matches = |host: &str| patterns.matches(format!("{host}/any/module-of-anybody"));
    if matches("any-host.example") {
        return Some("every module");
    }
    ["github.com", "gitlab.com", "bitbucket.org", "golang.org", "google.golang.org", "gopkg.in"]
        .into_iter()
        .find(|host| matches(host))
}

/// Returns the servers of one kind that were asked.
///
/// # Errors
/// When the network was not used, or there is no such server.
fn asked(system: &System, kind: SocketKind, none: &str) -> Result<Vec<Socket>, Blind> {
    let Some(sockets) = &system.sockets else {
        return Err(Blind::Skipped("the network is asked with --network alone".to_owned()));
    };
    let asked: Vec<Socket> = sockets.iter().filter(|socket| socket.kind == kind).cloned().collect();
    if asked.is_empty() { Err(Blind::Skipped(none.to_owned())) } else { Ok(asked) }
}

/// A server that takes longer than this makes whole audits slow.
const SLOW: u64 = 2000;

/// Returns what is wrong with a server that was asked, if anything is.
fn server_remark(socket: &Socket, what: &str, why: &str, fix: &str) -> Option<Remark> {
    let Socket { url, milliseconds, .. } = socket;
    if let Some(error) = &socket.error {
        // errors of requests begin with the URL
        let error = error.strip_prefix(&format!("{url}: ")).unwrap_or(error);
        return Some(Remark::problem(format!("{what} {url} does not answer: {error}"), why).fix(fix));
    }
    match socket.status {
        Some(status @ (401 | 403 | 407)) => {
            let seen = format!("{what} {url} answers {status}");
            Some(
                Remark::warning(seen, "it wants a name and a password, or lets nobody in from here").fix(fix),
            )
        }
        Some(status @ 500..) => Some(Remark::problem(format!("{what} {url} answers {status}"), why).fix(fix)),
        Some(_) if *milliseconds > SLOW => {
            let seen = format!("{what} {url} takes {milliseconds} ms for one answer");
            let why = "an audit asks hundreds of questions";
            Some(Remark::warning(seen, why).fix("see which HTTP proxy is on the way: gosum env HTTPS_PROXY"))
        }
        Some(_) => None,
        None => Some(Remark::problem(format!("{what} {url} gave no status"), why).fix(fix)),
    }
}

/// Returns what servers that are well said.
fn server_times(sockets: &[Socket]) -> String {
    let times = sockets.iter().map(|socket| format!("{} in {} ms", socket.url, socket.milliseconds));
    times.collect::<Vec<_>>().join(", ")
}
