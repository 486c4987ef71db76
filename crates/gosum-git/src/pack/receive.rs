//! Taking a pack apart while it comes.

use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::entry::{Form, Kind, read_exact, read_header};
use super::inflate::Inflater;
use super::resolve::Forest;
use super::spool::{Spool, Storage};
use super::{Base, Content, Entry, Ids, Lookup, Pack, PackError, check_object_size, check_time};
use crate::ObjectId;
use crate::limits::{Bound, Limits};

/// How many bytes may wait for a thread that hashes them.
const WAITING: usize = 32 << 20;
/// How many bytes of inflated data are kept from the first pass to the second.
const KEPT: usize = 16 << 20;
/// What an object takes beside its bytes while it waits or is kept.
const OVERHEAD: usize = 256;

/// How a pack is to be read.
pub(crate) struct Incoming<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) storage: &'a Storage,
    pub(crate) format: gix::hash::Kind,
    /// Gives the objects of earlier packs.
    pub(crate) lookup: Lookup<'a>,
    /// Is shown each object once, by any thread, in any order.
    pub(crate) visit: &'a (dyn Fn(Found<'_>) -> Result<(), PackError> + Sync),
    /// Whether objects are left out whose bases are nowhere.
    pub(crate) may_lack_bases: bool,
    /// When it must be over.
    pub(crate) end: Option<Instant>,
}

/// An object of a pack.
pub(crate) struct Found<'a> {
    pub(crate) id: ObjectId,
    pub(crate) kind: Kind,
    /// Its number in the pack.
    pub(crate) index: u32,
    pub(crate) content: &'a Content,
}

impl Incoming<'_> {
    /// Reads the pack that is all of `input`. Returns it with the ids of its objects, and how many bytes were unpacked.
    ///
    /// # Errors
    /// When `input` fails or is no whole pack, when an object cannot be made or `visit` refuses it,
    /// or when a bound is passed.
    pub(crate) fn receive(&self, input: &mut dyn BufRead) -> Result<(Pack, Ids, u64), PackError> {
        let work = Work::new(self);
        let mut tee = Tee::new(input, self)?;
        let count = read_count(&mut tee, self.limits)?;
        let mut parts = Parts::default();
        let read = rayon::in_place_scope(|scope| {
            (0..count).try_for_each(|_| parts.read_entry(&mut tee, &work, scope))
        });
        for failure in [work.failure(), tee.failure.take()] {
            failure.map_or(Ok(()), Err)?;
        }
        read?;
        let bytes = tee.position;
        let spool = tee.finish()?;
        parts.sort_foreign();
        let Parts { entries, foreign, kept, .. } = parts;
        let (limits, storage) = (self.limits.clone(), self.storage.clone());
        let mut pack = Pack { spool, entries, foreign, bytes, limits, storage };
        Forest::new(&pack, &work, kept).resolve()?;
        let unpacked = work.unpacked.into_inner();
        let ids = work.ids.into_inner().unwrap_or_else(PoisonError::into_inner);
        pack.settle(&ids);
        Ok((pack, ids, unpacked))
    }
}

fn read_count(tee: &mut Tee<'_>, limits: &Limits) -> Result<u32, PackError> {
    let mut header = [0; 12];
    read_exact(tee, &mut header)?;
    let [magic, version, count] =
        [0, 4, 8].map(|at| [header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if &magic != b"PACK" || u32::from_be_bytes(version) != 2 {
        return Err(PackError::NotAPack);
    }
    let count = u32::from_be_bytes(count);
    if u64::from(count) > limits.objects {
        return Err(PackError::Limit { bound: Bound::Objects, max: limits.objects });
    }
    Ok(count)
}

/// What is known of a pack while it comes.
struct Parts {
    entries: Vec<Entry>,
    foreign: Vec<ObjectId>,
    /// Inflated data by number of the object: the first ones, until they are too many.
    kept: Vec<Arc<Content>>,
    kept_bytes: usize,
    inflater: Inflater,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts {
            entries: Vec::new(),
            foreign: Vec::new(),
            kept: Vec::new(),
            kept_bytes: 0,
            inflater: Inflater::new(),
        }
    }
}

impl Parts {
    fn read_entry<'scope>(
        &mut self,
        tee: &mut Tee<'_>,
        work: &'scope Work<'_>,
        scope: &rayon::Scope<'scope>,
    ) -> Result<(), PackError> {
        let offset = tee.position;
        let (form, size) = read_header(tee, offset, work.incoming.format)?;
        check_object_size(size, work.incoming.limits)?;
        let base = match form {
            Form::Whole(kind) => Base::Whole(kind),
            Form::Back(distance) => Base::Entry(self.before(offset, distance)?),
            Form::On(id) => {
                self.foreign.push(id);
                Base::Foreign(self.foreign.len() as u32 - 1)
            }
        };
        let entry = Entry { offset, header: (tee.position - offset) as u8, base, size: size as u32 };
        let index = self.entries.len() as u32;
        self.entries.push(entry);
        let data = Arc::new(self.inflater.inflate(tee, size, offset, work.incoming.storage)?);
        work.count(size)?;
        let bytes = data.held() + OVERHEAD;
        let is_memory = matches!(*data, Content::Memory(_));
        // of what is on disk few are kept: files that are open are dearer than bytes
        if is_memory && self.kept_bytes + bytes <= KEPT && self.kept.len() == index as usize {
            self.kept_bytes += bytes;
            self.kept.push(Arc::clone(&data));
        }
        if let Base::Whole(kind) = base {
            work.hash(scope, Whole { index, offset, kind, data });
        }
        work.failure().map_or(Ok(()), Err)
    }

    /// Brings the bases that are told by their ids into order, each once.
    fn sort_foreign(&mut self) {
        let told = std::mem::take(&mut self.foreign);
        self.foreign.clone_from(&told);
        self.foreign.sort_unstable();
        self.foreign.dedup();
        for entry in &mut self.entries {
            if let Base::Foreign(number) = &mut entry.base {
                let place = self.foreign.binary_search(&told[*number as usize]);
                *number = place.expect("it is one of those told") as u32;
            }
        }
    }

    /// Returns which object begins `distance` bytes before `offset`.
    fn before(&self, offset: u64, distance: u64) -> Result<u32, PackError> {
        let corrupt = || PackError::Corrupt { offset, reason: "its base is not an object before it" };
        let base = offset.checked_sub(distance).ok_or_else(corrupt)?;
        let index = self.entries.binary_search_by_key(&base, |entry| entry.offset).map_err(|_| corrupt())?;
        Ok(index as u32)
    }
}

/// An object that came whole.
struct Whole {
    index: u32,
    offset: u64,
    kind: Kind,
    data: Arc<Content>,
}

/// What the threads that work on one pack share.
pub(super) struct Work<'a> {
    pub(super) incoming: &'a Incoming<'a>,
    /// The objects found so far.
    pub(super) ids: Mutex<Ids>,
    unpacked: AtomicU64,
    waiting: AtomicUsize,
    failed: AtomicBool,
    failure: Mutex<Option<PackError>>,
}

impl<'a> Work<'a> {
    fn new(incoming: &'a Incoming<'a>) -> Work<'a> {
        Work {
            incoming,
            ids: Mutex::new(Ids::new(incoming.format)),
            unpacked: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            failure: Mutex::default(),
        }
    }

    /// Returns the id of object number `index`, which has been taken in.
    pub(super) fn id(&self, index: u32) -> ObjectId {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).get(index)
    }

    /// Counts inflated bytes, and looks at the time.
    pub(super) fn count(&self, bytes: u64) -> Result<(), PackError> {
        check_time(self.incoming.end, self.incoming.limits)?;
        let max = self.incoming.limits.unpacked_bytes;
        if self.unpacked.fetch_add(bytes, Ordering::Relaxed) + bytes > max {
            return Err(PackError::Limit { bound: Bound::UnpackedBytes, max });
        }
        Ok(())
    }

    /// Takes in a finished object: gives it its id and shows it.
    pub(super) fn take_in(
        &self,
        index: u32,
        offset: u64,
        kind: Kind,
        content: &Content,
    ) -> Result<ObjectId, PackError> {
        let mut hasher = gix::hash::hasher(self.incoming.format);
        hasher.update(&gix::objs::encode::loose_header(kind.gix(), content.len()));
        content.for_each(|piece| hasher.update(piece)).map_err(PackError::Spool)?;
        let id = ObjectId(hasher.try_finalize().map_err(|_| PackError::Collision { offset })?);
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).set(index, &id);
        (self.incoming.visit)(Found { id, kind, index, content })?;
        Ok(id)
    }

    /// Takes in `whole` on some other thread, or on this one if too much waits already.
    fn hash<'scope>(&'scope self, scope: &rayon::Scope<'scope>, whole: Whole) {
        let size = whole.data.held() + OVERHEAD;
        let on_disk = matches!(*whole.data, Content::Disk { .. });
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > WAITING || on_disk {
            self.hash_now(&whole);
        } else {
            scope.spawn(move |_| self.hash_now(&whole));
        }
    }

    fn hash_now(&self, whole: &Whole) {
        if let Err(error) = self.take_in(whole.index, whole.offset, whole.kind, &whole.data) {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            self.failed.store(true, Ordering::Relaxed);
        }
        self.waiting.fetch_sub(whole.data.held() + OVERHEAD, Ordering::Relaxed);
    }

    /// Returns why a thread gave up, if one did.
    fn failure(&self) -> Option<PackError> {
        if !self.failed.load(Ordering::Relaxed) {
            return None;
        }
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A reader that keeps and hashes what is read.
struct Tee<'a> {
    input: &'a mut dyn BufRead,
    spool: Spool,
    hasher: gix::hash::Hasher,
    position: u64,
    max: u64,
    /// Why what was read could not be kept: told at the next read.
    failure: Option<PackError>,
}

impl<'a> Tee<'a> {
    fn new(input: &'a mut dyn BufRead, incoming: &Incoming<'_>) -> Result<Tee<'a>, PackError> {
        Ok(Tee {
            input,
            spool: Spool::new(incoming.storage).map_err(PackError::Spool)?,
            hasher: gix::hash::hasher(incoming.format),
            position: 0,
            max: incoming.limits.pack_bytes,
            failure: None,
        })
    }

    /// Checks the checksum and that nothing follows.
    fn finish(mut self) -> Result<Spool, PackError> {
        let computed = self.hasher.try_finalize().map_err(|_| PackError::Checksum)?;
        let mut declared = [0; 32];
        let declared = &mut declared[..computed.as_slice().len()];
        read_exact(self.input, declared)?;
        if declared != computed.as_slice() {
            return Err(PackError::Checksum);
        }
        match self.input.fill_buf() {
            Ok([]) => {
                self.spool.finish();
                Ok(self.spool)
            }
            Ok(_) => Err(PackError::Trailing),
            Err(error) => Err(PackError::Read(error)),
        }
    }
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Tee<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.failure.is_some() {
            return Err(io::Error::other("what was read cannot be kept"));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // what has been filled and not consumed stays filled
        if let Ok(chunk) = self.input.fill_buf() {
            let taken = &chunk[..amount];
            self.hasher.update(taken);
            self.position += amount as u64;
            if self.position > self.max {
                self.failure = Some(PackError::Limit { bound: Bound::PackBytes, max: self.max });
            } else if let Err(error) = self.spool.write(taken) {
                self.failure = Some(PackError::Spool(error));
            }
        }
        self.input.consume(amount);
    }
}
