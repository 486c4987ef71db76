//! From a module path to the repository that holds it (spec 05 §1).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use gosum_evidence::evidence::Lasting;
use gosum_fetch::retry::{Advice, Passing, status_advice};
use gosum_fetch::{Fetch, FetchError, Request, Response, Retry, SafeUrl};
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::pattern::Patterns;
use gosum_mod::setting::govcs::VcsRules;

use super::allowed::{self, HostError};
use super::host;
use super::meta::{self, GoImport, PageError};
use crate::source::said::Refusal;

/// The most bytes of a page that are read. The tags stand in its head.
const MAX_PAGE: u64 = 4 << 20;

/// A version control system, or what a go-import tag names in the place of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vcs {
    Git,
    Hg,
    Svn,
    Bzr,
    Fossil,
    /// A module server.
    Mod,
}

impl Vcs {
    const ALL: [(&str, Vcs); 5] =
        [("git", Vcs::Git), ("hg", Vcs::Hg), ("svn", Vcs::Svn), ("bzr", Vcs::Bzr), ("fossil", Vcs::Fossil)];

    /// Returns the name without its suffix, and the system, when `name` ends in one such as `.git`.
    pub(super) fn suffix(name: &str) -> Option<(&str, Vcs)> {
        let (stem, suffix) = name.rsplit_once('.')?;
        Vcs::named(suffix).map(|vcs| (stem, vcs))
    }

    fn named(name: &str) -> Option<Vcs> {
        Vcs::ALL.iter().find(|(known, _)| *known == name).map(|(_, vcs)| *vcs)
    }
}

impl std::fmt::Display for Vcs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Vcs::Git => "git",
            Vcs::Hg => "hg",
            Vcs::Svn => "svn",
            Vcs::Bzr => "bzr",
            Vcs::Fossil => "fossil",
            Vcs::Mod => "mod",
        })
    }
}

/// A repository, and what of import paths it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    /// Import paths at or below this are in the repository.
    pub(super) root: String,
    /// The repository, as it is named.
    pub(super) named: String,
    /// The same as a URL.
    pub(super) url: SafeUrl,
    /// Where it may be as well, when it is not there: a path that spells its version control system out leaves open how
    /// the host is spoken to. As it is named, and as a URL.
    pub(super) alternatives: Vec<(String, SafeUrl)>,
    /// How it is spoken to.
    pub(super) vcs: Vcs,
    /// The folder in the repository that stands for the root.
    pub(super) subdir: String,
}

impl Root {
    pub(super) fn new(url: &str, root: String, vcs: Vcs, subdir: String) -> Result<Root, LocateError> {
        let wrong = |reason: &str| LocateError::Repository { root: root.clone(), reason: reason.to_owned() };
        let named = url.to_owned();
        // git's other forms, as well as paths of this machine, are not for pages to name
        let (scheme, _) = named.split_once("://").ok_or_else(|| wrong("not a URL"))?;
        if scheme.contains(|c: char| c.is_ascii_uppercase()) {
            return Err(wrong("git knows its scheme in lower case alone"));
        }
        let url = SafeUrl::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if url.scheme() == "file" {
            return Err(wrong("a file is no repository"));
        }
        if subdir.starts_with(['/', '-']) {
            return Err(wrong(&format!("folder {subdir:?}")));
        }
        Ok(Root { root, named, url, alternatives: Vec::new(), vcs, subdir })
    }

    /// Returns the repository `HOST/PATH`, which a path spells out without saying how its host is spoken to: by https,
    /// else by ssh.
    pub(super) fn spelled_out(place: &str, root: String, vcs: Vcs) -> Result<Root, LocateError> {
        let found = Root::new(&format!("https://{place}"), root, vcs, String::new())?;
        match vcs {
            Vcs::Git => found.or(0, "ssh"),
            _ => Ok(found),
        }
    }

    /// Returns the repository, which may be asked over http too, if it is not said how.
    fn insecure(self) -> Result<Root, LocateError> {
        if self.alternatives.is_empty() { Ok(self) } else { self.or(0, "http") }
    }

    /// Returns the repository, which may be asked by another `scheme` as well.
    fn or(mut self, at: usize, scheme: &str) -> Result<Root, LocateError> {
        let named = self.named.replacen("https", scheme, 1);
        let other = Root::new(&named, self.root.clone(), self.vcs, self.subdir.clone())?;
        self.alternatives.insert(at, (other.named, other.url));
        Ok(self)
    }

    /// Returns where it is asked: what is asked there has the same answer.
    pub(super) fn place(&self) -> (String, Vec<String>) {
        (self.named.clone(), self.alternatives.iter().map(|(named, _)| named.clone()).collect())
    }
}

/// Why no repository was found.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum LocateError {
    #[error("`{host}` has no modules")]
    NoModules { host: &'static str },
    #[error("not a module path of `{host}`")]
    Malformed { host: String },
    #[error("the repository that is named for `{root}` is none: {reason}")]
    Repository { root: String, reason: String },
    #[error("unknown version control system {vcs:?} for `{root}`")]
    UnknownVcs { vcs: String, root: String },
    #[error(transparent)]
    Host(#[from] HostError),
    #[error("GOVCS disallows {vcs} for the {kind} `{root}`")]
    Disallowed { vcs: Vcs, kind: &'static str, root: String },
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{url}: {reason}")]
    Read { url: String, reason: String },
    #[error("{0}")]
    Refused(Refusal),
    #[error("{url}: {source}")]
    Page { url: String, source: PageError },
    #[error("{url}: no go-import tag for `{path}`")]
    NoTag { url: String, path: String },
    #[error("{url}: several go-import tags for `{path}`")]
    SeveralTags { url: String, path: String },
    #[error("{url} and {root_url} disagree about the repository of `{prefix}`")]
    Disagree { url: String, root_url: String, prefix: String },
}

impl LocateError {
    /// Returns whether the host said for certain that there is nothing under the path.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, LocateError::Refused(Refusal { status: 404 | 410, .. }))
    }

    /// Returns whether nobody could be asked, which may be otherwise in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            LocateError::Fetch(error) => error.is_silence(),
            error => error.advice() != Advice::Final,
        }
    }

    /// Returns why it will be so tomorrow, if it will.
    pub(super) fn lasting(&self) -> Option<Lasting> {
        match self {
            LocateError::Refused(Refusal { status: 404 | 410 | 451, .. }) | LocateError::NoTag { .. } => {
                Some(Lasting::OriginGone)
            }
            _ => None,
        }
    }
}

impl Passing for LocateError {
    fn advice(&self) -> Advice {
        match self {
            LocateError::Fetch(error) => error.advice(),
            LocateError::Refused(refusal) => status_advice(refusal.status, refusal.retry_after.as_deref()),
            _ => Advice::Final,
        }
    }
}

/// What the user's settings say of where repositories may be, and how their hosts are asked.
#[derive(Clone)]
pub struct Rules {
    /// GOVCS.
    pub vcs: VcsRules,
    /// GOINSECURE, and who asks without looking at certificates.
    pub insecure: Option<(Patterns, Arc<dyn Fetch>)>,
    /// The hosts, with paths or without, whose repositories may be asked; none for all.
    pub hosts: Option<Patterns>,
}

impl Rules {
    /// Returns Go's own rules.
    pub fn go() -> Rules {
        let vcs = VcsRules::parse("", "").expect("an empty value is well-formed");
        Rules { vcs, insecure: None, hosts: None }
    }

    /// Says whether the repository of `root` is at a host that may be asked. A module server is no repository.
    fn allow(&self, root: &Root) -> Result<(), LocateError> {
        let Some(hosts) = self.hosts.as_ref().filter(|_| root.vcs != Vcs::Mod) else { return Ok(()) };
        let mut urls = std::iter::once(&root.url).chain(root.alternatives.iter().map(|(_, url)| url));
        Ok(urls.try_for_each(|url| allowed::check(hosts, url))?)
    }

    /// Returns who asks the host of `path`, if that may be asked insecurely.
    fn insecure(&self, path: &str) -> Option<&dyn Fetch> {
        let (patterns, fetch) = self.insecure.as_ref()?;
        patterns.matches(path).then_some(&**fetch)
    }
}

/// Finds repositories, and remembers the pages that it has read.
pub(super) struct Locator<'a> {
    fetch: &'a dyn Fetch,
    rules: &'a Rules,
    timeout: Duration,
    retry: Retry,
    /// By path, and whether it may be asked insecurely.
    pages: Mutex<HashMap<(String, bool), Arc<Asked>>>,
}

/// A page, once it has been asked for.
type Asked = OnceLock<Result<Page, LocateError>>;

/// What a page says.
#[derive(Debug, Clone)]
struct Page {
    url: String,
    tags: Vec<GoImport>,
}

impl<'a> Locator<'a> {
    pub(super) fn new(
        fetch: &'a dyn Fetch,
        rules: &'a Rules,
        timeout: Duration,
        retry: Retry,
    ) -> Locator<'a> {
        Locator { fetch, rules, timeout, retry, pages: Mutex::default() }
    }

    /// Returns the repository that holds the module `path`.
    pub(super) fn locate(&self, path: &ModulePath) -> Result<Root, LocateError> {
        let path = path.as_str();
        let root = host::known(path).unwrap_or_else(|| self.discover(path))?;
        let Root { vcs, root: prefix, .. } = &root;
        // a module server is no version control, and always allowed
        if *vcs != Vcs::Mod && !self.rules.vcs.allow(prefix, &vcs.to_string()) {
            let kind = if self.rules.vcs.is_private(prefix) { "private" } else { "public" };
            return Err(LocateError::Disallowed { vcs: *vcs, kind, root: prefix.clone() });
        }
        let root = match self.rules.insecure(path) {
            Some(_) => root.insecure(),
            None => Ok(root),
        }?;
        self.rules.allow(&root)?;
        Ok(root)
    }

    /// Asks the host itself. A tag that speaks for more than the path must be on the page of its own prefix too, so
    /// that a page cannot speak for its neighbours.
    fn discover(&self, path: &str) -> Result<Root, LocateError> {
        let insecure = self.rules.insecure(path);
        let page = self.page(path, insecure)?;
        let tag = matching(&page, path)?;
        if tag.prefix != path {
            let root_page = self.page(&tag.prefix, insecure)?;
            if !matching(&root_page, path).is_ok_and(|root_tag| root_tag == tag) {
                let (url, root_url, prefix) = (page.url.clone(), root_page.url.clone(), tag.prefix.clone());
                return Err(LocateError::Disagree { url, root_url, prefix });
            }
        }
        let GoImport { prefix, vcs, repository, subdir } = tag.clone();
        let Some(vcs) = Vcs::named(&vcs).or((vcs == "mod").then_some(Vcs::Mod)) else {
            return Err(LocateError::UnknownVcs { vcs, root: prefix });
        };
        Root::new(&repository, prefix, vcs, subdir)
    }

    /// Returns the page of `path`, which is asked for once however many modules it speaks for.
    fn page(&self, path: &str, insecure: Option<&dyn Fetch>) -> Result<Page, LocateError> {
        let cell = self
            .pages
            .lock()
            .expect("no holder of the lock panics")
            .entry((path.to_owned(), insecure.is_some()))
            .or_default()
            .clone();
        cell.get_or_init(|| {
            let deadline = Instant::now() + self.timeout;
            let ask = |fetch: &dyn Fetch, scheme| {
                self.retry.run(fetch, deadline, || ask(fetch, scheme, path, deadline))
            };
            let Some(insecure) = insecure else { return ask(self.fetch, "https") };
            // a host that proves who it is may see credentials, and any other one none
            let ways = [(self.fetch, "https"), (insecure, "https"), (insecure, "http")];
            let mut answer = ask(ways[0].0, ways[0].1);
            for (fetch, scheme) in &ways[1..] {
                match &answer {
                    Err(LocateError::Fetch(error)) if !matches!(error, FetchError::Interrupted { .. }) => {
                        answer = ask(*fetch, scheme);
                    }
                    _ => break,
                }
            }
            answer
        })
        .clone()
    }
}

fn ask(fetch: &dyn Fetch, scheme: &str, path: &str, deadline: Instant) -> Result<Page, LocateError> {
    let (host, rest) = path.split_once('/').unwrap_or((path, ""));
    let url = SafeUrl::parse(&format!("{scheme}://{host}/{rest}?go-get=1"))
        .map_err(|error| LocateError::Repository { root: path.into(), reason: error.to_string() })?;
    let response = fetch.send(Request::get(url, MAX_PAGE, deadline).polite())?;
    read(response)
}

/// Returns the tags of a page. Its status counts only when it has none.
fn read(response: Response) -> Result<Page, LocateError> {
    let url = response.url.to_string();
    let Response { status, headers, body, url: answered } = response;
    let text = body.into_bytes().map_err(|error| match FetchError::in_io(&error) {
        Some(error) => LocateError::Fetch(error.clone()),
        None => LocateError::Read { url: url.clone(), reason: error.to_string() },
    })?;
    match meta::parse(&text) {
        Ok(tags) if !tags.is_empty() || status == 200 => Ok(Page { url, tags }),
        Err(source) if status == 200 => Err(LocateError::Page { url, source }),
        _ => {
            let body = gosum_fetch::Body::from_bytes(text);
            Err(LocateError::Refused(Refusal::read(Response { status, url: answered, headers, body })))
        }
    }
}

/// Returns the tag of `page` that speaks for `path`. A module server comes before repositories.
fn matching<'p>(page: &'p Page, path: &str) -> Result<&'p GoImport, LocateError> {
    let speaks = |tag: &&GoImport| {
        path.strip_prefix(&tag.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut tags = page.tags.iter().filter(speaks);
    let (url, path) = (page.url.clone(), path.to_owned());
    match (tags.next(), tags.next()) {
        (None, _) => Err(LocateError::NoTag { url, path }),
        (Some(tag), None) => Ok(tag),
        (Some(tag), Some(other)) if tag.vcs == "mod" && other.vcs != "mod" => Ok(tag),
        _ => Err(LocateError::SeveralTags { url, path }),
    }
}

#[cfg(test)]
mod tests {
    use gosum_fetch::{Body, Headers};

    use super::*;

    /// A web of pages by their URL, with their statuses.
    struct Web(Vec<(&'static str, u16, String)>, Mutex<Vec<String>>);

    impl Fetch for Web {
        fn send(&self, request: Request) -> Result<Response, FetchError> {
            let url = request.url.to_string();
            self.1.lock().unwrap().push(url.clone());
            let found = self.0.iter().find(|(page, ..)| *page == url);
            let (status, text) =
                found.map_or((404, String::new()), |(_, status, text)| (*status, text.clone()));
            let body = Body::from_bytes(text.into_bytes());
            Ok(Response { status, url: request.url, headers: Headers::default(), body })
        }
    }

    fn tag(content: &str) -> String {
        format!(r#"<html><head><meta name="go-import" content="{content}"></head>"#)
    }

    fn locate(web: &Web, path: &str) -> Result<(String, String, String), String> {
        let retry = Retry { retries: 0, base: Duration::ZERO };
        let rules = Rules::go();
        let locator = Locator::new(web, &rules, Duration::from_secs(9), retry);
        let root = locator.locate(&ModulePath::parse(path).unwrap()).map_err(|error| error.to_string())?;
        Ok((root.root, root.url.to_string(), root.subdir))
    }

    #[test]
    fn asks_the_page_of_the_path_and_of_its_prefix() {
        let page = || tag("go.example.org/x git https://git.example/x sub");
        let web = Web(
            vec![
                ("https://go.example.org/x/y/v2?go-get=1", 200, page()),
                ("https://go.example.org/x?go-get=1", 404, page()),
            ],
            Mutex::default(),
        );
        assert_eq!(
            locate(&web, "go.example.org/x/y/v2"),
            Ok(("go.example.org/x".into(), "https://git.example/x".into(), "sub".into()))
        );
        assert_eq!(web.1.lock().unwrap().len(), 2);
    }

    /// A host that answers over http alone.
    struct Plain(Web);

    impl Fetch for Plain {
        fn send(&self, request: Request) -> Result<Response, FetchError> {
            if request.url.scheme() == "https" {
                return Err(FetchError::Scheme { url: request.url });
            }
            self.0.send(request)
        }
    }

    #[test]
    fn goinsecure_lets_a_host_be_asked_over_http_after_https() {
        let page = tag("go.example.org/x git https://git.example/x");
        let web = || Web(vec![("http://go.example.org/x?go-get=1", 200, page.clone())], Mutex::default());
        let locate = |patterns: &str| {
            let insecure = Some((Patterns::parse(patterns), Arc::new(Plain(web())) as Arc<dyn Fetch>));
            let rules = Rules { insecure, ..Rules::go() };
            let secure = Plain(web());
            let retry = Retry { retries: 0, base: Duration::ZERO };
            let locator = Locator::new(&secure, &rules, Duration::from_secs(9), retry);
            locator.locate(&ModulePath::parse("go.example.org/x").unwrap()).map(|root| root.named)
        };
        assert_eq!(locate("go.example.org").unwrap(), "https://git.example/x");
        assert!(matches!(locate("other.example"), Err(LocateError::Fetch(_))));
    }

    #[test]
    fn a_host_that_proves_who_it_is_is_asked_with_credentials_even_where_it_need_not() {
        let page = tag("go.example.org/x git https://git.example/x");
        let web = || Web(vec![("https://go.example.org/x?go-get=1", 200, page.clone())], Mutex::default());
        let (secure, insecure) = (web(), Arc::new(web()));
        let patterns = Patterns::parse("go.example.org");
        let rules = Rules { insecure: Some((patterns, insecure.clone() as Arc<dyn Fetch>)), ..Rules::go() };
        let retry = Retry { retries: 0, base: Duration::ZERO };
        let locator = Locator::new(&secure, &rules, Duration::from_secs(9), retry);
        locator.locate(&ModulePath::parse("go.example.org/x").unwrap()).unwrap();
        assert_eq!((secure.1.lock().unwrap().len(), insecure.1.lock().unwrap().len()), (1, 0));
    }

    #[test]
    fn a_page_names_a_url_as_git_knows_it() {
        for named in
            ["https:git.example/x", "HTTPS://git.example/x", "git.example:x", "/srv/x", "file:///srv/x"]
        {
            let root = Root::new(named, "go.example.org/x".into(), Vcs::Git, String::new());
            assert!(matches!(root, Err(LocateError::Repository { .. })), "{named}: {root:?}");
        }
    }

    #[test]
    fn refuses_a_page_that_speaks_for_others() {
        let web = Web(
            vec![
                (
                    "https://go.example.org/x/y?go-get=1",
                    200,
                    tag("go.example.org/x git https://evil.example/x"),
                ),
                ("https://go.example.org/x?go-get=1", 200, tag("go.example.org/x git https://git.example/x")),
            ],
            Mutex::default(),
        );
        assert_eq!(
            locate(&web, "go.example.org/x/y"),
            Err("https://go.example.org/x/y?go-get=1 and https://go.example.org/x?go-get=1 disagree about the \
                 repository of `go.example.org/x`"
                .into())
        );
    }

    #[test]
    fn tells_what_is_wrong_with_a_page() {
        let at = |status: u16, page: &str| {
            let web = Web(vec![("https://go.example.org/x?go-get=1", status, page.into())], Mutex::default());
            locate(&web, "go.example.org/x").unwrap_err().replace("https://go.example.org/x?go-get=1", "PAGE")
        };
        assert_eq!(at(404, ""), "PAGE: status 404");
        assert_eq!(at(200, "<html>"), "PAGE: no go-import tag for `go.example.org/x`");
        assert_eq!(at(200, "<a b=\"<\">"), "PAGE: cannot read the page: `<` in a quoted value at byte 6");
        let page =
            tag("go.example.org/x git https://a.example") + &tag("go.example.org/x git https://b.example");
        assert_eq!(
            at(200, &page.replace("</head>", "")),
            "PAGE: several go-import tags for `go.example.org/x`"
        );
        assert_eq!(
            at(200, &tag("go.example.org/x cvs https://a.example")),
            r#"unknown version control system "cvs" for `go.example.org/x`"#
        );
        assert_eq!(
            at(200, &tag("go.example.org/x git file:///srv/x")),
            "the repository that is named for `go.example.org/x` is none: a file is no repository"
        );
    }
}
