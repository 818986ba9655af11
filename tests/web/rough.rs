//! Clients that are broken, slow, too many or too much.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use chronus::osc::message::Arg;
use chronus::web::server::MOST;
use tungstenite::Message as Frame;
use tungstenite::protocol::frame::Frame as Piece;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::client::{Socket, get, raw, request};
use crate::rig::{Rig, SONG};

/// The server answers as it should.
fn is_well(rig: &Rig) {
    assert_eq!(get(rig.address, "/mod").0, 200);
    let mut socket = Socket::to(rig.address);
    socket.say("/ping", []);
    socket.heard(|message| (message.address == "/pong").then_some(()));
    assert!(rig.see(|view| view.beat.playing));
}

/// Bytes that are the same each time and mean nothing.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(byte).collect()
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let rig = Rig::new(SONG);
    for seed in 0..20 {
        let mut bytes = noise(2_000, seed);
        bytes.extend(b"\r\n\r\n");
        let answer = raw(rig.address, &bytes);
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let huge = format!("GET / HTTP/1.1\r\nHost: {}\r\nX: {}\r\n\r\n", rig.address, "x".repeat(20_000));
    assert!(raw(rig.address, huge.as_bytes()).starts_with("HTTP/1.1 431 "));
    let path = format!("GET /{}", "x/".repeat(30_000));
    assert_eq!(request(rig.address, &path, "").0, 431);
    is_well(&rig);
}

#[test]
fn slow_heads_end() {
    let rig = Rig::new(SONG);
    let mut stream = TcpStream::connect(rig.address).unwrap();
    stream.set_nonblocking(true).unwrap();
    let start = Instant::now();
    let mut answer = Vec::new();
    let mut letters = b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'x'));
    while answer.is_empty() && start.elapsed() < Duration::from_secs(30) {
        let _ = stream.write_all(&[*letters.next().unwrap()]);
        std::thread::sleep(Duration::from_millis(100));
        let _ = stream.read_to_end(&mut answer);
    }
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{:?}", String::from_utf8_lossy(&answer));
    assert!((Duration::from_secs(4)..Duration::from_secs(20)).contains(&start.elapsed()));
    is_well(&rig);
}

#[test]
fn one_more_than_there_is_room_for_is_turned_away() {
    let rig = Rig::new(SONG);
    let mut sockets: Vec<Socket> = (0..MOST).map(|_| Socket::to(rig.address)).collect();
    assert_eq!(get(rig.address, "/mod").0, 503);
    assert_eq!(Socket::open(rig.address, &rig.address.to_string(), None).err(), Some(503));
    for socket in &mut sockets {
        socket.say("/ping", []);
        socket.heard(|message| (message.address == "/pong").then_some(()));
    }
    drop(sockets);
    let start = Instant::now();
    while get(rig.address, "/mod").0 == 503 {
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    is_well(&rig);
}

#[test]
fn what_is_too_long_ends_the_conversation() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    socket.0.send(Frame::binary(vec![0; 64 << 10])).unwrap();
    assert!(socket.heard(|message| (message.address == "/error").then_some(true)));
    // The server may hang up while it is still being sent.
    let _ = socket.0.send(Frame::binary(vec![0; (64 << 10) + 1]));
    assert!([Some(1009), None].contains(&socket.end()));
    // In pieces that are small enough, too.
    let mut socket = Socket::to(rig.address);
    let piece = |kind, last| Frame::Frame(Piece::message(vec![0; 40_000], OpCode::Data(kind), last));
    let _ = socket.0.send(piece(Data::Binary, false));
    let _ = socket.0.send(piece(Data::Continue, true));
    assert!([Some(1009), None].contains(&socket.end()));
    is_well(&rig);
}

#[test]
fn messages_may_come_in_pieces() {
    let rig = Rig::new(SONG);
    let mut socket = Socket::to(rig.address);
    let bytes = chronus::osc::packet::write(&chronus::osc::message::Message::new("/ping", [Arg::Int(3)]));
    let (first, rest) = bytes.split_at(5);
    let piece =
        |bytes: &[u8], kind, last| Frame::Frame(Piece::message(bytes.to_vec(), OpCode::Data(kind), last));
    socket.0.send(piece(first, Data::Binary, false)).unwrap();
    socket.0.send(Frame::Ping(vec![1].into())).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    socket.0.send(piece(rest, Data::Continue, true)).unwrap();
    assert_eq!(socket.heard(|message| message.args.first().cloned()), Arg::Int(3));
}

#[test]
fn noise_in_a_socket_does_no_harm() {
    let rig = Rig::new(SONG);
    for seed in 0..20 {
        let mut socket = Socket::to(rig.address);
        for length in [0, 1, 3, 16, 400] {
            socket.0.send(Frame::binary(noise(length, seed + 1))).unwrap();
        }
        socket.say("/ping", []);
        socket.heard(|message| (message.address == "/pong").then_some(()));
        // Bytes that are no frames at all.
        socket.0.get_mut().write_all(&noise(3_000, seed)).unwrap();
        socket.end();
    }
    is_well(&rig);
}

#[test]
fn a_client_that_never_reads_holds_nobody_up() {
    let rig = Rig::new(SONG);
    let mut deaf = Socket::to(rig.address);
    deaf.0.get_mut().set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    for _ in 0..20_000 {
        let message = chronus::osc::message::Message::new("/engine/schema", []);
        if deaf.0.send(Frame::binary(chronus::osc::packet::write(&message))).is_err() {
            break;
        }
    }
    let start = Instant::now();
    is_well(&rig);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
