//! The head of a request: what is asked for, read with patience and room that end.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The most bytes of a head.
pub const LONGEST: usize = 8 << 10;
/// How often it is looked whether it is over.
const LOOK: Duration = Duration::from_millis(50);
/// The most lines of a head.
const FIELDS: usize = 64;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHead {
    /// `GET` and the like.
    pub method: String,
    /// What is asked for, without what follows the first `?`; escapes are resolved.
    pub path: String,
    /// What follows the first `?`.
    pub query: Option<String>,
    /// Names in lower case, and values.
    fields: Vec<(String, String)>,
    /// Whether a `Host` is said exactly once, as it has to be.
    pub has_host: bool,
}

/// Why there is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFault {
    /// It isn't HTTP.
    Malformed,
    /// It has no end in sight.
    TooLong,
    /// It took too long.
    TooSlow,
    /// Nobody is there any more.
    Gone,
}

impl RequestHead {
    /// The value of a field; `name` in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field lists `word`, whatever the case.
    pub fn lists(&self, name: &str, word: &str) -> bool {
        let values = self.fields.iter().filter(|(known, _)| known == name);
        values.flat_map(|(_, value)| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
    }

    /// Reads a head; `None` while it isn't whole. With it come the bytes that it takes.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HeadFault> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(HeadFault::Malformed),
        };
        let target = request.path.unwrap_or_default();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let fields: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|field| {
                let value = String::from_utf8_lossy(field.value).trim().to_owned();
                (field.name.to_ascii_lowercase(), value)
            })
            .collect();
        let has_host = fields.iter().filter(|(name, _)| name == "host").count() == 1;
        let path = unescaped(path).filter(|path| path.starts_with('/')).ok_or(HeadFault::Malformed)?;
        let method = request.method.unwrap_or_default().to_owned();
        Ok(Some((Self { method, path, query, fields, has_host }, length)))
    }

    /// Waits for a head, `patience` long in all or until `stop`, and gives what has come after it as well.
    pub fn read(
        stream: &mut TcpStream,
        patience: Duration,
        stop: &AtomicBool,
    ) -> Result<(Self, Vec<u8>), HeadFault> {
        let start = Instant::now();
        stream.set_read_timeout(Some(LOOK)).map_err(|_| HeadFault::Gone)?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 1024];
        loop {
            if start.elapsed() > patience || stop.load(Ordering::Relaxed) {
                return Err(HeadFault::TooSlow);
            }
            match stream.read(&mut chunk) {
                Ok(0) => return Err(HeadFault::Gone),
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => continue,
                    _ => return Err(HeadFault::Gone),
                },
            }
            if let Some((head, length)) = Self::parse(&bytes)? {
                return if length > LONGEST {
                    Err(HeadFault::TooLong)
                } else {
                    Ok((head, bytes.split_off(length)))
                };
            }
            if bytes.len() > LONGEST {
                return Err(HeadFault::TooLong);
            }
        }
    }
}

/// A path with its escapes (`%20`) resolved; `None` if they aren't whole, or no text.
fn unescaped(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut plain = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        plain.push((high * 16 + low) as u8);
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::{HeadFault, RequestHead, unescaped};

    #[test]
    fn a_head_is_read() {
        let text =
            b"GET /mod/b%C3%A4ss?VALUE HTTP/1.1\r\nHost: a:1\r\nConnection: keep-alive, Upgrade\r\n\r\nrest";
        let (head, length) = RequestHead::parse(text).unwrap().unwrap();
        assert_eq!((head.method.as_str(), head.path.as_str()), ("GET", "/mod/b\u{e4}ss"));
        assert_eq!(
            (head.query.as_deref(), head.field("host"), length),
            (Some("VALUE"), Some("a:1"), text.len() - 4)
        );
        assert!(head.has_host && head.lists("connection", "upgrade") && !head.lists("connection", "up"));
    }

    #[test]
    fn what_is_none_is_said() {
        assert_eq!(RequestHead::parse(b"GET / HTTP/1.1\r\nHost:"), Ok(None));
        for text in
            [&b"\0\0\0\0"[..], b"GET\r\n\r\n", b"GET http://x/ HTTP/1.1\r\n\r\n", b"GET /%f HTTP/1.1\r\n\r\n"]
        {
            assert_eq!(RequestHead::parse(text), Err(HeadFault::Malformed));
        }
        let two = RequestHead::parse(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").unwrap().unwrap().0;
        assert!(!two.has_host);
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100));
        assert_eq!(RequestHead::parse(many.as_bytes()), Err(HeadFault::Malformed));
    }

    #[test]
    fn escapes_are_whole() {
        assert_eq!(unescaped("/a%2fb%20c").as_deref(), Some("/a/b c"));
        assert!(["%", "%1", "%zz", "%ff"].iter().all(|path| unescaped(path).is_none()));
    }
}
