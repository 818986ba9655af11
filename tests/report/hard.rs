//! Cases that nobody thinks of first.

use chronus::compare::measurements::Measurement;
use chronus::compare::verdict::Verdict;
use chronus::report::facts::{BarStart, Limits, ReportCause, ReportComparison, ReportData, SourcePlace};
use chronus::report::page::page;

use crate::cases::{bars, mix, noise, of, tone};
use crate::rig::{fits, one, opened, part, sound};

/// Opens a page, looks at it from all sides and presses everything once.
fn stands(name: &str, comparison: ReportComparison) {
    let Some(mut browser) = opened(name, &one(comparison)) else { return };
    browser.ask("document.querySelectorAll('details').forEach(details => { details.open = true; })");
    fits(&mut browser, name);
    for key in ["1", "2", "3", " ", "ArrowRight", "l", "ArrowLeft", " "] {
        browser.key(key, key.bytes().next().unwrap().into());
    }
    browser
        .ask("document.querySelectorAll('.stage button:not(:disabled)').forEach(button => button.click())");
    browser.ask("document.querySelectorAll('.lane').forEach(lane => lane.click())");
    browser.ask("new Promise(done => setTimeout(done, 150))");
    sound(&browser, name);
}

#[test]
fn one_bar() {
    let (a, b) = (tone(48_000, 48_000, 440.0, 0.5), tone(48_000, 48_000, 660.0, 0.5));
    stands("one-bar", mix("one bar", 48_000, &bars(1, 48_000), &a, &b));
}

#[test]
fn silence_and_a_sound() {
    let (a, b) = (vec![[0.0; 2]; 96_000], tone(96_000, 48_000, 440.0, 0.5));
    stands("silence", mix("silence", 48_000, &bars(2, 48_000), &a, &b));
    stands("silences", mix("silences", 48_000, &bars(2, 48_000), &a, &a));
}

#[test]
fn hardly_any_frames() {
    let (a, b) = ([[0.25; 2]], [[0.5, -0.5]]);
    stands("one-frame", mix("one frame", 48_000, &[], &a, &b));
    stands("no-frame", mix("no frame", 48_000, &[], &[], &[]));
    stands("from-nothing", mix("from nothing", 48_000, &bars(3, 48_000), &[], &b));
}

#[test]
fn nothing_differs_or_nothing_is_there() {
    let a = noise(48_000, 1, 0.5);
    let mut same = mix("same", 48_000, &bars(2, 24_000), &a, &a);
    same.identical = vec!["kick".to_owned(), "snare".to_owned()];
    stands("same", same);
    stands("no-parts", of("no parts", 48_000, &bars(2, 24_000), Vec::new()));
    let empty = page(&ReportData { title: "nothing".to_owned(), ..ReportData::default() }, Limits::default());
    if let Some(browser) = opened("nothing", &empty) {
        sound(&browser, "nothing");
    }
}

#[test]
fn no_bars_and_rates_of_all_kinds() {
    for rate in [8_000, 11_025, 44_100, 192_000] {
        let frames = rate as usize * 3;
        let (a, b) = (tone(frames, rate, 300.0, 0.5), tone(frames + 77, rate, 300.0, 0.45));
        let name = format!("rate-{rate}");
        stands(&name, mix(&name, rate, &[], &a, &b));
    }
}

#[test]
fn sounds_that_are_no_sounds() {
    let mut a = noise(48_000, 3, 4.0);
    let b = noise(48_000, 4, 1e-20);
    (a[5], a[6], a[7]) = ([f32::NAN; 2], [f32::INFINITY, 1.0], [-f32::MAX, f32::MAX]);
    stands("broken", mix("broken", 48_000, &bars(2, 24_000), &a, &b));
}

#[test]
fn a_side_that_is_not_there() {
    let b = noise(96_000, 3, 0.5);
    let mut comparison = mix("golden", 48_000, &bars(4, 24_000), &[], &b);
    comparison.parts[0].sounds[0] = None;
    comparison.parts[0].severity = vec![0.0, 0.5, 1.0, 0.2];
    let Some(mut browser) = opened("golden", &one(comparison)) else { return };
    let able = "[...document.querySelectorAll('.heard button')].map(button => !button.disabled)";
    assert_eq!(browser.ask(able), serde_json::json!([false, true, false]));
    assert_eq!(browser.ask("document.querySelectorAll('.lane').length"), 1);
    browser.click(".play", 1);
    browser.wait("player.sounding !== null && player.sounding.lane === 'b'");
    sound(&browser, "golden");
}

#[test]
fn names_are_text() {
    let wild = "<script>alert(1)</script>\"'&<b>x</b><!-- {{DATA}} ]]> \u{202e}\u{2028}\0";
    let (a, b) = (noise(48_000, 1, 0.5), noise(48_000, 2, 0.5));
    let mut comparison = mix(wild, 48_000, &[], &a, &b);
    let bar = |frame| BarStart { frame, name: wild.to_owned(), section: wild.to_owned() };
    let bars = vec![bar(0), bar(12_000), bar(36_000)];
    comparison.bars = [bars.clone(), bars];
    comparison.names = [wild.to_owned(), wild.to_owned()];
    comparison.sentences = vec![wild.to_owned()];
    comparison.identical = vec![wild.to_owned()];
    let place =
        SourcePlace { file: wild.to_owned(), line: 1, column: 1, text: wild.to_owned(), underline: 3..9 };
    comparison.causes = vec![ReportCause { sentence: wild.to_owned(), places: [None, Some(place)] }];
    let part = &mut comparison.parts[0];
    part.id = wild.to_owned();
    part.sentences = vec![wild.to_owned()];
    part.figures =
        vec![Measurement { key: "wild", name: wild, values: [f64::NAN, f64::INFINITY], unit: wild }];
    part.kept = [Some(wild.to_owned()), None];
    part.severity = vec![1.0, 0.0, 0.0];
    part.causes = vec![0, 99];
    let made = one(comparison.clone());
    assert_eq!(made.matches("<script").count(), 2);
    assert_eq!(made.matches("</script").count(), 2);
    stands("wild", comparison.clone());
    let Some(mut browser) = opened("wild", &made) else { return };
    assert_eq!(browser.ask("document.querySelectorAll('b b, h1 *, h3 *, main script').length"), 0);
    assert_eq!(
        browser.ask("document.querySelector('h1').textContent.startsWith('<script>alert(1)</script>')"),
        true
    );
    browser.click(".heat tbody td:last-child", 1);
    browser.wait("document.querySelector('.note').textContent.includes('Hear it in <script>alert(1)')");
    sound(&browser, "wild");
}

#[test]
fn two_hundred_bars_of_forty_stems() {
    let frames = 2_000;
    let (a, b) = (noise(200 * frames, 1, 0.3), noise(200 * frames, 2, 0.3));
    let parts = (0..41).map(|number| {
        let mut part = part(if number == 0 { "mix" } else { "a stem with a rather long name" }, &a, &b);
        part.severity = (0..200).map(|bar: usize| (bar * 7 + number * 13) as f32 % 100.0 / 100.0).collect();
        part.kept = [Some("old.wav".to_owned()), Some("new.wav".to_owned())];
        part
    });
    let comparison = of("many", 8_000, &bars(200, frames), parts.collect());
    let made = one(comparison);
    assert!(made.len() < 10_000_000, "{}", made.len());
    let Some(mut browser) = opened("many", &made) else { return };
    fits(&mut browser, "many");
    assert_eq!(browser.ask("document.querySelectorAll('.heat tbody td').length"), 41 * 200);
    // The strip scrolls, the page doesn't.
    assert_eq!(
        browser.ask("(box => box.scrollWidth > box.clientWidth)(document.querySelector('.strip'))"),
        true
    );
    browser.ask("document.querySelector('.heat tbody tr:nth-child(41) td:last-child').focus()");
    browser.key("Enter", 13);
    browser.wait("document.querySelector('.part[open]').id === 'c0p40'");
    browser.wait("current.place === 199 * 2000");
    browser.picture("many-last");
    sound(&browser, "many");
}

#[test]
fn verdicts_are_words_and_the_worst_is_on_top() {
    let a = noise(4_800, 1, 0.5);
    let verdicts = [
        (Some(Verdict::Identical), "identical"),
        (Some(Verdict::Inaudible), "inaudible"),
        (Some(Verdict::Within), "within tolerance"),
        (None, "can&#39;t say"),
        (Some(Verdict::Different), "different"),
    ];
    let comparisons = verdicts.iter().map(|(verdict, word)| {
        let mut comparison = mix(word, 48_000, &[], &a, &a);
        comparison.verdict = *verdict;
        comparison
    });
    let report =
        ReportData { title: "all".to_owned(), sentences: Vec::new(), comparisons: comparisons.collect() };
    let made = page(&report, Limits::default());
    for (_, word) in verdicts {
        assert!(made.contains(&format!(">{word}</span>")), "{word}");
    }
    let top = made.split("<p class=\"verdict\">").nth(1).unwrap();
    assert!(top.starts_with("<span class=\"chip unsaid\">can&#39;t say"));
}
