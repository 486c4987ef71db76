//! What there is in a world, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::git::{self, Endpoint};
use crate::http::{Request, Response};
use crate::page::Page;
use crate::proxy::Proxy;
use crate::repository::Repository;
use crate::sumdb::SumDb;

/// Everything that a world serves, each thing at an address: `host` or `host/path`, without a slash at the end.
///
/// A request for a git service goes to the repository at its path, with or without `.git`. Any other goes to the page,
/// redirect, proxy or checksum database whose address is the path or the nearest folder above it.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    repositories: BTreeMap<String, Arc<Repository>>,
    places: BTreeMap<String, Place>,
}

#[derive(Debug, Clone)]
enum Place {
    Proxy(Arc<Proxy>),
    SumDb(Arc<SumDb>),
    Page(Page),
    Redirect { status: u16, url: String },
}

impl Sites {
    /// Returns nothing at all.
    pub fn new() -> Sites {
        Sites::default()
    }

    /// Puts a repository at `address`, in the place of what repository is there.
    pub fn add_repository(&mut self, address: &str, repository: Repository) {
        self.repositories.insert(address.to_owned(), Arc::new(repository));
    }

    /// Returns the repository at `address`, to be changed.
    pub fn repository(&mut self, address: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(address).map(Arc::make_mut)
    }

    /// Puts a module proxy at `address`, in the place of what is there.
    pub fn add_proxy(&mut self, address: &str, proxy: Proxy) {
        self.places.insert(address.to_owned(), Place::Proxy(Arc::new(proxy)));
    }

    /// Returns the module proxy at `address`, to be changed.
    pub fn proxy(&mut self, address: &str) -> Option<&mut Proxy> {
        match self.places.get_mut(address) {
            Some(Place::Proxy(proxy)) => Some(Arc::make_mut(proxy)),
            _ => None,
        }
    }

    /// Puts a checksum database at `address`, such as `proxy.example/sumdb/sum.example`, in the place of what is there.
    pub fn add_sumdb(&mut self, address: &str, database: SumDb) {
        self.places.insert(address.to_owned(), Place::SumDb(Arc::new(database)));
    }

    /// Puts a page at `address` and everywhere below, in the place of what is there.
    pub fn add_page(&mut self, address: &str, page: Page) {
        self.places.insert(address.to_owned(), Place::Page(page));
    }

    /// Sends all who ask for something at or below `address` to the same below `url`: git's services too, if there is
    /// no repository.
    pub fn add_redirect(&mut self, address: &str, status: u16, url: &str) {
        self.places.insert(address.to_owned(), Place::Redirect { status, url: url.to_owned() });
    }

    /// Takes away everything that is at `address`.
    pub fn remove(&mut self, address: &str) {
        self.repositories.remove(address);
        self.places.remove(address);
    }

    /// Returns the names of all hosts.
    pub fn hosts(&self) -> BTreeSet<String> {
        let host = |address: &String| address.split('/').next().unwrap_or_default().to_owned();
        self.repositories.keys().chain(self.places.keys()).map(host).collect()
    }

    pub(crate) fn answer(&self, request: &Request) -> Response {
        let address = format!("{}{}", request.host, request.path);
        if let Some((base, endpoint)) = Endpoint::split(&address) {
            let bare = base.strip_suffix(".git").unwrap_or(base);
            let repository = self.repositories.get(base).or_else(|| self.repositories.get(bare));
            if let Some(repository) = repository {
                return git::answer(repository, endpoint, request);
            }
        }
        let address = address.trim_end_matches('/');
        let mut above = address;
        loop {
            if let Some(place) = self.places.get(above) {
                return place.answer(&address[above.len()..], request);
            }
            match above.rfind('/') {
                Some(slash) => above = &above[..slash],
                None => return Response::text(404, format!("not found: {address}\n")),
            }
        }
    }
}

impl Place {
    /// Returns the answer to a request for what is at `path`, empty or with a slash, from here.
    fn answer(&self, path: &str, request: &Request) -> Response {
        match self {
            Place::Proxy(proxy) => proxy.answer(path.trim_start_matches('/')),
            Place::SumDb(database) => database.answer(path.trim_start_matches('/')),
            Place::Page(page) => Response::from(page),
            Place::Redirect { status, url } => {
                let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
                Response::from(&Page::redirect(*status, &format!("{url}{path}{query}")))
            }
        }
    }
}
