//! What the world answers, whom it takes a request to be for, and what it remembers.

use std::io::Write;
use std::time::{Duration, Instant};

use gosum_world::page::Page;
use gosum_world::proxy::Proxy;
use gosum_world::{Sites, World};

use crate::client::Client;

fn sites() -> Sites {
    let mut proxy = Proxy::new();
    proxy.put("example.com/!a/@v/v1.0.0+x.mod", "text/plain", "module example.com/A\n");
    let mut sites = Sites::new();
    sites.add_proxy("proxy.example/base", proxy);
    sites.add_page(
        "go.example.org/tool",
        Page::go_import("go.example.org/tool", "git", "https://git.example/t"),
    );
    sites.add_redirect("old.example/x", 301, "https://new.example/y");
    sites
}

#[test]
fn hosts_share_a_port() {
    let world = World::start(sites()).unwrap();
    assert_eq!(
        world.routes().into_keys().collect::<Vec<_>>(),
        ["go.example.org", "old.example", "proxy.example"]
    );
    assert!(world.routes().values().all(|&address| address == world.address()));

    let mut client = Client::connect(&world);
    let answer = client.get("proxy.example/base/example.com/!a/@v/v1.0.0%2Bx.mod");
    assert_eq!((answer.status, answer.text()), (200, "module example.com/A\n".to_owned()));
    let answer = client.get("proxy.example/base/example.com/!a/@v/list");
    assert_eq!((answer.status, answer.text()), (404, "not found: example.com/!a/@v/list\n".to_owned()));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let answer = client.get("proxy.example/elsewhere");
    assert_eq!((answer.status, answer.text()), (404, "not found: proxy.example/elsewhere\n".to_owned()));
    for path in ["tool?go-get=1", "tool/sub/package?go-get=1"] {
        let answer = client.get(&format!("go.example.org/{path}"));
        let tag = r#"<meta name="go-import" content="go.example.org/tool git https://git.example/t">"#;
        assert!(answer.text().contains(tag), "{}", answer.text());
    }
    assert_eq!(client.get("go.example.org/toolbox?go-get=1").status, 404);
    let answer = client.get("old.example/x/info/refs?service=git-upload-pack");
    let location = "https://new.example/y/info/refs?service=git-upload-pack";
    assert_eq!((answer.status, answer.header("location")), (301, Some(location)));
}

#[test]
fn host_may_be_in_the_url() {
    let world = World::start(sites()).unwrap();
    let mut client = Client::connect(&world);
    for target in ["http://go.example.org/tool", "/@host/go.example.org/tool"] {
        client.send(format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        assert_eq!(client.answer().unwrap().status, 200);
    }
    let log = world.log();
    assert_eq!(log[0], log[1]);
    assert_eq!(log[0].address(), "go.example.org/tool");
    assert_eq!(
        world.url("go.example.org/tool"),
        format!("http://{}/@host/go.example.org/tool", world.address())
    );
}

#[test]
fn log_tells_what_was_asked_and_sent() {
    let world = World::start(sites()).unwrap();
    let mut client = Client::connect(&world);
    let sent = client.get("proxy.example/base/x?y").body.len();
    client.send("HEAD /tool HTTP/1.1\r\nHost: Go.Example.org:80\r\n\r\n");
    assert_eq!(client.head().unwrap().status, 200);
    client.send("nonsense\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 400);
    let told: Vec<(String, String, Option<u16>, u64)> = world
        .log()
        .into_iter()
        .map(|exchange| (exchange.method.clone(), exchange.address(), exchange.status, exchange.bytes))
        .collect();
    let expected = [
        ("GET".to_owned(), "proxy.example/base/x?y".to_owned(), Some(404), sent as u64),
        ("HEAD".to_owned(), "go.example.org/tool".to_owned(), Some(200), 0),
    ];
    assert_eq!(told[..2], expected);
    assert_eq!((told[2].2, told.len()), (Some(400), 3));
}

#[test]
fn sites_change_while_they_are_served() {
    let world = World::start(sites()).unwrap();
    let mut client = Client::connect(&world);
    world.change(|sites| {
        sites.proxy("proxy.example/base").unwrap().put("x", "text/plain", "new");
        sites.remove("go.example.org/tool");
    });
    assert_eq!(client.get("proxy.example/base/x").text(), "new");
    assert_eq!(client.get("go.example.org/tool").status, 404);
}

#[test]
fn connection_ends_when_the_client_wants_it_so() {
    let world = World::start(sites()).unwrap();
    for head in ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"] {
        let mut client = Client::connect(&world);
        client.send(format!("GET / {head}\r\nHost: h.example\r\n\r\n"));
        let answer = client.answer().unwrap();
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.rest().unwrap(), b"");
    }
}

#[test]
fn worlds_end_without_waiting_for_their_clients() {
    let (first, second) = (World::start(sites()).unwrap(), World::start(sites()).unwrap());
    assert_ne!(first.address(), second.address());
    let mut idle = Client::connect(&first);
    assert_eq!(idle.get("go.example.org/tool").status, 200);
    let mut halfway = Client::connect(&first);
    halfway.send("GET / HTTP/1.1\r\nHos");
    let mut never_read = Client::connect(&first);
    never_read.ask("go.example.org/tool");

    let start = Instant::now();
    drop(first);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(idle.rest().unwrap_or_default().is_empty());
    assert_eq!(Client::connect(&second).get("go.example.org/tool").status, 200);
}

#[test]
fn request_beyond_the_limits_is_refused() {
    let world = World::start(sites()).unwrap();
    let mut client = Client::connect(&world);
    client.send("POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: 99999999999\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 413);
    let mut client = Client::connect(&world);
    let mut head = b"GET / HTTP/1.1\r\nHost: h.example\r\n".to_vec();
    while head.len() < 64 << 10 {
        head.write_all(b"A: b\r\n").unwrap();
    }
    client.send(&head[..64 << 10]);
    assert_eq!(client.answer().unwrap().status, 413);
}
