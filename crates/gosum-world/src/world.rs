//! The world: sites, served.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::fault::{Fault, Faults, Plan};
use crate::git;
use crate::http::{Delivery, Ending, Input, Request, RequestError, Response, Server, Stop};
use crate::log::{Exchange, Log};
use crate::sites::Sites;

/// Sites that are served over plain HTTP on a port of the loopback interface, until it is dropped.
///
/// Which host a request is for, it says in one of three ways: by its Host header, whatever the address that it was
/// sent to (see [`World::routes`]); by a whole URL, as clients send it to an HTTP proxy; or by a path that begins with
/// `/@host/` and the name of the host.
///
/// Dropping it ends all connections and waits for its threads. Worlds know nothing of each other.
#[derive(Debug)]
pub struct World {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    sites: RwLock<Arc<Sites>>,
    faults: Mutex<Faults>,
    log: Log,
}

impl World {
    /// Serves `sites`.
    ///
    /// # Errors
    /// When there is no port or thread to be had.
    pub fn start(sites: Sites) -> io::Result<World> {
        let state = Arc::new(State { sites: RwLock::new(Arc::new(sites)), ..State::default() });
        let serving = Arc::clone(&state);
        let server = Server::start(move |stream, stop| serving.converse(stream, stop))?;
        Ok(World { server, state })
    }

    /// Returns where the world is.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the names of all hosts, each with where it is to be reached in plain HTTP.
    pub fn routes(&self) -> BTreeMap<String, SocketAddr> {
        self.state.sites().hosts().into_iter().map(|host| (host, self.address())).collect()
    }

    /// Returns the URL at which clients that know nothing of routes reach `address`, which is `host` or `host/path`.
    pub fn url(&self, address: &str) -> String {
        format!("http://{}/@host/{address}", self.address())
    }

    /// Changes what is served. Answers that are on their way are not affected.
    pub fn change<T>(&self, change: impl FnOnce(&mut Sites) -> T) -> T {
        let mut sites = self.state.sites.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut sites))
    }

    /// Adds a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.state.faults().add(fault);
    }

    /// Takes all faults away. Answers that are on their way are not affected.
    pub fn clear_faults(&self) {
        self.state.faults().clear();
    }

    /// Returns all requests so far, in the order in which they came.
    pub fn log(&self) -> Vec<Exchange> {
        self.state.log.entries()
    }
}

impl State {
    fn sites(&self) -> Arc<Sites> {
        Arc::clone(&self.sites.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the requests of a connection.
    fn converse(&self, stream: &TcpStream, stop: &Stop) {
        let mut input = BufReader::new(Input::new(stream));
        loop {
            match self.exchange(&mut input, stream, stop) {
                Ok(Ending::KeepAlive) => {}
                Ok(Ending::Close) | Err(_) => break, // an error means that the client is gone
                Ok(Ending::Reset) => return,
            }
        }
        let _ = input.get_mut().settle(); // the same here
    }

    fn exchange(
        &self,
        input: &mut BufReader<Input<'_>>,
        stream: &TcpStream,
        stop: &Stop,
    ) -> io::Result<Ending> {
        let request = match Request::read(input, &mut &*stream) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(Ending::Close),
            Err(error) => return self.refuse(&error, stream, stop),
        };
        let address = format!("{}{}", request.host, request.path);
        let plan = self.faults().plan(&address, &request.body);
        let number = self.log.add(entry(&request));
        let mut response = match &plan.answer {
            Some(page) => Response::from(page),
            None => self.sites().answer(&request),
        };
        if let Some(body) = &plan.body {
            response.body = Arc::clone(body);
        }
        let sending = |bytes| {
            self.log.change(number, |exchange| {
                exchange.status = Some(response.status);
                exchange.bytes += bytes;
            });
        };
        let delivery = Delivery {
            stream,
            response: &response,
            plan: &plan,
            headers_only: request.method == "HEAD",
            keep_alive: request.keep_alive,
            stop,
            sending: &sending,
        };
        delivery.run()
    }

    fn refuse(&self, error: &RequestError, stream: &TcpStream, stop: &Stop) -> io::Result<Ending> {
        let Some(status) = error.status() else { return Ok(Ending::Close) };
        let response = Response::text(status, format!("{error}\n"));
        let number = self.log.add(Exchange { status: Some(status), ..Exchange::default() });
        let delivery = Delivery {
            stream,
            response: &response,
            plan: &Plan::default(),
            headers_only: false,
            keep_alive: false,
            stop,
            sending: &|bytes| self.log.change(number, |exchange| exchange.bytes += bytes),
        };
        delivery.run()
    }
}

fn entry(request: &Request) -> Exchange {
    let endpoint = git::Endpoint::split(&request.path).map(|(_, endpoint)| endpoint);
    let lines = match endpoint {
        Some(git::Endpoint::UploadPack) => git::lines(request),
        _ => Vec::new(),
    };
    Exchange {
        host: request.host.clone(),
        method: request.method.clone(),
        target: request.target.clone(),
        git_version: endpoint.map(|_| git::version(request)),
        git_lines: lines,
        authorization: request.header("authorization").map(str::to_owned),
        ..Exchange::default()
    }
}
