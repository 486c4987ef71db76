//! What a report quotes, as a page shows it.

use gosum_evidence::evidence::{Answer, Evidence, Origin};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::report::Judged;
use gosum_evidence::subject::Location;
use gosum_evidence::verdict::{Counts, Verdict};
use gosum_mod::name::pseudo::rfc3339;
use maud::{Markup, Render, html};

use crate::escape::terminal;
use crate::format::headline::plural;

/// Text from outside. What shows nothing or turns the direction of writing is spelled out, as it is for a terminal.
pub(super) struct Shown<'a>(pub(super) &'a str);

impl Render for Shown<'_> {
    fn render_to(&self, buffer: &mut String) {
        terminal(self.0).render_to(buffer);
    }
}

/// A sentence in which ticks mark code.
pub(super) struct Ticked<'a>(pub(super) &'a str);

impl Render for Ticked<'_> {
    fn render(&self) -> Markup {
        let parts: Vec<&str> = self.0.split('`').collect();
        if parts.len().is_multiple_of(2) {
            // a tick without its other is text
            return Shown(self.0).render();
        }
        html! {
            @for (at, part) in parts.into_iter().enumerate() {
                @if at % 2 == 1 { code { (Shown(part)) } } @else { (Shown(part)) }
            }
        }
    }
}

/// A URL: a link where it is safe to follow, else text.
pub(super) struct Url<'a>(pub(super) &'a str);

impl Render for Url<'_> {
    fn render(&self) -> Markup {
        html! {
            @if is_link(self.0) {
                a href=(self.0) rel="noreferrer noopener" { (self.0) }
            } @else {
                span.url { (Shown(self.0)) }
            }
        }
    }
}

/// Returns whether `url` leads over https to a host that is written plainly, and looks like what it is.
fn is_link(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.find(['/', '?', '#']).map_or(rest, |at| &rest[..at]);
    // a name before an `@` would look like the host
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte);
    !host.is_empty() && host.bytes().all(is_host) && rest.bytes().all(is_plain)
}

/// Returns where an answer came from.
pub(super) fn origin(evidence: &Evidence) -> Markup {
    let Evidence { answer, origin, .. } = evidence;
    let Origin { from, asked_for, reference, commit, subdir, said, content_of, .. } = &**origin;
    html! {
        @if let Some(from) = from { " " (Url(from)) }
        @if let Some(asked_for) = asked_for { " (rewritten from " (Url(asked_for)) ")" }
        @if let Some(reference) = reference { " " code { (Shown(reference)) } }
        @if let Some(commit) = commit { " commit " code { (Shown(commit)) } }
        @if let Some(commit) = content_of { " the content of commit " code { (Shown(commit)) } }
        @if let Some(subdir) = subdir.as_ref().filter(|subdir| !subdir.is_empty()) {
            " folder " code { (Shown(subdir)) }
        }
        @match answer {
            Answer::Hash { defects, .. } => @for (defect, why) in defects {
                " " strong { (defect) } ": " (Ticked(why))
            },
            answer => @if let Some(why) = answer.reason() { " " (Ticked(&why)) },
        }
        @if let Some((time, why)) = evidence.outdated() {
            " " small { "seen " (rfc3339(time)) "; not asked for again: " (Shown(&why.to_string())) }
        }
        @if let Some(said) = said {
            " " small {
                "found by " (said.resolved_by) "; committed " (Shown(&said.committer_time))
                @if let Some(time) = said.author_time.as_ref().filter(|time| **time != said.committer_time) {
                    ", written " (Shown(time))
                }
                "; commit: " (said.commit_signature)
                @if let Some(tag) = &said.tag_object { "; tag object " code { (Shown(tag)) } }
                @if let Some(signature) = said.tag_signature { ": " (signature) }
            }
        }
    }
}

/// Returns who requires an artifact, from the main module on; nothing where that is not known.
pub(super) fn via(via: &[String]) -> Markup {
    html! {
        @for (at, module) in via.iter().enumerate() {
            @if at == 0 { "required by " } @else { " → " }
            (Shown(module))
        }
    }
}

/// Returns lines of files, as a list in a sentence.
pub(super) fn places(at: &[Location]) -> Markup {
    html! {
        @for (number, at) in at.iter().enumerate() {
            @if number > 0 { ", " }
            (Shown(&at.to_string()))
        }
    }
}

/// Returns a finding with its help.
pub(super) fn finding(finding: &Finding) -> Markup {
    html! {
        p { (level(finding.level)) " " code { (finding.code) } ": " (Ticked(&finding.message)) }
        p.help { "Help: " (Ticked(&finding.help)) }
    }
}

/// Returns the word for a level.
pub(super) fn level(level: Level) -> Markup {
    html! { span.tag data-tone=(tone(level)) { (level) } }
}

fn tone(level: Level) -> &'static str {
    match level {
        Level::Deny => "bad",
        Level::Warn => "warn",
        Level::Note => "note",
    }
}

/// How an artifact is counted: the key of its number in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    Mismatch,
    Unverified,
    Allowed,
    ModcacheOnly,
    DirectOnly,
    ProxyOnly,
    Both,
}

impl Count {
    /// All of them, what must be looked at first.
    pub(super) const ALL: [Count; 7] = [
        Count::Mismatch,
        Count::Unverified,
        Count::Allowed,
        Count::ModcacheOnly,
        Count::DirectOnly,
        Count::ProxyOnly,
        Count::Both,
    ];

    /// Returns how `judged` is counted.
    pub(super) fn of(judged: &Judged) -> Count {
        if judged.allowed.is_some() {
            return Count::Allowed;
        }
        match judged.verdict {
            Verdict::Mismatch => Count::Mismatch,
            Verdict::Unverified => Count::Unverified,
            Verdict::Verified => {
                let mut counts = Counts::default();
                counts.add(&judged.comparison, judged.verdict);
                let is_it = |count: &Count| count.number(&counts) > 0;
                Count::ALL.into_iter().find(is_it).unwrap_or(Count::Unverified)
            }
        }
    }

    /// Returns the number of it.
    pub(super) fn number(self, counts: &Counts) -> usize {
        match self {
            Count::Mismatch => counts.mismatch,
            Count::Unverified => counts.unverified,
            Count::Allowed => counts.allowed,
            Count::ModcacheOnly => counts.verified_modcache_only,
            Count::DirectOnly => counts.verified_direct_only,
            Count::ProxyOnly => counts.verified_proxy_only,
            Count::Both => counts.verified_both,
        }
    }

    /// Returns those that a report of `counts` shows: what the module cache alone verified only where it did.
    pub(super) fn shown(counts: &Counts) -> impl Iterator<Item = Count> + use<> {
        let without = counts.verified_modcache_only == 0;
        Count::ALL.into_iter().filter(move |count| *count != Count::ModcacheOnly || !without)
    }

    /// Returns its key in JSON.
    pub(super) fn key(self) -> &'static str {
        match self {
            Count::Mismatch => "mismatch",
            Count::Unverified => "unverified",
            Count::Allowed => "allowed",
            Count::ModcacheOnly => "verified_modcache_only",
            Count::DirectOnly => "verified_direct_only",
            Count::ProxyOnly => "verified_proxy_only",
            Count::Both => "verified_both",
        }
    }

    /// Returns it in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Count::Mismatch => "mismatch",
            Count::Unverified => "unverified",
            Count::Allowed => "allowed",
            Count::ModcacheOnly => "verified by the module cache only",
            Count::DirectOnly => "verified by version control only",
            Count::ProxyOnly => "verified by proxy only",
            Count::Both => "verified by both paths",
        }
    }

    /// Returns its verdict, and behind it by whom.
    pub(super) fn tag(self) -> Markup {
        let (verdict, by) =
            self.words().split_once(' ').map_or((self.words(), None), |(verdict, by)| (verdict, Some(by)));
        html! {
            span.tag data-tone=(self.tone()) { (verdict) }
            @if let Some(by) = by { " " small { (by) } }
        }
    }

    /// Returns the name of its colour.
    pub(super) fn tone(self) -> &'static str {
        match self {
            Count::Mismatch => "bad",
            Count::Unverified => "warn",
            Count::Allowed => "note",
            Count::ModcacheOnly | Count::DirectOnly | Count::ProxyOnly | Count::Both => "good",
        }
    }
}

/// Returns a number of lines.
pub(super) fn lines(count: usize) -> String {
    plural(count, "line", "lines")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plainly_an_https_url_is_a_link() {
        for url in ["https://git.example/a/b", "https://git.example:8443?go-get=1", "https://[::1]/a"] {
            assert!(is_link(url), "{url}");
        }
        for url in [
            "",
            "https://",
            "https:///a",
            "http://git.example/a",
            "HTTPS://git.example/a",
            "javascript:alert(1)",
            "data:text/html,<script>",
            "file:///etc/passwd",
            "ssh://git@git.example/a",
            "git@git.example:a/b",
            "https://git.example@evil.example/",
            "https://git.example\\@evil.example/",
            "https://git.example%40evil.example/",
            "https://git.example/a b",
            "https://git.example/\u{202e}a",
            "https://g\u{456}t.example/a",
            "https://git.example/\"onclick=\"x",
            " https://git.example/a",
        ] {
            assert!(!is_link(url), "{url}");
        }
    }

    #[test]
    fn ticks_mark_code_and_escape_nothing() {
        let text = |text| Ticked(text).render().0;
        assert_eq!(text("run `a <b>` & `c`"), "run <code>a &lt;b&gt;</code> &amp; <code>c</code>");
        assert_eq!(text("a ` b\u{202e}"), "a ` b\\u{202e}");
        assert_eq!(text(""), "");
    }
}
