//! Requests and the heads of their answers.

use std::io::Write;
use std::process::Command;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gosum_fetch::client::{Client, ClientError, Observer, Options};
use gosum_fetch::{ConnectFailure, Fetch, FetchError, Method, Request, SafeUrl};

use crate::server::{Asked, Server, answer};
use crate::{ask, client, get, hasty, options, read, soon, url};

/// Returns what a server sees of `request`, sent to it.
fn seen(options: Options, request: impl Fn(&Server) -> Request) -> Asked {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let server = Server::connected(move |mut stream| {
        let asked = Asked::read(&mut stream).unwrap();
        stream.write_all(&answer(200, "", b"")).unwrap();
        tell.lock().unwrap().send(asked).unwrap();
    });
    ask(&Client::new(options).unwrap(), request(&server)).unwrap();
    told.recv().unwrap()
}

#[test]
fn sends_a_get_that_asks_for_no_encoding() {
    let options = Options { user_agent: "gosum/1".to_owned(), ..options() };
    let asked = seen(options, |server| {
        get(&server.url("/a/!b/@v/v1.0.0.mod?x=%20")).header("Git-Protocol", "version=2")
    });
    assert!(asked.head.starts_with("GET /a/!b/@v/v1.0.0.mod?x=%20 HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!(asked.header("user-agent"), Some("gosum/1"));
    assert_eq!(asked.header("git-protocol"), Some("version=2"));
    for name in ["accept-encoding", "authorization", "content-length", "referer"] {
        assert_eq!(asked.header(name), None, "{name}");
    }
}

#[test]
fn sends_a_post_with_its_body() {
    let asked = seen(options(), |server| Request::post(server.url("/p"), b"0000want".to_vec(), 10, soon()));
    assert!(asked.head.starts_with("POST /p HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!(asked.body, b"0000want");
}

#[test]
fn gives_every_status_as_an_answer() {
    for status in [200, 204, 206, 300, 304, 404, 410, 429, 451, 500, 503] {
        let server = Server::answering(move |_| answer(status, "Retry-After: 7\r\n", b""));
        let response = client().send(get(&server.url("/"))).unwrap();
        assert_eq!((response.status, response.headers.get("Retry-After")), (status, Some("7")));
        assert_eq!(response.url, server.url("/"));
        assert_eq!(server.connections(), 1, "to try again is for the caller to decide");
    }
}

#[test]
fn keeps_a_connection_for_the_next_request() {
    let server = Server::answering(|_| answer(200, "", b"abc"));
    let client = client();
    for _ in 0..5 {
        assert_eq!(ask(&client, get(&server.url("/"))).unwrap(), (200, b"abc".to_vec()));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn refuses_what_is_not_http() {
    for said in [
        &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"",
    ] {
        let error = ask(&client(), get(&Server::saying(said).url("/"))).unwrap_err();
        assert!(matches!(error, FetchError::Broken { .. }), "{said:?}: {error:?}");
    }
}

#[test]
fn refuses_contradicting_lengths() {
    let said = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd";
    assert!(matches!(ask(&client(), get(&Server::saying(said).url("/"))), Err(FetchError::Broken { .. })));
}

#[test]
fn stops_a_flood_of_headers() {
    for line in [&b"X-Flood: x\r\n"[..], b"x"] {
        let server = Server::connected(move |mut stream| {
            Asked::read(&mut stream).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            let lines = line.repeat(1000);
            while stream.write_all(&lines).is_ok() {}
        });
        let error = ask(&client(), get(&server.url("/"))).unwrap_err();
        assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
    }
}

#[test]
fn reads_header_values_that_are_no_utf8() {
    let server = Server::saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Name: caf\xe9\r\n\r\n");
    let response = client().send(get(&server.url("/"))).unwrap();
    assert_eq!(response.headers.get("x-name"), Some("caf\u{fffd}"));
}

#[test]
fn tells_why_no_connection_came_about() {
    // bound and let go: nobody listens there
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client().send(get(&url(&format!("http://{free}/a")))).unwrap_err();
    assert!(matches!(error, FetchError::Connect { kind: ConnectFailure::Address, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with(&format!("http://{free}/a: cannot connect: ")), "{text}");
    assert_eq!(text.matches("http").count(), 1, "{text}");

    // a label that is too long resolves to nothing without asking the network
    let unknown = format!("http://{}.example/", "a".repeat(64));
    let error = client().send(get(&url(&unknown))).unwrap_err();
    assert!(matches!(error, FetchError::Connect { kind: ConnectFailure::Name, .. }), "{error:?}");
}

#[test]
fn refuses_what_it_must_not_send() {
    let offline = Client::new(Options { offline: true, ..options() }).unwrap();
    let server = Server::answering(|_| answer(200, "", b""));
    assert!(matches!(offline.send(get(&server.url("/"))), Err(FetchError::Offline { .. })));
    assert!(matches!(client().send(get(&url("ftp://a.example/"))), Err(FetchError::Scheme { .. })));
    let secret = url(&format!("http://user:secret@{}/", server.address));
    let error = client().send(get(&secret)).unwrap_err();
    assert!(matches!(error, FetchError::Credentials { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret"));
    let split = get(&server.url("/")).header("X-Name", "a\r\nX-Other: b");
    assert!(matches!(client().send(split), Err(FetchError::Unsendable { .. })));
    assert_eq!(server.connections(), 0);
}

#[test]
fn ends_a_request_that_gets_no_answer() {
    let server = Server::stalling_after(b"HTTP/1.1 200");
    let start = Instant::now();
    let error = hasty().send(get(&server.url("/"))).unwrap_err();
    assert!(matches!(error, FetchError::Stalled { .. }), "{error:?}");
    let mut request = get(&server.url("/"));
    request.deadline = Instant::now() + Duration::from_millis(100);
    assert!(matches!(client().send(request), Err(FetchError::Deadline { .. })));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn refuses_options_that_make_no_sense() {
    for options in [Options { jobs: 0, ..options() }, Options { per_host: 0, ..options() }] {
        assert!(matches!(Client::new(options), Err(ClientError::Zero { .. })));
    }
    let agent = Options { user_agent: "a\nb".to_owned(), ..options() };
    assert!(matches!(Client::new(agent), Err(ClientError::Setup { .. })));
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn asked(&self, method: Method, url: &SafeUrl) {
        self.0.lock().unwrap().push(format!("{method} {}", url.path()));
    }

    fn answered(&self, method: Method, url: &SafeUrl, answer: Result<u16, &FetchError>, _: Duration) {
        let answer = answer.map_or("none".to_owned(), |status| status.to_string());
        self.0.lock().unwrap().push(format!("{method} {} {answer}", url.path()));
    }
}

#[test]
fn tells_the_observer_of_each_step() {
    let server = Server::answering(|asked| match asked.target() {
        "/a" => answer(302, "Location: /b\r\n", b""),
        "/b" => answer(404, "", b""),
        _ => b"no HTTP at all, and long enough".to_vec(),
    });
    let told = Arc::new(Told::default());
    let client = Client::new(Options { observer: Some(told.clone()), ..options() }).unwrap();
    client.send(get(&server.url("/a"))).unwrap();
    client.send(get(&server.url("/c"))).unwrap_err();
    client.send(get(&url("ftp://a.example/d"))).unwrap_err();
    let expected = ["GET /a", "GET /a 302", "GET /b", "GET /b 404", "GET /c", "GET /c none"];
    assert_eq!(*told.0.lock().unwrap(), expected);
}

#[test]
fn asks_from_many_threads() {
    let server = Server::answering(|asked| answer(200, "", asked.target().as_bytes()));
    let client = client();
    std::thread::scope(|scope| {
        for thread in 0..32 {
            let (client, server) = (&client, &server);
            scope.spawn(move || {
                for turn in 0..10 {
                    let path = format!("/{thread}/{turn}");
                    let response = client.send(get(&server.url(&path))).unwrap();
                    assert_eq!(read(response).unwrap(), path.as_bytes());
                }
            });
        }
    });
}

/// Proxies of the environment count only when the caller passes them on.
#[test]
fn reads_no_variable_of_the_environment() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "requests::keeps_a_connection_for_the_next_request"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        // nobody listens there
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.env_remove("REQUEST_METHOD").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}
