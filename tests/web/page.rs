//! The page in a browser, as somebody uses it.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::rig::{Rig, SONG};
use crate::skip::skip;

const READY: &str = "document.querySelectorAll('.track').length > 1 && document.querySelectorAll('.knob').length > 5 \
                     && !document.body.classList.contains('lost')";
const KNOB: &str = "[aria-label='bass filter cutoff']";

fn opened(name: &str, rig: &Rig) -> Option<Browser> {
    let mut browser = Browser::start(name)?;
    browser.size(1280, 900, false);
    browser.call("Page.navigate", &json!({ "url": format!("http://{}/", rig.address) }));
    browser.wait(READY);
    Some(browser)
}

fn cutoff(rig: &Rig) -> Option<f64> {
    rig.see(|view| view.put.iter().find(|put| put.path == "bass.filter.cutoff").map(|put| put.value))
}

#[test]
fn hands_on_the_page_move_the_song() {
    // The first section lasts longer than a busy machine takes for this test.
    let rig = Rig::new(&SONG.replacen("bars=2", "bars=200", 1));
    let Some(mut browser) = opened("hands", &rig) else { return };
    // The words of a song are text.
    assert_eq!(browser.ask("document.querySelector('h1').textContent"), "<script>alert(1)</script> & <b>co");
    assert_eq!(browser.ask("document.querySelectorAll('h1 *').length"), 0);
    browser.wait("document.querySelectorAll('.steps i.lit').length > 0");
    assert_eq!(
        browser.ask("document.querySelectorAll('.track .steps')[0].getAttribute('aria-label')"),
        "Steps X..x..x.X..x..x."
    );

    browser.click(".track .mute", 1);
    rig.wait("a mute", |view| view.tracks[0].muted && !view.tracks[1].muted);
    browser.wait("document.querySelector('.track .mute').getAttribute('aria-pressed') === 'true'");
    browser.click(".track .mute", 1);
    rig.wait("no mute", |view| !view.tracks[0].muted);
    browser.click(".track .solo", 1);
    rig.wait("a solo", |view| view.tracks[0].solo && !view.tracks[1].heard);
    browser.click(".track .solo", 1);

    assert_eq!(
        browser.ask(&format!("document.querySelector(\"{KNOB}\").getAttribute('aria-valuenow')")),
        "800"
    );
    browser.ask(&format!("document.querySelector(\"{KNOB}\").focus()"));
    browser.key("ArrowUp", 38);
    rig.wait("a control", |view| view.put.len() == 1);
    let moved = cutoff(&rig).expect("the cutoff");
    assert!((840.0..870.0).contains(&moved), "{moved}");
    browser.key("End", 35);
    rig.wait("the end", |view| view.put[0].value == 20_000.0);
    browser.wait(&format!(
        "document.querySelector(\"{KNOB}\").getAttribute('aria-valuetext') === '20 kHz, taken over'"
    ));
    browser.click(KNOB, 2);
    rig.wait("handed back", |view| view.put.is_empty());
    browser.wait(&format!("document.querySelector(\"{KNOB}\").getAttribute('aria-valuetext') === '800 Hz'"));
    let drag =
        |kind: &str, y: f64| json!({ "type": kind, "button": "left", "buttons": 1, "clickCount": 1, "y": y });
    browser.mouse(
        KNOB,
        &[
            drag("mousePressed", 0.0),
            drag("mouseMoved", -30.0),
            drag("mouseMoved", -60.0),
            drag("mouseReleased", -60.0),
        ],
    );
    rig.wait("a drag", |view| view.put.iter().any(|put| put.value > 2_000.0));
    // A hand of somebody else's.
    let mut socket = crate::client::Socket::to(rig.address);
    std::thread::sleep(std::time::Duration::from_millis(500));
    socket.say("/mod/bass/filter/cutoff", [1250.0.into()]);
    browser.wait(&format!(
        "document.querySelector(\"{KNOB}\").getAttribute('aria-valuetext') === '1.25 kHz, taken over'"
    ));
    browser.click("#auto", 1);
    rig.wait("all handed back", |view| view.put.is_empty());

    browser.ask("(() => { const bpm = document.querySelector('#bpm'); bpm.value = 150; bpm.onchange(); })()");
    rig.wait("a tempo", |view| view.tempo_put && view.beat.tempo == 150.0);
    browser.wait("!document.querySelector('#bpm-auto').disabled");
    browser.click("#bpm-auto", 1);
    rig.wait("the song's tempo", |view| !view.tempo_put);
    browser.click("#sections span:nth-child(2) .round", 1);
    rig.wait("a loop", |view| view.loop_range == Some((201, 202)));
    browser.wait("document.querySelectorAll('#sections .round')[1].getAttribute('aria-pressed') === 'true'");
    browser.click("#sections span:nth-child(2) .round", 1);
    rig.wait("no loop", |view| view.loop_range.is_none());
    browser.click("#play", 1);
    rig.wait("a stop", |view| !view.beat.playing);
    browser.wait("document.querySelector('#play').textContent === 'Play'");
    let hold = |kind: &str| json!({ "type": kind, "button": "left", "clickCount": 1 });
    let messages = rig.see(|view| view.messages);
    browser.mouse("#voices button", &[hold("mousePressed")]);
    browser.wait("document.querySelector('#voices button').getAttribute('aria-pressed') === 'true'");
    rig.wait("a gate", |view| view.messages > messages);
    browser.mouse("#voices button", &[hold("mouseReleased")]);
    rig.wait("its end", |view| view.messages > messages + 1);
    browser.ask("document.querySelector('#voices button').focus()");
    browser.key("Enter", 13);
    rig.wait("a key", |view| view.messages > messages + 3);

    browser.click("#parts button:last-child", 1);
    assert_eq!(browser.ask("[...document.querySelectorAll('.group')].filter(group => group.offsetParent && !group.ariaLabel.startsWith('hat')).length"), 0);
    browser.click("#parts button", 1);
    browser.ask("(() => { const search = document.querySelector('#search'); search.value = 'bass cutoff freq'; search.oninput(); })()");
    assert_eq!(
        browser.ask("[...document.querySelectorAll('.knob')].filter(knob => knob.offsetParent).length"),
        1
    );
    assert_eq!(rig.see(|view| view.refused), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    let home = [
        format!("http://{}/", rig.address),
        format!("ws://{}/", rig.address),
        "data:,".to_owned(),
        "about:blank".to_owned(),
    ];
    let elsewhere: Vec<String> = browser.requests().into_iter().filter(|url| !home.contains(url)).collect();
    assert_eq!(elsewhere, Vec::<String>::new());
}

/// A knob of a second name stays where it is dragged, and goes with what it stands for.
#[test]
fn second_names_are_knobs_that_stay() {
    let song = SONG.replace(
        "    adsr env\n    route osc",
        "    adsr env\n    alias bright.freq filter.cutoff min=50 max=8000\n    route osc",
    );
    let rig = Rig::new(&format!("{song}alias dark.freq bass.filter.cutoff min=20 max=2000\n"));
    let Some(mut browser) = opened("names", &rig) else { return };
    let knob = "[aria-label='bass bright freq']";
    browser.wait(&format!("Boolean(document.querySelector(\"{knob}\"))"));
    // They come first; the inner parts of what has some are folded away, and those of other instruments are not.
    assert_eq!(browser.ask(&format!("Boolean(document.querySelector(\"#groups {knob}\"))")), true);
    assert_eq!(browser.ask(&format!("Boolean(document.querySelector(\"#inner {KNOB}\"))")), true);
    assert_eq!(browser.ask("document.querySelector('#fold').open"), false);
    assert_eq!(browser.ask("Boolean(document.querySelector(\"#groups [aria-label='hat hiss colour']\") || document.querySelector(\"#groups [aria-label^='hat ']\"))"), true);
    assert_eq!(browser.ask("Boolean(document.querySelector(\"#groups [aria-label='bass gain']\"))"), true);
    let drag =
        |kind: &str, y: f64| json!({ "type": kind, "button": "left", "buttons": 1, "clickCount": 1, "y": y });
    let moves = [
        drag("mousePressed", 0.0),
        drag("mouseMoved", -30.0),
        drag("mouseMoved", -60.0),
        drag("mouseReleased", -60.0),
    ];
    browser.mouse(knob, &moves);
    rig.wait("a drag", |view| view.put.len() == 1 && view.put[0].value > 1_000.0);
    std::thread::sleep(std::time::Duration::from_millis(900));
    let value = rig.see(|view| view.put[0].value);
    rig.see(|view| {
        assert_eq!((view.put[0].path.as_str(), view.put[0].others.len()), ("bass.bright.freq", 2));
    });
    // Each name stands there, and is shown as taken over.
    for name in [knob, KNOB, "[aria-label='dark freq']"] {
        let shown =
            browser.ask(&format!("Number(document.querySelector(\"{name}\").getAttribute('aria-valuenow'))"));
        let shown = shown.as_f64().expect("a number");
        assert!((shown / value - 1.0).abs() < 1e-3, "{name} shows {shown}, not {value}");
        let told = browser.ask(&format!("document.querySelector(\"{name}\").getAttribute('aria-valuetext')"));
        assert!(told.as_str().is_some_and(|told| told.ends_with("taken over")), "{name}: {told}");
    }
    // What is searched for is seen though it is folded away.
    let search = |browser: &mut Browser, words: &str| {
        browser.ask(&format!("(() => {{ const search = document.querySelector('#search'); search.value = '{words}'; search.oninput(); }})()"));
    };
    search(&mut browser, "bass filter cutoff");
    assert_eq!(browser.ask(&format!("document.querySelector(\"{KNOB}\").offsetParent !== null")), true);
    search(&mut browser, "");
    assert_eq!(browser.ask("document.querySelector('#fold').open"), false);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// A finger that goes up or down scrolls the page wherever it lies; one that goes sideways over a knob turns it.
#[test]
fn a_finger_that_scrolls_turns_no_knob() {
    let rig = Rig::new(SONG);
    let Some(mut browser) = opened("fingers", &rig) else { return };
    browser.size(400, 700, false);
    browser.call("Emulation.setTouchEmulationEnabled", &json!({ "enabled": true, "maxTouchPoints": 1 }));
    let place = format!(
        "(() => {{ const knob = document.querySelector(\"{KNOB}\"); knob.scrollIntoView({{ block: 'center' }}); \
         const box = knob.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; }})()"
    );
    let mut finger = |across: f64, along: f64| {
        let at = browser.ask(&place);
        let [x, y] = [0, 1].map(|side| at[side].as_f64().expect("a place"));
        let point = |share: f64| json!([{ "x": x + across * share, "y": y + along * share }]);
        browser.call("Input.dispatchTouchEvent", &json!({ "type": "touchStart", "touchPoints": point(0.0) }));
        for step in 1..=12 {
            let points = point(f64::from(step) / 12.0);
            browser.call("Input.dispatchTouchEvent", &json!({ "type": "touchMove", "touchPoints": points }));
        }
        browser.call("Input.dispatchTouchEvent", &json!({ "type": "touchEnd", "touchPoints": [] }));
        std::thread::sleep(std::time::Duration::from_millis(300));
    };
    for (across, along) in [(0.0, -120.0), (0.0, 120.0), (30.0, -120.0), (-40.0, 90.0), (5.0, 5.0)] {
        finger(across, along);
        assert_eq!(rig.see(|view| view.put.len()), 0, "{across} {along}");
    }
    finger(60.0, 4.0);
    rig.wait("a turn", |view| view.put.len() == 1 && view.put[0].value > 900.0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// What is wrong with an edit stands on the page as long as it is so, with its line.
#[test]
fn the_error_of_an_edit_is_shown_with_its_line() {
    let rig = Rig::new(SONG);
    let Some(mut browser) = opened("flaw", &rig) else { return };
    assert_eq!(browser.ask("document.querySelector('#flaw').hidden"), true);
    rig.song(&SONG.replace("saw osc", "sow osc"));
    browser.wait("!document.querySelector('#flaw').hidden");
    let text = browser.ask("document.querySelector('#flaw-text').textContent");
    let text = text.as_str().unwrap_or_default();
    assert!(text.contains("sow osc") && text.contains(":3:5") && text.contains("───"), "{text}");
    browser.size(360, 800, false);
    browser.wait("document.documentElement.scrollWidth <= innerWidth");
    rig.song(&SONG.replace("saw osc", "square osc"));
    browser.wait("document.querySelector('#flaw').hidden");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_fits_and_goes_with_the_system() {
    let studio = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/songs/studio.kdl")).unwrap();
    for (name, song) in [("studio", studio.as_str()), ("small", SONG)] {
        let rig = Rig::new(song);
        let Some(mut browser) = opened(name, &rig) else { return };
        fits(name, &mut browser);
    }
}

fn fits(name: &str, browser: &mut Browser) {
    let mut grounds = Vec::new();
    for (width, height, dark) in
        [(1280, 1000, false), (1280, 1000, true), (360, 1400, false), (360, 1400, true), (768, 1024, true)]
    {
        browser.size(width, height, dark);
        browser
            .wait(&format!("innerWidth === {width} && document.documentElement.scrollWidth <= innerWidth"));
        let wide = browser.ask(
            "[...document.querySelectorAll('body *')].filter(node => node.offsetParent && !node.closest('.unseen') \
             && node.getBoundingClientRect().right > innerWidth + 1).map(node => node.outerHTML.slice(0, 80))",
        );
        assert_eq!(wide, Value::Array(Vec::new()), "{width}");
        grounds.push(browser.ask("getComputedStyle(document.body).backgroundColor"));
        browser.picture(&format!("{name}-{width}-{}", if dark { "dark" } else { "light" }));
    }
    assert_ne!(grounds[0], grounds[1]);
    assert_eq!((&grounds[0], &grounds[1]), (&grounds[2], &grounds[3]));
    let still = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
    browser.call("Emulation.setEmulatedMedia", &still);
    assert_eq!(browser.ask("getComputedStyle(document.querySelector('.steps i')).transitionDuration"), "0s");
    // Whatever can be used can be reached by keys, and says what it is.
    let nameless = browser.ask(
        "[...document.querySelectorAll('button, input, [role=slider], [role=meter]')].filter(node => !(node.getAttribute('aria-label') \
         || node.textContent.trim() || node.labels?.length)).map(node => node.outerHTML)",
    );
    assert_eq!(nameless, Value::Array(Vec::new()));
    assert_eq!(browser.ask("[...document.querySelectorAll('.knob')].every(knob => knob.tabIndex === 0 && knob.getAttribute('role') === 'slider')"), true);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_is_at_home_on_every_kind_of_address() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        skip("the_page_is_at_home_on_every_kind_of_address", "this machine has no IPv6");
        return;
    }
    let rig = Rig::at(SONG, "[::1]:0".parse().unwrap(), "::1");
    let Some(browser) = opened("six", &rig) else { return };
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_comes_back_with_its_server_and_goes_with_the_song() {
    let mut rig = Rig::new(SONG);
    let Some(mut browser) = opened("returns", &rig) else { return };
    drop(rig.server.take());
    browser.wait("document.body.classList.contains('lost')");
    assert_eq!(browser.ask("document.querySelector('#link').textContent"), "Connection lost, trying again…");
    rig.serve();
    browser.wait(READY);
    rig.song(
        "song \"Other\" tempo=100\ninstrument lead {\n saw osc\n route osc -> out\n}\ntrack lead \"X...\"\n",
    );
    browser.wait("document.querySelector('h1').textContent === 'Other' && document.querySelectorAll('.track').length === 1");
    browser.wait("document.querySelector(\"[aria-label='lead osc freq']\") && !document.querySelector(\"[aria-label^='bass']\")");
    let thrown = browser.events.iter().any(|(name, _)| name == "Runtime.exceptionThrown");
    assert!(!thrown, "{:?}", browser.complaints());
}
