//! Git's smart HTTP protocol, the side that sends: `info/refs` and `git-upload-pack` in versions 0, 1 and 2.
//!
//! After git's own pages on its protocols (gitprotocol-http, -pack, -capabilities and -v2); where they leave something
//! open, what git 2.39 does. Left out are pushing, the dumb protocol, thin packs (a pack is always whole) and cutting
//! history by time or by name.

mod delta;
mod depth;
mod filter;
mod history;
mod pack;
mod packet;
mod refs;
mod select;
mod v0;
mod v2;
mod want;

pub use filter::Filters;
pub(crate) use history::peel;
pub use pack::Deltas;

use crate::http::{Request, Response};
use crate::repository::{ObjectId, Repository};
use depth::Shallow;
use packet::{Band, Packet, PacketError, Writer, packets};

/// How the server calls itself.
const AGENT: &str = "gosum-world";

/// What a repository grants to those who fetch from it. By default everything, in the newest version.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whether it speaks versions 0 and 1 of the protocol only.
    pub before_v2: bool,
    /// What may be wanted.
    pub wants: Wants,
    /// What may be left out.
    pub filters: Filters,
    /// How objects are told.
    pub deltas: Deltas,
}

/// What may be wanted from a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wants {
    /// Any object that is there, whether something refers to it or not.
    #[default]
    Any,
    /// The commits that references lead to, and any other object.
    Reachable,
    /// What references name.
    Tips,
}

/// Which part of the service a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    InfoRefs,
    UploadPack,
    ReceivePack,
}

impl Endpoint {
    /// Splits the path of a URL into that of a repository and the endpoint behind it.
    pub(crate) fn split(path: &str) -> Option<(&str, Endpoint)> {
        let ends = [
            ("/info/refs", Endpoint::InfoRefs),
            ("/git-upload-pack", Endpoint::UploadPack),
            ("/git-receive-pack", Endpoint::ReceivePack),
        ];
        ends.iter().find_map(|&(end, endpoint)| Some((path.strip_suffix(end)?, endpoint)))
    }
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServiceError {
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error("unexpected line: '{0}'")]
    Line(String),
    #[error("upload-pack: protocol error, expected to get an object id, not '{0}'")]
    Id(String),
    #[error("upload-pack: not our ref {0}")]
    NotOurs(ObjectId),
    #[error("{0}")]
    Filter(String),
    #[error("mismatched object format: server {ours}; client {asked}")]
    Format { ours: &'static str, asked: String },
}

/// Returns the version of the protocol that a client offers.
pub(crate) fn version(request: &Request) -> u8 {
    let offer = request.header("git-protocol").unwrap_or_default();
    let versions = offer.split(':').filter_map(|part| part.strip_prefix("version=")?.parse().ok());
    versions.filter(|version| *version <= 2).max().unwrap_or(0)
}

/// Returns the packets of a request as text: what a client asked for; nothing if they are no packets.
pub(crate) fn lines(request: &Request) -> Vec<String> {
    packets(&request.body).map(|packets| packets.iter().map(Packet::to_string).collect()).unwrap_or_default()
}

/// Returns the repository's answer to a request.
pub(crate) fn answer(repository: &Repository, endpoint: Endpoint, request: &Request) -> Response {
    let version = if repository.policy.before_v2 { version(request).min(1) } else { version(request) };
    match (endpoint, request.method.as_str()) {
        (Endpoint::InfoRefs, "GET" | "HEAD") => match request.query.as_deref() {
            Some("service=git-upload-pack") => advertise(repository, version),
            Some("service=git-receive-pack") => Response::text(403, "read only\n"),
            _ => Response::text(403, "the dumb protocol is not spoken here\n"),
        },
        (Endpoint::UploadPack, "POST") => upload_pack(repository, version, request),
        (Endpoint::ReceivePack, _) => Response::text(403, "read only\n"),
        _ => Response::text(405, "method not allowed\n"),
    }
}

fn advertise(repository: &Repository, version: u8) -> Response {
    let body = if version == 2 { v2::advertise(repository) } else { refs::advertise(repository, version) };
    response("application/x-git-upload-pack-advertisement", body)
}

fn upload_pack(repository: &Repository, version: u8, request: &Request) -> Response {
    if request.header("content-type") != Some("application/x-git-upload-pack-request") {
        return Response::text(415, "this is not a request to git-upload-pack\n");
    }
    let answer = packets(&request.body).map_err(ServiceError::Packet).and_then(|packets| match version {
        2 => v2::answer(repository, &packets),
        _ => v0::answer(repository, &packets),
    });
    let body = answer.unwrap_or_else(|error| {
        let mut writer = Writer::new();
        writer.line(format_args!("ERR {error}"));
        writer.finish()
    });
    response("application/x-git-upload-pack-result", body)
}

fn response(content_type: &str, body: Vec<u8>) -> Response {
    let response = Response::new(200, content_type, body).header("Cache-Control", "no-cache");
    Response { chunked: true, ..response }
}

/// Returns a line as text.
fn text(line: &[u8]) -> Result<&str, ServiceError> {
    str::from_utf8(line).map_err(|_| ServiceError::Line(Packet::Line(line).to_string()))
}

/// Writes the pack that answers a request, and how that is going.
fn send_pack(repository: &Repository, request: &want::Request, shallow: &Shallow, writer: &mut Writer) {
    let common = request.common(repository);
    let selected = select::select(repository, request, shallow, &common);
    if !request.no_progress {
        let progress = format!("Enumerating objects: {}, done.\n", selected.len());
        writer.band(request.bands, Band::Progress, progress.as_bytes());
    }
    let deltas = match repository.policy.deltas {
        Deltas::Offset if !request.ofs_delta => Deltas::Reference,
        deltas => deltas,
    };
    writer.band(request.bands, Band::Pack, &pack::pack(repository, selected, deltas));
    if request.bands != packet::Bands::None {
        writer.flush();
    }
}
