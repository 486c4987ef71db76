//! `file:` URLs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use gosum_fetch::client::{Client, Options};
use gosum_fetch::{FetchError, Request};

use crate::{ask, client, get, options, soon, url};

fn file(dir: &Path, path: &str) -> Request {
    get(&url(&format!("file://{}{path}", dir.display())))
}

#[test]
fn reads_files_even_offline_and_tells_those_that_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "abc").unwrap();
    let client = Client::new(Options { offline: true, ..options() }).unwrap();
    assert_eq!(ask(&client, file(dir.path(), "/a")).unwrap(), (200, b"abc".to_vec()));
    assert_eq!(ask(&client, file(dir.path(), "/b")).unwrap(), (404, Vec::new()));
    assert_eq!(ask(&client, file(dir.path(), "/c/d")).unwrap(), (404, Vec::new()));
}

#[test]
fn decodes_names() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("example.com/!b/@v");
    fs::create_dir_all(&folder).unwrap();
    for (name, spelled) in
        [("v1.0.0+x.mod", "v1.0.0+x.mod"), ("ü %.mod", "%C3%BC%20%25.mod"), ("é.mod", "é.mod")]
    {
        fs::write(folder.join(name), name).unwrap();
        let got = ask(&client(), file(dir.path(), &format!("/example.com/%21b/@v/{spelled}"))).unwrap();
        assert_eq!(got, (200, name.as_bytes().to_vec()));
    }
}

#[test]
fn refuses_what_is_no_regular_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "abc").unwrap();
    for path in ["", "/", "/a/b"] {
        let error = ask(&client(), file(dir.path(), path)).unwrap_err();
        assert!(matches!(error, FetchError::File { .. }), "{path}: {error:?}");
    }
    #[cfg(unix)]
    assert!(matches!(ask(&client(), get(&url("file:///dev/zero"))), Err(FetchError::File { .. })));
}

#[test]
fn refuses_urls_that_are_more_than_a_path() {
    for text in ["file://a.example/x", "file:///x?y", "file:///x#y", "file:///a%00b"] {
        let error = ask(&client(), get(&url(text))).unwrap_err();
        assert!(matches!(error, FetchError::File { .. }), "{text}: {error:?}");
    }
    let post = Request::post(url("file:///x"), Vec::new(), 10, soon());
    assert!(matches!(ask(&client(), post), Err(FetchError::File { .. })));
}

#[test]
fn keeps_bound_and_deadline() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), "abc").unwrap();
    for (max, fits) in [(3, true), (2, false)] {
        let request = Request { max_bytes: max, ..file(dir.path(), "/a") };
        let got = ask(&client(), request);
        assert_eq!(got.is_ok(), fits);
        assert_eq!(matches!(got, Err(FetchError::TooLarge { max: 2, .. })), !fits);
    }
    let late = Request { deadline: Instant::now(), ..file(dir.path(), "/a") };
    assert!(matches!(ask(&client(), late), Err(FetchError::Deadline { .. })));
}

#[test]
#[cfg(unix)]
fn tells_files_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    fs::write(&path, "abc").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    // root may read anything
    let expected = if fs::read(&path).is_ok() { 200 } else { 403 };
    assert_eq!(ask(&client(), file(dir.path(), "/a")).unwrap().0, expected);
}
