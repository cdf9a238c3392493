//! What must not be taken, from bytes that are no picture to connections that say nothing.
//!
//! Every test ends with figures that equal a recount and an empty folder of half-received files.

mod bodies;
mod multipart;
mod pictures;
mod raw;
mod reports;
mod sockets;
