//! Private repositories and proxies: reached as the user's own settings say.

use std::path::Path;

use gosum_world::fault::Fault;
use gosum_world::page::Page;

#[cfg(unix)]
use super::git_host::has_git;
use super::run::{Place, answer};
use super::world::{ADDRESS, GIT, One};

#[test]
fn insteadof_names_what_was_asked_and_what_was_contacted() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    let repository = one.draft.repository(ADDRESS).clone();
    one.draft.sites.add_repository("mirror.example/colors", repository);
    one.draft.sites.remove(ADDRESS);
    let world = one.draft.start().unwrap();
    let place = Place::in_world(&world).file("go.sum", &go_sum).file(
        "home/.gitconfig",
        "[url \"https://mirror.example/\"]\n\tinsteadOf = https://github.com/example/\n",
    );
    let place = home(place);
    let (code, report) = place.audit(".");
    let direct = answer(&report, 0, "direct");
    assert_eq!((code, &direct["from"]), (0, &"https://mirror.example/colors".into()), "{report:#}");
    assert_eq!(direct["asked_for"], format!("https://{ADDRESS}"));
    let text = place.run("audit -v").stdout;
    assert!(
        text.contains(&format!("https://mirror.example/colors (rewritten from https://{ADDRESS})")),
        "{text}"
    );
}

fn home(place: Place) -> Place {
    let home = place.path("home");
    place.env("HOME", home.to_str().unwrap())
}

#[test]
fn a_broken_git_configuration_is_wrong_use_and_named() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = home(Place::in_world(&world).file("go.sum", &go_sum).file("home/.gitconfig", "[url\n"));
    let done = place.run("audit");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains(".gitconfig is malformed"), "{}", done.stderr);
    let done = home(Place::in_world(&world).file("go.sum", &go_sum)).env("GOAUTH", "off;netrc").run("audit");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("GOAUTH: `off` cannot be combined"), "{}", done.stderr);
}

#[test]
fn settings_of_git_that_cannot_be_followed_are_told() {
    for (setting, reason) in [
        (
            "[http \"https://github.com/\"]\n\tsslCAInfo = /no/such/ca.pem\n",
            "cannot read git's certificates in /no/such/ca.pem",
        ),
        ("[http]\n\tproxy = socks5://127.0.0.1:9\n", "http.proxy: the proxy for"),
        ("[protocol \"https\"]\n\tallow = never\n", "protocol.allow does not allow https"),
        (
            "[url \"ftp://mirror.example/\"]\n\tinsteadOf = https://github.com/\n",
            "repositories over `ftp` are not supported",
        ),
    ] {
        let one = One::new();
        let go_sum = one.go_sum();
        let world = one.draft.start().unwrap();
        let place = home(Place::in_world(&world).file("go.sum", &go_sum).file("home/.gitconfig", setting));
        let (code, report) = place.audit(".");
        let direct = answer(&report, 0, "direct");
        assert_eq!((code, &direct["answer"]), (3, &"unavailable".into()), "{setting}");
        assert!(direct["reason"].as_str().unwrap().contains(reason), "{direct}");
    }
}

/// Returns what the host of the repository was sent as authorization, in order, when it refuses everybody.
fn told(place: Place) -> (String, Vec<Option<String>>) {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer(GIT, Page::text(401, "who are you?\n")));
    let place = world.routes().into_iter().fold(place, |place, (host, address)| place.route(&host, address));
    let place = home(place.env("GOPROXY", "https://proxy.example").file("go.sum", &go_sum));
    let done = place.run("audit -x --retries 0 --format json");
    assert_eq!(done.code, 3, "{done:?}");
    let log = world.log();
    let to_git = log.iter().filter(|exchange| exchange.host == "github.com");
    (done.stdout + &done.stderr, to_git.map(|exchange| exchange.authorization.clone()).collect())
}

#[test]
fn a_host_that_asks_is_told_what_netrc_or_a_helper_knows() {
    let netrc = "machine github.com login me password hunter2\n";
    let (shown, told_netrc) = told(Place::new().file("home/.netrc", netrc));
    let basic = Some("Basic bWU6aHVudGVyMg==".to_owned());
    assert_eq!(told_netrc, [None, basic.clone()]);
    assert!(!shown.contains("hunter2") && !shown.contains("bWU6aHVudGVyMg"), "{shown}");
    let (_, told_named) = told(Place::new().file("home/other", netrc).env("NETRC", "/dev/null"));
    assert_eq!(told_named, [None]);
    if cfg!(unix) {
        let helper = "[credential]\n\thelper = \"!f() { echo username=me; echo password=hunter2; }; f\"\n";
        let (shown, told_helper) = told(Place::new().file("home/.gitconfig", helper));
        assert_eq!(told_helper, [None, basic]);
        assert!(shown.contains("# run credential helper !... get") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_proxy_is_told_what_goauth_knows_and_no_other_host() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let place = home(
        Place::in_world(&world)
            .file("go.sum", &go_sum)
            .file("home/.netrc", "machine proxy.example login u password p\n"),
    );
    assert_eq!(place.audit(".").0, 0);
    for exchange in world.log() {
        let expected = (exchange.host == "proxy.example").then(|| "Basic dTpw".to_owned());
        assert_eq!(exchange.authorization, expected, "{}", exchange.target);
    }
}

#[cfg(unix)]
#[test]
fn a_host_over_ssh_is_asked_through_the_users_own_program() {
    if !has_git("a repository over ssh") {
        return;
    }
    let mut draft = gosum_world::draft::Draft::new("proxy.example");
    let address = "go.example.org/colors";
    draft.sites.add_page(address, Page::go_import(address, "git", "ssh://git@git.example.org/team/colors"));
    let world = draft.start().unwrap();
    let place = home(Place::in_world(&world));
    let repository = place.path("srv/team/colors");
    make_repository(&repository);
    // in the place of ssh: runs in the folder `srv` what it is told to run on the host
    let script = format!(
        "#!/bin/sh\nfor last; do :; done\necho \"$*\" >> {0}/asked\nexec sh -c \"$(echo \"$last\" | sed \"s,'/,'{0}/srv/,\")\"\n",
        place.dir().display()
    );
    let place = place.file("bin/ssh", script);
    let program = place.path("bin/ssh");
    let mut permissions = std::fs::metadata(&program).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&program, permissions).unwrap();
    let place = place.env("GIT_SSH", program.to_str().unwrap());
    let done = place.run(&format!("hash {address}@v1.0.0 --from direct -x"));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.starts_with(&format!("{address} v1.0.0 h1:")), "{}", done.stdout);
    assert!(done.stderr.contains("# run") && done.stderr.contains("git@git.example.org"), "{}", done.stderr);
    assert!(
        place
            .read("asked")
            .starts_with("-o SendEnv=GIT_PROTOCOL git@git.example.org git-upload-pack '/team/colors'")
    );
    // what goes wrong is told in the program's own words
    let place = place.file("bin/ssh", "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n");
    let done = place.run(&format!("hash {address}@v1.0.0 --from direct"));
    assert_eq!(done.code, 3);
    assert!(done.stderr.contains("Permission denied (publickey)."), "{}", done.stderr);
    let done = place.env("GIT_SSH", "/no/such/ssh").run(&format!("hash {address}@v1.0.0 --from direct"));
    assert!(done.stderr.contains("needs ssh"), "{}", done.stderr);
}

/// Makes a bare repository with one tagged commit.
#[cfg(unix)]
fn make_repository(at: &Path) {
    std::fs::create_dir_all(at).unwrap();
    let stream = "commit refs/heads/main\ncommitter A <a@example.com> 1600000000 +0000\ndata 0\n\
                  M 100644 inline go.mod\ndata 29\nmodule go.example.org/colors\n\nreset refs/tags/v1.0.0\nfrom refs/heads/main\n";
    let git = |arguments: &[&str], input: &str| {
        use std::io::Write;
        let mut git = std::process::Command::new("git")
            .args(arguments)
            .current_dir(at)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        git.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(git.wait().unwrap().success());
    };
    git(&["init", "--quiet", "--bare", "."], "");
    git(&["fast-import", "--quiet"], stream);
}
