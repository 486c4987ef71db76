//! How many requests are in flight at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gosum_fetch::client::{Client, Options};
use gosum_fetch::{Fetch, FetchError, Request};

use crate::server::{Server, answer};
use crate::{ask, get, options, soon};

/// A server that takes a while for each answer and knows how many requests it had at once.
struct Busy {
    server: Server,
    most: Arc<AtomicUsize>,
    refuses: Arc<AtomicBool>,
}

impl Busy {
    fn start() -> Busy {
        let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let refuses = Arc::new(AtomicBool::new(false));
        let (peak, says_no) = (most.clone(), refuses.clone());
        let server = Server::answering(move |_| {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(40));
            now.fetch_sub(1, Ordering::SeqCst);
            answer(if says_no.load(Ordering::SeqCst) { 429 } else { 200 }, "", b"")
        });
        Busy { server, most, refuses }
    }

    /// Asks `requests` times at once and returns how many of them were in flight together.
    fn most_at_once(&self, client: &Client, requests: usize, request: impl Fn(Request) -> Request) -> usize {
        self.most.store(0, Ordering::SeqCst);
        thread::scope(|scope| {
            for _ in 0..requests {
                let request = request(get(&self.server.url("/")));
                scope.spawn(move || ask(client, request).unwrap());
            }
        });
        self.most.load(Ordering::SeqCst)
    }
}

#[test]
fn asks_a_host_politely_and_more_so_after_429() {
    let busy = Busy::start();
    let client = Client::new(Options { per_host: 4, ..options() }).unwrap();
    assert_eq!(busy.most_at_once(&client, 12, Request::polite), 4);
    for expected in [2, 1, 1] {
        busy.refuses.store(true, Ordering::SeqCst);
        ask(&client, get(&busy.server.url("/")).polite()).unwrap();
        busy.refuses.store(false, Ordering::SeqCst);
        assert_eq!(busy.most_at_once(&client, 6, Request::polite), expected);
    }
    assert!(busy.most_at_once(&client, 12, |request| request) > 4, "the cap is for polite requests");
}

#[test]
fn keeps_to_its_jobs_over_all_hosts() {
    let busy = Busy::start();
    let client = Client::new(Options { jobs: 3, ..options() }).unwrap();
    assert_eq!(busy.most_at_once(&client, 12, |request| request), 3);
}

#[test]
fn counts_a_request_until_its_body_is_done_with() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\n\r\n");
    let client = Client::new(Options { jobs: 1, ..options() }).unwrap();
    let first = client.send(get(&server.url("/"))).unwrap();
    let mut request = get(&server.url("/"));
    request.deadline = Instant::now() + Duration::from_millis(200);
    let error = client.send(request).unwrap_err();
    assert!(matches!(error, FetchError::Deadline { .. }), "{error:?}");
    assert_eq!(server.connections(), 1, "a request that waits for its turn connects to nobody");
    drop(first);
    client.send(get(&server.url("/"))).unwrap();
}

#[test]
fn frees_its_place_when_the_body_is_over_its_bound() {
    let server = Server::answering(|_| answer(200, "", b"abc"));
    let client = Client::new(Options { jobs: 1, ..options() }).unwrap();
    let refused: Vec<_> =
        (0..3).map(|_| client.send(Request::get(server.url("/"), 2, soon())).unwrap()).collect();
    assert_eq!(refused.len(), 3, "bodies that cannot be read do not count as in flight");
}
