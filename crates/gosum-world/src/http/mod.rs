//! HTTP/1.1, the side that serves: as much as modules, git and faults need (RFC 9112).

mod delivery;
mod input;
mod request;
mod response;
mod server;

pub(crate) use delivery::{Delivery, Ending};
pub(crate) use input::Input;
pub(crate) use request::{Request, RequestError};
pub(crate) use response::Response;
pub(crate) use server::{Server, Stop};
