//! Clients: requests of HTTP as they are written, and WebSockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use chronus::osc::message::{Arg, Message};
use chronus::osc::packet;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message as Frame, WebSocket};

const LONG: Duration = Duration::from_secs(20);

/// Everything that comes back for some bytes.
pub(crate) fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(LONG)).unwrap();
    // What is too long may be refused before it is over.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

/// What comes back for a request with some fields: its number, its head, its body.
pub(crate) fn request(address: SocketAddr, line: &str, fields: &str) -> (u16, String, String) {
    let answer = raw(address, format!("{line} HTTP/1.1\r\n{fields}\r\n").as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

/// What comes back for a path.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, Value) {
    let (status, _, body) = request(address, &format!("GET {path}"), &format!("Host: {address}\r\n"));
    (status, serde_json::from_str(&body).unwrap_or_default())
}

/// A WebSocket.
pub(crate) struct Socket(pub(crate) WebSocket<TcpStream>);

impl Socket {
    /// Opens one, as a page of `origin` if there is one. The error is the number that came instead.
    pub(crate) fn open(address: SocketAddr, host: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(LONG)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::open(address, &address.to_string(), None).expect("it is let in")
    }

    pub(crate) fn say(&mut self, address: &str, args: impl IntoIterator<Item = Arg>) {
        self.0.send(Frame::binary(packet::write(&Message::new(address, args)))).expect("it is sent");
    }

    pub(crate) fn command(&mut self, command: &str, data: impl Into<Value>) {
        let text = json!({ "COMMAND": command, "DATA": data.into() }).to_string();
        self.0.send(Frame::text(text)).expect("it is sent");
    }

    /// The next message of OSC for which there is something to be had.
    pub(crate) fn heard<T>(&mut self, mut wanted: impl FnMut(&Message) -> Option<T>) -> T {
        let start = Instant::now();
        while start.elapsed() < LONG {
            let Frame::Binary(bytes) = self.0.read().expect("something comes") else { continue };
            for timed in packet::read(&bytes).expect("a packet").messages {
                if let Some(found) = wanted(&timed.message) {
                    return found;
                }
            }
        }
        panic!("it never came");
    }

    /// The next command for which there is something to be had.
    pub(crate) fn told<T>(&mut self, mut wanted: impl FnMut(&str, &Value) -> Option<T>) -> T {
        let start = Instant::now();
        while start.elapsed() < LONG {
            let Frame::Text(text) = self.0.read().expect("something comes") else { continue };
            let command: Value = serde_json::from_str(text.as_str()).expect("JSON");
            if let Some(found) = wanted(command["COMMAND"].as_str().unwrap(), &command["DATA"]) {
                return found;
            }
        }
        panic!("it never came");
    }

    /// How it ends.
    pub(crate) fn end(&mut self) -> Option<u16> {
        loop {
            match self.0.read() {
                Ok(Frame::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}
