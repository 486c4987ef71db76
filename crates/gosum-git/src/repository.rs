//! Asking a repository.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use gosum_fetch::retry::Retry;
use gosum_fetch::{Fetch, SafeUrl};

use crate::batch::{Refused, Split, ask_for_each};
use crate::history::{History, Steps, peel};
use crate::hosts::{HostMemory, Service};
use crate::limits::{Bound, Limits};
use crate::object::{commit_parents, commit_time, leads_to_commit, tag_target};
use crate::objects::Objects;
use crate::pack::{Found, Incoming, Kind, PackError, Storage};
use crate::refs::Ref;
use crate::session::{Filter, Session, Want};
use crate::snapshot::Snapshot;
use crate::transport::Call;
use crate::{GitError, ObjectId};

/// How many bytes must have come before so that files which are there already are left out.
const WORTH_HOLDING: u64 = 1 << 20;

/// How a repository is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long one operation may take, retries included; all of them together, [`Limits::seconds`].
    pub timeout: Duration,
    /// How often an operation is tried again that may well succeed a moment later.
    pub retry: Retry,
    /// What it may cost.
    pub limits: Limits,
    /// Where packs are kept.
    pub storage: Storage,
    /// How many bytes may be fetched in all for the sake of go.mod files, where the host cannot send
    /// them alone.
    pub mod_only_budget: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            timeout: Duration::from_secs(600),
            retry: Retry::default(),
            limits: Limits::default(),
            storage: Storage::default(),
            mod_only_budget: 64 << 20,
        }
    }
}

/// A git repository on a host. Several threads may ask it at once.
pub struct Repository {
    fetch: Arc<dyn Fetch>,
    asked: SafeUrl,
    session: Session,
    pub(crate) options: Options,
    pub(crate) hosts: Arc<HostMemory>,
    /// The branches and tags, and the commits that they lead to, once that was asked.
    reached: Mutex<Option<Reached>>,
    /// When everything that is asked of it must be over.
    end: Mutex<Instant>,
    /// What came in packs of some size, as long as somebody has it: a file that is in several commits comes once.
    held: Mutex<Vec<Weak<Objects>>>,
    /// How much of [`Options::mod_only_budget`] is used.
    pub(crate) mod_only_used: AtomicU64,
}

/// What branches and tags lead to.
#[derive(Clone)]
struct Reached {
    refs: Arc<[Ref]>,
    history: Arc<History>,
}

/// What a request for objects gave.
#[derive(Debug)]
pub struct Fetched {
    /// What came.
    pub objects: Arc<Objects>,
    /// What did not, and why.
    pub refused: Refused,
}

impl Fetched {
    /// Returns the commit `id`, or the one to which the annotated tag `id` leads.
    ///
    /// # Errors
    /// Why the server did not give it; else as [`Snapshot::new`].
    pub fn snapshot(&self, id: ObjectId) -> Result<Snapshot, Arc<GitError>> {
        match self.refused.get(&id) {
            Some(error) => Err(Arc::clone(error)),
            None => Snapshot::new(&self.objects, id).map_err(Arc::new),
        }
    }
}

impl Repository {
    /// Returns the repository at `url`, which is asked what it can do: in protocol v2, or v0 where the
    /// server knows no better. A redirect of this first request is followed, and the others then go to
    /// where it led.
    ///
    /// # Errors
    /// When the scheme is none of http, https, ssh and file (the last two for a `fetch` that speaks through a program,
    /// see [`crate::ProgramServer`]), or no git server answers.
    pub fn open(
        fetch: Arc<dyn Fetch>,
        url: SafeUrl,
        options: Options,
        hosts: Arc<HostMemory>,
    ) -> Result<Repository, GitError> {
        if !matches!(url.scheme(), "http" | "https" | "ssh" | "file") {
            return Err(GitError::Scheme { url });
        }
        let end = Instant::now() + Duration::from_secs(options.limits.seconds);
        let deadline = end.min(Instant::now() + options.timeout);
        let call = Call {
            fetch: Arc::clone(&fetch),
            url: url.clone(),
            deadline,
            max_bytes: options.limits.listing_bytes,
            bound: Bound::ListingBytes,
        };
        let session = options.retry.run(&*fetch, deadline, || Session::open(&call));
        let session = session.map_err(|error| at_the_end(error, end, &options.limits))?;
        Ok(Repository {
            fetch,
            asked: url,
            session,
            options,
            hosts,
            reached: Mutex::default(),
            end: Mutex::new(end),
            held: Mutex::default(),
            mod_only_used: AtomicU64::new(0),
        })
    }

    /// Forgets the history that was read, so that a repository which is asked again much later takes no memory until then.
    /// Its time begins anew.
    pub fn rest(&self) {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let end = Instant::now() + Duration::from_secs(self.options.limits.seconds);
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    /// Returns whether it takes next to no memory while nothing is asked of it: a server of protocol v0 has told all its refs
    /// when it was opened.
    pub fn is_light(&self) -> bool {
        self.session.is_v2()
    }

    /// Returns whether the host may give commits by their ids that no branch and no tag stands for.
    pub fn gives_any_commit(&self) -> bool {
        self.session.gives_only().is_none() && !self.hosts.refuses(self.host(), Service::CommitsById)
    }

    /// Returns the URL that was asked for.
    pub fn url(&self) -> &SafeUrl {
        &self.asked
    }

    /// Returns the URL that answered: another one after a redirect.
    pub fn contacted(&self) -> &SafeUrl {
        self.session.url()
    }

    /// Returns the refs whose names begin with one of `prefixes`, such as `refs/tags/v1.`, or all if
    /// there are none; in the order of the server.
    ///
    /// # Errors
    /// When the server does not list them, or they are too many.
    pub fn refs(&self, prefixes: &[&str]) -> Result<Vec<Ref>, GitError> {
        self.with_call(self.options.limits.listing_bytes, Bound::ListingBytes, self.deadline(), |call| {
            self.session.list(call, prefixes)
        })
    }

    /// Returns the commits `wants` without those before them, with their files as far as `filter` lets
    /// them; one request for all. A server that does not know the filter sends more.
    ///
    /// For an annotated tag, want the tag: its commit comes with it, and servers that give nothing but
    /// what refs stand for give it too. From those, other commits come at the price of the whole
    /// repository.
    ///
    /// Files that came earlier, and that somebody still has, are not asked for again where the host gives single files.
    ///
    /// # Errors
    /// When nothing can be asked, or a bound is passed. What the server refuses is in
    /// [`Fetched::refused`]; if it refuses one without naming it, others may be asked for apart.
    pub fn fetch(&self, wants: &[ObjectId], filter: Filter) -> Result<Fetched, GitError> {
        let deadline = self.deadline();
        let whole = || {
            let mut objects = self.no_objects();
            let refused = self.fetch_into(&mut objects, wants, filter, &self.options.limits, deadline)?;
            Ok(Fetched { objects: Arc::new(objects), refused })
        };
        let fetched = match filter == Filter::None && self.held().is_some() {
            true => self.fetch_rest(wants, deadline, whole)?,
            false => whole()?,
        };
        self.hold(&fetched.objects);
        Ok(fetched)
    }

    /// Returns the most that came before and that somebody still has.
    pub(crate) fn held(&self) -> Option<Arc<Objects>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().filter_map(Weak::upgrade).max_by_key(|objects| objects.packed_bytes())
    }

    /// Remembers what came, if it is worth a further request that it need not come again.
    pub(crate) fn hold(&self, objects: &Arc<Objects>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|objects| objects.strong_count() > 0);
        if objects.packed_bytes() >= WORTH_HOLDING {
            held.push(Arc::downgrade(objects));
        }
    }

    pub(crate) fn fetch_into(
        &self,
        objects: &mut Objects,
        wants: &[ObjectId],
        filter: Filter,
        limits: &Limits,
        deadline: Instant,
    ) -> Result<Refused, GitError> {
        let Ways { direct, mut indirect, through } = self.ways(wants);
        // what is asked for within a budget is not to be had in parts either
        let split = Split {
            unnamed: filter == Filter::None,
            too_much: limits.pack_bytes == self.options.limits.pack_bytes,
        };
        let shallow = |ids: &[ObjectId]| self.receive(objects, Want::shallow(ids, filter), limits, deadline);
        let mut refused = ask_for_each(&direct, split, shallow)?;
        // what the host has for certain, it may give only with all that leads to it
        let reached = self.reached();
        let is_lost = |(id, error): &(&ObjectId, &Arc<GitError>)| {
            error.may_mean_an_id() && reached.as_ref().is_some_and(|reached| reached.history.contains(id))
        };
        let lost: Vec<ObjectId> = refused.iter().filter(is_lost).map(|(id, _)| *id).collect();
        indirect.extend_from_slice(&lost);
        let mut why = None;
        if !indirect.is_empty() {
            let refs = self.session.gives_only().or(reached.as_ref().map(|reached| &*reached.refs));
            let refs = refs.unwrap_or_default().iter().filter(|it| is_head_or_tag(it));
            let ids: Vec<_> = refs.map(|it| it.target).collect();
            let whole = |ids: &[ObjectId]| self.receive(objects, Want::whole(ids, filter), limits, deadline);
            match ask_for_each(&unique(&ids), split, whole) {
                Ok(left_out) => why = left_out.into_values().next(),
                Err(error) if direct.is_empty() => return Err(error),
                // what came by itself is not lost
                Err(error) => why = Some(Arc::new(error)),
            }
        }
        for id in lost.iter().filter(|id| objects.contains(id)) {
            self.hosts.note_refusal(self.host(), Service::CommitsById);
            refused.remove(id);
        }
        for id in wants.iter().filter(|id| !objects.contains(id)) {
            let through = through.get(id).and_then(|through| refused.get(through).cloned());
            let why = through.or_else(|| why.clone().filter(|_| indirect.contains(id)));
            let url = self.asked.clone();
            let unknown = || Arc::new(GitError::UnknownId { url, id: *id, said: Default::default() });
            match why {
                Some(why) => drop(refused.insert(*id, why)),
                None => drop(refused.entry(*id).or_insert_with(unknown)),
            }
        }
        refused.retain(|id, _| wants.contains(id));
        Ok(refused)
    }

    /// Returns what to ask for to get `wants`.
    fn ways(&self, wants: &[ObjectId]) -> Ways {
        let wants = unique(wants);
        let reached = self.reached().filter(|_| self.hosts.refuses(self.host(), Service::CommitsById));
        let refs = self.session.gives_only().or(reached.as_ref().map(|reached| &*reached.refs));
        let Some(refs) = refs else { return Ways { direct: wants, ..Ways::default() } };
        let ends = refs.iter().filter_map(|found| Some((found.peeled?, found.target)));
        let targets: HashMap<ObjectId, ObjectId> =
            ends.chain(refs.iter().map(|found| (found.target, found.target))).collect();
        let mut ways = Ways::default();
        for want in wants {
            match targets.get(&want) {
                Some(target) => {
                    ways.direct.push(*target);
                    ways.through.insert(want, *target);
                }
                None => ways.indirect.push(want),
            }
        }
        ways.direct = unique(&ways.direct);
        ways
    }

    /// Asks for one pack and adds its objects.
    pub(crate) fn receive(
        &self,
        objects: &mut Objects,
        want: Want<'_>,
        limits: &Limits,
        deadline: Instant,
    ) -> Result<(), GitError> {
        self.fetch_pack(want, limits, deadline, |input| objects.receive(input, limits))
    }

    fn fetch_pack<T>(
        &self,
        want: Want<'_>,
        limits: &Limits,
        deadline: Instant,
        mut read: impl FnMut(&mut dyn BufRead) -> Result<T, PackError>,
    ) -> Result<T, GitError> {
        // the pack comes in pieces that have headers, and progress messages between them
        let max_bytes = limits.pack_bytes.saturating_add(limits.pack_bytes / 64).saturating_add(1 << 20);
        self.with_call(max_bytes, Bound::PackBytes, deadline, |call| {
            self.session.fetch(call, want, |input| read(input).map_err(GitError::from))
        })
    }

    /// Returns all commits to which branches and tags lead, `refs` being those; without any files where
    /// the host can leave them out. If the server gives some of them only, [`History::gap`] says so.
    ///
    /// # Errors
    /// When there is no branch and no tag, the host gives none of their commits, or a bound is passed.
    pub fn history(&self, refs: &[Ref]) -> Result<Arc<History>, GitError> {
        let ids: Vec<_> = refs.iter().filter(|it| is_head_or_tag(it)).map(|found| found.target).collect();
        if ids.is_empty() {
            return Err(GitError::Empty { url: self.asked.clone() });
        }
        let ids = unique(&ids);
        let read = self.read_history(Want::whole(&ids, Filter::None))?;
        if let Some((id, error)) = &read.gap {
            if read.commits.is_empty() {
                return Err(GitError::UnknownId { url: self.asked.clone(), id: *id, said: error.said() });
            }
            tracing::warn!(url = %self.asked, %id, %error, "history without some branches or tags");
        }
        let Read { commits, tags, others, gap } = read;
        for found in refs.iter().filter(|it| is_head_or_tag(it)) {
            if let (Some(peeled), true) = (found.peeled, tags.contains_key(&found.target))
                && peel(found.target, &tags) != peeled
            {
                let reason = format!("the listing of {} is not what the tag says", found.name);
                return Err(GitError::Protocol { url: self.asked.clone(), reason });
            }
        }
        let mut history = History::new(&commits, gap.map(|(_, error)| error)).of(&ids, &tags);
        let is_lacking = |id: &&ObjectId| !history.has_end_of(**id, &tags) && !others.contains(*id);
        if let Some(id) = ids.iter().find(is_lacking).copied().or_else(|| history.missing()) {
            let gap = GitError::Shallow { url: self.asked.clone(), id };
            if history.is_empty() && history.gap().is_none() {
                return Err(gap);
            }
            history = history.with_gap(gap);
        }
        let history = Arc::new(history);
        let reached = Reached { refs: refs.into(), history: history.clone() };
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(reached);
        Ok(history)
    }

    fn reached(&self) -> Option<Reached> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns `history`, which is that of the branches and tags of `refs`, with the commits to which only other refs
    /// lead, such as those of pull requests.
    ///
    /// # Errors
    /// As [`Repository::history`]; what the host does not give is left out.
    pub fn history_beyond(&self, refs: &[Ref], history: &History) -> Result<History, GitError> {
        let of = |known: bool| {
            let ids = refs.iter().filter(|it| is_head_or_tag(it) == known).map(|found| found.target);
            unique(&ids.collect::<Vec<_>>())
        };
        let haves = of(true);
        let wants: Vec<_> = of(false).into_iter().filter(|id| haves.binary_search(id).is_err()).collect();
        let wants: Vec<_> = wants.into_iter().filter(|id| !history.contains(id)).collect();
        if wants.is_empty() {
            return Ok(history.clone());
        }
        let read = self.read_history(Want { haves: &haves, ..Want::whole(&wants, Filter::None) })?;
        let history = history.with(&read.commits);
        Ok(match history.missing() {
            Some(id) => history.with_gap(GitError::Shallow { url: self.asked.clone(), id }),
            None => history,
        })
    }

    /// Reads the history that `want` wants, with the first filter that the host knows.
    fn read_history(&self, want: Want<'_>) -> Result<Read, GitError> {
        let deadline = self.deadline();
        for filter in self.filters([Filter::From(0), Filter::Blobs]) {
            match self.read_filtered_history(Want { filter, ..want }, deadline) {
                Err(error) if error.may_mean_an_id() => self.note_if_named(filter, &error),
                done => return done,
            }
        }
        self.read_filtered_history(want, deadline)
    }

    fn read_filtered_history(&self, want: Want<'_>, deadline: Instant) -> Result<Read, GitError> {
        let (limits, max) = (&self.options.limits, self.options.limits.history_bytes);
        let (mut all, mut all_bytes) = (Read::default(), 0);
        let split = Split { unnamed: want.filter == Filter::None, too_much: false };
        let refused = ask_for_each(want.ids, split, |ids| {
            let (read, bytes) = self.fetch_pack(Want { ids, ..want }, limits, deadline, |input| {
                self.read_steps(input, &want, all_bytes, max)
            })?;
            all.add(read);
            all_bytes = bytes;
            Ok(())
        })?;
        Ok(Read { gap: refused.into_iter().next(), ..all })
    }

    /// Returns what the pack that is all of `input` has of a history, and how many bytes that takes together with `before`.
    fn read_steps(
        &self,
        input: &mut dyn BufRead,
        want: &Want<'_>,
        before: u64,
        max: u64,
    ) -> Result<(Read, u64), PackError> {
        let limits = &self.options.limits;
        let (read, kept) = (Mutex::new(Read::default()), AtomicU64::new(before));
        let lock = || read.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |steps: usize| {
            let bytes = (steps * Steps::BYTES) as u64;
            match kept.fetch_add(bytes, Ordering::Relaxed) + bytes > max {
                true => Err(PackError::Limit { bound: Bound::HistoryBytes, max }),
                false => Ok(()),
            }
        };
        let visit = |found: Found<'_>| {
            if !matches!(found.kind, Kind::Commit | Kind::Tag) {
                if want.ids.binary_search(&found.id).is_ok() {
                    lock().others.insert(found.id);
                }
                return Ok(());
            }
            if found.content.len() > limits.read_bytes {
                return Err(PackError::Limit { bound: Bound::ReadBytes, max: limits.read_bytes });
            }
            let data = found.content.bytes().map_err(PackError::Spool)?;
            if found.kind == Kind::Commit {
                let parents: Vec<ObjectId> = commit_parents(&data).collect();
                count(1 + parents.len())?;
                lock().commits.add(found.id, parents, commit_time(&data));
            } else if let Ok(target) = tag_target(found.id, &data) {
                // one that points nowhere leads to no commit
                count(1)?;
                match leads_to_commit(&data) {
                    true => drop(lock().tags.insert(found.id, target)),
                    false => drop(lock().others.insert(found.id)),
                }
            } else {
                lock().others.insert(found.id);
            }
            Ok(())
        };
        let incoming = Incoming {
            limits,
            storage: &self.options.storage,
            format: self.session.format(),
            lookup: &|_| None,
            visit: &visit,
            // trees and files of what is had already need not come, and what is made from them is not wanted
            may_lack_bases: !want.haves.is_empty(),
            end: Some(self.end()),
        };
        incoming.receive(input)?;
        let read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((read, kept.into_inner()))
    }

    /// Returns those of `filters` that the host may well apply.
    pub(crate) fn filters(&self, filters: impl IntoIterator<Item = Filter>) -> Vec<Filter> {
        let is_possible = |filter: &Filter| {
            self.session.has_filters() && !self.hosts.refuses(self.host(), Service::Filter(*filter))
        };
        filters.into_iter().filter(is_possible).collect()
    }

    /// Remembers that the host refuses `filter`, if it says that it is about filters.
    pub(crate) fn note_if_named(&self, filter: Filter, error: &GitError) {
        if let GitError::Remote { said, .. } = error
            && said.words().is_some_and(|words| words.to_lossy().contains("filter"))
        {
            self.hosts.note_refusal(self.host(), Service::Filter(filter));
        }
    }

    /// Returns when an operation that begins now must be over.
    pub(crate) fn deadline(&self) -> Instant {
        self.end().min(Instant::now() + self.options.timeout)
    }

    fn end(&self) -> Instant {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn host(&self) -> &str {
        self.session.url().host()
    }

    pub(crate) fn format(&self) -> gix::hash::Kind {
        self.session.format()
    }

    pub(crate) fn no_objects(&self) -> Objects {
        let options = &self.options;
        let end = Some(self.end());
        Objects::new(self.session.format(), options.limits.clone(), options.storage.clone(), end)
    }

    /// Returns whether all of `wants` can be had by their ids.
    pub(crate) fn gives(&self, wants: &[ObjectId]) -> bool {
        self.ways(wants).indirect.is_empty()
    }

    fn with_call<T>(
        &self,
        max_bytes: u64,
        bound: Bound,
        deadline: Instant,
        mut work: impl FnMut(&Call) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let (fetch, url) = (Arc::clone(&self.fetch), self.asked.clone());
        let call = Call { fetch, url, deadline, max_bytes, bound };
        let done = self.options.retry.run(&*self.fetch, deadline, || work(&call));
        done.map_err(|error| at_the_end(error, self.end(), &self.options.limits))
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("url", &self.asked).finish_non_exhaustive()
    }
}

/// What to ask for to get objects.
#[derive(Default)]
struct Ways {
    /// Ids that the server gives.
    direct: Vec<ObjectId>,
    /// What comes only with all branches and tags.
    indirect: Vec<ObjectId>,
    /// Which of `direct` brings an object, where that is another one.
    through: HashMap<ObjectId, ObjectId>,
}

/// What came of a history.
#[derive(Default)]
struct Read {
    commits: Steps,
    /// What annotated tags point to, those of commits and of other tags.
    tags: HashMap<ObjectId, ObjectId>,
    /// Tags of something else, and what branches and tags stand for that is no commit.
    others: HashSet<ObjectId>,
    /// One of the ids that the host did not give, and why.
    gap: Option<(ObjectId, Arc<GitError>)>,
}

impl Read {
    fn add(&mut self, other: Read) {
        let commits = std::mem::take(&mut self.commits);
        self.commits = if commits.is_empty() { other.commits } else { commits.with(&other.commits) };
        self.tags.extend(other.tags);
        self.others.extend(other.others);
    }
}

/// Returns what it means that a request failed, when `end` is when everything must be over.
fn at_the_end(error: GitError, end: Instant, limits: &Limits) -> GitError {
    match error {
        GitError::Fetch(_) if Instant::now() >= end => {
            GitError::Limit { bound: Bound::Seconds, max: limits.seconds }
        }
        error => error,
    }
}

/// The go command follows nothing else (spec 05 §3).
fn is_head_or_tag(found: &Ref) -> bool {
    found.has_prefix(&["refs/heads/", "refs/tags/"])
}

pub(crate) fn unique(ids: &[ObjectId]) -> Vec<ObjectId> {
    ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
