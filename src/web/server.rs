//! The server: connections, each on a thread of its own, and what they ask for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tungstenite::handshake::derive_accept_key;

use crate::live::control_thread::ThreadCommand;
use crate::live::view::View;
use crate::web::answer::Answer;
use crate::web::connection::Connection;
use crate::web::head::{HeadFault, RequestHead};
use crate::web::host_guard::HostGuard;
use crate::web::link::SessionLink;
use crate::web::query::{QueryAnswer, find, host_info, tree};

/// Connections at a time.
pub const MOST: usize = 32;
/// How long a request, or an answer on its way, may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked for new connections.
const LOOK: Duration = Duration::from_millis(10);

/// Where the page is served; nobody is let in yet.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    guard: HostGuard,
    address: SocketAddr,
}

impl Listener {
    /// Listens at `address`, of which `host` is the name that was asked for; port 0 is any that is free.
    pub fn open(address: SocketAddr, host: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, guard: HostGuard::new(host), address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets clients in, to talk to a session. It hears OSC at `osc` as well, if at all.
    pub fn serve(
        self,
        say: Sender<ThreadCommand>,
        view: Arc<Mutex<View>>,
        osc: Option<SocketAddr>,
    ) -> Server {
        let link = Arc::new(SessionLink::new(say, view));
        let shared = Arc::clone(&link);
        let address = self.address;
        let state = Arc::new(ServerState { guard: self.guard, address, osc });
        let listener = self.listener;
        let handle = std::thread::spawn(move || let_in(&listener, &state, &shared));
        Server { link, handle: Some(handle), address }
    }
}

/// A server that runs; it ends, with all its connections, when it is dropped.
pub struct Server {
    link: Arc<SessionLink>,
    handle: Option<JoinHandle<()>>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.link.stop.store(true, Ordering::Relaxed);
        drop(self.handle.take().map(JoinHandle::join));
    }
}

/// What the server is.
struct ServerState {
    guard: HostGuard,
    address: SocketAddr,
    osc: Option<SocketAddr>,
}

/// Lets clients in until it is over, and waits for those inside.
fn let_in(listener: &TcpListener, state: &Arc<ServerState>, link: &Arc<SessionLink>) {
    let mut inside: Vec<(JoinHandle<()>, TcpStream)> = Vec::new();
    while !link.stop.load(Ordering::Relaxed) {
        inside.retain(|(thread, _)| !thread.is_finished());
        let Ok((mut stream, _)) = listener.accept() else {
            // None is there, or the system has no room for it at the moment.
            std::thread::sleep(LOOK);
            continue;
        };
        let usable = stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_nodelay(true))
            .and_then(|()| stream.try_clone());
        let Ok(other) = usable else { continue };
        if inside.len() >= MOST {
            // What has been asked is read, or closing would take the answer back.
            drop(stream.set_read_timeout(Some(LOOK)));
            drop(stream.read(&mut [0; 1024]));
            Answer::plain(503).send(&mut stream, false);
            continue;
        }
        let (state, link) = (Arc::clone(state), Arc::clone(link));
        inside.push((std::thread::spawn(move || meet(stream, &state, &link)), other));
    }
    // Time to say good-bye; then one that still waits for a slow client is woken.
    for _ in 0..10 {
        inside.retain(|(thread, _)| !thread.is_finished());
        if inside.is_empty() {
            break;
        }
        std::thread::sleep(LOOK);
    }
    for (thread, stream) in inside {
        drop(stream.shutdown(Shutdown::Both));
        drop(thread.join());
    }
}

/// Hears what a client wants.
fn meet(mut stream: TcpStream, state: &ServerState, link: &SessionLink) {
    let (head, behind) = match RequestHead::read(&mut stream, PATIENCE, &link.stop) {
        Ok(read) => read,
        Err(fault) => {
            let status = match fault {
                HeadFault::Malformed => 400,
                HeadFault::TooLong => 431,
                HeadFault::TooSlow => 408,
                HeadFault::Gone => return,
            };
            Answer::plain(status).send(&mut stream, false);
            settle(&mut stream);
            return;
        }
    };
    let host = head.field("host").unwrap_or_default().to_owned();
    let status = if !head.has_host {
        400
    } else if !state.guard.knows(&host) {
        403
    } else {
        200
    };
    if status != 200 {
        Answer::plain(status).send(&mut stream, false);
    } else if head.lists("upgrade", "websocket") {
        match upgrade(&head, &host, &state.guard) {
            Ok(key) => {
                let hello = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n\r\n"
                );
                if stream.write_all(hello.as_bytes()).is_ok() {
                    Connection::new(stream, behind, link).go_on();
                }
                return;
            }
            Err(status) => Answer::plain(status).send(&mut stream, false),
        }
    } else {
        answer(&head, &host, state, link).send(&mut stream, head.method == "HEAD");
    }
    settle(&mut stream);
}

/// Waits a moment for the client to hang up: an answer is taken back where something that it sent is still unread.
fn settle(stream: &mut TcpStream) {
    drop(stream.set_read_timeout(Some(10 * LOOK)));
    let mut rest = [0; 1024];
    for _ in 0..64 {
        match stream.read(&mut rest) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The key that a WebSocket is accepted with, or the number to refuse it with.
fn upgrade(head: &RequestHead, host: &str, guard: &HostGuard) -> Result<String, u16> {
    if head.field("origin").is_some_and(|origin| !guard.admits(origin, host)) {
        return Err(403);
    }
    if head.path != "/" {
        return Err(404);
    }
    if head.field("sec-websocket-version") != Some("13") {
        return Err(426);
    }
    let key = head.field("sec-websocket-key").filter(|key| key.len() == 24);
    match key {
        Some(key) if head.method == "GET" && head.lists("connection", "upgrade") => {
            Ok(derive_accept_key(key.as_bytes()))
        }
        _ => Err(400),
    }
}

/// What is answered to a request.
fn answer(head: &RequestHead, host: &str, state: &ServerState, link: &SessionLink) -> Answer {
    if !["GET", "HEAD"].contains(&head.method.as_str()) {
        return Answer::plain(405);
    }
    let accepts = head.field("accept").unwrap_or_default();
    if head.path == "/" && head.query.is_none() && accepts.contains("text/html") {
        return Answer::page(host);
    }
    if head.query.as_deref() == Some("HOST_INFO") {
        return Answer::json(&host_info(&link.title(), state.osc, reached(state.address, host)));
    }
    let Some(rows) = link.schema() else { return Answer::plain(503) };
    match find(&tree(&rows), &head.path, head.query.as_deref()) {
        QueryAnswer::Json(value) => Answer::json(&value),
        QueryAnswer::Nothing => Answer::plain(204),
        QueryAnswer::Nowhere => Answer::plain(404),
        QueryAnswer::Unknown => Answer::plain(400),
    }
}

/// Where a client that asked for `host` reaches the server: a server that listens everywhere has no address of its own.
fn reached(address: SocketAddr, host: &str) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let name = host.rsplit_once(':').filter(|(name, _)| !name.contains(':') || name.ends_with(']'));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let ip = name.parse::<IpAddr>().unwrap_or(address.ip());
    SocketAddr::new(ip, address.port())
}
