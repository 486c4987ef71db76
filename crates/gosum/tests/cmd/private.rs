//! Private names: whatever a command does, neither a proxy nor a checksum database hears of them.

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::page::Page;
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;

use super::run::{Place, answer};
use super::world::{ADDRESS, MODULE, One};

/// Private modules, and where their repositories are: behind a go-import page, behind one that redirects, in a folder
/// of a repository.
const PRIVATE: [(&str, &str, &str); 3] = [
    ("corp.example/Team/secret", "git.example/secret", ""),
    ("corp.example/Team/moved", "git.example/moved", ""),
    ("corp.example/Team/secret/part", "git.example/secret", "part"),
];
/// Parts of the private names, in small letters: every form of a name has one of them.
const WORDS: [&str; 4] = ["corp.example", "team", "secret", "moved"];

/// A world in which the proxy and the database have everything, were they but asked.
struct Both {
    world: World,
    database: SumDb,
    go_sum: String,
}

fn both() -> Both {
    let One { mut draft, release, .. } = One::new();
    let mut database = SumDb::new("sum.example", 1);
    database.record(&release);
    let mut go_sum = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
    add_pages(&mut draft);
    for (path, address, folder) in PRIVATE {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let files = Files::new()
            .file("go.mod", "module corp.example/Team/secret\n")
            .file(&format!("{prefix}go.mod"), format!("module {path}\n"))
            .file(&format!("{prefix}a.go"), "package a\n");
        let revision = draft.commit(address, "main", &files);
        draft.tag(&format!("{prefix}v1.0.0"), &revision);
        let release = draft.publish(&format!("{path}@v1.0.0"), &revision, folder).unwrap();
        database.record(&release);
        go_sum += &(release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod));
    }
    draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
    draft.sites.add_sumdb("sum.example", database.clone());
    Both { world: draft.start().unwrap(), database, go_sum }
}

fn add_pages(draft: &mut Draft) {
    let page = |name: &str| {
        Page::go_import(&format!("corp.example/Team/{name}"), "git", &format!("https://git.example/{name}"))
    };
    draft.sites.add_page("corp.example/Team/secret", page("secret"));
    draft.sites.add_redirect("corp.example/Team/moved", 302, "https://pages.example/moved");
    draft.sites.add_page("pages.example/moved", page("moved"));
}

/// Runs all commands that could tell, with the settings of `set`.
fn run_all(both: &Both, set: impl Fn(Place) -> Place) -> Vec<String> {
    let place = Place::in_world(&both.world).env("GOPROXY", "https://proxy.example,direct");
    let place = set(place.env("GOSUMDB", &both.database.key()).file("go.sum", &both.go_sum));
    let cache = place.path("cache");
    let place = place.env("GOSUM_CACHE", cache.to_str().unwrap());
    let start = both.world.log().len();
    let (code, report) = place.audit(". --source proxy,direct,sumdb");
    for index in 0..8 {
        assert_eq!(answer(&report, index, "direct")["answer"], "hash", "{code}: {report:#}");
    }
    for (path, ..) in PRIVATE {
        let done = place.run(&format!("hash {path}@v1.0.0 --from direct,proxy,sumdb"));
        assert!(done.stdout.contains(&format!("direct\t{path} v1.0.0 h1:")), "{done:?}");
    }
    assert_eq!(place.run(&format!("hash {MODULE} --from direct,proxy,sumdb")).code, 0);
    assert_eq!(place.run("env").code, 0);
    let addresses = both.world.log().into_iter().skip(start).map(|exchange| exchange.address());
    addresses.map(|address| unescaped(&address).to_lowercase()).collect()
}

/// Returns `address` without the escapes of URLs and of capitals in module paths.
fn unescaped(address: &str) -> String {
    let bytes = address.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = address.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).replace('!', "")
}

fn is_database(address: &str) -> bool {
    address.contains("/sumdb/") || address.starts_with("sum.example/")
}

fn is_private(address: &str) -> bool {
    WORDS.iter().any(|word| address.contains(word))
}

#[test]
fn private_names_reach_neither_proxy_nor_database() {
    let file = |place: Place, name: &str, variable: &str| {
        let place = place.file(name, "GOPRIVATE=corp.example\n");
        let path = place.path(name.split('/').next().unwrap()).to_str().unwrap().to_owned();
        place.env(variable, &path)
    };
    let settings: [(&str, &dyn Fn(Place) -> Place); 7] = [
        ("GOPRIVATE", &|place| place.env("GOPRIVATE", "corp.example")),
        ("a glob", &|place| place.env("GOPRIVATE", "other.example,*.example/Te?m")),
        ("both lists", &|place| place.env("GONOPROXY", "corp.example").env("GONOSUMDB", "c*.example/Team/")),
        ("one list", &|place| place.env("GOPRIVATE", "corp.example/Team").env("GONOPROXY", "*.example/Team")),
        ("an empty list", &|place| {
            place.env("GOPRIVATE", "corp.example").env("GONOPROXY", "").env("GONOSUMDB", "")
        }),
        ("the user's file", &|place| file(place, "env", "GOENV")),
        ("go.env", &|place| file(place, "root/go.env", "GOROOT")),
    ];
    for (name, set) in settings {
        let both = both();
        let log = run_all(&both, set);
        for address in &log {
            let told = address.starts_with("proxy.example/") || is_database(address);
            assert!(!told || !is_private(address), "{name}: {address}");
        }
        // all three were asked what they may be asked
        let of = |start: &str| log.iter().any(|address| address.starts_with(start));
        assert!(of(&format!("proxy.example/{ADDRESS}/@v/")) && of("git.example/secret"), "{name}: {log:#?}");
        assert!(
            of("corp.example/team/moved?go-get=1") && of("pages.example/moved?go-get=1"),
            "{name}: {log:#?}"
        );
        assert!(of(&format!("proxy.example/sumdb/sum.example/lookup/{ADDRESS}@")), "{name}: {log:#?}");
    }
}

#[test]
fn names_that_only_the_database_must_not_hear_reach_the_proxy() {
    let both = both();
    let log = run_all(&both, |place| place.env("GOPRIVATE", "corp.example").env("GONOPROXY", "none"));
    assert!(log.iter().all(|address| !is_database(address) || !is_private(address)), "{log:#?}");
    for (path, ..) in PRIVATE {
        let at_proxy = format!("proxy.example/{}/@v/", path.to_lowercase());
        assert!(log.iter().any(|address| address.starts_with(&at_proxy)), "{path}: {log:#?}");
    }
}

#[test]
fn without_such_settings_the_log_would_show_it() {
    let both = both();
    let log = run_all(&both, |place| place);
    let told = |start: &str| log.iter().any(|address| address.starts_with(start) && is_private(address));
    assert!(told("proxy.example/corp.example/team/") && told("proxy.example/sumdb/"), "{log:#?}");
}
