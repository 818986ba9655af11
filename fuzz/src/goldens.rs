//! `goldens`: any text, as it is and with the hash of a golden file that nobody edited, is read or refused; what is read has only
//! levels that a sound can have, is written as it will be read, and can be held against another sound.

use chronus::compare::bar_grid::BarGrid;
use chronus::compare::golden::{Golden, GoldenPart};
use chronus::compare::golden_pair::Drift;
use chronus::compare::golden_text::{GoldenFault, read, written};
use chronus::model::tolerance::Tolerance;

/// Reads `data`.
pub fn goldens(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(GoldenFault::Line(line)) = read(&text) {
        assert!((1..=text.lines().count()).contains(&line));
    }
    let body = text.replace("\r\n", "\n");
    // Without its own last line, which is the hash.
    let body = body.rsplit_once("check  ").map_or(body.as_str(), |(body, _)| body);
    let body = if body.ends_with('\n') { body.to_owned() } else { format!("{body}\n") };
    let sealed = format!("{body}check  {}\n", &blake3::hash(body.as_bytes()).to_hex()[..16]);
    match read(&sealed) {
        Ok(golden) => holds(&golden, &sealed),
        Err(GoldenFault::Line(line)) => assert!((1..=body.lines().count()).contains(&line)),
        // Line ends at its end, or none at all, are told apart from a hash by nobody.
        Err(GoldenFault::Edited | GoldenFault::Other | GoldenFault::Version(_)) => {}
    }
}

fn holds(golden: &Golden, text: &str) {
    let again = written(golden);
    let read = read(&again).unwrap_or_else(|fault| panic!("{fault:?}: {again:?} of {text:?}"));
    assert_eq!(written(&read), again);
    let fine = |level: f64| !level.is_nan() && level < f64::INFINITY;
    let parts = || std::iter::once(&golden.song).chain(&golden.stems);
    for part in parts() {
        assert!(fine(part.loudness) && fine(part.peak), "{text:?}");
        assert!(part.bars.iter().all(|bar| fine(bar.level) && bar.balance.is_finite()), "{text:?}");
    }
    // Against itself with another hash, and against silence.
    let grid = BarGrid::of_seconds(golden.rate, golden.song.frames);
    let wide = Tolerance { loudness: Some(1.0), bands: Some(1.0), length: Some(1.0), ..Tolerance::default() };
    for part in parts() {
        let other = GoldenPart { hash: format!("{}x", part.hash), ..part.clone() };
        let drift = Drift::of(part, &other, &grid).expect("another hash");
        assert!(drift.bars.is_empty() && drift.is_within(&wide, golden.rate));
        let silent = GoldenPart { bars: Vec::new(), ..other };
        if let Some(drift) = Drift::of(part, &silent, &grid) {
            assert!(!drift.loudness.is_nan() && !drift.bands.is_nan(), "{text:?}");
            drift.is_within(&wide, golden.rate);
        }
    }
}
