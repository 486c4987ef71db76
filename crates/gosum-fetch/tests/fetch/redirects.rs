//! Chains of redirects.

use std::collections::BTreeMap;
use std::sync::Arc;

use gosum_fetch::client::{Client, Options};
use gosum_fetch::guide::Guided;
use gosum_fetch::{Fetch, FetchError, Request};

use crate::server::{Asked, Server, answer};
use crate::{ask, client, get, options, read, soon, url};

/// Returns a server that redirects `/N` to `/N-1`, and answers `/0`.
fn countdown() -> Server {
    Server::answering(|asked: &Asked| match asked.target()[1..].parse::<u32>().unwrap() {
        0 => answer(200, "", b"there"),
        left => answer(302, &format!("Location: {}\r\n", left - 1), b"elsewhere"),
    })
}

/// Returns a client that reaches a.example and b.example at `server`.
fn routed(server: &Server) -> Client {
    let routes = ["a.example", "b.example"].map(|host| (host.to_owned(), server.address));
    Client::new(Options { routes: BTreeMap::from(routes), ..options() }).unwrap()
}

#[test]
fn follows_as_many_redirects_as_go_and_no_more() {
    let server = countdown();
    let response = client().send(get(&server.url("/9"))).unwrap();
    assert_eq!(response.url, server.url("/0"));
    assert_eq!(read(response).unwrap(), b"there");
    let error = client().send(get(&server.url("/10"))).unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { max: 9, .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("{}: ", server.url("/10"))), "{error}");
}

#[test]
fn gives_a_redirect_as_an_answer_when_none_is_followed() {
    let server = countdown();
    let mut request = get(&server.url("/5"));
    request.redirects = 0;
    let response = client().send(request).unwrap();
    assert_eq!((response.status, response.headers.get("location")), (302, Some("4")));
    assert_eq!(read(response).unwrap(), b"elsewhere");
    let post = Request::post(server.url("/5"), Vec::new(), 100, soon());
    assert_eq!(ask(&client(), post).unwrap().0, 302);
}

#[test]
fn never_leaves_encryption_behind() {
    let server = Server::answering(|_| answer(301, "Location: http://b.example/y\r\n", b""));
    let error = routed(&server).send(get(&url("https://a.example/x"))).unwrap_err();
    assert!(matches!(error, FetchError::InsecureRedirect { .. }), "{error:?}");
    assert_eq!(error.to_string(), "https://a.example/x: redirected to the insecure http://b.example/y");
}

#[test]
fn tells_another_host_no_secret() {
    let server = Server::answering(|asked| match asked.header("host").unwrap() {
        "a.example" => {
            assert_eq!(asked.header("authorization"), Some("Basic dXNlcjpwQHNz"));
            assert_eq!(asked.header("private-token"), Some("secret"));
            let to_b = "Location: https://u:p@b.example/\r\n";
            let location = if asked.target() == "/" { "Location: /second\r\n" } else { to_b };
            answer(307, location, b"")
        }
        _ => answer(200, "", asked.head.as_bytes()),
    });
    let request = get(&url("https://user:p%40ss@a.example/")).header("Private-Token", "secret");
    let response = routed(&server).send(request).unwrap();
    assert_eq!((response.status, response.url.to_string()), (200, "https://b.example/".to_owned()));
    let head = String::from_utf8(read(response).unwrap()).unwrap().to_lowercase();
    assert!(head.contains("host: b.example"), "{head}");
    for secret in ["authorization", "private-token", "secret"] {
        assert!(!head.contains(secret), "{head}");
    }
}

#[test]
fn leaves_an_authorization_of_the_callers_as_it_is() {
    let server =
        Server::answering(|asked| answer(200, "", asked.header("authorization").unwrap().as_bytes()));
    let request = get(&url("https://user:secret@a.example/")).header("Authorization", "Bearer x");
    assert_eq!(ask(&routed(&server), request).unwrap().1, b"Bearer x");
}

#[test]
fn follows_no_redirect_to_a_file() {
    let server = Server::answering(|_| answer(302, "Location: file:///etc/hostname\r\n", b""));
    let error = client().send(get(&server.url("/"))).unwrap_err();
    assert!(matches!(error, FetchError::Redirect { .. }), "{error:?}");
}

#[test]
fn goes_nowhere_that_a_guide_forbids() {
    let server = Server::answering(|asked| match (asked.header("host").unwrap(), asked.target()) {
        ("a.example", "/out") => answer(302, "Location: https://b.example/x\r\n", b""),
        ("a.example", "/in") => answer(302, "Location: /there\r\n", b""),
        ("a.example", "/around") => answer(302, "Location: /out\r\n", b""),
        ("a.example", "/endless") => answer(302, "Location: /endless\r\n", b""),
        ("a.example", "/there") => answer(200, "", b"there"),
        (host, target) => panic!("{host}{target} was asked"),
    });
    let guide = |first: &gosum_fetch::SafeUrl, to: &gosum_fetch::SafeUrl| match to.host() == first.host() {
        true => Ok(()),
        false => Err("too far".to_owned()),
    };
    let guided = Guided::new(Arc::new(routed(&server)), Arc::new(guide));
    for from in ["out", "around"] {
        let error = guided.send(get(&url(&format!("https://a.example/{from}")))).unwrap_err();
        assert!(matches!(error, FetchError::ForbiddenRedirect { .. }), "{error:?}");
        assert_eq!(error.to_string(), "https://a.example/out: redirected to https://b.example/x: too far");
    }
    let response = guided.send(get(&url("https://a.example/in"))).unwrap();
    assert_eq!(response.url, url("https://a.example/there"));
    assert_eq!(read(response).unwrap(), b"there");
    let error = guided.send(get(&url("https://a.example/endless"))).unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { max: 9, .. }), "{error:?}");
    let mut unfollowed = get(&url("https://a.example/out"));
    unfollowed.redirects = 0;
    assert_eq!(guided.send(unfollowed).unwrap().status, 302);
}
