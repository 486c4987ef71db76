//! The one thread in which all requests make their way.

use std::future::Future;
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::{FetchError, SafeUrl};

/// A background thread that runs futures. It ends when this is dropped or stopped.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    /// Told when that is taken.
    stopped: Condvar,
}

impl Runtime {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Runtime> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new().name("gosum-fetch".to_owned()).spawn(move || {
            // ends with an error when the sender is dropped, which is how it is told to stop
            let _ = runtime.block_on(stopped);
            // does not wait for the system's name resolution
            runtime.shutdown_background();
        })?;
        Ok(Runtime { handle, stop: Mutex::new(Some(stop)), stopped: Condvar::new() })
    }

    /// Ends all that runs, and all that will be started.
    pub(crate) fn stop(&self) {
        self.stop.lock().expect("nothing panics while holding the switch").take();
        self.stopped.notify_all();
    }

    /// Waits for [`Runtime::stop`], at most so long.
    pub(crate) fn pause(&self, wait: Duration) {
        let stop = self.stop.lock().expect("nothing panics while holding the switch");
        let waited = self.stopped.wait_timeout_while(stop, wait, |stop| stop.is_some());
        drop(waited.expect("nothing panics while holding the switch"));
    }

    /// Returns whether [`Runtime::stop`] was called.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.lock().expect("nothing panics while holding the switch").is_none()
    }

    /// Starts `future`, which ends early when the returned task is dropped.
    pub(crate) fn start_task(self: &Arc<Runtime>, future: impl Future<Output = ()> + Send + 'static) -> Task {
        Task { abort: self.handle.spawn(future).abort_handle(), runtime: self.clone() }
    }
}

/// Something that runs as long as it is wanted. It keeps its runtime alive.
#[derive(Debug)]
pub(crate) struct Task {
    abort: AbortHandle,
    runtime: Arc<Runtime>,
}

impl Task {
    /// Returns why the task, which asked `url`, ended without saying how.
    pub(crate) fn lost(&self, url: &SafeUrl) -> FetchError {
        let url = url.clone();
        match self.runtime.is_stopped() {
            true => FetchError::Interrupted { url },
            false => FetchError::Broken { url, reason: "the request was lost".to_owned() },
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
