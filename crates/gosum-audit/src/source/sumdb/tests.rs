//! The recorded answers of Go's own client, and what other processes do meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gosum_fetch::{Body, FetchError, Headers, Request, Response};
use gosum_mod::setting::gosumdb::{Known, SumDb as Setting};
use gosum_testkit::vectors::{self, Failure, Vector};
use gosum_tlog::tile::TileError;
use serde_json::Value;

use super::client::Options;
use super::error::HeadError;
use super::*;

/// A server of the files of one database, with others in the place of some.
#[derive(Default)]
struct Files {
    folder: Mutex<PathBuf>,
    patch: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: Mutex<Vec<String>>,
}

impl Fetch for Files {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let path = request.url.path().trim_start_matches('/').to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let own = || fs::read(self.folder.lock().unwrap().join(&path)).unwrap_or_default();
        let bytes = self.patch.lock().unwrap().get(&path).cloned().unwrap_or_else(own);
        let status = if bytes.is_empty() { 404 } else { 200 };
        Ok(Response { status, url: request.url, headers: Headers::default(), body: Body::from_bytes(bytes) })
    }

    fn pause(&self, _: Duration) {}
}

const NO_RETRY: Retry = Retry { retries: 0, base: Duration::ZERO };

fn client(key: &str, files: &Arc<Files>, cache: &Path) -> Result<Client, KeyError> {
    let known = Known { name: "sum.example", key: "", alias: "" };
    let Ok(Setting::On(Database { key, .. })) = Setting::parse(key, &known) else { panic!("{key}") };
    let key = VerifierKey::parse(&key)?;
    let store = Store::new(Some(cache), &key.id().name);
    let fetch = Metered::new(files.clone(), Arc::default());
    let way = Way::At(SafeUrl::parse("https://sum.example").unwrap());
    Ok(Client::new(
        key,
        Asker::new(fetch, NO_RETRY, Duration::from_secs(9), way),
        store,
        Options { jobs: 8, refresh: false },
    ))
}

fn category(error: &LookupError) -> &'static str {
    match error {
        LookupError::Refused(_) | LookupError::NoTile(_) => "not-found",
        LookupError::Record(_) => "record-malformed",
        LookupError::Head(HeadError::Note(_)) | LookupError::Kept { source: HeadError::Note(_), .. } => {
            "tree-note"
        }
        LookupError::Head(HeadError::Tree(_)) | LookupError::Kept { source: HeadError::Tree(_), .. } => {
            "tree-malformed"
        }
        // Go reads the number as that of another record, which then is not the one
        LookupError::OutOfRange { id: ..0, .. } => "record-mismatch",
        LookupError::OutOfRange { .. } => "record-out-of-range",
        LookupError::Mismatch(_) => "record-mismatch",
        LookupError::Tile(TileError::Length { .. }) => "tile-size",
        LookupError::Tile(_) => "tile-inconsistent",
        LookupError::Fork { .. } => "security",
        _ => "other",
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Returns the lines of the step, or the sort of error.
fn step(
    client: &Result<Client, KeyError>,
    private: &NoSumDb,
    path: &str,
    version: &str,
) -> Result<Vec<String>, &'static str> {
    let client = client.as_ref().map_err(|_| "verifier-malformed")?;
    let (plain, is_go_mod) = match version.strip_suffix("/go.mod") {
        Some(plain) => (plain, true),
        None => (version, false),
    };
    let module = ModuleVersion::parse(&format!("{path}@{plain}")).map_err(|_| "name")?;
    if private.covers(module.path()) {
        return Err("nosumdb");
    }
    let looked = client.look_up(&[&module]).pop().unwrap().map_err(|error| category(&error))?;
    let key = if is_go_mod { format!("{path} {plain}/go.mod ") } else { format!("{path} {plain} ") };
    Ok(looked.text.lines().filter(|line| line.starts_with(&key)).map(str::to_owned).collect())
}

fn lookup(vector: &Vector) -> Result<(), String> {
    let cache = tempfile::tempdir().unwrap();
    let folder = cache.path().join("sumdb/sumdb.test");
    let latest = vector.bytes("latest");
    if !latest.is_empty() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("latest"), latest).unwrap();
    }
    let files = Arc::new(Files::default());
    let private = NoSumDb::new(vector.input["nosumdb"].as_str(), None);
    let open = || client(text(&vector.input["vkey"]), &files, cache.path());
    let mut current = open();
    let mut failed = false;
    let is_fresh = vector.input["freshClients"] == true;
    let steps = vector.input["steps"].as_array().unwrap();
    for (number, (asked, expected)) in steps.iter().zip(vector.out["steps"].as_array().unwrap()).enumerate() {
        if is_fresh && number > 0 {
            current = open();
        }
        *files.folder.lock().unwrap() = vectors::folder().join("sumdb").join(text(&asked["db"]));
        let patch = asked["patch"].as_object().into_iter().flatten();
        *files.patch.lock().unwrap() =
            patch.map(|(path, bytes)| (path.clone(), vectors::bytes(bytes).unwrap())).collect();
        files.asked.lock().unwrap().clear();
        let got = step(&current, &private, text(&asked["path"]), text(&asked["version"]));
        failed |= got.is_err();
        match (&got, Failure::from_value(&expected["err"])) {
            (Err("name"), Some(failure))
                if matches!(&*failure.category, "invalid-char" | "version-disallowed")
                    // a major version that does not fit the path is in no go.sum
                    || text(&asked["version"]) == "v9.9.9" => {}
            (Err(got), Some(failure)) if *got == failure.category => {}
            (Ok(lines), None) if serde_json::json!(lines) == expected["lines"] => {}
            (got, failure) => {
                return Err(format!("step {number}: {got:?}, Go {failure:?} {}", expected["lines"]));
            }
        }
        let reports = cache.path().join("incidents").read_dir().map_or(0, Iterator::count);
        if (reports > 0) != expected.get("security").is_some() {
            return Err(format!("step {number}: {reports} incidents are kept"));
        }
        // what Go does not ask for is not asked for either
        let all: Vec<String> = files.asked.lock().unwrap().iter().map(|path| format!("/{path}")).collect();
        let asked: BTreeSet<&str> = all.iter().map(String::as_str).collect();
        let reads: BTreeSet<&str> = expected["reads"].as_array().unwrap().iter().map(text).collect();
        if got.is_ok() && (!asked.is_subset(&reads) || asked.len() != all.len()) {
            return Err(format!("step {number}: asked for {all:?}, Go for {reads:?}"));
        }
    }
    let kept = fs::read_to_string(folder.join("latest")).unwrap_or_default();
    // Go keeps a first head before its tiles are proven, and this client does not
    if kept != text(&vector.out["latest"]) && !(failed && kept.is_empty()) {
        return Err(format!("kept {kept:?}, Go {}", vector.out["latest"]));
    }
    Ok(())
}

#[test]
fn lookups_are_gos_own() {
    vectors::covers("sumdb", &["Databases", "Lookup"]);
    vectors::hold("sumdb", &["Lookup"], lookup);
}

/// Returns the key of the made-up databases.
fn key() -> String {
    let mut key = String::new();
    let found = Mutex::new(&mut key);
    vectors::hold("sumdb", &["Databases"], |vector| {
        **found.lock().unwrap() = vector.text("vkey");
        Ok(())
    });
    key
}

/// Returns the module versions of which the database `db` has records.
fn modules(db: &str) -> Vec<ModuleVersion> {
    let mut found = Vec::new();
    let mut waiting = vec![vectors::folder().join("sumdb").join(db).join("lookup")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let reply = fs::read_to_string(path).unwrap();
                let mut words = reply.lines().nth(1).unwrap().split(' ');
                let module = format!("{}@{}", words.next().unwrap(), words.next().unwrap());
                found.push(ModuleVersion::parse(&module).unwrap());
            }
        }
    }
    found.sort();
    found
}

fn at(db: &str) -> Arc<Files> {
    let files = Arc::new(Files::default());
    *files.folder.lock().unwrap() = vectors::folder().join("sumdb").join(db);
    files
}

#[test]
fn many_lookups_need_each_tile_once_and_a_second_run_nothing() {
    let (files, cache) = (at("main"), tempfile::tempdir().unwrap());
    let modules = modules("main");
    let modules: Vec<&ModuleVersion> = modules.iter().collect();
    assert!(modules.len() > 100);
    let first = client(&key(), &files, cache.path()).unwrap();
    assert!(first.look_up(&modules).iter().all(Result::is_ok));
    let asked = std::mem::take(&mut *files.asked.lock().unwrap());
    let distinct: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(distinct.len(), asked.len(), "each is asked for once");
    assert_eq!(asked.iter().filter(|path| path.starts_with("tile/")).count(), 4);
    let second = client(&key(), &files, cache.path()).unwrap();
    assert!(second.look_up(&modules).iter().all(Result::is_ok));
    assert_eq!(*files.asked.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn one_bad_reply_does_not_cost_the_others() {
    let (files, cache) = (at("main"), tempfile::tempdir().unwrap());
    let all = modules("main");
    let modules: Vec<&ModuleVersion> = all.iter().take(20).collect();
    let path =
        |module: &ModuleVersion| format!("lookup/{}@{}", module.path().escaped(), module.version().escaped());
    let forged = fs::read_to_string(vectors::folder().join("sumdb/main").join(path(modules[3]))).unwrap();
    let forked = fs::read(vectors::folder().join("sumdb/fork/latest")).unwrap();
    let mut patch = files.patch.lock().unwrap();
    patch.insert(path(modules[3]), forged.replacen("h1:", "h1:A", 1).into_bytes());
    patch.insert(path(modules[5]), b"<html>".to_vec());
    let (record, _) = forged.split_once("\n\n").unwrap();
    let with_fork = [record.as_bytes(), b"\n\n", &forked].concat();
    patch.insert(path(modules[7]), with_fork);
    drop(patch);
    let looked = client(&key(), &files, cache.path()).unwrap().look_up(&modules);
    let sorts: Vec<(usize, &str)> = (looked.iter().enumerate())
        .filter_map(|(at, looked)| Some((at, category(looked.as_ref().err()?))))
        .collect();
    assert_eq!(sorts, [(3, "record-mismatch"), (5, "record-malformed"), (7, "security")]);
    let answers: Vec<&str> =
        looked.iter().filter_map(|looked| Some(looked.as_ref().err()?.answer().word())).collect();
    assert_eq!(answers, ["untrusted"; 3]);
}

#[test]
fn a_tile_that_is_broken_on_disk_is_asked_for_again() {
    let (files, cache) = (at("main"), tempfile::tempdir().unwrap());
    let all = modules("main");
    let modules: Vec<&ModuleVersion> = all.iter().collect();
    assert!(client(&key(), &files, cache.path()).unwrap().look_up(&modules).iter().all(Result::is_ok));
    for tile in ["tile/8/0/001", "tile/8/1/000.p/2"] {
        let file = cache.path().join("sumdb/sumdb.test").join(tile);
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        fs::write(&file, bytes).unwrap();
        files.asked.lock().unwrap().clear();
        let looked = client(&key(), &files, cache.path()).unwrap().look_up(&modules);
        assert!(looked.iter().all(Result::is_ok), "{tile}");
        assert!(files.asked.lock().unwrap().contains(&tile.to_owned()), "{tile}");
    }
}

#[test]
fn where_nothing_can_be_kept_records_are_proven_all_the_same() {
    let (files, cache) = (at("main"), tempfile::tempdir().unwrap());
    let no_folder = cache.path().join("file");
    fs::write(&no_folder, "in the way").unwrap();
    let modules = modules("main");
    let client = client(&key(), &files, &no_folder).unwrap();
    assert!(client.look_up(&modules.iter().take(5).collect::<Vec<_>>()).iter().all(Result::is_ok));
    assert_eq!(fs::read_to_string(no_folder).unwrap(), "in the way");
}

#[test]
fn the_head_that_another_process_moved_is_checked_too() {
    let cache = tempfile::tempdir().unwrap();
    let latest = |db: &str| fs::read(vectors::folder().join("sumdb").join(db).join("latest")).unwrap();
    for (theirs, expected) in [("small", Ok(())), ("grown", Ok(())), ("fork", Err("security"))] {
        let folder = cache.path().join(theirs);
        let files = at("main");
        let client = client(&key(), &files, &folder).unwrap();
        // read before the other process writes
        assert_eq!(client.look_up(&[]).len(), 0);
        let store = Store::new(Some(&folder), "sumdb.test");
        store.move_latest(b"", &latest(theirs)).unwrap().unwrap();
        // the other process has kept what it needed
        let tiles = |db: &str| vectors::folder().join("sumdb").join(db).join("tile/8");
        for tile in ["0/000", "0/001", "0/002.p/148", "1/000.p/2"] {
            if let Ok(bytes) = fs::read(tiles("grown").join(tile)) {
                files.patch.lock().unwrap().insert(format!("tile/8/{tile}"), bytes);
            }
        }
        let module = modules("main").swap_remove(0);
        let looked = client.look_up(&[&module]).pop().unwrap();
        assert_eq!(looked.map(drop).map_err(|error| category(&error)), expected, "{theirs}");
        let newest = if theirs == "grown" { "grown" } else { "main" };
        let kept = if expected.is_ok() { latest(newest) } else { latest(theirs) };
        assert_eq!(store.latest().unwrap(), kept, "{theirs}");
    }
}

#[test]
fn proxies_are_asked_whether_they_help() {
    let list = |text: &str| ProxyList::parse(text).unwrap();
    let asked = |value: &str, helps: &[(&str, u16)]| {
        struct Hosts(Vec<(String, u16)>, Mutex<Vec<String>>);
        impl Fetch for Hosts {
            fn send(&self, request: Request) -> Result<Response, FetchError> {
                let url = request.url.to_string();
                self.1.lock().unwrap().push(url.clone());
                let found = self.0.iter().find(|(start, _)| url.starts_with(start));
                let status = found.map_or(200, |(_, status)| *status);
                let body = Body::from_bytes(Vec::new());
                Ok(Response { status, url: request.url, headers: Headers::default(), body })
            }

            fn pause(&self, _: Duration) {}
        }
        let helps = helps.iter().map(|(start, status)| ((*start).to_owned(), *status)).collect();
        let hosts = Arc::new(Hosts(helps, Mutex::default()));
        let own = SafeUrl::parse("https://sum.example").unwrap();
        let way = Way::Through { name: "sum.example".into(), list: list(value), own };
        let fetch = Metered::new(hosts.clone(), Arc::default());
        let asker = Asker::new(fetch, NO_RETRY, Duration::from_secs(9), way);
        let got = [asker.get("/x"), asker.get("/y")].map(|got| got.is_ok());
        let urls: Vec<String> =
            hosts.1.lock().unwrap().iter().map(|url| url.replace("https://", "")).collect();
        (got[0] && got[1], urls)
    };
    let supported = |host: &str| format!("{host}/sumdb/sum.example/supported");
    let (two, all) = ("https://a.example,https://b.example", "https://a.example|https://b.example");
    let a404 = ("https://a.example", 404);
    let a500 = ("https://a.example", 500);
    let b500 = ("https://b.example", 500);
    let b404 = ("https://b.example", 404);
    for (value, helps, works, urls) in [
        (two, &[][..], true, vec![supported("a.example"), "a.example/sumdb/sum.example/x".into()]),
        (
            two,
            &[a404],
            true,
            vec![supported("a.example"), supported("b.example"), "b.example/sumdb/sum.example/x".into()],
        ),
        (
            two,
            &[a404, b404],
            true,
            vec![supported("a.example"), supported("b.example"), "sum.example/x".into()],
        ),
        (two, &[a500], false, vec![supported("a.example")]),
        (
            all,
            &[a500],
            true,
            vec![supported("a.example"), supported("b.example"), "b.example/sumdb/sum.example/x".into()],
        ),
        (all, &[a500, b404], false, vec![supported("a.example"), supported("b.example")]),
        (all, &[a500, b500], false, vec![supported("a.example"), supported("b.example")]),
        ("https://a.example|direct", &[a500], true, vec![supported("a.example"), "sum.example/x".into()]),
        ("direct", &[], true, vec!["sum.example/x".into()]),
    ] {
        let (got, asked) = asked(value, helps);
        assert_eq!(got, works, "{value} {helps:?}");
        assert_eq!(asked[..urls.len()], urls, "{value} {helps:?}");
    }
}

#[test]
fn a_database_has_a_host_for_a_name() {
    for name in ["sum.example", "sum.example/a/b"] {
        assert!(own_url(name).is_some(), "{name}");
    }
    for name in [
        "",
        "sum.example/",
        "sum.example?a",
        "u@sum.example",
        "sum.example/../b",
        "sum.example:1#",
        "a b",
        "/x",
    ] {
        assert!(own_url(name).is_none(), "{name}");
    }
}

#[test]
fn a_record_without_the_line_is_not_to_be_believed() {
    let subject = |artifact| Subject::new(ModuleVersion::parse("a.test/m@v1.0.0").unwrap(), artifact);
    let text = "a.test/m v1.0.0 h1:x\nb.test/m v1.0.0 h1:y\n";
    assert_eq!(sum_in(text, &subject(gosum_mod::name::id::Artifact::Zip)), Some(Sum::parse("h1:x")));
    assert_eq!(sum_in(text, &subject(gosum_mod::name::id::Artifact::GoMod)), None);
    assert_eq!(LookupError::NoLine("x".into()).answer().word(), "untrusted");
}
