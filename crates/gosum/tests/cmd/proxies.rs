//! Several module proxies side by side.

use gosum_world::World;
use gosum_world::proxy::Proxy;

use super::run::{Place, answer, codes};
use super::world::{MODULE, One};

const MIRROR: &str = "https://me:hunter2@mirror.example/go";

/// Returns a world with a second proxy, which serves what `change` makes of the one module.
fn world(one: One, change: impl FnOnce(&One, &mut Proxy)) -> World {
    let mut mirror = Proxy::new();
    change(&one, &mut mirror);
    let mut draft = one.draft;
    draft.sites.add_proxy("mirror.example/go", mirror);
    draft.start().unwrap()
}

fn honest(one: &One, mirror: &mut Proxy) {
    mirror.publish(&one.release);
}

#[test]
fn each_proxy_is_a_source_of_its_own() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, honest);
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, report) = place.audit(&format!(". --source proxy,proxy={MIRROR},direct -x"));
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report:#}");
    let names: Vec<&str> =
        report["sources"].as_array().unwrap().iter().map(|source| source["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["proxy", "proxy:mirror.example/go", "direct"]);
    let from = answer(&report, 0, "proxy:mirror.example/go")["from"].as_str().unwrap();
    assert_eq!(from, "https://mirror.example/go/github.com/example/colors/@v/v1.0.0.zip");
    // the password goes to its host, and nowhere else
    let sent = world.log().into_iter().filter(|exchange| exchange.authorization.is_some());
    assert!(sent.map(|exchange| exchange.host).all(|host| host == "mirror.example"));
    let done = place.run(&format!("audit -x -v --source proxy,mirror={MIRROR}"));
    assert!(done.stdout.contains("mirror ") && !(done.stdout + &done.stderr).contains("hunter2"));
}

#[test]
fn the_proxy_that_stands_alone_is_named() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, |one, mirror| {
        mirror.publish(&one.release.clone().tampered("colors.go", "package evil\n"));
    });
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, report) = place.audit(&format!(". --source proxy,mirror={MIRROR},direct"));
    assert_eq!((code, codes(&report)), (1, vec!["proxy-direct-differ"]), "{report:#}");
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("against mirror; mirror stands alone"), "{message}");
    // nobody can tell which of the two is wrong
    let (code, report) = place
        .file("go.sum", "")
        .file("one.sum", "github.com/example/colors v1.0.0 h2:unknown\n")
        .audit(&format!("one.sum --source proxy,mirror={MIRROR}"));
    assert_eq!(code, 1);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "the hashes differ: mirror against proxy");
}

#[test]
fn two_proxies_that_disagree_about_a_go_mod_are_both_named() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, |one, mirror| {
        honest(one, mirror);
        let path = gosum_world::proxy::Endpoint::Mod.path(one.release.module());
        mirror.put(
            &path,
            "text/plain",
            "module github.com/example/colors\n\nrequire example.com/evil v1.0.0\n",
        );
    });
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, report) = place.audit(&format!(". --source proxy,mirror={MIRROR}"));
    assert_eq!(
        (code, codes(&report)),
        (1, vec!["go-mod-differs-from-zip", "proxy-direct-differ"]),
        "{report:#}"
    );
    assert_eq!(report["findings"][1]["artifact"], "go.mod");
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("mirror: "), "{message}");
}

#[test]
fn a_mirror_alone_is_the_proxy_path_and_one_that_is_down_counts_when_required() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, honest);
    let place = Place::in_world(&world).file("go.sum", go_sum);
    let (code, report) = place.audit(&format!(". --source mirror={MIRROR},direct"));
    assert_eq!((code, &report["counts"]["verified_both"]), (0, &2.into()));
    assert!(world.log().iter().all(|exchange| exchange.host != "proxy.example"));
    let down = ". --retries 0 --source proxy,direct,mirror=https://mirror.example/nothing";
    assert_eq!(place.audit(down).0, 3);
    assert_eq!(place.audit(&format!("{down} --require proxy,direct")).0, 0);
    assert_eq!(place.audit(&format!("{down} --require proxy,mirror")).0, 3);
}

#[test]
fn private_names_are_told_to_no_proxy_at_all() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, honest);
    let place = Place::in_world(&world).file("go.sum", go_sum).env("GOPRIVATE", "github.com/example");
    let (code, _) = place.audit(&format!(". --source proxy,mirror={MIRROR},direct"));
    assert_eq!(code, 0);
    assert!(world.log().iter().all(|exchange| exchange.host == "github.com"));
}

#[test]
fn what_is_no_source_is_wrong_use() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, honest);
    let place = Place::in_world(&world).file("go.sum", go_sum);
    for (args, words) in [
        ("--source nonsense", "a source is proxy, direct, sumdb, modcache, vendor, proxy=URL or NAME=URL"),
        ("--source a=https://a.example,a=https://b.example", "two sources are named a"),
        ("--source a=https://a.example --source a=https://a.example", "two sources are named a"),
        ("--source proxy=https://a.example,proxy=http://a.example/", "two sources are named proxy:a.example"),
        ("--source a=https://a.example/?b", "a proxy's URL has neither `?` nor `#`"),
        (
            "--source proxy --require mirror",
            "--require names mirror, which --source does not ask: it asks proxy\n",
        ),
        // a proxy that is given by its URL has another name
        (
            "--source proxy=https://a.example/go,m=https://m.example,direct --require proxy",
            "--require names proxy, which --source does not ask: it asks proxy:a.example/go, m and direct\n",
        ),
        ("--source vendor=https://a.example", "not that of another source"),
    ] {
        let done = place.run(&format!("audit {args}"));
        assert_eq!(done.code, 2, "{args}");
        assert!(done.stderr.contains(words), "{args}: {}", done.stderr);
    }
}

#[test]
fn a_password_shows_in_no_refusal_either() {
    let place = Place::new().file("go.sum", "");
    for list in [
        "mirror=ftp://me:hunter2@mirror.example",
        "Mirror=https://me:hunter2@mirror.example",
        "vendor=https://me:hunter2@mirror.example",
        "me:hunter2@mirror.example",
        "https://me:hunter2@mirror.example",
        "https://me:hunter2=@mirror.example",
        // a comma ends an element, also within a password
        "mirror=https://me:hunt,hunter2@mirror.example",
        "mirror=https://me:80,hunter2,x@mirror.example",
        "proxy=https://me:80,hunter2@mirror.example",
        "mirror=https://me:hunter2@mirror.example/?token",
        "a=https://me:hunter2@mirror.example,a=https://you:hunter2@mirror.example",
        "proxy=https://me:hunter2@mirror.example,proxy=http://me:hunter2@mirror.example",
    ] {
        for command in ["audit --source", "audit --require", "hash example.com/a@v1.0.0 --from"] {
            for separator in [" ", "="] {
                let done = place.run(&format!("{command}{separator}{list}"));
                assert_eq!(done.code, 2, "{command} {list}");
                let shown = done.stdout + &done.stderr;
                assert!(!shown.contains("hunt"), "{command} {list}: {shown}");
            }
        }
    }
    let done = place.run("audit --source mirror=ftp://me:hunter2@mirror.example");
    assert!(done.stderr.contains("invalid value 'mirror=...' for '--source <LIST>'"), "{}", done.stderr);
    let done = place.run("audit --source proxi");
    assert!(done.stderr.contains("invalid value 'proxi'"), "{}", done.stderr);
}

#[test]
fn the_sets_are_those_of_the_one_proxy_that_is_asked() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, |one, mirror| {
        mirror.publish(&one.release.clone().tampered("colors.go", "package evil\n"));
    });
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let (code, report) = place.audit(&format!(". --source mirror={MIRROR},direct --write-sums alone"));
    assert_eq!((code, &report["both"]["lines"]), (1, &2.into()));
    let h1 = answer(&report, 0, "mirror")["h1"].as_str().unwrap();
    let zip = format!("github.com/example/colors v1.0.0 {h1}\n");
    assert!(place.read("alone/go.sum.proxy").starts_with(&zip) && !go_sum.starts_with(&zip));
    assert!(place.read("alone/go.sum.diff").contains(&format!("-{zip}")));
    assert_eq!(
        (place.read("alone/go.sum.direct"), place.read("alone/go.sum.unanswered")),
        (go_sum.clone(), String::new())
    );
    place.audit(&format!(". --source proxy,mirror={MIRROR},direct --write-sums beside"));
    assert_eq!(
        (place.read("beside/go.sum.proxy"), place.read("beside/go.sum.diff")),
        (go_sum, String::new())
    );
}

#[test]
fn hash_asks_further_proxies_too() {
    let one = One::new();
    let world = world(one, |one, mirror| {
        mirror.publish(&one.release.clone().tampered("colors.go", "package evil\n"));
    });
    let place = Place::in_world(&world);
    let done = place.run(&format!("hash {MODULE} --from proxy,proxy={MIRROR}"));
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("proxy:mirror.example/go") && !done.stdout.contains("hunter2"), "{done:?}");
    assert_eq!(place.run(&format!("hash {MODULE} --from proxy=https://proxy.example,direct")).code, 0);
}

#[test]
fn the_text_tells_the_proxies_apart() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = world(one, |one, mirror| {
        mirror.publish(&one.release.clone().tampered("colors.go", "package evil\n"));
    });
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let args = format!("audit --no-run --source proxy,zz=https://mirror.example/go,proxy={MIRROR},direct");
    let done = place.run(&args);
    assert_eq!(done.stdout, TEXT);
}

const TEXT: &str = "\
mismatch: 2 lines: 1 differ, 1 verified by both paths

source                   lines  agree  differ  unanswered  not asked
proxy                        2      2       0           0          0
zz                           2      1       1           0          0
proxy:mirror.example/go      2      1       1           0          0
direct                       2      2       0           0          0
proxy = direct on 2 of 2 lines that both answered

mismatch
  github.com/example/colors v1.0.0  (go.sum:1)
    go.sum                  h1:Hbupg1Dl/GqhePSemm/gAw2iOl5xgj28And1oFvZeLI=
    proxy                   h1:Hbupg1Dl/GqhePSemm/gAw2iOl5xgj28And1oFvZeLI=  https://proxy.example/github.com/example/colors/@v/v1.0.0.zip  refs/tags/v1.0.0  commit 24b68c3e7cba22975d838823c8f7c68bfa297d37
    zz                      h1:stmIZQWkbKxKJkIPr8C39CJMgoLQtyjJu1GREhE7f48=  https://mirror.example/go/github.com/example/colors/@v/v1.0.0.zip  refs/tags/v1.0.0  commit 24b68c3e7cba22975d838823c8f7c68bfa297d37
    proxy:mirror.example/go h1:stmIZQWkbKxKJkIPr8C39CJMgoLQtyjJu1GREhE7f48=  https://mirror.example/go/github.com/example/colors/@v/v1.0.0.zip  refs/tags/v1.0.0  commit 24b68c3e7cba22975d838823c8f7c68bfa297d37
    direct                  h1:Hbupg1Dl/GqhePSemm/gAw2iOl5xgj28And1oFvZeLI=  https://github.com/example/colors  refs/tags/v1.0.0  commit 24b68c3e7cba22975d838823c8f7c68bfa297d37
    proxy-direct-differ: the hashes differ: go.sum, direct and proxy against proxy:mirror.example/go and zz; the proxy names the same commit 24b68c3e7cba22975d838823c8f7c68bfa297d37; proxy:mirror.example/go names the same commit 24b68c3e7cba22975d838823c8f7c68bfa297d37; zz names the same commit 24b68c3e7cba22975d838823c8f7c68bfa297d37
    help: see what differs with `gosum explain github.com/example/colors@v1.0.0` before you trust either
";
