//! HTTP proxies between us and the network.

use std::io::Write;
use std::sync::Mutex;
use std::sync::mpsc;

use gosum_fetch::client::{Client, ClientError, Options, Proxies};
use gosum_fetch::{ConnectFailure, Fetch, FetchError};

use crate::server::{Asked, Server, answer};
use crate::{ask, get, options, url};

fn through(server: &Server, credentials: &str) -> Options {
    let proxy = Some(format!("http://{credentials}{}", server.address));
    let proxies = Proxies { http: proxy.clone(), https: proxy, no_proxy: Some(".direct.example".to_owned()) };
    Options { proxies, ..options() }
}

#[test]
fn asks_a_proxy_for_whole_urls() {
    let server = Server::answering(|asked| {
        let user = asked.header("proxy-authorization").unwrap_or("nobody");
        answer(200, "", format!("{} {user}", asked.target()).as_bytes())
    });
    let client = Client::new(through(&server, "")).unwrap();
    let got = ask(&client, get(&url("http://a.example/x?y"))).unwrap();
    assert_eq!(got, (200, b"http://a.example/x?y nobody".to_vec()));

    let client = Client::new(through(&server, "user:p%40ss@")).unwrap();
    let got = ask(&client, get(&url("http://a.example/x"))).unwrap();
    assert_eq!(got.1, b"http://a.example/x Basic dXNlcjpwQHNz");

    // this machine is asked itself
    let got = ask(&client, get(&server.url("/x"))).unwrap();
    assert_eq!(got.1, b"/x nobody");
}

#[test]
fn asks_a_proxy_for_a_tunnel_to_an_https_host() {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let server = Server::connected(move |mut stream| {
        let asked = Asked::read(&mut stream).unwrap();
        tell.lock().unwrap().send(asked.head).unwrap();
        stream.write_all(&answer(403, "", b"")).unwrap();
    });
    let mut options = through(&server, "user:pass@");
    options.certificates.file = Some(crate::secure::authority());
    let error = Client::new(options).unwrap().send(get(&url("https://a.example/secret"))).unwrap_err();
    assert!(matches!(error, FetchError::Connect { kind: ConnectFailure::Address, .. }), "{error:?}");
    let by_way = format!("cannot connect: by way of the proxy {}: ", server.address);
    assert!(error.to_string().contains(&by_way), "{error}");
    let head = told.recv().unwrap();
    assert!(head.starts_with("CONNECT a.example:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnz"), "{head}");
    assert!(!head.contains("secret"), "{head}");
}

#[test]
fn refuses_a_proxy_that_it_cannot_use() {
    let proxies = Proxies { https: Some("socks5://u:secret@proxy.example".to_owned()), ..Proxies::default() };
    let error = Client::new(Options { proxies, ..options() }).map(drop).unwrap_err();
    assert!(matches!(error, ClientError::Proxy { .. }));
    assert_eq!(error.to_string(), "the proxy for https URLs has the scheme `socks5`, which is not supported");
}
