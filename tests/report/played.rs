//! The player: what it plays, and where.

use serde_json::Value;

use crate::browser::Browser;
use crate::cases::{bars, mix, noise, tone};
use crate::rig::{compare, lever, one, opened, sound};

/// Seconds that the page's sound has come on.
const TIME: &str = "player.sounding ? player.context.currentTime - player.sounding.when : -1";

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The RMS of a sound of the passage that is played, over all channels, and its highest sample.
fn levels(browser: &mut Browser, lane: &str) -> [f64; 2] {
    let levels = browser.ask(&format!(
        "(buffer => {{ let sum = 0, most = 0;
            for (let c = 0; c < buffer.numberOfChannels; c++) for (const x of buffer.getChannelData(c)) {{
                sum += x * x; most = Math.max(most, Math.abs(x));
            }}
            return [Math.sqrt(sum / buffer.length / buffer.numberOfChannels), most]; }})(current.passageAt(current.place).ready.{lane})"
    ));
    [number(&levels[0]), number(&levels[1])]
}

#[test]
fn a_b_and_the_difference_are_what_they_should_be() {
    let frames = 96_000;
    let a = tone(frames, 48_000, 440.0, 0.5);
    // A tone on top that is 50 dB quieter.
    let quiet = tone(frames, 48_000, 3_000.0, 0.5 * 0.003_162);
    let b: Vec<[f32; 2]> = a.iter().zip(&quiet).map(|(a, q)| [a[0] + q[0], a[1] + q[1]]).collect();
    let Some(mut browser) = opened("levels", &one(mix("levels", 48_000, &bars(2, 48_000), &a, &b))) else {
        return;
    };
    browser.click(".play", 1);
    browser.wait(&format!("({TIME}) > 0.2"));
    // Left and right together: half the power of the left, and an eighth.
    let rms = |peak: f64| peak * f64::midpoint(0.5, 0.125).sqrt();
    let wanted = [("a", 0.5), ("d", 0.5 * 0.003_162), ("b", 0.5)];
    for (lane, peak) in wanted {
        let [level, highest] = levels(&mut browser, lane);
        assert!((level / rms(peak) - 1.0).abs() < 0.01, "{lane} {level}");
        assert!((highest / peak - 1.0).abs() < 0.01, "{lane} {highest}");
    }
    // What is heard of them: the difference is raised, unless its true level is wanted.
    browser.key("3", 51);
    browser.wait("player.sounding?.lane === 'd'");
    let gain = number(&browser.ask("player.sounding.level"));
    assert!((gain * 0.5 * 0.003_162 - 0.7).abs() < 0.01, "{gain}");
    let note = browser.ask("document.querySelector('.note').textContent");
    assert_eq!(note, "The difference is heard +52.9 dB louder than it is.");
    browser.click(".level", 1);
    browser.wait("player.sounding?.level === 1");
    assert_eq!(
        browser.ask("document.querySelector('.note').textContent"),
        "The difference is heard at its true level."
    );
    sound(&browser, "levels");
}

#[test]
fn what_comes_out_is_what_is_chosen() {
    let (a, b) = (tone(96_000, 48_000, 440.0, 0.5), tone(96_000, 48_000, 440.0, 0.125));
    let Some(mut browser) = opened("out", &one(mix("out", 48_000, &bars(2, 48_000), &a, &b))) else { return };
    browser.click(".loop", 1);
    browser.click(".play", 1);
    browser.wait("player.sounding !== null");
    // An ear at the gain that leads out.
    let ear = "(() => { const ear = player.context.createAnalyser(); ear.fftSize = 8192; player.sounding.gain.connect(ear);
        return new Promise(done => setTimeout(() => { const row = new Float32Array(8192); ear.getFloatTimeDomainData(row);
            done(Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length)); }, 500)); })()";
    let mut heard = Vec::new();
    for (key, lane) in [("1", "a"), ("2", "b"), ("3", "d")] {
        browser.key(key, key.bytes().next().unwrap().into());
        browser.wait(&format!("player.sounding?.lane === '{lane}'"));
        heard.push(number(&browser.ask(ear)));
    }
    // The ear hears the mean of both sides: three quarters of the left.
    let wanted = [0.5, 0.125, 0.7].map(|peak| peak * 0.75 / 2.0_f64.sqrt());
    for (heard, wanted) in heard.iter().zip(wanted) {
        assert!((heard / wanted - 1.0).abs() < 0.03, "{heard} {wanted}");
    }
    sound(&browser, "out");
}

#[test]
fn it_plays_and_switches_at_the_same_place() {
    let [a, b] = lever();
    let Some(mut browser) = opened("switching", &one(compare("lever", a, b))) else { return };
    browser.click(".play", 1);
    browser.wait(&format!("({TIME}) > 0.3"));
    assert_eq!(browser.ask("document.querySelector('.play').getAttribute('aria-pressed')"), "true");
    let first = number(&browser.ask("placeNow()"));
    browser.wait(&format!("placeNow() > {first} + 4800"));
    // Place over time is one straight line, whatever is heard.
    let line = "placeNow() - player.context.currentTime * current.song.rate";
    let mut lines = vec![number(&browser.ask(line))];
    for (key, lane) in [("1", "a"), ("3", "d"), ("2", "b")] {
        browser.key(key, key.bytes().next().unwrap().into());
        browser.wait(&format!("player.sounding?.lane === '{lane}' && ({TIME}) > 0.02"));
        let pressed =
            format!("document.querySelector('.part[open] .heard .{lane}').getAttribute('aria-checked')");
        assert_eq!(browser.ask(&pressed), "true");
        lines.push(number(&browser.ask(line)));
    }
    for place in &lines {
        assert!((place - lines[0]).abs() < 2.0, "{lines:?}");
    }
    browser.key(" ", 32);
    browser.wait("player.sounding === null");
    assert_eq!(browser.ask("document.querySelector('.play').getAttribute('aria-pressed')"), "false");
    sound(&browser, "switching");
}

#[test]
fn a_cell_of_the_strip_leads_to_its_bar() {
    let [a, b] = lever();
    let Some(mut browser) = opened("strip", &one(compare("lever", a, b))) else { return };
    let third = a.bars[10].frame;
    browser.click(".heat tbody tr:nth-child(3) td:nth-of-type(11)", 1);
    browser.wait("document.querySelector('.part[open]').id === 'c0p2'");
    assert_eq!(browser.ask("document.querySelectorAll('.part[open]').length"), 1);
    assert_eq!(browser.ask("current.place"), third as f64);
    let told = browser.ask("document.querySelector('.part[open] .place').textContent");
    assert!(told.as_str().unwrap().starts_with("bar 11 · 0:17.1"), "{told}");
    let head = "(() => { const box = document.querySelector('.part[open] .lanes').getBoundingClientRect(),
        head = document.querySelector('.part[open] .head').getBoundingClientRect();
        return (head.x + head.width / 2 - box.x) / box.width; })()";
    let wanted = third as f64 / a.sounds[0].1.len() as f64;
    assert!((number(&browser.ask(head)) - wanted).abs() < 0.003);
    // By keys: one to the right, and there.
    browser.key("ArrowRight", 39);
    browser.key("Enter", 13);
    browser.wait(&format!("current.place === {}", a.bars[11].frame));
    browser.key("ArrowUp", 38);
    browser.key("Enter", 13);
    browser.wait("document.querySelector('.part[open]').id === 'c0p1'");
    browser.wait(&format!("current.place === {}", a.bars[11].frame));
    // Zoomed, what is seen is that bar.
    browser.click(".part[open] [data-zoom=bar]", 1);
    assert_eq!(browser.ask("current.seen()[0]"), a.bars[11].frame as f64);
    assert!(number(&browser.ask(head)).abs() < 0.003);
    browser.picture("bar");
    // And from there by arrows.
    browser.ask("document.activeElement.blur()");
    browser.key("ArrowLeft", 37);
    browser.wait(&format!("current.place === {third}"));
    assert_eq!(browser.ask("current.seen()[0]"), third as f64);
    sound(&browser, "strip");
}

#[test]
fn a_bar_goes_round() {
    let frames = 96_000;
    let (a, b) = (noise(frames, 1, 0.2), noise(frames, 2, 0.2));
    let Some(mut browser) = opened("loop", &one(mix("loop", 48_000, &bars(8, 12_000), &a, &b))) else {
        return;
    };
    browser.ask("go(current, 36000)");
    browser.ask("document.activeElement.blur()");
    browser.key("l", 76);
    browser.key(" ", 32);
    // Three times the length of the bar.
    for _ in 0..8 {
        browser.wait("player.sounding !== null");
        browser.ask("new Promise(done => setTimeout(done, 100))");
        let place = number(&browser.ask("placeNow()"));
        assert!((36_000.0..48_001.0).contains(&place), "{place}");
    }
    assert!(number(&browser.ask(TIME)) > 0.75);
    // Without the loop it plays on.
    browser.key("l", 76);
    browser.wait("player.sounding !== null && placeNow() > 50000");
    browser.wait("player.sounding === null");
    sound(&browser, "loop");
}

#[test]
fn what_is_not_in_the_page_is_said() {
    let frames = 480_000;
    let (a, mut b) = (noise(frames, 1, 0.5), noise(frames, 1, 0.5));
    b[240_000..300_000].copy_from_slice(&noise(60_000, 2, 0.5));
    let mut comparison = mix("left out", 48_000, &bars(10, 48_000), &a, &b);
    comparison.parts[0].kept = [Some("mix.a.wav".to_owned()), Some("mix.b.wav".to_owned())];
    let Some(mut browser) = opened("left-out", &one(comparison)) else { return };
    browser.click(".heat tbody td:nth-of-type(2)", 1);
    let note = "document.querySelector('.note').textContent";
    assert_eq!(
        browser.ask(note),
        "This bar is the same in A and B, so its sound is not in this page. Hear it in mix.a.wav and mix.b.wav."
    );
    browser.click(".heat tbody td:nth-of-type(6)", 1);
    assert_eq!(browser.ask(note), "The sound from bar 5 (verse) to bar 8 (verse) is in this page.");
    sound(&browser, "left-out");
}

#[test]
fn a_faster_song_is_at_the_same_bar() {
    let (a, b) = (noise(480_000, 1, 0.3), noise(384_000, 2, 0.3));
    let mut comparison = mix("faster", 48_000, &bars(10, 48_000), &a, &b);
    comparison.bars[1] = bars(10, 38_400);
    let Some(mut browser) = opened("faster", &one(comparison)) else { return };
    browser.ask("go(current, 4 * 48000 + 24000)");
    browser.click(".play", 1);
    browser.wait(&format!("({TIME}) > 0.1 && player.sounding.lane === 'b'"));
    let place = number(&browser.ask("placeNow()"));
    browser.key("1", 49);
    browser.wait(&format!("({TIME}) > 0.02 && player.sounding?.lane === 'a'"));
    let moved = number(&browser.ask("placeNow()")) - place;
    assert!((0.0..96_000.0).contains(&moved), "{moved}");
    // Half into the fifth bar of either.
    assert_eq!(browser.ask("frameAt(current.song, 'b', 216000)"), 4.0 * 38_400.0 + 19_200.0);
    assert_eq!(browser.ask("placeAt(current.song, 'b', 172800)"), 216_000.0);
    let note = browser.ask("document.querySelector('.note').textContent");
    assert!(note.as_str().unwrap().starts_with("The tempo differs here"), "{note}");
    assert_eq!(browser.ask("document.querySelector('.heard .d').disabled"), true);
    sound(&browser, "faster");
}
