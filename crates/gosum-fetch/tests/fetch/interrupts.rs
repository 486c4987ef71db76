//! An interrupt ends everything at once.

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use gosum_fetch::client::{Client, Options};
use gosum_fetch::{Fetch, FetchError};

use crate::server::Server;
use crate::{ask, get, options, url};

fn patient(jobs: usize) -> Client {
    Client::new(Options { jobs, ..options() }).unwrap()
}

/// Interrupts `client` while `wait` waits, which must end at once with the right error.
fn interrupted(client: &Client, wait: impl FnOnce() -> Option<FetchError> + Send) {
    let start = Instant::now();
    thread::scope(|scope| {
        let waiting = scope.spawn(wait);
        thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished(), "it waits");
        client.interrupt();
        let error = waiting.join().unwrap();
        assert!(matches!(error, Some(FetchError::Interrupted { .. })), "{error:?}");
    });
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn ends_requests_that_wait_for_an_answer_and_those_that_come_later() {
    let server = Server::stalling_after(b"");
    let client = patient(64);
    interrupted(&client, || client.send(get(&server.url("/"))).err());
    client.interrupt();
    for url in [server.url("/"), url("file:///nowhere")] {
        assert!(matches!(client.send(get(&url)), Err(FetchError::Interrupted { .. })));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn ends_requests_that_wait_for_their_turn() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\n\r\n");
    let client = patient(1);
    let _first = client.send(get(&server.url("/"))).unwrap();
    interrupted(&client, || client.send(get(&server.url("/"))).err());
}

#[test]
fn ends_bodies_that_are_being_read() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    let client = patient(64);
    interrupted(&client, || ask(&client, get(&server.url("/"))).err());
}

#[test]
fn ends_a_file_that_is_being_read() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), [7; 10]).unwrap();
    let client = patient(64);
    let url = url(&format!("file://{}/a", dir.path().display()));
    let mut body = client.send(get(&url)).unwrap().body;
    body.read_exact(&mut [0; 5]).unwrap();
    client.interrupt();
    let error = body.read(&mut [0; 5]).unwrap_err();
    assert!(matches!(FetchError::in_io(&error), Some(FetchError::Interrupted { .. })));
}

#[test]
fn ends_pauses_between_attempts() {
    let server = Server::stalling_after(b"");
    let client = patient(64);
    interrupted(&client, || {
        client.pause(Duration::from_secs(600));
        client.send(get(&server.url("/"))).err()
    });
}
