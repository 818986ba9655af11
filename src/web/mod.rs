//! A page to play on, in any browser: its server, the song's addresses as OSCQuery tells them, what is seen of the session as JSON.

pub mod host_guard;

pub mod head;

pub mod answer;

pub mod page;

pub mod query;

pub mod view_json;

mod link;

mod connection;

pub mod server;
