//! How large a page becomes.

use std::time::Instant;

use chronus::report::facts::{Limits, ReportData};
use chronus::report::page::page;

use crate::cases::{bars, noise, of};
use crate::rig::{kept, part};

#[test]
fn three_minutes_of_eight_stems_stay_under_ten_megabytes() {
    let rate = 48_000;
    let frames = 180 * rate as usize;
    // Noise is the worst that can be coded.
    let (a, b) = (noise(frames, 1, 0.5), noise(frames, 2, 0.5));
    let parts =
        ["mix", "kick", "snare", "hat", "bass", "pad", "bell", "echo", "hall"].map(|id| part(id, &a, &b));
    let comparison = of("long", rate, &bars(90, 2 * rate as usize), parts.into());
    let start = Instant::now();
    let report =
        ReportData { title: "long".to_owned(), sentences: Vec::new(), comparisons: vec![comparison] };
    let made = page(&report, Limits::default());
    eprintln!("{} bytes in {:?}", made.len(), start.elapsed());
    assert!((7_000_000..10_000_000).contains(&made.len()), "{}", made.len());
    kept("long", &made);
}

#[test]
fn a_page_is_as_small_as_it_is_asked_to_be() {
    let (a, b) = (noise(480_000, 1, 0.5), noise(480_000, 2, 0.5));
    let parts = ["mix", "kick", "snare"].map(|id| part(id, &a, &b));
    let comparison = of("small", 48_000, &bars(5, 96_000), parts.into());
    let report =
        ReportData { title: "small".to_owned(), sentences: Vec::new(), comparisons: vec![comparison] };
    let small = page(&report, Limits { sound: 1_200_000, pictures: 200_000 });
    assert!((700_000..1_500_000).contains(&small.len()), "{}", small.len());
    let none = page(&report, Limits { sound: 0, pictures: 0 });
    assert!(none.len() < 100_000 && none.contains("different"), "{}", none.len());
}

#[test]
fn many_songs_share_the_room() {
    let (a, b) = (noise(240_000, 1, 0.5), noise(240_000, 2, 0.5));
    let comparisons = (0..20).map(|number| {
        let parts = ["mix", "kick", "snare"].map(|id| part(id, &a, &b));
        of(&format!("song {number}"), 48_000, &bars(10, 24_000), parts.into())
    });
    let report =
        ReportData { title: "many".to_owned(), sentences: Vec::new(), comparisons: comparisons.collect() };
    let made = page(&report, Limits::default());
    assert!((6_000_000..10_000_000).contains(&made.len()), "{}", made.len());
    // The worst ones, which come first, can be heard.
    let data = made.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let heard = |song: usize| !data[song]["parts"][0]["passages"].as_array().unwrap().is_empty();
    assert!((0..6).all(heard));
}
