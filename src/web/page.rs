//! The page: one file, and what a browser lets it do.

use std::hash::{BuildHasher, RandomState};

/// The page, as it is written; the nonce is left open.
const PAGE: &str = include_str!("page.html");
/// What stands for the nonce in it.
const OPEN: &str = "NONCE";

/// A word that nobody can guess: std seeds its hashes from the system's randomness.
pub fn nonce() -> String {
    let half = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", half(), half())
}

/// The page with its nonce.
pub fn page(nonce: &str) -> String {
    PAGE.replace(OPEN, nonce)
}

/// What the page may do: run its own script, look as it says, talk to the server that it came from. `host` has passed the
/// guard, so it is a name and a port and nothing else.
pub fn policy(host: &str, nonce: &str) -> String {
    // Policies have no words for addresses of IPv6; browsers of today count a WebSocket to the page's own server as `'self'`.
    let socket = if host.starts_with('[') { String::new() } else { format!(" ws://{host}") };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'{socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::{OPEN, PAGE, nonce, page};

    #[test]
    fn the_page_stands_alone() {
        assert!(PAGE.len() < 60_000, "{}", PAGE.len());
        assert_eq!(PAGE.matches(OPEN).count(), 2);
        assert!(!PAGE.contains("innerHTML") && PAGE.matches("://").count() == 1 && !PAGE.contains(" src="));
        assert_ne!(nonce(), nonce());
        assert!(page("abc").contains("nonce=\"abc\"") && !page("abc").contains(OPEN));
    }
}
