//! Whom the server turns away.

use crate::client::{Socket, request};
use crate::rig::{Rig, SONG};

#[test]
fn names_of_others_are_turned_away() {
    let rig = Rig::new(SONG);
    let port = rig.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "192.168.1.7"] {
        assert_eq!(request(rig.address, "GET /mod", &format!("Host: {host}:{port}\r\n")).0, 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "a\"; script-src *", ""] {
        let line = format!("Host: {host}:{port}\r\n");
        for accept in ["", "Accept: text/html\r\n"] {
            assert_eq!(request(rig.address, "GET /", &format!("{line}{accept}")).0, 403, "{host}");
        }
    }
    assert_eq!(request(rig.address, "GET /", "").0, 400);
    assert_eq!(request(rig.address, "GET /", "Host: localhost\r\nHost: evil.example\r\n").0, 400);
}

#[test]
fn a_name_that_was_asked_for_is_known() {
    let rig = Rig::at(SONG, ([127, 0, 0, 1], 0).into(), "studio.local");
    assert_eq!(request(rig.address, "GET /mod", "Host: studio.local:8080\r\n").0, 200);
    assert_eq!(request(rig.address, "GET /mod", "Host: other.local:8080\r\n").0, 403);
}

#[test]
fn pages_of_others_get_no_socket() {
    let rig = Rig::new(SONG);
    let host = rig.address.to_string();
    let open = |origin: Option<&str>| Socket::open(rig.address, &host, origin).err();
    assert_eq!(open(None), None);
    assert_eq!(open(Some(&format!("http://{host}"))), None);
    let port = rig.address.port();
    for origin in [
        "null",
        "http://evil.example",
        &format!("https://{host}"),
        &format!("http://localhost:{port}"),
        "http://127.0.0.1:1",
    ] {
        assert_eq!(open(Some(origin)), Some(403), "{origin}");
    }
    let evil = format!("evil.example:{port}");
    assert_eq!(Socket::open(rig.address, &evil, Some(&format!("http://{evil}"))).err(), Some(403));
}

#[test]
fn a_handshake_is_whole() {
    let rig = Rig::new(SONG);
    let fields = |extra: &str| format!("Host: {}\r\nUpgrade: websocket\r\n{extra}", rig.address);
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let status = |line: &str, extra: &str| request(rig.address, line, &fields(extra)).0;
    let upgrade = "Connection: Upgrade\r\n";
    assert_eq!(status("GET /", &format!("{upgrade}{key}")), 426);
    assert_eq!(status("GET /", &format!("{upgrade}Sec-WebSocket-Version: 13\r\n")), 400);
    assert_eq!(status("GET /", &format!("{key}Sec-WebSocket-Version: 13\r\n")), 400);
    assert_eq!(status("POST /", &format!("{upgrade}{key}Sec-WebSocket-Version: 13\r\n")), 400);
    assert_eq!(status("GET /mod", &format!("{upgrade}{key}Sec-WebSocket-Version: 13\r\n")), 404);
}
