//! Git's protocol, word by word.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use gosum_world::git::{Filters, Wants};
use gosum_world::repository::{Files, ObjectFormat, ObjectId, Repository};
use gosum_world::{Sites, World};

use crate::client::Client;

const REFS: &str = "git.example/a/info/refs?service=git-upload-pack";
const PACK: &str = "git.example/a.git/git-upload-pack";

/// Returns a world with a repository of two commits, and the commits.
fn world(format: ObjectFormat, change: impl FnOnce(&mut Repository)) -> (World, [ObjectId; 2]) {
    let mut repository = Repository::new(format);
    let commits =
        [1, 2].map(|time| repository.commit("main", time, &Files::new().file("a", time.to_string())));
    repository.annotated_tag("v1.0.0", commits[0], 3);
    change(&mut repository);
    let mut sites = Sites::new();
    sites.add_repository("git.example/a", repository);
    (World::start(sites).unwrap(), commits)
}

/// Writes packets: `0000` and `0001` are what they are, anything else is a line.
fn packets(lines: &[&str]) -> Vec<u8> {
    let packet = |line: &&str| match *line {
        "0000" | "0001" => (*line).to_owned(),
        line => format!("{:04x}{line}\n", line.len() + 5),
    };
    lines.iter().map(packet).collect::<String>().into_bytes()
}

/// Asks for what there is, offering `protocol`.
fn advertised(world: &World, protocol: &str) -> String {
    let mut client = Client::connect(world);
    let (host, path) = REFS.split_once('/').unwrap();
    client.send(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nGit-Protocol: {protocol}\r\n\r\n"));
    let answer = client.answer().unwrap();
    assert_eq!(answer.header("content-type"), Some("application/x-git-upload-pack-advertisement"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    answer.text()
}

fn post(world: &World, protocol: &str, lines: &[&str]) -> String {
    let answer = Client::connect(world).post(PACK, protocol, &packets(lines));
    assert_eq!(answer.header("content-type"), Some("application/x-git-upload-pack-result"));
    answer.text()
}

fn text(lines: &[&str]) -> String {
    String::from_utf8(packets(lines)).unwrap()
}

#[test]
fn server_speaks_the_version_that_both_know() {
    let (world, commits) = world(ObjectFormat::Sha1, |_| {});
    let v2 = text(&[
        "version 2",
        "agent=gosum-world",
        "ls-refs=unborn",
        "fetch=shallow wait-for-done filter",
        "object-format=sha1",
        "0000",
    ]);
    assert_eq!(advertised(&world, "version=2"), v2);
    assert_eq!(advertised(&world, "version=3:version=2"), v2);
    let v0 = advertised(&world, "");
    assert!(v0.starts_with(&text(&["# service=git-upload-pack", "0000"])), "{v0}");
    assert!(v0.contains(&format!("{} HEAD\0", commits[1])), "{v0}");
    assert!(v0.contains(" symref=HEAD:refs/heads/main object-format=sha1 "), "{v0}");
    assert!(v0.ends_with(&text(&[&format!("{} refs/tags/v1.0.0^{{}}", commits[0]), "0000"])), "{v0}");
    let v1 = advertised(&world, "version=1");
    assert_eq!(v1, v0.replacen("0000", &format!("0000{}", text(&["version 1"])), 1));

    let versions: Vec<Option<u8>> = world.log().iter().map(|exchange| exchange.git_version).collect();
    assert_eq!(versions, [Some(2), Some(2), Some(0), Some(1)]);
    world.change(|sites| sites.repository("git.example/a").unwrap().policy.before_v2 = true);
    assert_eq!(advertised(&world, "version=2"), v1);
}

#[test]
fn capabilities_say_what_is_granted() {
    let (world, _) = world(ObjectFormat::Sha256, |repository| {
        repository.policy.filters = Filters::None;
        repository.policy.wants = Wants::Tips;
    });
    let v2 = advertised(&world, "version=2");
    assert!(v2.contains("fetch=shallow wait-for-done\n") && v2.contains("object-format=sha256"), "{v2}");
    let v0 = advertised(&world, "version=0");
    assert!(!v0.contains("in-want") && !v0.contains("filter") && v0.contains("object-format=sha256"), "{v0}");
    let head = ["command=ls-refs", "0000"];
    let mismatch = "ERR mismatched object format: server sha256; client sha1";
    assert_eq!(post(&world, "version=2", &head), text(&[mismatch]));
}

#[test]
fn references_are_listed_as_asked() {
    let (world, commits) = world(ObjectFormat::Sha1, |_| {});
    let head = ["command=ls-refs", "agent=test", "object-format=sha1", "0001"];
    let list = |arguments: &[&str]| post(&world, "version=2", &[&head[..], arguments, &["0000"]].concat());
    let main = format!("{} refs/heads/main", commits[1]);
    assert_eq!(list(&["ref-prefix refs/heads/"]), text(&[&main, "0000"]));
    let symref = format!("{} HEAD symref-target:refs/heads/main", commits[1]);
    assert_eq!(list(&["symrefs", "ref-prefix HEAD", "ref-prefix nothing"]), text(&[&symref, "0000"]));
    let tag = list(&["peel", "ref-prefix refs/tags/v1.0.0"]);
    assert!(tag.ends_with(&format!(" refs/tags/v1.0.0 peeled:{}\n0000", commits[0])), "{tag}");
    let names = |list: String| {
        list.lines().filter_map(|line| Some(line.split(' ').nth(1)?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(names(list(&[])), ["HEAD", "refs/heads/main", "refs/tags/v1.0.0"]);

    world.change(|sites| sites.repository("git.example/a").unwrap().set_head("refs/heads/none"));
    assert_eq!(list(&["ref-prefix HEAD"]), text(&["0000"]));
    let unborn = ["symrefs", "unborn", "ref-prefix HEAD"];
    assert_eq!(list(&unborn), text(&["unborn HEAD symref-target:refs/heads/none", "0000"]));
}

#[test]
fn fetch_negotiates_until_it_is_ready() {
    let (world, [first, second]) = world(ObjectFormat::Sha1, |_| {});
    let head = ["command=fetch", "object-format=sha1", "0001"];
    let fetch = |arguments: &[&str]| post(&world, "version=2", &[&head[..], arguments, &["0000"]].concat());
    let want = format!("want {second}");
    let (have, lacking) = (format!("have {first}"), format!("have {}", "1".repeat(40)));
    assert_eq!(fetch(&[&want, &lacking]), text(&["acknowledgments", "NAK", "0000"]));
    let acknowledged = format!("ACK {first}");
    let ready = fetch(&[&want, &lacking, &have]);
    let begin = text(&["acknowledgments", &acknowledged, "ready", "0001", "packfile"]);
    assert!(ready.starts_with(&begin), "{ready}");
    let waiting = fetch(&[&want, &have, "wait-for-done"]);
    assert_eq!(waiting, text(&["acknowledgments", &acknowledged, "0000"]));
    let done = fetch(&[&want, &have, "done"]);
    assert!(done.starts_with(&text(&["packfile"])), "{done}");
    assert!(done.contains("\x02Enumerating objects: 3, done.\n"), "{done}");
    assert!(!fetch(&[&want, "no-progress", "done"]).contains("Enumerating"));
    assert_eq!(world.log()[0].git_lines, [&head[..], &[&want, &lacking, "0000"]].concat());
}

#[test]
fn shallow_fetch_tells_where_history_ends() {
    let (world, [_, second]) = world(ObjectFormat::Sha1, |_| {});
    let (want, begins) = (format!("want {second}"), format!("shallow {second}"));
    let head = ["command=fetch", "object-format=sha1", "0001"];
    let fetch = |arguments: &[&str]| post(&world, "version=2", &[&head[..], arguments, &["0000"]].concat());
    let shallow = fetch(&[&want, "deepen 1", "done"]);
    assert!(shallow.starts_with(&text(&["shallow-info", &begins, "0001", "packfile"])), "{shallow}");
    let deepened = fetch(&[&want, &begins, "deepen 2147483647", "done"]);
    let ends = format!("unshallow {second}");
    assert!(deepened.starts_with(&text(&["shallow-info", &ends, "0001", "packfile"])), "{deepened}");

    let capabilities = "multi_ack_detailed no-done side-band-64k";
    let first_want = format!("want {second} {capabilities}");
    let old = post(&world, "", &[&first_want, "deepen 1", "0000"]);
    assert_eq!(old, text(&[&begins, "0000"]));
}

#[test]
fn old_versions_acknowledge_as_the_client_understands() {
    let (world, [first, second]) = world(ObjectFormat::Sha1, |_| {});
    let (have, lacking) = (format!("have {first}"), format!("have {}", "1".repeat(40)));
    let fetch = |capabilities: &str, rest: &[&str]| {
        let want = format!("want {second} {capabilities}");
        post(&world, "", &[&[want.trim_end(), "0000"], rest].concat())
    };
    let ack = |end: &str| format!("ACK {first}{end}");
    for (capabilities, rounds, expected) in [
        ("", [&lacking, "0000"], vec!["NAK".to_owned()]),
        ("", [&have, "0000"], vec![ack("")]),
        ("multi_ack", [&have, "0000"], vec![ack(" continue"), "NAK".to_owned()]),
        ("multi_ack_detailed", [&lacking, "0000"], vec!["NAK".to_owned()]),
        ("multi_ack_detailed", [&have, "0000"], vec![ack(" common"), ack(" ready"), "NAK".to_owned()]),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        assert_eq!(fetch(capabilities, &rounds), text(&expected), "{capabilities}");
    }
    for (capabilities, rounds, expected) in [
        ("", vec!["done"], vec!["NAK".to_owned()]),
        ("", vec![&have, "done"], vec![ack("")]),
        ("multi_ack", vec![&have, "done"], vec![ack(" continue"), ack("")]),
        (
            "multi_ack_detailed no-done",
            vec![&have, "0000"],
            vec![ack(" common"), ack(" ready"), "NAK".to_owned(), ack("")],
        ),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let answer = fetch(capabilities, &rounds);
        assert!(answer.starts_with(&format!("{}PACK", text(&expected))), "{capabilities}: {answer}");
    }
}

#[test]
fn requests_that_cannot_be_met_are_refused() {
    let (world, [_, second]) = world(ObjectFormat::Sha1, |repository| {
        repository.policy.filters = Filters::BlobNoneAndTreeZero;
    });
    let head = ["command=fetch", "object-format=sha1", "0001"];
    let want = format!("want {second}");
    let unknown = "1".repeat(40);
    for (arguments, error) in [
        (vec![format!("want {unknown}")], format!("upload-pack: not our ref {unknown}")),
        (
            vec![want.clone(), "filter tree:2".to_owned()],
            "tree filter allows max depth 0, but got 2".to_owned(),
        ),
        (vec![want.clone(), "nonsense".to_owned()], "unexpected line: 'nonsense'".to_owned()),
        (vec![want, "deepen-since 1".to_owned()], "unexpected line: 'deepen-since 1'".to_owned()),
        (
            vec!["want x".to_owned()],
            "upload-pack: protocol error, expected to get an object id, not 'want x'".to_owned(),
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = post(&world, "version=2", &[&head[..], &arguments, &["done", "0000"]].concat());
        assert_eq!(answer, text(&[&format!("ERR {error}")]));
    }
    let mut client = Client::connect(&world);
    assert!(client.post(PACK, "version=2", b"0009want").text().contains("ERR bad packet line at byte 0"));
    assert_eq!(client.get("git.example/a/info/refs?service=git-receive-pack").status, 403);
    assert_eq!(client.get("git.example/a/info/refs").status, 403);
    assert_eq!(client.get("git.example/b/info/refs?service=git-upload-pack").status, 404);
    assert_eq!(client.get("git.example/a/git-upload-pack").status, 405);
}

#[test]
fn request_may_be_packed_and_in_chunks() {
    let (world, _) = world(ObjectFormat::Sha1, |_| {});
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&packets(&["command=ls-refs", "object-format=sha1", "0001", "ref-prefix HEAD", "0000"]))
        .unwrap();
    let packed = gzip.finish().unwrap();
    let (host, path) = PACK.split_once('/').unwrap();
    let mut client = Client::connect(&world);
    client.send(format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nGit-Protocol: version=2\r\nTransfer-Encoding: chunked\r\n\
         Content-Encoding: gzip\r\nContent-Type: application/x-git-upload-pack-request\r\n\
         Expect: 100-continue\r\n\r\n"
    ));
    assert_eq!(client.head().unwrap().status, 100);
    for piece in packed.chunks(10) {
        client.send(format!("{:x}\r\n", piece.len()));
        client.send(piece);
        client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    assert!(client.answer().unwrap().text().ends_with(" HEAD\n0000"));
}
