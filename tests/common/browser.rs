//! A browser without a screen, told what to do by the DevTools protocol.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message as Frame, WebSocket};

use crate::skip::missing;

const LONG: Duration = Duration::from_mins(1);

/// A browser with one page. It ends with this.
pub(crate) struct Browser {
    child: Child,
    folder: PathBuf,
    socket: WebSocket<TcpStream>,
    session: String,
    number: u64,
    /// What has happened so far: the names of events and what they tell.
    pub(crate) events: Vec<(String, Value)>,
}

/// The program, if there is one.
fn program() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

impl Browser {
    /// Starts one; `None` where there is none, and the check `name` is skipped.
    pub(crate) fn start(name: &str) -> Option<Self> {
        let Some(program) = program() else {
            missing(name, "no chromium here; `.ci/page` installs it");
            return None;
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let start = Instant::now();
        let (port, path) = loop {
            let told = std::fs::read_to_string(folder.join("DevToolsActivePort")).unwrap_or_default();
            if let Some((port, path)) = told.trim().split_once('\n') {
                break (port.parse::<u16>().unwrap(), path.to_owned());
            }
            assert!(start.elapsed() < LONG, "the browser doesn't start");
            std::thread::sleep(Duration::from_millis(50));
        };
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        stream.set_read_timeout(Some(LONG)).unwrap();
        let (socket, _) =
            tungstenite::client(format!("ws://127.0.0.1:{port}{path}"), stream).expect("it talks");
        let mut browser =
            Self { child, folder, socket, session: String::new(), number: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &target);
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Calls a method and gives its result.
    pub(crate) fn call(&mut self, method: &str, with: &Value) -> Value {
        self.number += 1;
        let mut command = json!({ "id": self.number, "method": method, "params": with });
        if !self.session.is_empty() {
            command["sessionId"] = self.session.as_str().into();
        }
        self.socket.send(Frame::text(command.to_string())).expect("it hears");
        let start = Instant::now();
        loop {
            // Events may come all the time.
            assert!(start.elapsed() < LONG, "{method} is never answered");
            let Frame::Text(text) = self.socket.read().expect("it answers") else { continue };
            let answer: Value = serde_json::from_str(text.as_str()).unwrap();
            if answer["id"] == self.number {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            if let Some(name) = answer["method"].as_str() {
                self.events.push((name.to_owned(), answer["params"].clone()));
            }
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let with = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &with);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, expression: &str) {
        let start = Instant::now();
        while self.ask(expression) != true {
            assert!(start.elapsed() < LONG, "waited in vain: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses a key and lets it go.
    pub(crate) fn key(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let with = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", &with);
        }
    }

    /// Does something with the mouse in the middle of what a selector finds.
    pub(crate) fn mouse(&mut self, selector: &str, doings: &[Value]) {
        let middle = format!(
            "(() => {{ const node = document.querySelector({selector:?}); node.scrollIntoView({{ block: 'center' }}); \
             const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let middle = self.ask(&middle);
        for doing in doings {
            let mut with = doing.clone();
            for (axis, place) in [("x", 0), ("y", 1)] {
                with[axis] = (middle[place].as_f64().unwrap() + doing[axis].as_f64().unwrap_or(0.0)).into();
            }
            self.call("Input.dispatchMouseEvent", &with);
        }
    }

    /// Clicks in the middle of what a selector finds, so many times in a row.
    pub(crate) fn click(&mut self, selector: &str, times: u32) {
        for count in 1..=times {
            let doing = |kind: &str| json!({ "type": kind, "button": "left", "clickCount": count });
            self.mouse(selector, &[doing("mousePressed"), doing("mouseReleased")]);
        }
    }

    /// The size of the window, and whether it is dark.
    pub(crate) fn size(&mut self, width: u32, height: u32, dark: bool) {
        let with = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", &with);
        let scheme = if dark { "dark" } else { "light" };
        let with = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", &with);
    }

    /// Keeps a picture of what is seen where somebody wants to look at it.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("CHRONUS_PICTURES") else { return };
        let with = json!({ "format": "png" });
        let shot = self.call("Page.captureScreenshot", &with);
        let bytes = bytes(shot["data"].as_str().unwrap());
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    /// What the page has complained about.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let bad = |(name, event): &&(String, Value)| match name.as_str() {
            "Runtime.exceptionThrown" | "Log.entryAdded" => true,
            "Runtime.consoleAPICalled" => ["error", "warning"].contains(&event["type"].as_str().unwrap()),
            _ => false,
        };
        self.events.iter().filter(bad).map(|(name, event)| format!("{name} {event}")).collect()
    }

    /// Where requests went.
    pub(crate) fn requests(&self) -> Vec<String> {
        let url = |(name, event): &(String, Value)| match name.as_str() {
            "Network.requestWillBeSent" => event["request"]["url"].as_str().map(str::to_owned),
            "Network.webSocketCreated" => event["url"].as_str().map(str::to_owned),
            _ => None,
        };
        self.events.iter().filter_map(url).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The bytes of base64.
fn bytes(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = text.trim_end_matches('=').as_bytes();
    let four = |four: &[u8]| {
        let bits = four.iter().fold(0u32, |bits, byte| bits << 6 | u32::from(digit(*byte)));
        let bits = bits << (6 * (4 - four.len()) + 8);
        bits.to_be_bytes()[..four.len() * 6 / 8].to_vec()
    };
    text.chunks(4).flat_map(four).collect()
}
