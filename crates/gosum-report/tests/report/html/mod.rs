//! The HTML page: what is in it. What a browser makes of it is seen in [`browser`].

mod browser;
mod sample;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::report::Report;
use gosum_evidence::subject::Subject;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_report::format::Options;

use super::{clean, mixed, render};

fn page(report: &Report) -> String {
    render(report, "html", Options::default())
}

/// Returns what of `text` is between each `start` and the next `end`.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    text.split(start).skip(1).map(|part| part.split_once(end).unwrap().0).collect()
}

/// Returns the page without its style and script, a tag a line.
fn body(report: &Report) -> String {
    let page = page(report);
    let [body] = between(&page, "<body>", "<script>")[..] else { panic!("{page}") };
    body.replace("><", ">\n<")
}

#[test]
fn pages() {
    insta::assert_snapshot!("mixed_html", body(&mixed()));
    insta::assert_snapshot!("clean_html", body(&clean()));
}

#[test]
fn help_that_names_a_module_version_stands_with_its_finding() {
    let mut report = clean();
    let on = |module: &str, code, help: &str| Finding {
        code,
        level: Level::Note,
        subject: Some(Subject::new(ModuleVersion::parse(module).unwrap(), Artifact::Zip)),
        at: Vec::new(),
        message: "what was found".to_owned(),
        help: help.to_owned().into(),
    };
    let modules = ["example.com/x@v1.0.0", "example.com/y@v1.0.0"];
    let named = modules.map(|module| on(module, "vendor-differs", &format!("`gosum explain {module}`")));
    report.findings =
        named.into_iter().chain(modules.map(|module| on(module, "retracted", "read"))).collect();
    let page = page(&report);
    for module in modules {
        let help = format!("what was found<p class=\"help\">Help: <code>gosum explain {module}</code></p>");
        assert_eq!(page.matches(&help).count(), 1, "{page}");
    }
    assert_eq!(page.matches("Help: read. More: <code>gosum explain retracted</code>").count(), 1, "{page}");
    assert_eq!(page.matches("Help: ").count(), 3, "{page}");
}

#[test]
fn the_policy_names_the_one_style_and_the_one_script() {
    for (name, report) in sample::all() {
        let page = page(&report);
        let [policy] = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"")[..] else {
            panic!("{name}: not one policy")
        };
        for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
            let [text] = between(&page, &format!("<{tag}>"), &format!("</{tag}>"))[..] else {
                panic!("{name}: not one {tag}")
            };
            let hash = BASE64.encode(sha256(text.as_bytes()));
            assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{name}: {policy}");
        }
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn nothing_that_a_report_says_is_markup() {
    let page = page(&sample::hostile());
    let text = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let allowed = [
        "a", "article", "body", "button", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em",
        "footer", "h1", "h2", "h3", "h4", "header", "input", "ins", "label", "li", "main", "nav", "noscript",
        "option", "p", "section", "select", "small", "span", "strong", "summary", "table", "tbody", "td",
        "th", "thead", "tr", "ul",
    ];
    let mut opened = 0_isize;
    for tag in between(text, "<", ">") {
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        assert!(allowed.contains(&name), "{tag}");
        // a value has no quote in it: what stands before every second one is a name
        for name in tag.split('"').step_by(2).filter_map(|part| part.strip_suffix('=')) {
            let name = name.rsplit(' ').next().unwrap();
            assert!(!name.starts_with("on") && name != "style" && name != "src", "{tag}");
        }
        if name != "input" {
            opened += if tag.starts_with('/') { -1 } else { 1 };
        }
    }
    assert_eq!(opened, 0, "what is opened is closed");
    let links = between(text, "href=\"", "\"");
    for link in &links {
        let known = ["https://git.example/fine?a=1&amp;b=2#c", "https://forge.example/"];
        assert!(link.starts_with('#') || known.iter().any(|known| link.starts_with(known)), "{link}");
    }
    assert!(links.iter().any(|link| link.starts_with("https://")));
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    for (name, report) in sample::all() {
        let page = page(&report);
        for id in between(&page, "href=\"#", "\"").into_iter().chain(between(&page, "labelledby=\"", "\"")) {
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{name}: {id}");
        }
    }
}

#[test]
fn the_numbers_are_those_of_json() {
    for (name, report) in sample::all() {
        let page = page(&report);
        let json: serde_json::Value =
            serde_json::from_str(&render(&report, "json", Options::default())).unwrap();
        let counts = json["counts"].as_object().unwrap();
        let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
        for key in between(&page, "<tr data-verdict=\"", "\"") {
            *rows.entry(key).or_default() += 1;
        }
        // what could not be told is a number for programs: lines of it have other verdicts
        for (key, count) in counts.iter().filter(|(key, _)| *key != "untold") {
            let shown = between(&page, &format!("data-count=\"{key}\">"), "<");
            assert_eq!(shown, [count.to_string()], "{name}: {key}");
            if key != "left_out" {
                assert_eq!(rows.get(&**key).copied().unwrap_or(0), count.as_u64().unwrap(), "{name}: {key}");
            }
        }
        assert_eq!(rows.values().sum::<u64>() as usize, report.artifacts.len());
        assert_eq!(page.matches("<article").count(), report.counts.mismatch, "{name}");
    }
}

#[test]
fn findings_name_what_was_found_and_what_to_do() {
    let report = sample::findings();
    assert_eq!(report.findings.len(), 55);
    let text = body(&report);
    for finding in &report.findings {
        assert!(text.contains(finding.code) && text.contains(finding.help.split('`').next().unwrap()));
    }
    assert_eq!(
        text.matches("no branch and no tag leads to the commit").count(),
        2 * 3,
        "with the cause, and in its row"
    );
    assert!(text.contains("stands alone") && text.contains("nobody can tell which one is right"));
    assert!(text.contains("until") && text.contains("2027-03-01") && text.contains("gosum.toml:56"));
    assert!(text.contains("Only lines added or changed since"));
}

#[test]
fn what_is_not_in_a_report_is_not_in_its_page() {
    let report = Report { run: None, ..sample::clean() };
    let text = body(&report);
    for word in
        ["from cache", "Mismatches", "Interrupted", "Only lines", "Allowed", "Difference", "fails the audit"]
    {
        assert!(!text.contains(word), "{word}");
    }
    let partial = Report { complete: false, ..report };
    assert!(body(&partial).contains("Interrupted"));
}
