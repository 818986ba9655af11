//! UDP ports: the one on which an engine hears OSC, and the one through which a controller speaks to it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::net::sockopt;

use crate::diagnostic::codes::controller::CANNOT_LISTEN;
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::Message;
use crate::osc::packet::write;
use crate::osc::time::of_unix;

/// The receive buffer that is asked for: 98,000 messages a second get through with it, 10,000 with the usual one.
pub const RECEIVE_BUFFER: usize = 4 << 20;

/// No UDP packet is longer.
const LONGEST: usize = 65_536;

/// The address at which an engine is heard unless another is given.
pub const ENGINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5005);

/// Why a port can't be had.
#[derive(Debug)]
pub enum PortRefused {
    /// Another program listens there.
    Taken,
    /// The machine has no such address.
    NoSuchAddress,
    /// Ports below 1024 belong to the system.
    Forbidden,
    /// Anything else, in the system's words.
    Other(io::Error),
}

impl PortRefused {
    /// What an error of the system means.
    pub fn by(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::Taken,
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::Other(error),
        }
    }

    /// What is to be said of it; `address` is where the port was wanted.
    pub fn diagnostic(&self, address: SocketAddr) -> Diagnostic {
        let (message, help) = match self {
            Self::Taken => (
                format!("another program has the port {address}"),
                "end the other program, or choose another port; port 0 is any that is free",
            ),
            Self::NoSuchAddress => (
                format!("this machine doesn't have the address {}", address.ip()),
                "`127.0.0.1` is this machine for itself, `0.0.0.0` all its networks",
            ),
            Self::Forbidden => (
                format!("the system doesn't give out the port {}", address.port()),
                "choose a port above 1023",
            ),
            Self::Other(error) => {
                (format!("can't listen at {address}: {error}"), "choose another address or port")
            }
        };
        Diagnostic::of_file(&CANNOT_LISTEN, message).help(help)
    }
}

/// An open port.
#[derive(Debug)]
pub struct OscPort {
    socket: UdpSocket,
    buffer: Box<[u8]>,
    timeout: Option<Duration>,
    refused: bool,
}

impl OscPort {
    /// Listens at `address`; port 0 is any that is free. Asks for a receive buffer of so many bytes and takes what the
    /// system gives.
    pub fn open(address: SocketAddr, receive_buffer: usize) -> Result<Self, PortRefused> {
        Self::bound(address, receive_buffer).map_err(PortRefused::by)
    }

    /// Speaks to whoever listens at `address`, from a port of its own, and hears nobody else. The error is that this machine
    /// has no way there.
    pub fn towards(address: SocketAddr) -> io::Result<Self> {
        let any = match address {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let port = Self::bound(any, RECEIVE_BUFFER)?;
        port.socket.connect(address)?;
        Ok(port)
    }

    fn bound(address: SocketAddr, receive_buffer: usize) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        // The usual limit of a system is lower; only its administrator may go above.
        #[cfg(target_os = "linux")]
        let granted = sockopt::set_socket_recv_buffer_size_force(&socket, receive_buffer).is_ok();
        #[cfg(not(target_os = "linux"))]
        let granted = false;
        if !granted {
            let _ = sockopt::set_socket_recv_buffer_size(&socket, receive_buffer);
        }
        Ok(Self { socket, buffer: vec![0; LONGEST].into(), timeout: None, refused: false })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The bytes of the receive buffer, as the system counts them.
    pub fn receive_buffer(&self) -> usize {
        sockopt::socket_recv_buffer_size(&self.socket).unwrap_or_default()
    }

    /// The next packet and who sent it; `None` if there is none for so long, or if the machine reports that nobody listens
    /// where this port spoke to. Never allocates.
    pub fn receive(&mut self, timeout: Duration) -> Option<(&[u8], SocketAddr)> {
        // To the system, no time at all is for ever.
        let timeout = timeout.max(Duration::from_millis(1));
        if self.timeout != Some(timeout) {
            self.socket.set_read_timeout(Some(timeout)).ok()?;
            self.timeout = Some(timeout);
        }
        let start = Instant::now();
        loop {
            match self.socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => return Some((&self.buffer[..length], from)),
                // A signal of the system says nothing about the port.
                Err(error) if error.kind() == io::ErrorKind::Interrupted && start.elapsed() < timeout => {}
                Err(error) => {
                    self.refused |= is_refusal(&error);
                    return None;
                }
            }
        }
    }

    /// Sends a message; a packet that doesn't leave the machine is an error.
    pub fn send(&self, to: SocketAddr, message: &Message) -> io::Result<()> {
        self.socket.send_to(&write(message), to).map(drop)
    }

    /// Sends a packet to whom this port was opened towards. That nobody listens there may be known only by the next call.
    pub fn say(&mut self, packet: &[u8]) -> io::Result<()> {
        match self.socket.send(packet) {
            Err(error) if is_refusal(&error) => {
                self.refused = true;
                Ok(())
            }
            sent => sent.map(drop),
        }
    }

    /// Whether the machine that this port spoke to has reported that nobody listens there.
    pub fn is_refused(&self) -> bool {
        self.refused
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}

/// The addresses at which a port itself is heard.
#[derive(Clone, Debug, Default)]
pub struct Own {
    at: Option<SocketAddr>,
}

impl Own {
    /// Those of `port`.
    pub fn of(port: &OscPort) -> Self {
        Self { at: port.address().ok() }
    }

    /// Whether `address` is one of them: a port that listens at any address is heard at each that this machine has.
    pub fn is(&self, address: SocketAddr) -> bool {
        let Some(own) = self.at.filter(|own| own.port() == address.port()) else { return false };
        let (own, ip) = (own.ip().to_canonical(), address.ip().to_canonical());
        // Only an address of this machine can be bound.
        ip == own || own.is_unspecified() && (ip.is_unspecified() || UdpSocket::bind((ip, 0)).is_ok())
    }
}

/// The NTP timestamp of this moment; that of 1970 if the clock stands before.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    of_unix(since.as_secs(), since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::{Duration, Instant};

    use super::{OscPort, Own, PortRefused, RECEIVE_BUFFER, now, of_unix};
    use crate::osc::message::Message;
    use crate::osc::packet::{read, write};
    use crate::osc::time::Time;

    const LONG: Duration = Duration::from_secs(5);
    const SHORT: Duration = Duration::from_millis(30);

    fn open() -> (OscPort, SocketAddr) {
        let port = OscPort::open((Ipv4Addr::LOCALHOST, 0).into(), RECEIVE_BUFFER).expect("a free port");
        let address = port.address().expect("it has one");
        (port, address)
    }

    #[test]
    fn packets_go_both_ways() {
        let (mut engine, address) = open();
        let mut controller = OscPort::towards(address).expect("a port");
        let ping = Message::new("/ping", [3.into()]);
        controller.say(&write(&ping)).expect("it is sent");
        let (bytes, from) = engine.receive(LONG).expect("it arrives");
        assert_eq!(read(bytes).expect("a packet").messages[0].message, ping);
        engine.send(from, &ping).expect("it is sent");
        assert!(controller.receive(LONG).is_some_and(|(_, from)| from == address));
        assert!(!controller.is_refused());
    }

    #[test]
    fn a_port_knows_itself() {
        let at = |text: &str, port: u16| SocketAddr::new(text.parse().expect("an address"), port);
        let (port, address) = open();
        let own = Own::of(&port);
        assert!(own.is(address) && own.is(at("::ffff:127.0.0.1", address.port())));
        assert!(!own.is(at("127.0.0.1", address.port() ^ 1)) && !own.is(at("127.0.0.2", address.port())));
        let port = OscPort::open((Ipv4Addr::UNSPECIFIED, 0).into(), RECEIVE_BUFFER).expect("a free port");
        let (own, number) = (Own::of(&port), port.address().expect("it has one").port());
        assert!(own.is(at("127.0.0.1", number)) && own.is(at("0.0.0.0", number)));
        assert!(!own.is(at("192.0.2.1", number)) && !Own::default().is(address));
    }

    #[test]
    fn silence_ends_in_time() {
        let (mut engine, address) = open();
        let start = Instant::now();
        assert!(engine.receive(SHORT).is_none() && engine.receive(Duration::ZERO).is_none());
        assert!((SHORT..LONG).contains(&start.elapsed()));
        let mut controller = OscPort::towards(address).expect("a port");
        controller.say(b"/ping\0\0\0").expect("it is sent");
        assert!(controller.receive(SHORT).is_none() && !controller.is_refused());
    }

    #[test]
    fn that_nobody_listens_is_known() {
        let (engine, address) = open();
        drop(engine);
        let mut controller = OscPort::towards(address).expect("a port");
        controller.say(b"/ping\0\0\0").expect("it is sent");
        assert!(controller.receive(LONG).is_none() && controller.is_refused());
    }

    #[test]
    fn a_taken_port_is_refused() {
        let (_engine, address) = open();
        let refused = OscPort::open(address, RECEIVE_BUFFER).expect_err("it is taken");
        assert!(matches!(refused, PortRefused::Taken));
        let said = refused.diagnostic(address);
        assert_eq!(
            (said.code.id, said.message),
            ("cannot-listen", format!("another program has the port {address}"))
        );
        let elsewhere = "192.0.2.1:0".parse().expect("an address");
        assert!(matches!(OscPort::open(elsewhere, RECEIVE_BUFFER), Err(PortRefused::NoSuchAddress)));
    }

    #[test]
    fn the_receive_buffer_is_large() {
        let (port, _) = open();
        assert!(port.receive_buffer() >= 200_000, "{}", port.receive_buffer());
    }

    #[test]
    fn the_clock_runs() {
        let then = now();
        assert!(Time::At(now()).seconds_from(then) >= 0.0 && then != of_unix(0, 0));
    }
}
