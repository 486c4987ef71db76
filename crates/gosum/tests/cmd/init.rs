//! What `gosum init` looks at, what it writes, and what it leaves alone.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use gosum_world::World;
use gosum_world::proxy::Proxy;
use gosum_world::sumdb::SumDb;

use super::run::{Done, Kept, Place};
use super::world::{ADDRESS, One};

/// Returns one module whose tag was moved since the proxy saw it.
fn moved() -> One {
    let mut one = One::new();
    let files = one.revision.files.clone().file("README", "hello\n");
    let commit = one.draft.commit(ADDRESS, "main", &files);
    one.draft.tag("v1.0.0", &commit);
    one
}

/// Returns a place in the world of `one`, with its go.sum.
fn place(one: One) -> (World, Place) {
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", go_sum);
    (world, place)
}

fn hosts(world: &World) -> Vec<String> {
    world.log().iter().map(|exchange| exchange.host.clone()).collect()
}

/// Writes a file as soon as something is written.
struct Meanwhile {
    file: PathBuf,
    text: &'static str,
    err: Kept,
}

impl Write for Meanwhile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.starts_with(b"# get") && self.err.text().is_empty() {
            fs::write(&self.file, self.text)?;
        }
        self.err.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs init, and makes gosum.toml say `text` when it has begun to ask.
fn edited_meanwhile(place: &Place, text: &'static str) -> Done {
    let (out, err) = (Kept::default(), Kept::default());
    let meanwhile = Meanwhile { file: place.path("gosum.toml"), text, err: err.clone() };
    let code = place.run_into("init -x --no-cache", Box::new(out.clone()), Box::new(meanwhile));
    let said =
        err.text().lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    Done { code, stdout: out.text(), stderr: said }
}

#[test]
fn it_looks_at_what_an_audit_looks_at() {
    let (world, place) = place(moved());
    let config = "[audit]\nskip = [\"github.com/example\"]\n";
    let other = "example.com/other v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let go_sum = place.read("go.sum");
    let place = place.file("gosum.toml", config).file("go.sum", format!("{other}{go_sum}"));
    let done = place.run("init --retries 0");
    assert_eq!(place.read("gosum.toml"), config, "{done:?}");
    assert!(world.log().iter().all(|exchange| !exchange.target.contains("example/colors")));
    // what leaves nothing is most likely a typing error
    let place = place.file("gosum.toml", "[audit]\nonly = [\"github.com/exmple\"]\n");
    let done = place.run("init");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("`only` and `skip` of the config file leave no line of go.sum"), "{done:?}");
}

#[test]
fn allowances_in_brackets_are_added_to() {
    let (_world, mut place) = place(moved());
    let other = "{ module = \"example.com/other\", version = \"v1.0.0\", artifact = \"zip\", \
                 proxy = \"h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\", reason = \"seen\", until = \"2027-01-01\" }";
    for before in [
        "allow = []\n[audit]\nfail-on = \"deny\"\n".to_owned(),
        "# ]\nallow = [ # none yet ]\n]\r\n".to_owned(),
        format!("allow = [{other}]"),
        format!("allow = [\n  {other}, # one\n  # two\n]\n[rules]\n"),
    ] {
        place = place.file("gosum.toml", &before);
        let done = place.run("init");
        let after = place.read("gosum.toml");
        assert_eq!((done.code, &*done.stderr), (0, ""), "{before}: {done:?}");
        assert!(after.contains("{ module = \"github.com/example/colors\", version = \"v1.0.0\""), "{after}");
        let rest: Vec<&str> = before.lines().filter(|line| !line.starts_with("allow")).collect();
        assert!(rest.iter().all(|line| after.contains(line)), "{after}");
        assert_eq!(place.run("audit").code, 0, "{after}");
        assert_eq!(place.run("init").stdout, "nothing to accept: gosum.toml is as it was\n");
    }
}

#[test]
fn a_source_with_any_name_is_written_so_that_it_is_read() {
    let one = One::new();
    let mut mirror = Proxy::new();
    mirror.publish(&one.release.clone().tampered("colors.go", "package other\n"));
    let mut draft = One::new().draft;
    draft.sites.add_proxy("mirror.example/go", mirror);
    let world = draft.start().unwrap();
    for name in ["proxy-2", "prox", "reasons", "mirror", "proxy"] {
        let place = Place::in_world(&world).file("go.sum", one.go_sum());
        let source = format!("--source proxy,direct,{name}=https://mirror.example/go");
        assert_eq!(place.run(&format!("audit {source}")).code, 1, "{name}");
        let done = place.run(&format!("init {source}"));
        assert_eq!((done.code, &*done.stderr), (0, ""), "{name}: {done:?}");
        assert_eq!(place.run(&format!("audit {source}")).code, 0, "{name}");
        assert!(place.read("gosum.toml").contains(&format!("\"{name}")), "{name}");
    }
    let done = Place::new().run("init --source reason=https://mirror.example/go");
    assert!(done.code == 2 && done.stderr.contains("a key of allowances"), "{done:?}");
}

#[test]
fn edits_that_are_made_during_the_run_are_kept() {
    let (_world, place) = place(moved());
    let place = place.file("gosum.toml", "# ours\n");
    let other = "# ours, and reviewed\n[rules]\ntag-moved = \"note\"\n";
    let done = edited_meanwhile(&place, other);
    assert_eq!((done.code, &*done.stderr), (0, ""), "{done:?}");
    let after = place.read("gosum.toml");
    assert!(after.starts_with(&format!("{other}\n[[allow]]\n")), "{after}");
}

#[test]
fn edits_that_say_something_else_are_not_overwritten() {
    let pinned = "[[allow]]\nmodule = \"github.com/example/colors\"\nversion = \"v1.0.0\"\nartifact = \"zip\"\n\
                  proxy = \"h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"\nreason = \"seen\"\nuntil = \"2027-01-01\"\n";
    for (text, words) in [
        ("[audit]\nrequire = [\"proxy\"]\n", "asks for another audit now"),
        ("[audit]\nskip = [\"example.com\"]\n", "asks for another audit now"),
        (pinned, "a second allowance for github.com/example/colors v1.0.0: the first is on line 2"),
        ("half = \"wri", "gosum.toml was changed meanwhile"),
    ] {
        for before in [Some("# ours\n"), None] {
            let (_world, mut place) = place(moved());
            if let Some(before) = before {
                place = place.file("gosum.toml", before);
            }
            let done = edited_meanwhile(&place, text);
            assert_eq!((done.code, &*place.read("gosum.toml")), (2, text), "{done:?}");
            assert!(done.stderr.contains(words) && done.stderr.contains("nothing was written"), "{done:?}");
            // what took so long to find out is not lost
            assert!(
                done.stdout.starts_with("# not written to gosum.toml:\n[[allow]]\nmodule = "),
                "{done:?}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_written_and_the_link_stays() {
    use std::os::unix::fs::symlink;
    let (_world, place) = place(moved());
    let place = place.file("shared/policy.toml", "# shared\n");
    symlink("shared/policy.toml", place.path("gosum.toml")).unwrap();
    symlink("shared/new.toml", place.path("new.toml")).unwrap();
    symlink("loop.toml", place.path("loop.toml")).unwrap();
    assert_eq!(place.run("init").code, 0);
    assert!(place.path("gosum.toml").symlink_metadata().unwrap().is_symlink());
    assert!(place.read("shared/policy.toml").starts_with("# shared\n\n[[allow]]\n"));
    assert_eq!(place.run("init --config new.toml").code, 0);
    assert!(place.path("new.toml").symlink_metadata().unwrap().is_symlink());
    assert!(place.read("shared/new.toml").contains("[[allow]]"));
    let done = place.run("init --config loop.toml");
    assert!(done.code == 2 && done.stderr.contains("loop.toml"), "{done:?}");
}

#[test]
fn what_must_not_be_written_is_told_before_anybody_is_asked() {
    let (world, place) = place(moved());
    let place = place.file("gosum.toml", "# ours\n").file("folder/x", "");
    let mut permissions = fs::metadata(place.path("gosum.toml")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(place.path("gosum.toml"), permissions).unwrap();
    for (args, words) in [
        ("init", "cannot write gosum.toml: it is read-only"),
        ("init --config folder", "folder"),
        ("init --config none/gosum.toml", "cannot write none/gosum.toml: its folder is not there"),
        ("init --config folder/x/gosum.toml", "folder/x/gosum.toml"),
    ] {
        let done = place.run(args);
        assert!(done.code == 2 && done.stderr.contains(words), "{args}: {done:?}");
    }
    assert_eq!(place.read("gosum.toml"), "# ours\n");
    assert!(world.log().is_empty());
    let left: Vec<_> = fs::read_dir(place.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".gosum")), "{left:?}");
}

#[test]
fn a_new_file_keeps_private_what_the_found_one_does() {
    let private = "[audit]\nprivate = [\"github.com/example/*\"]\n";
    for before in [None, Some("# theirs\n")] {
        let (world, mut place) = place(moved());
        place = place.file("gosum.toml", private);
        if let Some(before) = before {
            place = place.file("other.toml", before);
        }
        let done = place.run("init --config other.toml");
        assert!(hosts(&world).iter().all(|host| host == "github.com"), "{done:?}");
        let after = place.read("other.toml");
        match before {
            None => assert!(after.contains("\n[audit]\nprivate = [\"github.com/example/*\"]\n"), "{after}"),
            Some(before) => assert!(after.starts_with(before), "{after}"),
        }
        if before.is_none() {
            place.run("audit --config other.toml");
            assert!(hosts(&world).iter().all(|host| host == "github.com"));
        }
    }
    // hosts are taken over too
    let (world, place) = place(moved());
    let place = place
        .file("gosum.toml", "[audit]\nhosts = [\"example.org\"]\n[[allow]]\n".replace("[[allow]]\n", ""));
    place.run("init --config other.toml");
    assert!(hosts(&world).iter().all(|host| host == "proxy.example"), "{:?}", hosts(&world));
    assert!(place.read("other.toml").contains("hosts = [\"example.org\"]\n"));
    // a file that cannot be read is no reason to tell names that it may keep private
    let place = place.file("gosum.toml", "private = [\n");
    assert_eq!(place.run("init --config third.toml").code, 2);
}

#[test]
fn a_difference_and_a_missing_record_are_green_on_the_first_day() {
    for (config, required) in [("", "--require proxy,direct,sumdb"), ("[audit]\nfail-on = \"warn\"\n", "")] {
        let mut one = moved();
        let database = SumDb::new("sum.example", 1);
        one.draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
        let (_world, place) = place(one);
        let place = place.env("GOSUMDB", &database.key()).file("gosum.toml", config);
        assert_eq!(place.run(&format!("audit --no-cache {required}")).code, 1);
        let done = place.run(&format!("init --no-cache {required}"));
        assert_eq!((done.code, &*done.stderr), (0, ""), "{done:?}");
        let after = place.read("gosum.toml");
        // of the zip both, of the go.mod the record alone
        assert_eq!(after.matches("source = \"sumdb\"").count(), 2, "{after}");
        assert_eq!(after.matches("direct = \"h1:").count(), 1, "{after}");
        let done = place.run(&format!("audit --no-cache {required}"));
        assert_eq!(done.code, 0, "{done:?}");
        assert!(place.run(&format!("init --no-cache {required}")).stdout.starts_with("nothing to accept"));
    }
}

#[test]
fn a_hash_that_the_checksum_database_contradicts_is_not_accepted() {
    let mut one = One::new();
    let mut database = SumDb::new("sum.example", 1);
    database.record(&one.release);
    one.draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database.clone());
    let evil = one.release.clone().tampered("colors.go", "package colors // evil\n");
    one.draft.proxy().publish(&evil);
    one.release = evil;
    let (_world, place) = place(one);
    let place = place.env("GOSUMDB", &database.key());
    let done = place.run("init --no-cache");
    assert_eq!((done.code, place.read("gosum.toml").matches("h1:").count()), (1, 0), "{done:?}");
    assert!(done.stdout.starts_with("nothing to accept"), "{done:?}");
    assert!(done.stderr.contains("not accepted: go.sum:1: github.com/example/colors v1.0.0: "), "{done:?}");
    assert_eq!(place.run("audit --no-cache").code, 1);
}

#[test]
fn an_allowance_that_is_in_the_way_is_named() {
    let (_world, mut place) = place(moved());
    assert_eq!(place.run("init --until 2026-11-27").code, 0);
    let before = place.read("gosum.toml");
    place.now += std::time::Duration::from_secs(5 * 24 * 60 * 60);
    let done = place.run("init");
    assert_eq!((done.code, place.read("gosum.toml")), (1, before));
    assert!(
        done.stderr.contains("not accepted: github.com/example/colors v1.0.0: gosum.toml:5 is about it"),
        "{done:?}"
    );
}

#[test]
fn the_first_steps_say_what_to_do() {
    let (_world, place) = place(One::new());
    fs::remove_file(place.path("go.sum")).unwrap();
    let done = place.run("init");
    assert_eq!((done.code, &*done.stdout), (2, ""));
    assert!(done.stderr.contains("go.sum") && !place.path("gosum.toml").exists(), "{done:?}");

    let (_world, place) = self::place(One::new());
    let done = place.run("init");
    assert_eq!((done.code, &*done.stderr), (0, ""));
    assert_eq!(done.stdout, "nothing to accept: gosum.toml written, without allowances\n");
    let first = place.read("gosum.toml");
    let done = place.run("init");
    assert_eq!((done.code, &*done.stdout), (0, "nothing to accept: gosum.toml is as it was\n"));
    assert_eq!(place.read("gosum.toml"), first);

    let (_world, place) = self::place(moved());
    let done = place.run("init");
    assert_eq!(
        done.stdout,
        "gosum.toml: 1 allowance written; read it, and say why it is fine\n  \
         github.com/example/colors v1.0.0: the hashes of direct, go.sum and proxy\n"
    );
}

#[test]
fn hostile_reasons_are_kept_as_they_are_and_shown_as_text() {
    let (_world, place) = place(moved());
    let hostile = "\\u001b]0;x\\u0007\\u202e<b>|`\\n::error::x";
    assert_eq!(place.run("init").code, 0);
    let text = place.read("gosum.toml");
    let from = text.find("reason = ").unwrap();
    let line = text[from..].lines().next().unwrap();
    let edited = text.replace(line, &format!("reason = \"{hostile}\""));
    let place = place.file("gosum.toml", &edited);
    for args in ["init", "audit"] {
        let done = place.run(args);
        assert_eq!((done.code, place.read("gosum.toml")), (0, edited.clone()));
        let said = done.stdout + &done.stderr;
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
        assert!(!said.lines().any(|line| line.starts_with("::error")), "{said}");
    }
    let place = place.file("gosum.toml", "\"\\u001b[31m\\n::error::x\" = 1\n");
    let done = place.run("init");
    assert!(done.code == 2 && !done.stderr.contains('\u{1b}'), "{done:?}");
    assert!(!done.stderr.lines().any(|line| line.starts_with("::error")), "{done:?}");
}

#[test]
fn what_is_not_accepted_is_told_in_short_and_with_its_place() {
    let lines: String = (0..30)
        .map(|nth| format!("example.com/a v1.0.{nth} h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
        .collect();
    let place = Place::new().file("go.sum", format!("oops\n{lines}"));
    let done = place.run("init --offline");
    assert_eq!(done.code, 1);
    assert_eq!(done.stderr.lines().count(), 12, "{done:?}");
    assert!(done.stderr.starts_with("gosum: not accepted: go.sum:1: go-sum-malformed: "), "{done:?}");
    assert!(done.stderr.ends_with("gosum: 20 more like these: gosum audit lists them\n"), "{done:?}");
}

#[test]
fn several_folders_have_a_file_that_is_named() {
    let (_world, place) = place(moved());
    let go_sum = place.read("go.sum");
    let place = place.file("a/go.sum", &go_sum).file("b/go.sum", &go_sum);
    let done = place.run("init a b");
    assert!(done.code == 2 && done.stderr.contains("name one file for all with --config"), "{done:?}");
    assert_eq!(place.run("init a b --config gosum.toml").code, 0);
    assert_eq!(place.run("audit a b --config gosum.toml").code, 0);
    assert_eq!(place.run("init a a/go.sum").code, 0);
    assert!(place.read("a/gosum.toml").contains("[[allow]]"));
}
