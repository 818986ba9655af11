//! Answers of HTTP: one a connection, which then is closed.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use crate::web::page;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its number: 200 and so on.
    pub status: u16,
    /// What is in the body.
    pub kind: &'static str,
    /// The body.
    pub body: String,
    /// What the page may do, where there is a page.
    pub policy: Option<String>,
}

impl Answer {
    /// JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self { status: 200, kind: "application/json", body: value.to_string(), policy: None }
    }

    /// The page, as `host` gets it.
    pub fn page(host: &str) -> Self {
        let nonce = page::nonce();
        let policy = Some(page::policy(host, &nonce));
        Self { status: 200, kind: "text/html; charset=utf-8", body: page::page(&nonce), policy }
    }

    /// A number and its reason, as a line of text; 204 has no body.
    pub fn plain(status: u16) -> Self {
        let body = if status == 204 { String::new() } else { format!("{status} {}\n", reason(status)) };
        Self { status, kind: "text/plain; charset=utf-8", body, policy: None }
    }

    /// Sends it, without the body where only the head was asked for. Who has gone misses it.
    pub fn send(&self, stream: &mut TcpStream, bare: bool) {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        if self.status != 204 {
            text += &field("Content-Type", self.kind);
            text += &field("Content-Length", &self.body.len().to_string());
        }
        if self.status == 405 {
            text += &field("Allow", "GET, HEAD");
        }
        if let Some(policy) = &self.policy {
            text += &field("Content-Security-Policy", policy);
        }
        text += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
                 Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n";
        if !bare {
            text += &self.body;
        }
        if stream.write_all(text.as_bytes()).is_ok() {
            drop(stream.shutdown(Shutdown::Write));
        }
    }
}

fn field(name: &str, value: &str) -> String {
    format!("{name}: {value}\r\n")
}

/// The reason that goes with a number.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    }
}
