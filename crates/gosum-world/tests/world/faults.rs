//! What goes wrong goes wrong as it was ordered.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::{Sites, World};

use crate::client::{Answer, Client};

const BODY: &str = "0123456789";

fn world(faults: impl IntoIterator<Item = Fault>) -> World {
    let mut sites = Sites::new();
    sites.add_page("h.example", Page::text(200, BODY));
    let world = World::start(sites).unwrap();
    faults.into_iter().for_each(|fault| world.add_fault(fault));
    world
}

/// Asks over a connection of its own. Returns what comes before the body, and the body as far as it comes.
fn ask(world: &World, path: &str) -> (Client, Answer, std::io::Result<Vec<u8>>) {
    let mut client = Client::connect(world);
    client.ask(&format!("h.example/{path}"));
    let head = client.head().unwrap();
    let rest = client.rest();
    (client, head, rest)
}

fn kind(error: std::io::Result<impl Sized>) -> Option<ErrorKind> {
    error.err().map(|error| error.kind())
}

#[test]
fn another_answer_comes_as_often_as_ordered() {
    let busy = Page::text(503, "busy").header("Retry-After", "7");
    let world = world([Fault::answer("h.example/a*", busy).every(2).times(2)]);
    let mut client = Client::connect(&world);
    let statuses: Vec<u16> = (0..6).map(|_| client.get("h.example/a").status).collect();
    assert_eq!(statuses, [200, 503, 200, 503, 200, 200]);
    assert_eq!(client.get("h.example/b").status, 200);

    world.add_fault(Fault::answer("*", Page::text(429, "slow down").header("Retry-After", "7")));
    let answer = client.get("h.example/b");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    world.clear_faults();
    assert_eq!(client.get("h.example/b").status, 200);
    assert_eq!(world.log()[3].status, Some(503));
}

#[test]
fn body_is_replaced_under_the_same_headers() {
    let world = world([Fault::body("h.example/*", "<html>")]);
    let answer = Client::connect(&world).get("h.example/a");
    assert_eq!((answer.status, answer.text().as_str()), (200, "<html>"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn connection_ends_before_the_answer_or_within() {
    let world = world([
        Fault::close("h.example/close"),
        Fault::reset("h.example/reset"),
        Fault::cut("h.example/cut", 4),
        Fault::reset_after("h.example/torn", 4),
        Fault::cut("h.example/late", 11),
    ]);
    let mut client = Client::connect(&world);
    client.ask("h.example/close");
    assert_eq!(client.rest().unwrap(), b"");
    let mut client = Client::connect(&world);
    client.ask("h.example/reset");
    assert_eq!(kind(client.rest()), Some(ErrorKind::ConnectionReset));

    let (_, head, body) = ask(&world, "cut");
    assert_eq!((head.header("content-length"), body.unwrap().as_slice()), (Some("10"), &b"0123"[..]));
    let mut client = Client::connect(&world);
    client.ask("h.example/torn");
    assert_eq!(kind(client.rest()), Some(ErrorKind::ConnectionReset));
    assert_eq!(Client::connect(&world).get("h.example/late").text(), BODY);

    let sent: Vec<_> = world.log().iter().map(|exchange| (exchange.status, exchange.bytes)).collect();
    assert_eq!(sent, [(None, 0), (None, 0), (Some(200), 4), (Some(200), 4), (Some(200), 10)]);
}

#[test]
fn length_is_a_lie() {
    let world = world([Fault::length("h.example/more", 5), Fault::length("h.example/less", -5)]);
    for (path, length) in [("more", "15"), ("less", "5")] {
        let (_, head, body) = ask(&world, path);
        assert_eq!(head.header("content-length"), Some(length));
        assert_eq!(body.unwrap(), BODY.as_bytes());
    }
}

#[test]
fn answer_is_late() {
    let (delay, stall, drip) =
        (Duration::from_millis(80), Duration::from_millis(90), Duration::from_millis(20));
    let world = world([
        Fault::delay("h.example/delay", delay),
        Fault::stall("h.example/stall", 5, Some(stall)),
        Fault::drip("h.example/drip", 2, drip),
    ]);
    for (path, time) in [("delay", delay), ("stall", stall), ("drip", drip * 4)] {
        let start = Instant::now();
        assert_eq!(Client::connect(&world).get(&format!("h.example/{path}")).text(), BODY);
        assert!(start.elapsed() >= time, "{path}: {:?}", start.elapsed());
    }
}

#[test]
fn stall_lasts_until_the_world_ends() {
    let world = world([Fault::stall("h.example/*", 3, None)]);
    let mut client = Client::connect(&world);
    client.ask("h.example/x");
    client.head().unwrap();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let rest = scope.spawn(|| client.rest());
        std::thread::sleep(Duration::from_millis(100));
        drop(world);
        assert_eq!(rest.join().unwrap().unwrap(), b"012");
    });
    assert!((100..5000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

#[test]
fn endless_body_ends_with_the_client_or_the_world() {
    let world = world([Fault::endless("h.example/*")]);
    let mut client = Client::connect(&world);
    client.ask("h.example/x");
    assert_eq!(client.head().unwrap().header("transfer-encoding"), Some("chunked"));
    for _ in 0..1000 {
        assert_eq!(client.line().unwrap(), "a");
        assert_eq!(client.line().unwrap(), BODY);
    }
    drop(world);
}
