//! One request and its answer, without redirects: the asynchronous side.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::body::Flow;
use crate::dial::Prepared;
use crate::failure;
use crate::limit::{HostCap, Turn};
use crate::runtime::{Runtime, Task};
use crate::{FetchError, Headers, SafeUrl};

/// How many chunks of a body wait for its reader. With those at either end of the channel, and at
/// most some 400 KB a chunk, they bound what a slow reader makes us hold.
const WAITING_CHUNKS: usize = 2;

type Chunk = Box<dyn AsRef<[u8]> + Send>;

/// One request, ready to go.
pub(crate) struct Exchange {
    pub(crate) prepared: Prepared,
    pub(crate) url: SafeUrl,
    pub(crate) deadline: Instant,
    pub(crate) idle: Duration,
    pub(crate) jobs: Arc<Semaphore>,
    pub(crate) host: Arc<HostCap>,
    pub(crate) polite: bool,
}

/// What came before the body.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) declared: Option<u64>,
}

/// What is held as long as the exchange goes on.
struct Permits {
    _turn: Option<Turn>,
    _job: OwnedSemaphorePermit,
}

/// The ends on which an exchange tells what comes.
struct Told {
    head: oneshot::Sender<Result<Head, FetchError>>,
    chunks: mpsc::Sender<Chunk>,
    end: oneshot::Sender<Result<(), FetchError>>,
}

impl Exchange {
    /// Asks, waits for the headers, and returns them with the body that still comes.
    pub(crate) fn start(self, runtime: &Arc<Runtime>) -> Result<(Head, Download), FetchError> {
        let url = self.url.clone();
        let (tell_head, head) = oneshot::channel();
        let (tell_chunks, chunks) = mpsc::channel(WAITING_CHUNKS);
        let (tell_end, end) = oneshot::channel();
        let told = Told { head: tell_head, chunks: tell_chunks, end: tell_end };
        let task = runtime.start_task(self.run(told));
        let head = head.blocking_recv().unwrap_or_else(|_| Err(task.lost(&url)))?;
        Ok((head, Download { url, chunks, end: Some(end), chunk: None, task }))
    }

    async fn run(self, told: Told) {
        let deadline = self.deadline;
        let late = FetchError::Deadline { url: self.url.clone() };
        let (url, idle) = (self.url.clone(), self.idle);
        let answer = timeout_at(deadline, self.ask()).await.unwrap_or_else(|_| Err(late.clone()));
        let (mut response, permits) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                // nobody listens any more when the caller is gone
                let _ = told.head.send(Err(error));
                return;
            }
        };
        let head = Head {
            status: response.status().as_u16(),
            headers: headers(response.headers()),
            declared: response.content_length(),
        };
        if told.head.send(Ok(head)).is_err() {
            return;
        }
        let pass_on = pass_on(&url, idle, &mut response, &told.chunks);
        let end = timeout_at(deadline, pass_on).await.unwrap_or(Err(late));
        drop((response, permits, told.chunks));
        let _ = told.end.send(end);
    }

    /// Waits for its turn, asks, and returns the answer once its headers came.
    async fn ask(self) -> Result<(reqwest::Response, Permits), FetchError> {
        let turn = if self.polite { Some(self.host.clone().turn().await) } else { None };
        let job = self.jobs.acquire_owned().await.expect("the jobs are never closed");
        let Prepared { client, request, proxy } = self.prepared;
        let answer = timeout(self.idle, client.execute(request)).await;
        let Ok(answer) = answer else { return Err(FetchError::Stalled { url: self.url, idle: self.idle }) };
        let response = answer.map_err(|error| failure::of_request(&self.url, proxy.as_deref(), &error))?;
        if response.status().as_u16() == 429 {
            self.host.halve();
        }
        Ok((response, Permits { _turn: turn, _job: job }))
    }
}

/// Passes the body of `response` on to its reader, whose slowness holds it up.
async fn pass_on(
    url: &SafeUrl,
    idle: Duration,
    response: &mut reqwest::Response,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<(), FetchError> {
    loop {
        let chunk = timeout(idle, response.chunk())
            .await
            .map_err(|_| FetchError::Stalled { url: url.clone(), idle })?
            .map_err(|error| failure::of_body(url, &error))?;
        match chunk {
            None => return Ok(()),
            Some(chunk) => {
                if chunks.send(Box::new(chunk)).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

fn headers(headers: &HeaderMap) -> Headers {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}

/// A body as it comes. Dropping it ends the exchange and, where the protocol has no other way, the
/// connection.
pub(crate) struct Download {
    url: SafeUrl,
    chunks: mpsc::Receiver<Chunk>,
    /// How it ends; nothing once that was read.
    end: Option<oneshot::Receiver<Result<(), FetchError>>>,
    /// The chunk that is being read, and how much of it was.
    chunk: Option<(Chunk, usize)>,
    task: Task,
}

impl Flow for Download {
    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        loop {
            if let Some((chunk, read)) = &mut self.chunk {
                let rest = &(**chunk).as_ref()[*read..];
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                *read += count;
                if count > 0 {
                    return Ok(count);
                }
            }
            self.chunk = self.chunks.blocking_recv().map(|chunk| (chunk, 0));
            if self.chunk.is_none() {
                let end = self.end.take().map(oneshot::Receiver::blocking_recv);
                let lost = || Err(self.task.lost(&self.url));
                return end.and_then(Result::ok).unwrap_or_else(lost).map(|()| 0);
            }
        }
    }
}
