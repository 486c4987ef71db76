//! Worlds of one's own making on loopback.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use gosum_fetch::Fetch;
use gosum_fetch::client::{Client, ClientError, Options, Proxies};

use crate::server::{Server, answer};
use crate::{get, options, read, url};

fn routes(host: &str, address: SocketAddr) -> BTreeMap<String, SocketAddr> {
    BTreeMap::from([(host.to_owned(), address)])
}

#[test]
fn reaches_a_routed_host_under_its_own_name() {
    let server = Server::answering(|asked| {
        let host = asked.header("host").unwrap();
        answer(200, "", format!("{host} {}", asked.target()).as_bytes())
    });
    let routes = routes("Proxy.Example", server.address);
    // nobody listens there
    let dead = Some("http://127.0.0.1:1".to_owned());
    let proxies = Proxies { http: dead.clone(), https: dead, no_proxy: None };
    let client = Client::new(Options { routes, proxies, ..options() }).unwrap();
    for (asked, seen) in [
        ("https://proxy.example/a?b", "proxy.example /a?b"),
        ("http://proxy.example/a", "proxy.example /a"),
        ("https://proxy.example:8443/a", "proxy.example:8443 /a"),
    ] {
        let response = client.send(get(&url(asked))).unwrap();
        assert_eq!(response.url, url(asked));
        assert_eq!(read(response).unwrap(), seen.as_bytes());
    }
    assert!(client.send(get(&url("http://other.example/"))).is_err(), "all else goes through the proxy");
}

#[test]
fn routes_nobody_to_another_machine() {
    for address in ["10.0.0.1:80", "0.0.0.0:80", "[2001:db8::1]:80"] {
        let routes = routes("proxy.example", address.parse().unwrap());
        let refused = Client::new(Options { routes, ..options() }).map(drop);
        assert!(matches!(refused, Err(ClientError::Route { .. })), "{address}");
    }
}
