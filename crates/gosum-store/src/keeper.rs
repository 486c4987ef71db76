//! Answers on their way into the store: written together, a moment after they came, by a thread of their own, so that whoever
//! asks waits for no disk and a killed process loses no more than that moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gosum_evidence::chain;

use crate::Store;
use crate::answer::Given;
use crate::error::StoreError;
use crate::sighting::Sight;

/// How long answers are gathered before they are written.
const MOMENT: Duration = Duration::from_millis(300);
/// How many are written at once at most.
const MAX_BATCH: usize = 4096;

/// Takes answers, and has them written.
#[derive(Debug)]
pub struct Keeper {
    store: Arc<Store>,
    /// None before the first answer, and after the last.
    writer: Mutex<Option<Writer>>,
    /// What went wrong in reading, which the user should know of once.
    unread: Mutex<Option<String>>,
    /// Whether anything was to be kept.
    has_written: AtomicBool,
}

/// What is to be written.
#[derive(Debug)]
enum News {
    Answer(Given),
    Sight(Sight),
    /// Nothing: somebody wants to be told when what came before is written.
    Flush(Sender<()>),
}

#[derive(Debug)]
struct Writer {
    given: Sender<News>,
    thread: JoinHandle<Result<(), StoreError>>,
}

impl Keeper {
    /// Returns who has answers written into `store`.
    pub fn new(store: Arc<Store>) -> Keeper {
        Keeper {
            store,
            writer: Mutex::default(),
            unread: Mutex::default(),
            has_written: AtomicBool::new(false),
        }
    }

    /// Returns the store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns whether anything was to be kept.
    pub fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    /// Keeps an answer. Whether it could be written, [`Keeper::finish`] says.
    pub fn keep(&self, given: Given) {
        self.take(News::Answer(given));
    }

    /// Keeps for good where a tag leads, as [`Keeper::keep`].
    pub fn keep_sight(&self, sight: Sight) {
        self.take(News::Sight(sight));
    }

    fn take(&self, news: News) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = writer.get_or_insert_with(|| {
            self.has_written.store(true, Ordering::Relaxed);
            let (sender, receiver) = channel();
            let store = self.store.clone();
            let thread = std::thread::spawn(move || write(&store, &receiver));
            Writer { given: sender, thread }
        });
        // who could not write does not listen any more, and says so in the end
        let _ = writer.given.send(news);
    }

    /// Notes that something could not be read, for [`Keeper::take_notices`].
    pub fn note(&self, error: &StoreError) {
        let told = chain(error);
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(told);
    }

    /// Returns what the user should know of, once.
    pub fn take_notices(&self) -> Vec<String> {
        let unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let unread = unread.map(|why| format!("what was kept cannot be read: {why}"));
        self.store.take_notices().into_iter().chain(unread).collect()
    }

    /// Waits until all that was kept so far is written, or could not be.
    pub fn flush(&self) {
        let (done, written) = channel();
        {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(writer) = writer.as_ref() else { return };
            let _ = writer.given.send(News::Flush(done));
        }
        // who could not write is gone, and with it the other end
        let _ = written.recv();
    }

    /// Waits until all that was kept so far is written.
    ///
    /// # Errors
    /// When it could not be: what the store knew before, it still knows.
    pub fn finish(&self) -> Result<(), StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Writer { given, thread }) = writer else { return Ok(()) };
        drop(given);
        thread.join().unwrap_or_else(|_| Err(self.store.writer_gone()))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Writer { given, thread }) = writer {
            drop(given);
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "not all answers could be kept"),
                Err(_) => {
                    tracing::warn!("not all answers could be kept: the thread that writes them is gone");
                }
            }
        }
    }
}

/// Writes what comes, until no more comes or it cannot be written.
fn write(store: &Store, given: &Receiver<News>) -> Result<(), StoreError> {
    let (mut answers, mut sights) = (Vec::new(), Vec::new());
    loop {
        let (mut batch, mut waiting) = (Vec::new(), Vec::new());
        let is_last = gather(given, &mut batch);
        for news in batch {
            match news {
                News::Answer(given) => answers.push(given),
                News::Sight(sight) => sights.push(sight),
                News::Flush(done) => waiting.push(done),
            }
        }
        let written = [
            write_all(&mut sights, |sights| store.keep_sightings(sights)),
            write_all(&mut answers, |answers| store.keep_answers(answers)),
        ];
        for error in written.into_iter().filter_map(Result::err) {
            // where others write, it is tried again with what comes next
            if is_last || !error.may_pass() {
                return Err(error);
            }
        }
        for done in waiting {
            let _ = done.send(());
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Writes `all`, if there is anything, and forgets what is written.
fn write_all<T>(
    all: &mut Vec<T>,
    write: impl FnOnce(&[T]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if !all.is_empty() {
        write(all)?;
        all.clear();
    }
    Ok(())
}

/// Adds to `batch` what comes within a moment of the first of it. Returns whether that is all.
fn gather(given: &Receiver<News>, batch: &mut Vec<News>) -> bool {
    match given.recv() {
        Ok(one) => batch.push(one),
        Err(_) => return true,
    }
    let end = Instant::now() + MOMENT;
    while batch.len() < MAX_BATCH && !matches!(batch.last(), Some(News::Flush(_))) {
        match given.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(one) => batch.push(one),
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => return true,
        }
    }
    false
}
