//! Pages of real songs.

use chronus::report::facts::{Limits, ReportData};
use chronus::report::page::page;

use crate::rig::{compare, fits, lever, one, opened, sound};

#[test]
fn a_song_is_shown_with_what_has_changed_in_it() {
    let [a, b] = lever();
    let made = one(compare("lever", a, b));
    assert_eq!(made, one(compare("lever", a, b)), "the same bytes");
    for text in [
        "different",
        "songs/lever.kdl:41:19",
        "cutoff=&quot;90Hz&quot; -&gt; cutoff=&quot;55Hz&quot;",
        "<u>cutoff=&quot;55Hz&quot;</u>",
    ] {
        assert!(made.contains(text), "{text}");
    }
    let Some(mut browser) = opened("lever", &made) else { return };
    fits(&mut browser, "lever");
    assert_eq!(browser.ask("document.querySelectorAll('.heat tbody tr').length"), 4);
    assert_eq!(browser.ask("document.querySelector('.heat .same').textContent.includes('kick')"), true);
    // Nothing plays, but everything is drawn.
    let drawn = "[...document.querySelectorAll('.part[open] .lane canvas')].map(canvas => {
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
        return seen.size;
    })";
    let drawn = browser.ask(drawn);
    let drawn = drawn.as_array().unwrap();
    assert!(drawn.len() == 3 && drawn.iter().all(|colours| colours.as_u64().unwrap() > 50), "{drawn:?}");
    sound(&browser, "lever");
}

#[test]
fn several_songs_stand_in_one_page() {
    let [a, b] = lever();
    let (mut worst, mut same) = (compare("lever", a, b), compare("twin", a, a));
    worst.sentences = vec!["bass differs from bar 9 to bar 12: 2.1 dB quieter, duller".to_owned()];
    same.sentences = vec!["everything is identical".to_owned()];
    let report = ReportData {
        title: "chronus test songs/".to_owned(),
        sentences: vec!["1 of 2 songs differs".to_owned()],
        comparisons: vec![worst, same],
    };
    let made = page(&report, Limits::default());
    let Some(mut browser) = opened("several", &made) else { return };
    fits(&mut browser, "several");
    assert_eq!(browser.ask("document.querySelectorAll('.index li').length"), 2);
    assert_eq!(browser.ask("document.querySelectorAll('details.compared[open]').length"), 1);
    browser.click(".index li:nth-child(2) a", 1);
    browser.wait("document.querySelectorAll('details.compared[open]').length === 2");
    sound(&browser, "several");
}
