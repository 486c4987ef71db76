//! Git's protocol: what a server can do, one listing, one pack.
//!
//! A server greets once. Each request after that is a connection of its own, over which the greeting
//! is played again, so that several may run at the same time and none inherits a broken one.

use std::io::{self, BufRead};
use std::ops::ControlFlow;

use gix::protocol::fetch::Arguments;
use gix_transport::client::blocking_io::http::Transport as HttpTransport;
use gix_transport::client::blocking_io::{ExtendedBufRead, ReadlineBufRead, Transport, TransportV2Ext};
use gix_transport::client::{self, Capabilities, MessageKind};
use gix_transport::packetline::PacketLineRef;
use gix_transport::{Protocol, Service};

use crate::error::Said;
use crate::refs::{self, Ref};
use crate::transport::{Call, Fault, Greeting, Wire};
use crate::{GitError, ObjectId};

const AGENT: &str = concat!("gosum/", env!("CARGO_PKG_VERSION"));

/// What to leave out of a pack. What is asked for by its own id is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Nothing.
    None,
    /// The contents of all files.
    Blobs,
    /// Everything so many levels below a commit: its own tree is on level 0, the files and folders in
    /// it on level 1.
    From(u32),
}

impl Filter {
    fn spec(self) -> Option<String> {
        match self {
            Filter::None => None,
            Filter::Blobs => Some("blob:none".to_owned()),
            Filter::From(depth) => Some(format!("tree:{depth}")),
        }
    }
}

/// What a request for a pack asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want<'a> {
    pub(crate) ids: &'a [ObjectId],
    /// Commits that need not come, nor any before them.
    pub(crate) haves: &'a [ObjectId],
    /// Whether to leave out the commits before those asked for.
    pub(crate) shallow: bool,
    pub(crate) filter: Filter,
}

impl<'a> Want<'a> {
    /// Wants `ids` without the commits before them.
    pub(crate) fn shallow(ids: &'a [ObjectId], filter: Filter) -> Want<'a> {
        Want { ids, haves: &[], shallow: true, filter }
    }

    /// Wants `ids` and everything before them.
    pub(crate) fn whole(ids: &'a [ObjectId], filter: Filter) -> Want<'a> {
        Want { ids, haves: &[], shallow: false, filter }
    }
}

/// A server that has greeted us.
pub(crate) struct Session {
    greeting: Greeting,
    version: Protocol,
    capabilities: Capabilities,
    format: gix::hash::Kind,
    /// All refs, which a server of protocol v0 tells at once.
    refs: Vec<Ref>,
}

impl Session {
    pub(crate) fn open(call: &Call) -> Result<Session, GitError> {
        let greeting = call.greet()?;
        let Hello { version, capabilities, refs, .. } = Hello::hear(call, &greeting)?;
        let format = match capabilities.capability("object-format").and_then(|format| format.value()) {
            None => gix::hash::Kind::Sha1,
            Some(name) if name == "sha1" => gix::hash::Kind::Sha1,
            Some(name) if name == "sha256" => gix::hash::Kind::Sha256,
            Some(other) => return Err(call.misspoken(&format!("object format {other}"))),
        };
        if version != Protocol::V2
            && !capabilities.contains("side-band-64k")
            && !capabilities.contains("side-band")
        {
            return Err(call.misspoken("no side band"));
        }
        Ok(Session { greeting, version, capabilities, format, refs })
    }

    /// Returns where the repository was found in the end.
    pub(crate) fn url(&self) -> &gosum_fetch::SafeUrl {
        &self.greeting.url
    }

    pub(crate) fn format(&self) -> gix::hash::Kind {
        self.format
    }

    /// Returns whether the server can leave things out of packs.
    pub(crate) fn has_filters(&self) -> bool {
        self.can("filter")
    }

    /// Returns whether the server gives nothing but what a ref stands for; and those refs.
    pub(crate) fn gives_only(&self) -> Option<&[Ref]> {
        let any = self.is_v2() || self.capabilities.contains("allow-reachable-sha1-in-want");
        (!any).then_some(&self.refs)
    }

    pub(crate) fn is_v2(&self) -> bool {
        self.version == Protocol::V2
    }

    /// Returns whether the server has a feature of fetching.
    fn can(&self, feature: &str) -> bool {
        if !self.is_v2() {
            return self.capabilities.contains(feature);
        }
        let fetch = self.capabilities.capability("fetch");
        fetch.and_then(|fetch| fetch.supports(feature)).unwrap_or(false)
    }

    /// Returns the refs whose names begin with one of `prefixes`.
    pub(crate) fn list(&self, call: &Call, prefixes: &[&str]) -> Result<Vec<Ref>, GitError> {
        if !self.is_v2() {
            return Ok(self.refs.iter().filter(|found| found.has_prefix(prefixes)).cloned().collect());
        }
        let mut connection = Hello::hear(call, &self.greeting)?.connection;
        let refs = connection.run(call, |transport| {
            let prefixes = prefixes.iter().map(|prefix| format!("ref-prefix {prefix}"));
            let arguments = ["peel".to_owned()].into_iter().chain(prefixes).map(Into::into);
            let features = self.tellings();
            let features = features.iter().map(|(name, value)| (*name, value.as_deref()));
            let mut reader =
                transport.invoke("ls-refs", features, Some(arguments), false).map_err(Stop::Client)?;
            let mut refs = Vec::new();
            while let Some(line) = next_line(&mut *reader)? {
                refs.push(refs::parse_v2(&line).ok_or(Stop::Malformed("a ref"))?);
            }
            match reader.stopped_at() {
                Some(MessageKind::Flush) if refs::twice(&refs).is_some() => {
                    Err(Stop::Malformed("a listing that has a ref twice"))
                }
                Some(MessageKind::Flush) => Ok(refs),
                _ => Err(Stop::Malformed("the end of the refs")),
            }
        });
        // a server may take the prefixes for a hint
        refs.map(|refs: Vec<Ref>| refs.into_iter().filter(|found| found.has_prefix(prefixes)).collect())
    }

    /// Asks for a pack and gives it to `read`.
    pub(crate) fn fetch<T>(
        &self,
        call: &Call,
        want: Want<'_>,
        read: impl FnOnce(&mut dyn BufRead) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let mut connection = Hello::hear(call, &self.greeting)?.connection;
        let fault = connection.fault.clone();
        connection.run(call, |transport| {
            let mut arguments = self.arguments(want);
            let mut reader = arguments.send(transport, true).map_err(Stop::Client)?;
            match self.version {
                Protocol::V2 => skip_to_pack_v2(&mut *reader)?,
                _ => skip_to_pack_v0(&mut *reader)?,
            }
            let url = call.url.clone();
            reader.set_progress_handler(Some(Box::new(move |is_error, words| {
                if !is_error {
                    return ControlFlow::Continue(());
                }
                fault.set(GitError::Remote { url: url.clone(), said: Said::new(words) });
                ControlFlow::Break(())
            })));
            read(&mut *reader).map_err(Stop::Read)
        })
    }

    fn arguments(&self, want: Want<'_>) -> Arguments {
        let mut features = self.tellings();
        let usable = ["shallow", "filter"].into_iter().filter(|feature| self.can(feature));
        features.extend(usable.map(|feature| (feature, None)));
        if !self.is_v2() {
            let sideband = ["side-band-64k", "side-band"].into_iter().find(|feature| self.can(feature));
            let others = ["ofs-delta", "no-progress"].into_iter().filter(|feature| self.can(feature));
            features.extend(sideband.into_iter().chain(others).map(|feature| (feature, None)));
        }
        let mut arguments = Arguments::new(self.version, features, false);
        if self.is_v2() {
            arguments.add_feature("no-progress");
        }
        for id in want.ids {
            arguments.want(id.0);
        }
        for id in want.haves {
            arguments.have(id.0);
        }
        // without it, all the history comes as well, up to the bound
        if want.shallow && arguments.can_use_deepen() {
            arguments.deepen(1);
        }
        if let Some(spec) = want.filter.spec().filter(|_| arguments.can_use_filter()) {
            arguments.filter(&spec);
        }
        arguments
    }

    /// Returns what each request tells of itself.
    fn tellings(&self) -> Vec<(&'static str, Option<String>)> {
        let agent = self.capabilities.contains("agent").then(|| ("agent", Some(AGENT.to_owned())));
        let format = self.capabilities.contains("object-format");
        let format = format.then(|| ("object-format", Some(self.format.to_string())));
        agent.into_iter().chain(format).collect()
    }
}

/// What a server says when it is greeted, and the connection over which it said so.
struct Hello {
    connection: Connection,
    version: Protocol,
    capabilities: Capabilities,
    refs: Vec<Ref>,
}

impl Hello {
    fn hear(call: &Call, greeting: &Greeting) -> Result<Hello, GitError> {
        let url = gix::Url::try_from(greeting.url.to_string().as_str());
        let url = url.map_err(|error| call.misspoken(&error.to_string()))?;
        let fault = Fault::default();
        let wire = Wire::new(call.clone(), greeting, fault.clone());
        let transport = HttpTransport::new_http(wire, url, Protocol::V2, false);
        let mut connection = Connection { transport, fault };
        let (version, capabilities, refs) = connection.run(call, |transport| {
            let said = transport.handshake(Service::UploadPack, &[]).map_err(Stop::Client)?;
            let mut refs = Vec::new();
            if let Some(mut lines) = said.refs {
                while let Some(line) = next_line(&mut *lines)? {
                    refs::parse_v0(&line, &mut refs).ok_or(Stop::Malformed("a ref"))?;
                }
            }
            if refs::twice(&refs).is_some() {
                return Err(Stop::Malformed("a listing that has a ref twice"));
            }
            Ok((said.actual_protocol, said.capabilities, refs))
        })?;
        Ok(Hello { connection, version, capabilities, refs })
    }
}

/// A connection for one request.
struct Connection {
    transport: HttpTransport<Wire>,
    fault: Fault,
}

impl Connection {
    fn run<'a, T>(
        &'a mut self,
        call: &Call,
        work: impl FnOnce(&'a mut HttpTransport<Wire>) -> Result<T, Stop>,
    ) -> Result<T, GitError> {
        let done = work(&mut self.transport);
        match (self.fault.take(), done) {
            (None, Ok(done)) => Ok(done),
            (None, Err(stop)) => Err(stop.explain(call)),
            (Some(error), _) => Err(error),
        }
    }
}

/// Why the reading of an answer stopped.
enum Stop {
    Client(client::Error),
    Io(io::Error),
    Malformed(&'static str),
    /// The server gives an error.
    Error(Said),
    /// The answer ends where more should come.
    End,
    /// What was read is no good.
    Read(GitError),
}

impl Stop {
    fn explain(self, call: &Call) -> GitError {
        match self {
            Stop::Client(client::Error::Io(error)) | Stop::Io(error) => call.misread(&error),
            Stop::Client(error) => call.misspoken(&error.to_string()),
            Stop::Malformed(what) => call.misspoken(&format!("{what} is malformed")),
            Stop::Error(said) => GitError::Remote { url: call.url.clone(), said },
            Stop::End => GitError::Silent { url: call.url.clone() },
            Stop::Read(error) => error,
        }
    }
}

/// Returns the next line up to a mark that ends a part of an answer.
fn next_line<R: ReadlineBufRead + ?Sized>(reader: &mut R) -> Result<Option<Vec<u8>>, Stop> {
    match reader.readline() {
        None => Ok(None),
        Some(Ok(Ok(PacketLineRef::Data(line)))) => match line.strip_prefix(b"ERR ") {
            // gix looks for errors in the greeting only
            Some(words) => Err(Stop::Error(Said::new(words))),
            None => Ok(Some(line.to_vec())),
        },
        Some(Ok(_)) => Err(Stop::Malformed("a line")),
        Some(Err(error)) => Err(Stop::Io(error)),
    }
}

/// Reads up to the pack: `(name line* delimiter)* "packfile" pack flush`.
fn skip_to_pack_v2<'a>(reader: &mut (dyn ExtendedBufRead<'a> + Unpin + 'a)) -> Result<(), Stop> {
    reader.reset(Protocol::V2);
    loop {
        match next_line(reader)? {
            Some(line) if line.trim_ascii_end() == b"packfile" => return Ok(()),
            Some(_) => {}
            None if reader.stopped_at() == Some(MessageKind::Delimiter) => reader.reset(Protocol::V2),
            None => return Err(Stop::End),
        }
    }
}

/// Reads up to the pack: `[("shallow" | "unshallow")* flush] ("NAK" | "ACK") pack flush`.
fn skip_to_pack_v0<'a>(reader: &mut (dyn ExtendedBufRead<'a> + Unpin + 'a)) -> Result<(), Stop> {
    let mut parts = 0;
    while parts < 2 {
        match next_line(reader)? {
            Some(line) if line.starts_with(b"NAK") || line.starts_with(b"ACK") => return Ok(()),
            Some(_) => {}
            None => {
                parts += 1;
                reader.reset(Protocol::V1);
            }
        }
    }
    Err(Stop::End)
}
