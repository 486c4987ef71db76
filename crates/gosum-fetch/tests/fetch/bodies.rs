//! Bodies that end well, early, late and never.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gosum_fetch::{Fetch, FetchError};

use crate::server::{Asked, Server, answer};
use crate::{ask, client, get, hasty, read, wait_until};

/// Returns what reading the answer `said` gives.
fn body(said: &'static [u8]) -> Result<Vec<u8>, FetchError> {
    let server = Server::saying(said);
    ask(&client(), get(&server.url("/"))).map(|(_, body)| body)
}

/// Returns a server whose body never ends, and how much it has sent.
fn endless() -> (Server, Arc<AtomicU64>) {
    let sent = Arc::new(AtomicU64::new(0));
    let count = sent.clone();
    let server = Server::connected(move |mut stream| {
        Asked::read(&mut stream).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[7; 65536]).is_ok() {
            count.fetch_add(65536, Ordering::SeqCst);
        }
        // the client is gone
        count.store(u64::MAX, Ordering::SeqCst);
    });
    (server, sent)
}

fn is_hung_up(sent: &AtomicU64) -> bool {
    sent.load(Ordering::SeqCst) == u64::MAX
}

#[test]
fn reads_bodies_however_their_end_is_told() {
    assert_eq!(body(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").unwrap(), b"abc");
    assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\nabc").unwrap(), b"abc");
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    assert_eq!(body(chunked).unwrap(), b"abc");
    assert_eq!(body(b"HTTP/1.1 304 Same\r\nContent-Length: 3\r\n\r\n").unwrap(), b"");
}

#[test]
fn refuses_bodies_that_are_cut() {
    for said in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab",
    ] {
        let error = body(said).unwrap_err();
        assert!(matches!(error, FetchError::Broken { .. } | FetchError::Length { .. }), "{error:?}");
        assert!(error.is_passing());
        assert_eq!(error.to_string().matches("http:").count(), 1, "{error}");
    }
}

#[test]
fn tells_the_declared_length_before_the_body_is_read() {
    let server = Server::answering(|_| answer(200, "", b"abc"));
    let response = client().send(get(&server.url("/"))).unwrap();
    assert_eq!(response.body.declared(), Some(3));
}

#[test]
fn refuses_an_encoding_that_nobody_asked_for() {
    let server = Server::answering(|_| answer(404, "Content-Encoding: gzip\r\n", b"\x1f\x8b"));
    let response = client().send(get(&server.url("/"))).unwrap();
    assert_eq!(response.status, 404, "the status is an answer all the same");
    let error = read(response).unwrap_err();
    assert!(matches!(&error, FetchError::Encoding { encoding, .. } if encoding == "gzip"), "{error:?}");

    for said in [
        &b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n\x1f\x8b",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n",
    ] {
        let error = body(said).unwrap_err();
        assert!(matches!(error, FetchError::Encoding { .. }), "{error:?}");
    }

    let server = Server::answering(|_| answer(200, "Content-Encoding: Identity\r\n", b"abc"));
    assert_eq!(ask(&client(), get(&server.url("/"))).unwrap().1, b"abc");
}

#[test]
fn stops_an_endless_body_at_its_bound_and_hangs_up() {
    let (server, sent) = endless();
    let mut request = get(&server.url("/"));
    request.max_bytes = 100_000;
    let client = client();
    let mut body = client.send(request).unwrap().body;
    let mut got = Vec::new();
    let error = body.read_to_end(&mut got).unwrap_err();
    assert!(matches!(FetchError::in_io(&error), Some(FetchError::TooLarge { max: 100_000, .. })));
    assert!(got.len() <= 100_000);
    wait_until(|| is_hung_up(&sent));
}

#[test]
fn downloads_nothing_of_a_body_whose_declared_length_is_too_large() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
    let error = ask(&client(), get(&server.url("/"))).unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { max: 1_048_576, .. }), "{error:?}");
}

#[test]
fn holds_up_a_server_whose_body_nobody_reads() {
    let (server, sent) = endless();
    let client = hasty();
    let response = client.send(get(&server.url("/"))).unwrap();
    // longer than the idle timeout: a slow reader is not the server's fault
    std::thread::sleep(Duration::from_millis(700));
    let held = sent.load(Ordering::SeqCst);
    assert!(held < 64 << 20, "{held} bytes went into a body that nobody reads");
    let mut start = [0; 200_000];
    let mut body = response.body;
    body.read_exact(&mut start).unwrap();
}

#[test]
fn hangs_up_when_a_body_is_dropped() {
    let (server, sent) = endless();
    let client = client();
    drop(client.send(get(&server.url("/"))).unwrap());
    wait_until(|| is_hung_up(&sent));
}

#[test]
fn hangs_up_on_a_silent_server_when_its_body_is_dropped() {
    let is_over = Arc::new(AtomicBool::new(false));
    let over = is_over.clone();
    let server = Server::connected(move |mut stream| {
        Asked::read(&mut stream).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nabc").unwrap();
        let _ = stream.read(&mut [0]);
        over.store(true, Ordering::SeqCst);
    });
    let client = client();
    drop(client.send(get(&server.url("/"))).unwrap());
    wait_until(|| is_over.load(Ordering::SeqCst));
}

#[test]
fn leaves_a_body_alone_when_its_client_is_dropped() {
    let server = Server::connected(|mut stream| {
        Asked::read(&mut stream).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na").unwrap();
        std::thread::sleep(Duration::from_millis(200));
        stream.write_all(b"b").unwrap();
    });
    let response = client().send(get(&server.url("/"))).unwrap();
    assert_eq!(read(response).unwrap(), b"ab");
}

#[test]
fn ends_a_body_that_stalls() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
    let start = Instant::now();
    let error = ask(&hasty(), get(&server.url("/"))).unwrap_err();
    assert!(matches!(error, FetchError::Stalled { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn ends_a_body_at_the_deadline_although_it_may_stall_for_longer() {
    let server = Server::stalling_after(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
    let mut request = get(&server.url("/"));
    request.deadline = Instant::now() + Duration::from_millis(300);
    let start = Instant::now();
    let error = ask(&client(), request).unwrap_err();
    assert!(matches!(error, FetchError::Deadline { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn ends_a_body_that_drips_past_the_deadline() {
    let server = Server::connected(|mut stream| {
        Asked::read(&mut stream).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let mut request = get(&server.url("/"));
    request.deadline = Instant::now() + Duration::from_millis(300);
    let start = Instant::now();
    let error = ask(&client(), request).unwrap_err();
    assert!(matches!(error, FetchError::Deadline { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}
