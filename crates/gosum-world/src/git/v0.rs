//! `git-upload-pack` in versions 0 and 1 of the protocol, without state.

use super::depth::Shallow;
use super::packet::{Bands, Packet, Writer};
use super::want::Request;
use super::{ServiceError, send_pack, text};
use crate::repository::{ObjectId, Repository};

/// How a client wants to be told which commits are common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Acks {
    /// The first one.
    #[default]
    First,
    /// Each.
    Multi,
    /// Each, and when that is enough.
    Detailed,
}

/// A request in this version.
#[derive(Debug, Default)]
struct Negotiation {
    request: Request,
    acks: Acks,
    no_done: bool,
    /// What follows the request proper, in order.
    rounds: Vec<Round>,
}

/// A part of the talk about what the client has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    Have(ObjectId),
    /// The client waits for an answer.
    Flush,
}

/// Returns the answer to a request.
pub(crate) fn answer(repository: &Repository, packets: &[Packet<'_>]) -> Result<Vec<u8>, ServiceError> {
    let negotiation = read(repository, packets)?;
    let request = &negotiation.request;
    let mut writer = Writer::new();
    if request.wants.is_empty() {
        return Ok(writer.finish());
    }
    request.check_wants(repository)?;
    let shallow = Shallow::of(repository, request);
    if request.depth.is_some() {
        shallow.write(&mut writer);
        writer.flush();
    }
    if acknowledge(repository, &negotiation, &mut writer) {
        send_pack(repository, request, &shallow, &mut writer);
    }
    Ok(writer.finish())
}

fn read(repository: &Repository, packets: &[Packet<'_>]) -> Result<Negotiation, ServiceError> {
    let mut negotiation = Negotiation::default();
    let mut wanting = true;
    for &packet in packets {
        match packet {
            Packet::Line(b"done") => {
                negotiation.request.done = true;
                break;
            }
            Packet::Line(line) => negotiation.line(repository, text(line)?)?,
            Packet::Flush if wanting => wanting = false,
            Packet::Flush => negotiation.rounds.push(Round::Flush),
            Packet::Delimiter | Packet::ResponseEnd => return Err(ServiceError::Line(packet.to_string())),
        }
    }
    Ok(negotiation)
}

impl Negotiation {
    fn line(&mut self, repository: &Repository, line: &str) -> Result<(), ServiceError> {
        let line = match line.match_indices(' ').nth(1) {
            Some((end, _)) if line.starts_with("want ") && self.request.wants.is_empty() => {
                self.capabilities(&line[end + 1..]);
                &line[..end]
            }
            _ => line,
        };
        let haves = self.request.haves.len();
        if !self.request.read(line, repository.format(), &repository.policy)? {
            return Err(ServiceError::Line(line.to_owned()));
        }
        self.rounds.extend(self.request.haves[haves..].iter().copied().map(Round::Have));
        Ok(())
    }

    fn capabilities(&mut self, list: &str) {
        let request = &mut self.request;
        for capability in list.split(' ') {
            match capability {
                "multi_ack" => self.acks = Acks::Multi,
                "multi_ack_detailed" => self.acks = Acks::Detailed,
                "no-done" => self.no_done = true,
                "side-band" => request.bands = Bands::Small,
                "side-band-64k" => request.bands = Bands::Large,
                "include-tag" => request.include_tag = true,
                "ofs-delta" => request.ofs_delta = true,
                "no-progress" => request.no_progress = true,
                "deepen-relative" => request.deepen_relative = true,
                _ => {} // says nothing that changes what is sent
            }
        }
    }
}

/// Answers what the client says that it has. Returns whether the pack follows.
fn acknowledge(repository: &Repository, negotiation: &Negotiation, writer: &mut Writer) -> bool {
    let Negotiation { request, acks, no_done, rounds } = negotiation;
    let mut common: Vec<ObjectId> = Vec::new();
    for round in rounds {
        match *round {
            Round::Have(have) if repository.object(have).is_some() => {
                common.push(have);
                match acks {
                    Acks::First if common.len() == 1 => writer.line(format_args!("ACK {have}")),
                    Acks::First => {}
                    Acks::Multi => writer.line(format_args!("ACK {have} continue")),
                    Acks::Detailed => writer.line(format_args!("ACK {have} common")),
                }
            }
            Round::Have(_) => {}
            Round::Flush => {
                let ready = *acks == Acks::Detailed && request.is_ready(repository, &common);
                let last = common.last().filter(|_| ready);
                if let Some(last) = last {
                    writer.line(format_args!("ACK {last} ready"));
                }
                if common.is_empty() || *acks != Acks::First {
                    writer.line("NAK");
                }
                if let Some(last) = last.filter(|_| *no_done) {
                    writer.line(format_args!("ACK {last}"));
                    return true;
                }
            }
        }
    }
    match common.last() {
        None if request.done => writer.line("NAK"),
        Some(last) if request.done && *acks != Acks::First => writer.line(format_args!("ACK {last}")),
        _ => {}
    }
    request.done
}
