//! TLS and HTTP/2, with a certificate authority of our own.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gosum_fetch::client::{Certificates, Client, Options};
use gosum_fetch::{ConnectFailure, FetchError, SafeUrl};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Asked, Server, answer};
use crate::{ask, get, options, url};

type Stream = StreamOwned<ServerConnection, TcpStream>;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tls").join(name)
}

/// Returns the file of the authority that signed the servers' certificate.
pub(crate) fn authority() -> PathBuf {
    data("ca.pem")
}

/// Returns a server that speaks TLS, offers `protocol`, and hands each connection to `serve`.
fn secure(protocol: &str, serve: impl Fn(&mut Stream) + Send + Sync + 'static) -> Server {
    let chain = vec![CertificateDer::from_pem_file(data("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(data("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let config = Arc::new(config);
    Server::connected(move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        serve(&mut StreamOwned::new(connection, stream));
    })
}

fn hello() -> Server {
    secure("http/1.1", |stream| {
        if Asked::read(stream).is_some() {
            stream.write_all(&answer(200, "", b"hello")).unwrap();
        }
    })
}

fn https(server: &Server) -> SafeUrl {
    url(&format!("https://{}/", server.address))
}

fn trusting(file: Option<PathBuf>, dirs: &[&Path]) -> Client {
    let dirs = Some(dirs.iter().map(|dir| dir.to_path_buf()).collect());
    Client::new(Options { certificates: Certificates { file, dirs }, ..options() }).unwrap()
}

fn fails(client: &Client, url: &SafeUrl, said: &str) {
    let error = ask(client, get(url)).unwrap_err();
    assert!(matches!(error, FetchError::Connect { kind: ConnectFailure::Tls, .. }), "{error:?}");
    assert!(error.to_string().contains(said), "{error}");
    assert!(!error.is_passing());
}

#[test]
fn believes_whom_the_file_or_a_folder_names() {
    let server = hello();
    let dir = tempfile::tempdir().unwrap();
    fs::copy(authority(), dir.path().join("any name")).unwrap();
    fs::write(dir.path().join("garbage"), "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
        .unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    let missing = dir.path().join("missing");
    for client in [
        trusting(Some(authority()), &[]),
        trusting(Some(authority()), &[&missing]),
        trusting(Some(missing.clone()), &[dir.path(), &missing]),
    ] {
        assert_eq!(ask(&client, get(&https(&server))).unwrap(), (200, b"hello".to_vec()));
    }
}

#[test]
fn believes_nobody_else() {
    let server = hello();
    let other = trusting(Some(data("server.pem")), &[]);
    fails(&other, &https(&server), "invalid peer certificate");
    let other_name = url(&format!("https://localhost:{}/", server.address.port()));
    fails(&trusting(Some(authority()), &[]), &other_name, "not valid for");
}

#[test]
fn speaks_plain_http_on_a_machine_without_certificates() {
    let server = hello();
    let client = trusting(Some("/nowhere".into()), &[]);
    fails(&client, &https(&server), "no trusted certificate was found in /nowhere (No such file");
    assert_eq!(server.connections(), 0);
    let plain = Server::answering(|_| answer(200, "", b"plain"));
    assert_eq!(ask(&client, get(&plain.url("/"))).unwrap().1, b"plain");
}

#[test]
fn tells_a_server_that_speaks_no_tls() {
    let server = Server::connected(|mut stream| {
        let _ = stream.read(&mut [0; 5]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut [0; 1000]);
    });
    fails(&trusting(Some(authority()), &[]), &https(&server), "corrupt message");
}

#[test]
fn waits_for_a_connection_only_so_long() {
    let server = Server::connected(|mut stream| {
        // hears the client out, and says nothing
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let certificates = Certificates { file: Some(authority()), dirs: Some(Vec::new()) };
    let connect = Duration::from_millis(100);
    let client = Client::new(Options { certificates, connect, ..options() }).unwrap();
    let error = ask(&client, get(&https(&server))).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: cannot connect: no answer in time", https(&server)));
}

#[test]
fn refuses_a_body_whose_connection_was_cut_before_its_end_was_told() {
    let server = secure("http/1.1", |stream| {
        Asked::read(stream).unwrap();
        // neither a length nor, below, the notice of the end that TLS has: anybody may have cut the line
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhel").unwrap();
        stream.flush().unwrap();
    });
    let error = ask(&trusting(Some(authority()), &[]), get(&https(&server))).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
}

// the types of HTTP/2 frames, and a block of headers that says `:status: 200`
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const STATUS_200: &[u8] = &[0x88];

/// Reads an HTTP/2 frame: its type, flags and stream.
fn frame(stream: &mut Stream) -> Option<(u8, u8, u32)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
    stream.read_exact(&mut payload).ok()?;
    Some((head[3], head[4], u32::from_be_bytes(head[5..9].try_into().unwrap())))
}

fn write_frame(stream: &mut Stream, kind: u8, flags: u8, id: u32, payload: &[u8]) {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&len[1..], &[kind, flags], &id.to_be_bytes()].concat();
    stream.write_all(&[&head, payload].concat()).unwrap();
}

/// Returns a server of HTTP/2 that answers each request with `hello`, in two parts, the last of them the
/// end or not.
fn hello2(ends: bool) -> Server {
    secure("h2", move |stream| {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).unwrap();
        assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        write_frame(stream, SETTINGS, 0, 0, &[]);
        while let Some((kind, flags, id)) = frame(stream) {
            match kind {
                SETTINGS if flags == 0 => write_frame(stream, SETTINGS, 1, 0, &[]),
                HEADERS => {
                    write_frame(stream, HEADERS, 4, id, STATUS_200);
                    write_frame(stream, DATA, 0, id, b"hel");
                    match ends {
                        true => write_frame(stream, DATA, 1, id, b"lo"),
                        false => write_frame(stream, RST_STREAM, 0, id, &[0, 0, 0, 2]),
                    }
                }
                _ => {}
            }
        }
    })
}

#[test]
fn speaks_http2_over_one_connection() {
    let server = hello2(true);
    let client = trusting(Some(authority()), &[]);
    for _ in 0..3 {
        assert_eq!(ask(&client, get(&https(&server))).unwrap(), (200, b"hello".to_vec()));
    }
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| ask(&client, get(&https(&server))).unwrap());
        }
    });
    assert_eq!(server.connections(), 1);
}

#[test]
fn leaves_an_http2_connection_that_died() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = secure("h2", move |stream| {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).unwrap();
        write_frame(stream, SETTINGS, 0, 0, &[]);
        let mut is_dead = false;
        while let Some((kind, flags, id)) = frame(stream) {
            match kind {
                SETTINGS if flags == 0 => write_frame(stream, SETTINGS, 1, 0, &[]),
                HEADERS if !is_dead => {
                    write_frame(stream, HEADERS, 5, id, STATUS_200);
                    // the first connection dies with its first answer
                    is_dead = count.fetch_add(1, Ordering::SeqCst) == 0;
                }
                _ => {}
            }
        }
    });
    let certificates = Certificates { file: Some(authority()), dirs: Some(Vec::new()) };
    let idle = Duration::from_millis(1500);
    let client = Client::new(Options { certificates, idle, ..options() }).unwrap();
    assert_eq!(ask(&client, get(&https(&server))).unwrap().0, 200);
    let error = ask(&client, get(&https(&server))).unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    assert_eq!(ask(&client, get(&https(&server))).unwrap().0, 200);
    assert_eq!(server.connections(), 2);
}

#[test]
fn refuses_an_http2_body_that_is_cut() {
    let error = ask(&trusting(Some(authority()), &[]), get(&https(&hello2(false)))).unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
}
