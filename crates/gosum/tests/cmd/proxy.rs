//! Proxies that fail, and proxies that lie.

use std::time::{Duration, Instant};

use super::run::{Place, answer, codes};
use super::world::{GO_MOD, MODULE, One, ZIP};
use gosum_mod::name::id::ModuleVersion;
use gosum_world::World;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::proxy::Endpoint;
use gosum_world::release;
use serde_json::Value;

/// Returns what an audit of the one module comes to when `fault` is in the world; it must end soon.
fn with_fault(fault: Fault, args: &str) -> (u8, Value) {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(fault);
    audit(&world, &go_sum, args)
}

fn audit(world: &World, go_sum: &str, args: &str) -> (u8, Value) {
    let start = Instant::now();
    let done = Place::in_world(world).file("go.sum", go_sum).audit(&format!(". {args}"));
    assert!(start.elapsed() < Duration::from_secs(30), "took {:?}", start.elapsed());
    done
}

fn unavailable(fault: Fault, args: &str) -> String {
    let (code, report) = with_fault(fault, args);
    assert_eq!((code, codes(&report)), (3, vec![]), "{report:#}");
    let zip = answer(&report, 0, "proxy");
    assert_eq!(zip["answer"], "unavailable");
    assert_eq!(answer(&report, 0, "direct")["answer"], "hash", "the other source answers all the same");
    zip["reason"].as_str().unwrap().replace(ZIP, "ZIP")
}

#[test]
fn a_web_page_in_the_place_of_a_file_is_no_answer() {
    let page = || Page::html(200, "\n<!DOCTYPE html><html><body>Sign in</body></html>");
    assert_eq!(
        unavailable(Fault::answer(ZIP, page()), ""),
        "https://ZIP: an HTML page in place of a module zip"
    );
    let (code, report) = with_fault(Fault::answer(GO_MOD, page()), "");
    assert_eq!((code, codes(&report)), (3, vec![]));
    assert_eq!(
        answer(&report, 1, "proxy")["reason"],
        format!("https://{GO_MOD}: an HTML page in place of a go.mod")
    );
}

#[test]
fn a_truncated_zip_is_no_answer_whatever_its_length_says() {
    let broken = unavailable(Fault::cut(ZIP, 100), "--retries 0");
    assert!(broken.starts_with("https://ZIP: connection broke"), "{broken}");
    let one = One::new();
    let zip = one.release.zip();
    let short = unavailable(Fault::body(ZIP, &zip[..zip.len() - 30]), "");
    assert!(short.starts_with("https://ZIP: "), "{short}");
    let lied = unavailable(Fault::length(ZIP, 10), "--retries 0");
    assert!(lied.starts_with("https://ZIP: "), "{lied}");
}

#[test]
fn an_endless_body_ends_at_its_bound() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::endless(GO_MOD));
    let (code, report) = audit(&world, &go_sum, "");
    assert_eq!(code, 3);
    let reason = answer(&report, 1, "proxy")["reason"].as_str().unwrap();
    assert!(reason.contains("more than the allowed 16777216 bytes"), "{reason}");
}

#[test]
fn nothing_at_all_is_no_answer() {
    for file in [ZIP, GO_MOD] {
        for fault in [Fault::body(file, ""), Fault::answer(file, Page::text(200, "")), Fault::close(file)] {
            let (code, report) = with_fault(fault.clone(), "--retries 0");
            assert_eq!((code, codes(&report)), (3, vec![]), "{fault:?} {report:#}");
        }
    }
    let (_, report) = with_fault(Fault::answer(GO_MOD, Page::text(200, "")), "");
    assert_eq!(
        answer(&report, 1, "proxy")["reason"],
        format!("https://{GO_MOD}: an empty answer in place of a go.mod")
    );
}

#[test]
fn silence_ends_at_the_timeout() {
    let reason = unavailable(Fault::stall(ZIP, 0, None), "--timeout 300ms");
    assert!(reason.contains("no complete answer before the deadline"), "{reason}");
}

#[test]
fn a_status_that_never_passes_is_retried_and_then_told() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer(ZIP, Page::text(500, "try later\n")));
    let (code, report) = audit(&world, &go_sum, "--retries 2");
    assert_eq!(code, 3);
    assert_eq!(answer(&report, 0, "proxy")["reason"], format!("https://{ZIP}: status 500: try later"));
    assert_eq!(world.log().iter().filter(|exchange| exchange.target.ends_with(".zip")).count(), 3);
}

#[test]
fn what_passes_is_tried_again() {
    for fault in [
        Fault::answer(ZIP, Page::text(429, "").header("Retry-After", "0")),
        Fault::answer(ZIP, Page::text(503, "")),
        Fault::reset(ZIP),
        Fault::cut(ZIP, 100),
    ] {
        let (code, report) = with_fault(fault.clone().times(2), "");
        assert_eq!(code, 0, "{fault:?} {report:#}");
    }
}

#[test]
fn refusals_are_not_absence() {
    for (status, word) in
        [(404, "absent"), (410, "absent"), (401, "unavailable"), (403, "unavailable"), (451, "unavailable")]
    {
        let (code, report) = with_fault(Fault::answer(ZIP, Page::text(status, "no\n")), "");
        assert_eq!((code, &answer(&report, 0, "proxy")["answer"]), (3, &word.into()), "{status}");
    }
}

/// Returns what an audit comes to when the proxy serves a zip of these entries, and go.sum records its hash or not.
fn with_zip(entries: &[(&str, &str)], recorded: bool) -> (u8, Value) {
    let mut one = One::new();
    let zip = release::zip(entries.iter().map(|(name, content)| (*name, content)));
    let module = ModuleVersion::parse(MODULE).unwrap();
    one.draft.proxy().put(&Endpoint::Zip.path(&module), "application/zip", zip.clone());
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let go_sum = if recorded {
        let place = Place::new().file("m.zip", &zip);
        let h1 = place.run("hash m.zip").stdout.split_whitespace().next().unwrap().to_owned();
        format!("github.com/example/colors v1.0.0 {h1}\n")
    } else {
        go_sum
    };
    audit(&world, &go_sum, "--source proxy")
}

#[test]
fn the_zip_of_another_module_must_not_be_believed() {
    let (code, report) = with_zip(&[("github.com/example/other@v1.0.0/a.go", "package other\n")], false);
    assert_eq!((code, codes(&report)), (1, vec!["source-untrusted"]));
    let proxy = answer(&report, 0, "proxy");
    assert_eq!(proxy["answer"], "untrusted");
    assert_eq!(
        proxy["reason"],
        r#"the zip is of another module: it holds "github.com/example/other@v1.0.0/a.go""#
    );
}

#[test]
fn a_zip_that_go_refuses_is_compared_but_verifies_nothing() {
    let names = ["github.com/example/colors@v1.0.0/a.go", "github.com/example/colors@v1.0.0/A.go"];
    let entries = names.map(|name| (name, "package colors\n"));
    let (code, report) = with_zip(&entries, false);
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-differs"]));
    let (code, report) = with_zip(&entries, true);
    assert_eq!((code, codes(&report), &report["verdict"]), (3, vec![], &"unverified".into()));
    let proxy = answer(&report, 0, "proxy");
    assert_eq!((&proxy["answer"], &proxy["defects"][0]), (&"hash".into(), &"invalid-zip".into()));
    let outside = [("github.com/example/colors@v1.0.0/a.go", "x"), ("a.go", "x")];
    let (_, report) = with_zip(&outside, true);
    assert_eq!(answer(&report, 0, "proxy")["reason"], "\"a.go\" lies outside the module's folder");
}

#[test]
fn the_list_goes_on_as_the_go_command_does() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    let ask = |goproxy: &str| {
        let place = Place::in_world(&world).env("GOPROXY", goproxy).file("go.sum", &go_sum);
        let (_, report) = place.audit(". --source proxy --retries 0");
        answer(&report, 0, "proxy")["answer"].as_str().unwrap().to_owned()
    };
    // the world has no proxy below this path, and nobody at that port
    let (absent, dead) = ("https://proxy.example/none", "http://127.0.0.1:1");
    let good = "https://proxy.example";
    for (list, expected) in [
        (format!("{absent},{good}"), "hash"),
        (format!("{absent}|{good}"), "hash"),
        (format!("{dead},{good}"), "unavailable"),
        (format!("{dead}|{good}"), "hash"),
        (format!("{absent},{absent}"), "absent"),
        (format!("{dead}|{absent}"), "unavailable"),
        (format!("{absent},direct"), "absent"),
        (format!("direct,{good}"), "not-asked"),
    ] {
        assert_eq!(ask(&list), expected, "{list}");
    }
}

#[test]
fn a_proxy_that_did_not_serve_a_copy_is_told_no_name() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    let honest = one.release.clone();
    one.draft.proxy().publish(&honest.clone().tampered("colors.go", "package evil\n"));
    let mut second = gosum_world::proxy::Proxy::new();
    second.publish(&honest);
    one.draft.sites.add_proxy("second.example", second);
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer("proxy.example/*.info", Page::text(500, "")));
    for separator in [",", "|"] {
        let goproxy = format!("https://proxy.example{separator}https://second.example");
        let place = Place::in_world(&world).env("GOPROXY", &goproxy).file("go.sum", &go_sum);
        let (code, report) = place.audit(". --retries 0");
        assert_eq!((code, codes(&report)), (1, vec!["proxy-direct-differ"]));
        assert_eq!(answer(&report, 0, "proxy")["commit"], Value::Null);
    }
    assert!(world.log().iter().all(|exchange| exchange.host != "second.example"));
}

#[test]
fn what_a_proxy_says_of_an_origin_is_shown_only_in_its_form() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    one.draft.proxy().publish(&one.release.clone().tampered("colors.go", "package evil\n"));
    let world = one.draft.start().unwrap();
    let info = r#"{"Version": "v1.0.0", "Origin": {"Hash": "0123 a harmless re-tag", "Ref": "refs/tags/v1 ignore it",
        "Subdir": "../up"}}"#;
    world.add_fault(Fault::body("proxy.example/*.info", info));
    let (code, report) = audit(&world, &go_sum, "");
    let proxy = answer(&report, 0, "proxy");
    assert_eq!(code, 1);
    assert_eq!(
        (&proxy["commit"], &proxy["ref"], &proxy["subdir"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(!report.to_string().contains("harmless"), "{report:#}");
}

#[test]
fn a_proxy_that_only_fails_gives_the_same_report_whatever_the_number_of_jobs() {
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let go_sum: String = (0..300).map(|n| format!("example.com/m{n} v1.0.0 {hash}\n")).collect();
    let world = One::new().draft.start().unwrap();
    world.add_fault(Fault::answer("proxy.example/*", Page::text(503, "")));
    let place = Place::in_world(&world).file("go.sum", &go_sum);
    let report = |jobs: &str| {
        let done = place.run(&format!("audit --source proxy --no-run --retries 0 --jobs {jobs}"));
        assert_eq!(done.code, 3);
        done.stdout
    };
    let one = report("1");
    assert_eq!(one, report("64"));
    let folded = "proxy unavailable at https://proxy.example, 300 lines: given up after 128 \
                  failures in a row, such as: status 503\n";
    assert!(one.contains(folded), "{one}");
}

#[test]
fn lines_for_which_nobody_answers_the_phone_are_folded() {
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let go_sum: String = (0..60).map(|n| format!("example.com/m{n} v1.0.0 {hash}\n")).collect();
    let place = Place::new().env("GOPROXY", "http://127.0.0.1:1").file("go.sum", go_sum);
    let done = place.run("audit --source proxy --retries 0");
    assert!(
        done.stdout.contains("proxy unavailable at http://127.0.0.1:1, 60 lines: cannot connect"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_folder_is_a_proxy_too_even_offline() {
    let mut one = One::new();
    let go_sum = one.go_sum();
    let place = Place::new().file("go.sum", &go_sum);
    let folder = place.path("proxy");
    one.draft.proxy().write_to(&folder).unwrap();
    let place = place.env("GOPROXY", &format!("file://{}", folder.display()));
    for args in [". --source proxy", ". --source proxy --offline"] {
        let (code, report) = place.audit(args);
        assert_eq!((code, &report["counts"]["verified_proxy_only"]), (0, &2.into()), "{args}");
    }
}

#[test]
fn a_dead_proxy_is_given_up_in_bounded_time() {
    let one = One::new();
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let go_sum: String = (0..2000).map(|n| format!("example.com/m{n} v1.0.0 {hash}\n")).collect();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer("proxy.example/*", Page::text(503, "")));
    let (code, report) = audit(&world, &go_sum, "--source proxy");
    assert_eq!((code, &report["counts"]["unverified"]), (3, &2000.into()));
    assert!(world.log().len() < 500, "{} requests", world.log().len());
}
