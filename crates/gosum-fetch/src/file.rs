//! `file:` URLs: a module proxy that is a folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::body::{Bounded, Flow};
use crate::runtime::Runtime;
use crate::{Body, FetchError, Headers, Method, Request, Response, SafeUrl};

/// Returns the file that `request` asks for: status 404 when there is none, 403 when it may not be
/// read, as the go command has it (spec 04 §2).
///
/// # Errors
/// When the URL is more than a scheme and a path, names a directory or another thing that is no
/// file, or the system fails in another way.
pub(crate) fn open(request: &Request, runtime: &Arc<Runtime>) -> Result<Response, FetchError> {
    if request.method != Method::Get {
        return Err(failed(&request.url, "a file can only be read"));
    }
    let path = path(&request.url)?;
    // a look before the opening: to open a pipe would wait for its writer
    let opened = fs::metadata(&path).and_then(|metadata| match metadata.is_file() {
        true => Ok((File::open(&path)?, metadata.len())),
        false => Err(io::Error::other("not a regular file")),
    });
    let (file, len) = match opened {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(empty(request, 404)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(empty(request, 403)),
        Err(error) => return Err(failed(&request.url, &error.to_string())),
    };
    let contents = Contents { file, url: request.url.clone(), runtime: runtime.clone() };
    let body = Bounded::new(request, Some(len), contents);
    Ok(Response { body: Body::new(Box::new(body), Some(len)), ..empty(request, 200) })
}

/// Returns the path that `url` names.
fn path(url: &SafeUrl) -> Result<PathBuf, FetchError> {
    match url.inner().to_file_path() {
        Ok(path) if url.is_path_alone() => Ok(path),
        _ => Err(failed(url, "a file URL is a scheme and an absolute path alone")),
    }
}

fn empty(request: &Request, status: u16) -> Response {
    let body = Body::from_bytes(Vec::new());
    Response { status, url: request.url.clone(), headers: Headers::default(), body }
}

fn failed(url: &SafeUrl, reason: &str) -> FetchError {
    FetchError::File { url: url.clone(), reason: reason.to_owned() }
}

struct Contents {
    file: File,
    url: SafeUrl,
    runtime: Arc<Runtime>,
}

impl Flow for Contents {
    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        if self.runtime.is_stopped() {
            return Err(FetchError::Interrupted { url: self.url.clone() });
        }
        loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|error| failed(&self.url, &error.to_string())),
            }
        }
    }
}
