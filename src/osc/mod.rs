//! The OSC protocol: packets, messages, times and address patterns. Pure: bytes in, bytes out, no socket.

pub mod message;

pub mod time;

pub mod packet;

pub mod pattern;

#[cfg(test)]
mod recorded;
