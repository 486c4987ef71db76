//! Version 2 of git's protocol.

use super::depth::Shallow;
use super::packet::{Bands, Packet, Writer};
use super::refs::{Shown, shown};
use super::want::Request;
use super::{AGENT, Filters, ServiceError, send_pack, text};
use crate::repository::{ObjectId, Repository};

/// Returns what the server can do.
pub(crate) fn advertise(repository: &Repository) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.line("version 2");
    writer.line(format_args!("agent={AGENT}"));
    writer.line("ls-refs=unborn");
    let filter = if repository.policy.filters == Filters::None { "" } else { " filter" };
    writer.line(format_args!("fetch=shallow wait-for-done{filter}"));
    writer.line(format_args!("object-format={}", repository.format().name()));
    writer.flush();
    writer.finish()
}

/// Returns the answer to a request.
pub(crate) fn answer(repository: &Repository, packets: &[Packet<'_>]) -> Result<Vec<u8>, ServiceError> {
    let mut lines = Vec::new();
    let mut arguments = None;
    for &packet in packets {
        match packet {
            Packet::Line(line) => lines.push(text(line)?),
            Packet::Delimiter if arguments.is_none() => arguments = Some(lines.len()),
            Packet::Flush => break,
            Packet::Delimiter | Packet::ResponseEnd => return Err(ServiceError::Line(packet.to_string())),
        }
    }
    let (capabilities, arguments) = lines.split_at(arguments.unwrap_or(lines.len()));
    match command(repository, capabilities)? {
        None => Ok(Vec::new()),
        Some("ls-refs") => ls_refs(repository, arguments),
        Some("fetch") => fetch(repository, arguments),
        Some(command) => Err(ServiceError::Line(format!("command={command}"))),
    }
}

/// Returns which command a request is for.
fn command<'a>(repository: &Repository, capabilities: &[&'a str]) -> Result<Option<&'a str>, ServiceError> {
    let mut command = None;
    let mut format = "sha1"; // what it is if nothing is said
    for line in capabilities {
        match line.split_once('=') {
            Some(("command", name)) => command = Some(name),
            Some(("object-format", name)) => format = name,
            Some(("agent", _)) => {}
            _ => return Err(ServiceError::Line((*line).to_owned())),
        }
    }
    let ours = repository.format().name();
    if command.is_some() && format != ours {
        return Err(ServiceError::Format { ours, asked: format.to_owned() });
    }
    Ok(command)
}

fn ls_refs(repository: &Repository, arguments: &[&str]) -> Result<Vec<u8>, ServiceError> {
    let (mut peel, mut symrefs, mut unborn, mut prefixes) = (false, false, false, Vec::new());
    for line in arguments {
        match (*line, line.strip_prefix("ref-prefix ")) {
            ("peel", _) => peel = true,
            ("symrefs", _) => symrefs = true,
            ("unborn", _) => unborn = true,
            (_, Some(prefix)) => prefixes.push(prefix),
            _ => return Err(ServiceError::Line((*line).to_owned())),
        }
    }
    let asked = |name: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix));
    let mut writer = Writer::new();
    if unborn && repository.reference("HEAD").is_none() && asked("HEAD") {
        let target = if symrefs { format!(" symref-target:{}", repository.head()) } else { String::new() };
        writer.line(format_args!("unborn HEAD{target}"));
    }
    for Shown { name, id, peeled } in shown(repository).filter(|shown| asked(shown.name)) {
        let mut line = format!("{id} {name}");
        if symrefs && name == "HEAD" {
            line.push_str(&format!(" symref-target:{}", repository.head()));
        }
        if let Some(peeled) = peeled.filter(|_| peel) {
            line.push_str(&format!(" peeled:{peeled}"));
        }
        writer.line(line);
    }
    writer.flush();
    Ok(writer.finish())
}

fn fetch(repository: &Repository, arguments: &[&str]) -> Result<Vec<u8>, ServiceError> {
    let request = read(repository, arguments)?;
    request.check_wants(repository)?;
    let mut writer = Writer::new();
    if request.wants.is_empty() {
        return Ok(writer.finish());
    }
    let common = request.common(repository);
    if !request.done && (!request.haves.is_empty() || request.wait_for_done) {
        let ready = !request.wait_for_done && request.is_ready(repository, &common);
        acknowledge(&common, ready, &mut writer);
        if !ready {
            writer.flush();
            return Ok(writer.finish());
        }
        writer.delimiter();
    }
    let shallow = Shallow::of(repository, &request);
    if request.depth.is_some() || !request.shallow.is_empty() {
        writer.line("shallow-info");
        shallow.write(&mut writer);
        writer.delimiter();
    }
    writer.line("packfile");
    send_pack(repository, &request, &shallow, &mut writer);
    Ok(writer.finish())
}

fn read(repository: &Repository, arguments: &[&str]) -> Result<Request, ServiceError> {
    let mut request = Request { bands: Bands::Large, ..Request::default() };
    for line in arguments {
        match *line {
            "done" => request.done = true,
            "thin-pack" => {} // a pack that is whole serves as well
            "no-progress" => request.no_progress = true,
            "include-tag" => request.include_tag = true,
            "ofs-delta" => request.ofs_delta = true,
            "deepen-relative" => request.deepen_relative = true,
            "wait-for-done" => request.wait_for_done = true,
            line if request.read(line, repository.format(), &repository.policy)? => {}
            line => return Err(ServiceError::Line(line.to_owned())),
        }
    }
    Ok(request)
}

fn acknowledge(common: &[ObjectId], ready: bool, writer: &mut Writer) {
    writer.line("acknowledgments");
    if common.is_empty() {
        writer.line("NAK");
    }
    common.iter().for_each(|id| writer.line(format_args!("ACK {id}")));
    if ready {
        writer.line("ready");
    }
}
