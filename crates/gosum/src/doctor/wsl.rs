//! Windows' subsystem for Linux: which version this is, and what /etc/wsl.conf says.

use super::sight::Blind;
use super::system::System;

/// The file of its settings.
pub(crate) const CONF: &str = "/etc/wsl.conf";
/// The file that names the kernel.
pub(crate) const KERNEL: &str = "/proc/sys/kernel/osrelease";

/// What the subsystem is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wsl {
    /// 1: Windows' own kernel; 2: a Linux kernel in a virtual machine.
    pub(crate) version: u8,
    pub(crate) kernel: String,
}

impl Wsl {
    /// Returns what the subsystem is.
    ///
    /// # Errors
    /// When this is none, or that cannot be told.
    pub(crate) fn of(system: &System) -> Result<Wsl, Blind> {
        system.on_linux()?;
        let kernel =
            system.file(KERNEL)?.ok_or_else(|| Blind::Unknown(format!("there is no {KERNEL}")))?.trim();
        // version 1 ends in `-Microsoft`; kernels that users build for version 2 have any name
        let version = if kernel.ends_with("-Microsoft") {
            1
        } else if kernel.to_ascii_lowercase().contains("microsoft")
            || system.variables.contains_key("WSL_INTEROP")
        {
            2
        } else {
            return Err(Blind::Skipped("this is no WSL".to_owned()));
        };
        Ok(Wsl { version, kernel: kernel.to_owned() })
    }
}

/// Returns the value of a setting in /etc/wsl.conf, whose form is `[section]` and `key = value`.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn conf<'s>(system: &'s System, section: &str, key: &str) -> Result<Option<&'s str>, Blind> {
    let Some(text) = system.file(CONF)? else { return Ok(None) };
    let mut is_here = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_here = name.trim().eq_ignore_ascii_case(section);
        } else if let Some((name, value)) = line.split_once('=')
            && is_here
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim().trim_matches('"'));
        }
    }
    Ok(found)
}

/// Returns whether a switch in /etc/wsl.conf is on, where `default` holds without it.
///
/// # Errors
/// When the file cannot be read, or the switch is neither on nor off.
pub(crate) fn switch(system: &System, section: &str, key: &str, default: bool) -> Result<bool, Blind> {
    match conf(system, section, key)?.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(default),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(Blind::Unknown(format!("{section}.{key} in {CONF} is neither true nor false"))),
    }
}
