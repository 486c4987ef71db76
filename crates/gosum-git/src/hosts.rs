//! What hosts were found not to do.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::session::Filter;

/// What hosts were found not to do, shared by the repositories of a run: each thing is tried once a
/// host, or a few times when several repositories of it are asked at the same moment.
#[derive(Debug, Default)]
pub struct HostMemory(Mutex<HashMap<String, Refusals>>);

#[derive(Debug, Default, Clone)]
struct Refusals {
    /// The lowest level from which the host does not leave out everything.
    level: Option<u32>,
    blob_filter: bool,
    single_blobs: bool,
    commits_by_id: bool,
}

/// Something that a host may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Filter(Filter),
    /// To give blobs by their ids.
    SingleBlobs,
    /// To give commits by their ids, when no ref stands for them.
    CommitsById,
}

impl HostMemory {
    /// Returns a memory without hosts.
    pub fn new() -> HostMemory {
        HostMemory::default()
    }

    pub(crate) fn note_refusal(&self, host: &str, service: Service) {
        let mut hosts = self.hosts();
        let refusals = hosts.entry(host.to_owned()).or_default();
        match service {
            Service::Filter(Filter::From(level)) => {
                refusals.level = Some(refusals.level.map_or(level, |known| known.min(level)));
            }
            Service::Filter(Filter::Blobs) => refusals.blob_filter = true,
            Service::SingleBlobs => refusals.single_blobs = true,
            Service::CommitsById => refusals.commits_by_id = true,
            Service::Filter(Filter::None) => {}
        }
    }

    pub(crate) fn refuses(&self, host: &str, service: Service) -> bool {
        let refusals = self.hosts().get(host).cloned().unwrap_or_default();
        match service {
            Service::Filter(Filter::From(level)) => refusals.level.is_some_and(|refused| level >= refused),
            Service::Filter(Filter::Blobs) => refusals.blob_filter,
            Service::SingleBlobs => refusals.single_blobs,
            Service::CommitsById => refusals.commits_by_id,
            Service::Filter(Filter::None) => false,
        }
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Refusals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_for_each_host_what_it_refused() {
        let memory = HostMemory::new();
        let from = |level| Service::Filter(Filter::From(level));
        memory.note_refusal("a.example", from(4));
        memory.note_refusal("a.example", from(2));
        memory.note_refusal("b.example", Service::SingleBlobs);
        for (host, service, refused) in [
            ("a.example", from(1), false),
            ("a.example", from(2), true),
            ("a.example", from(9), true),
            ("a.example", Service::Filter(Filter::Blobs), false),
            ("a.example", Service::SingleBlobs, false),
            ("b.example", from(9), false),
            ("b.example", Service::SingleBlobs, true),
            ("c.example", from(9), false),
        ] {
            assert_eq!(memory.refuses(host, service), refused, "{host} {service:?}");
        }
    }
}
