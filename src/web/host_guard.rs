//! Who may talk to the server: pages of its own, and programs that aren't browsers.

use std::net::IpAddr;

/// The names under which the server is known.
#[derive(Clone, Debug, Default)]
pub struct HostGuard {
    /// A host that was asked for by name, beside `localhost` and every literal address.
    named: Option<String>,
}

impl HostGuard {
    /// That of a server that was asked for under `host`.
    pub fn new(host: &str) -> Self {
        Self { named: Some(host.to_ascii_lowercase()).filter(|host| !host.is_empty()) }
    }

    /// Whether a request that names `host`, with or without a port, is meant for this server. Any other name may belong to
    /// somebody whose page has been loaded from elsewhere and whose name leads here now (DNS rebinding).
    pub fn knows(&self, host: &str) -> bool {
        let Some(name) = name(host) else { return false };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let name = name.to_ascii_lowercase();
        bare.parse::<IpAddr>().is_ok() || name == "localhost" || self.named.as_ref() == Some(&name)
    }

    /// Whether a page of `origin` may open a WebSocket through `host`: only the server's own page.
    pub fn admits(&self, origin: &str, host: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|from| from.eq_ignore_ascii_case(host))
    }
}

/// A host without its port; `None` if it isn't one.
fn name(host: &str) -> Option<&str> {
    let port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if host.starts_with('[') {
        let (inside, behind) = host.split_once(']')?;
        let plain = behind.is_empty() || behind.strip_prefix(':').is_some_and(port);
        return plain.then(|| &host[..=inside.len()]);
    }
    match host.split_once(':') {
        None => Some(host),
        Some((name, behind)) => port(behind).then_some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::HostGuard;

    #[test]
    fn only_addresses_and_known_names_lead_here() {
        let guard = HostGuard::new("studio.local");
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:8080",
            "LOCALHOST",
            "[::1]:80",
            "[::1]",
            "Studio.Local:1",
        ] {
            assert!(guard.knows(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1:80:80",
            "[::1]x",
            "[::1",
            "localhost:http",
            "localhost:123456",
            "127.0.0.1@evil.example",
            "studio.local.",
            "::1",
        ] {
            assert!(!guard.knows(host), "{host}");
        }
        assert!(!HostGuard::default().knows("studio.local") && !HostGuard::new("").knows(""));
    }

    #[test]
    fn only_its_own_page_is_let_in() {
        let guard = HostGuard::default();
        assert!(guard.admits("http://127.0.0.1:8080", "127.0.0.1:8080"));
        for origin in [
            "null",
            "",
            "https://127.0.0.1:8080",
            "http://127.0.0.1:8081",
            "http://127.0.0.1",
            "http://evil.example:8080",
        ] {
            assert!(!guard.admits(origin, "127.0.0.1:8080"), "{origin}");
        }
    }
}
