//! Where the page is served, as it is written on the command line.

use crate::cli::osc::host::resolved;
use crate::cli::output::note;
use crate::cli::play::why;
use crate::diagnostic::codes::controller::BAD_HOST;
use crate::diagnostic::codes::playing::PAGE_NOT_SERVED;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::io::port::PortRefused;
use crate::web::server::Listener;

/// Where the page is unless something else is asked for.
pub(super) const PAGE: &str = "127.0.0.1:8080";

/// A host and a port, not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageAddress {
    host: String,
    port: u16,
}

/// Reads `HOST:PORT`, or a port of this machine.
pub(super) fn place(written: &str) -> Result<PageAddress, String> {
    let (host, port) = written.rsplit_once(':').unwrap_or(("127.0.0.1", written));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let wrong = host.is_empty() || (bare.is_none() && host.contains([':', '/', '[', ']']));
    match port.parse() {
        Ok(port) if !wrong => Ok(PageAddress { host: bare.unwrap_or(host).to_owned(), port }),
        _ => Err(format!("write HOST:PORT, such as {PAGE}; a song stands before it")),
    }
}

impl PageAddress {
    /// Opens the door of the page, before anything is heard.
    pub(super) fn open(&self) -> Result<Listener, Diagnostic> {
        let address = resolved(&self.host, self.port).ok_or_else(|| {
            let message = format!("{} is no machine that is known here", quoted(&self.host));
            Diagnostic::of_file(&BAD_HOST, message).help(format!("write `HOST:PORT`, such as `{PAGE}`"))
        })?;
        let listener = Listener::open(address, &self.host).map_err(|error| {
            let why = why(&PortRefused::by(error));
            Diagnostic::of_file(&PAGE_NOT_SERVED, format!("the page can't be served at {address}: {why}"))
                .help("choose another port with `--web 127.0.0.1:PORT`; port 0 is any that is free")
        })?;
        if !address.ip().is_loopback() {
            note(&format!(
                "anybody on the network can play this song: the page is at {}",
                listener.address()
            ));
        }
        Ok(listener)
    }
}

#[cfg(test)]
mod tests {
    use super::{PageAddress, place};

    #[test]
    fn places_are_hosts_and_ports() {
        for (written, host, port) in [
            ("127.0.0.1:8080", "127.0.0.1", 8080),
            ("0.0.0.0:0", "0.0.0.0", 0),
            ("studio.local:80", "studio.local", 80),
            ("[::1]:7", "::1", 7),
            ("9000", "127.0.0.1", 9000),
        ] {
            assert_eq!(place(written), Ok(PageAddress { host: host.to_owned(), port }));
        }
        for written in ["song.kdl", "", ":", ":80", "::1:80", "a:b", "a:65536", "http://a:80", "a"] {
            assert!(place(written).is_err(), "{written}");
        }
    }
}
