//! The listener, its connections and their end.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Serves connections, each in a thread, until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: Stop,
    connections: Mutex<BTreeMap<u64, Arc<TcpStream>>>,
}

impl Server {
    /// Listens on a free port of the loopback interface. `serve` is called for each connection.
    pub(crate) fn start(serve: impl Fn(&TcpStream, &Stop) + Send + Sync + 'static) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let sharing = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name(format!("world {}", address.port()))
            .spawn(move || sharing.accept(&listener, &serve))?;
        Ok(Server { address, shared, thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.stop();
        for connection in self.shared.connections().values() {
            let _ = connection.shutdown(Shutdown::Both); // it may be over already
        }
        let _ = TcpStream::connect(self.address); // wakes the listener, if it is not awake
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic in there has been told on standard error
        }
    }
}

impl Shared {
    fn accept(&self, listener: &TcpListener, serve: &(dyn Fn(&TcpStream, &Stop) + Send + Sync)) {
        thread::scope(|scope| {
            for (number, stream) in (0..).zip(listener.incoming()) {
                if self.stop.is_stopped() {
                    break;
                }
                let Ok(stream) = stream.map(Arc::new) else {
                    self.stop.wait(Some(Duration::from_millis(10))); // too many files are open, perhaps not for long
                    continue;
                };
                if stream.set_nodelay(true).is_err() || !self.register(number, &stream) {
                    continue;
                }
                scope.spawn(move || {
                    serve(&stream, &self.stop);
                    self.connections().remove(&number);
                });
            }
        });
    }

    /// Takes note of a connection. Returns whether it is to be served.
    fn register(&self, number: u64, stream: &Arc<TcpStream>) -> bool {
        let mut connections = self.connections();
        let open = !self.stop.is_stopped(); // asked under the lock: the end of all connections comes after the stop
        if open {
            connections.insert(number, Arc::clone(stream));
        }
        open
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<TcpStream>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a server, for which its threads can wait.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(crate) fn is_stopped(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until the end if that is earlier or no time is given. Returns whether it has come.
    pub(crate) fn wait(&self, time: Option<Duration>) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(time) = time else {
            return *self
                .changed
                .wait_while(stopped, |stopped| !*stopped)
                .unwrap_or_else(PoisonError::into_inner);
        };
        let waited = self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }
}
