//! The client against small servers on loopback that behave well, badly, and not at all.

#![expect(clippy::unwrap_used, reason = "what the tests set up themselves is there")]

mod bodies;
mod files;
mod interrupts;
mod limits;
mod proxies;
mod redirects;
mod requests;
mod routes;
mod secure;
mod server;

use std::time::{Duration, Instant};

use gosum_fetch::client::{Certificates, Client, Options};
use gosum_fetch::{Fetch, FetchError, Request, Response, SafeUrl};

/// What a client of these tests asks with: no certificates but those that the test adds.
fn options() -> Options {
    let certificates = Certificates { file: Some("/nowhere".into()), dirs: Some(Vec::new()) };
    Options { certificates, ..Options::default() }
}

/// Returns a client whose idle timeout a test can wait for.
fn hasty() -> Client {
    Client::new(Options { idle: Duration::from_millis(500), ..options() }).unwrap()
}

fn client() -> Client {
    Client::new(options()).unwrap()
}

fn url(text: &str) -> SafeUrl {
    SafeUrl::parse(text).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn get(url: &SafeUrl) -> Request {
    Request::get(url.clone(), 1 << 20, soon())
}

/// Returns the whole body, or the error that ended it.
fn read(response: Response) -> Result<Vec<u8>, FetchError> {
    let read = response.body.into_bytes();
    read.map_err(|error| FetchError::in_io(&error).expect("bodies end with fetch errors").clone())
}

/// Returns status and body of the answer to `request`.
fn ask(client: &Client, request: Request) -> Result<(u16, Vec<u8>), FetchError> {
    let response = client.send(request)?;
    let status = response.status;
    Ok((status, read(response)?))
}

/// Waits until `holds`, for at most ten seconds.
fn wait_until(holds: impl Fn() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < give_up, "it does not come true");
        std::thread::sleep(Duration::from_millis(2));
    }
}
