//! Faults on demand: what a network, a host or an attacker does to answers.

use std::sync::Arc;
use std::time::Duration;

use crate::page::Page;

/// Something that goes wrong with the answers to some requests.
///
/// It is for the requests whose host and path, written `host/path`, fit a pattern in which `*` stands for any
/// characters, slashes too, and `?` for one; for all of them unless [`every`](Fault::every), [`times`](Fault::times)
/// or [`saying`](Fault::saying) tell otherwise. Several faults on one request all apply; of two of a kind, the one
/// that was added last.
///
/// ```
/// use gosum_world::fault::Fault;
/// use gosum_world::page::Page;
///
/// let busy = Page::text(503, "busy\n").header("Retry-After", "1");
/// let twice = Fault::answer("proxy.example/*.zip", busy).times(2);
/// let cut = Fault::cut("github.com/example/a/git-upload-pack", 1000).saying("command=fetch");
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    pattern: String,
    saying: Option<String>,
    every: u64,
    times: u64,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Delay(Duration),
    Answer(Page),
    Body(Arc<Vec<u8>>),
    End(Break),
    Stall(Stall),
    Endless,
    Length(i64),
    Drip(Drip),
}

impl Fault {
    /// Returns the fault that the answer comes so much later.
    pub fn delay(pattern: &str, time: Duration) -> Fault {
        Fault::new(pattern, Kind::Delay(time))
    }

    /// Returns the fault that `page` comes in the place of the answer.
    pub fn answer(pattern: &str, page: Page) -> Fault {
        Fault::new(pattern, Kind::Answer(page))
    }

    /// Returns the fault that the answer has another body under the same headers.
    pub fn body(pattern: &str, body: impl Into<Vec<u8>>) -> Fault {
        Fault::new(pattern, Kind::Body(Arc::new(body.into())))
    }

    /// Returns the fault that the connection ends without an answer.
    pub fn close(pattern: &str) -> Fault {
        Fault::new(pattern, Kind::End(Break { after: None, reset: false }))
    }

    /// Returns the fault that the connection is broken off (RST) without an answer.
    pub fn reset(pattern: &str) -> Fault {
        Fault::new(pattern, Kind::End(Break { after: None, reset: true }))
    }

    /// Returns the fault that the connection ends after so many bytes of the body, if it has as many.
    pub fn cut(pattern: &str, after: u64) -> Fault {
        Fault::new(pattern, Kind::End(Break { after: Some(after), reset: false }))
    }

    /// Returns the fault that the connection is broken off (RST) after so many bytes of the body, if it has as many.
    /// The client may lose bytes that were sent before.
    pub fn reset_after(pattern: &str, after: u64) -> Fault {
        Fault::new(pattern, Kind::End(Break { after: Some(after), reset: true }))
    }

    /// Returns the fault that nothing comes any more after so many bytes of the body, if it has as many: for `time`,
    /// else until the world ends.
    pub fn stall(pattern: &str, after: u64, time: Option<Duration>) -> Fault {
        Fault::new(pattern, Kind::Stall(Stall { after, time }))
    }

    /// Returns the fault that the body repeats itself without end.
    pub fn endless(pattern: &str) -> Fault {
        Fault::new(pattern, Kind::Endless)
    }

    /// Returns the fault that the header Content-Length says so many bytes more, or less, than are sent.
    pub fn length(pattern: &str, difference: i64) -> Fault {
        Fault::new(pattern, Kind::Length(difference))
    }

    /// Returns the fault that the body comes in pieces of so many bytes, with a pause between them.
    pub fn drip(pattern: &str, bytes: u64, pause: Duration) -> Fault {
        Fault::new(pattern, Kind::Drip(Drip { bytes, pause }))
    }

    /// Returns the fault for every `every`-th of its requests only.
    #[must_use]
    pub fn every(mut self, every: u64) -> Fault {
        self.every = every.max(1);
        self
    }

    /// Returns the fault for so many of its requests only.
    #[must_use]
    pub fn times(mut self, times: u64) -> Fault {
        self.times = times;
        self
    }

    /// Returns the fault for those requests only whose body has `text` in it, such as `command=fetch`.
    #[must_use]
    pub fn saying(mut self, text: &str) -> Fault {
        self.saying = Some(text.to_owned());
        self
    }

    fn new(pattern: &str, kind: Kind) -> Fault {
        Fault { pattern: pattern.to_owned(), saying: None, every: 1, times: u64::MAX, kind }
    }

    fn fits(&self, address: &str, body: &[u8]) -> bool {
        let says = |text: &String| body.windows(text.len().max(1)).any(|part| part == text.as_bytes());
        matches(self.pattern.as_bytes(), address.as_bytes()) && self.saying.as_ref().is_none_or(says)
    }
}

/// The end of a connection before its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Break {
    /// After so many bytes of the body; none for before the headers.
    pub(crate) after: Option<u64>,
    /// Whether it is broken off.
    pub(crate) reset: bool,
}

/// A halt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stall {
    pub(crate) after: u64,
    pub(crate) time: Option<Duration>,
}

/// A slow body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drip {
    pub(crate) bytes: u64,
    pub(crate) pause: Duration,
}

/// What goes wrong with one answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) answer: Option<Page>,
    pub(crate) body: Option<Arc<Vec<u8>>>,
    pub(crate) delay: Duration,
    pub(crate) end: Option<Break>,
    pub(crate) stall: Option<Stall>,
    pub(crate) drip: Option<Drip>,
    pub(crate) endless: bool,
    /// By how much the header Content-Length is wrong.
    pub(crate) length: i64,
}

/// The faults of a world, each with how many requests fitted it.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, u64)>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns what goes wrong with the answer to a request, and counts it.
    pub(crate) fn plan(&mut self, address: &str, body: &[u8]) -> Plan {
        let mut plan = Plan::default();
        for (fault, seen) in self.0.iter_mut().filter(|(fault, _)| fault.fits(address, body)) {
            *seen += 1;
            if *seen % fault.every != 0 || *seen / fault.every > fault.times {
                continue;
            }
            match &fault.kind {
                Kind::Delay(time) => plan.delay = *time,
                Kind::Answer(page) => plan.answer = Some(page.clone()),
                Kind::Body(body) => plan.body = Some(Arc::clone(body)),
                Kind::End(end) => plan.end = Some(*end),
                Kind::Stall(stall) => plan.stall = Some(*stall),
                Kind::Endless => plan.endless = true,
                Kind::Length(difference) => plan.length = *difference,
                Kind::Drip(drip) => plan.drip = Some(*drip),
            }
        }
        plan
    }
}

/// Returns whether `text` fits `pattern`.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None; // where the last star is, and how far it reaches
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, reach)) => {
                    star = Some((at, reach + 1));
                    (p, t) = (at + 1, reach + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("a/b", "a/b", true),
            ("a/b", "a/bc", false),
            ("a*", "a/b/c", true),
            ("*/@v/*.zip", "p/x/@v/v1.0.0.zip", true),
            ("*/@v/*.zip", "p/x/@v/v1.0.0.mod", false),
            ("*a?c", "aabcabc", true),
            ("*a?c", "aabcabd", false),
            ("", "", true),
            ("", "a", false),
            ("**", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn fault_counts_the_requests_that_fit() {
        let mut faults = Faults::default();
        faults.add(Fault::endless("a*").every(2).times(2).saying("want"));
        let mut hits = Vec::new();
        for (address, body) in [("b", "want"), ("a", "have"), ("a", "I want it")].into_iter().cycle().take(18)
        {
            hits.push(faults.plan(address, body.as_bytes()).endless);
        }
        let hit: Vec<usize> = (0..hits.len()).filter(|&at| hits[at]).collect();
        assert_eq!(hit, [5, 11]);
    }
}
