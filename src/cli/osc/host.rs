//! Where an engine listens, as it is written on the command line.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

use crate::diagnostic::codes::controller::BAD_HOST;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;

/// The address that `written` means: `HOST:PORT`, or a port of this machine.
pub(super) fn address(written: &str) -> Result<SocketAddr, Diagnostic> {
    let port = written.strip_prefix(':').unwrap_or(written);
    let bare = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if bare { format!("127.0.0.1:{port}") } else { written.to_owned() };
    let wrong = |what: &str| {
        let message = format!("{} {what}", quoted(written));
        Diagnostic::of_file(&BAD_HOST, message).help("write `HOST:PORT`, such as `127.0.0.1:5005`")
    };
    let (host, port) = whole.rsplit_once(':').ok_or_else(|| wrong("has no port"))?;
    let Some(port) = port.parse::<u16>().ok().filter(|port| *port > 0) else {
        return Err(wrong("has no port from 1 to 65535"));
    };
    if host.is_empty() || (host.contains(':') && !host.starts_with('[')) {
        return Err(wrong("isn't HOST:PORT"));
    }
    resolved(host, port).ok_or_else(|| wrong("is on no machine that is known here"))
}

/// The address of a host and a port, if such a machine is known here: of the old kind where it has several, because engines listen on that
/// unless told otherwise.
pub(crate) fn resolved(host: &str, port: u16) -> Option<SocketAddr> {
    // This machine by RFC 6761, also where no file of hosts says so.
    if host == "localhost" {
        return Some((Ipv4Addr::LOCALHOST, port).into());
    }
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let found: Vec<SocketAddr> = (host, port).to_socket_addrs().ok()?.collect();
    found.iter().find(|address| address.is_ipv4()).or(found.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn hosts_and_ports_are_addresses() {
        for (written, meant) in [
            ("127.0.0.1:5005", "127.0.0.1:5005"),
            ("6006", "127.0.0.1:6006"),
            (":6006", "127.0.0.1:6006"),
            ("localhost:5005", "127.0.0.1:5005"),
            ("[::1]:7", "[::1]:7"),
        ] {
            assert_eq!(address(written).map(|address| address.to_string()).ok().as_deref(), Some(meant));
        }
    }

    #[test]
    fn what_is_none_is_said() {
        for written in
            ["", ":", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:5005", ":port", "x:y", "99999"]
        {
            assert_eq!(address(written).expect_err("no address").code.id, "bad-host", "{written}");
        }
    }
}
