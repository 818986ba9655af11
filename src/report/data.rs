//! What the page draws and plays, as JSON.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::report::difference::{difference, severity};
use crate::report::facts::{Limits, ReportComparison, ReportPart};
use crate::report::html_escape::plain;
use crate::report::passages::{Passage, passages, written};
use crate::report::report_grid::ReportGrid;
use crate::report::spectrum::{FLOOR, HIGHEST, LEVELS, LOWEST, ROWS, Spectrograph};
use crate::report::waveform::Waveform;

/// Columns of a spectrogram at most, and where there is little room for them.
const COLUMNS: usize = 1_200;
const FEWEST: usize = 100;
/// Columns of a waveform for one of a spectrogram.
const FINER: usize = 2;
/// Bytes of all pictures of a part for one column of a spectrogram.
const COLUMN: usize = 2 * ROWS + 3 * 2 * FINER;

/// A comparison with all that was computed for it.
pub(crate) struct Shown {
    /// Its axis.
    pub(crate) grid: ReportGrid,
    /// For each part the severity of each bar.
    pub(crate) severity: Vec<Vec<f32>>,
    /// For the page's script.
    pub(crate) data: Value,
    /// What is left of the room.
    pub(crate) left: Limits,
}

/// Computes what is shown of a comparison, within the room of `limits`.
pub(crate) fn show(comparison: &ReportComparison, limits: Limits) -> Shown {
    let grid = ReportGrid::of(comparison);
    let mut severities = Vec::with_capacity(comparison.parts.len());
    let mut parts: Vec<Value> = Vec::with_capacity(comparison.parts.len());
    let pictured = comparison.parts.len().min(limits.pictures / 4 * 3 / (COLUMN * FEWEST));
    let columns = limits.pictures / 4 * 3 / (COLUMN * pictured.max(1));
    let columns = columns.min(COLUMNS).min(grid.length());
    let mut spectrograph = Spectrograph::new(grid.rate);
    let mut bytes = 0;
    for (number, part) in comparison.parts.iter().enumerate() {
        let left = difference(&grid, part);
        let of_part = severity(&grid, part, left.as_deref());
        let kept = part.kept.each_ref().map(|name| name.as_deref().map(plain));
        let mut data = json!({ "id": plain(&part.id), "severity": of_part, "kept": kept });
        if number < pictured && columns > 0 {
            bytes += COLUMN * columns;
            data["waves"] = waves(&grid, part, left.as_deref(), columns * FINER);
            data["spectra"] = spectra(&mut spectrograph, &grid, part, columns);
        }
        parts.push(data);
        severities.push(of_part);
    }
    let made = passages(&grid, &comparison.parts, &severities, limits.sound);
    let mut sound = 0;
    for (part, passages) in parts.iter_mut().zip(&made.parts) {
        sound += passages
            .iter()
            .flat_map(|passage| &passage.lanes)
            .map(|lane| written(lane.flac.len()))
            .sum::<usize>();
        part["passages"] = passages.iter().map(passage).collect();
    }
    let bars: Vec<Value> = grid
        .cells
        .iter()
        .map(|cell| {
            let [a, b] = cell.sides.clone();
            json!({ "name": plain(&cell.name), "section": plain(&cell.section), "start": cell.start, "length": cell.length,
                    "even": cell.even, "a": [a.start, a.end], "b": [b.start, b.end] })
        })
        .collect();
    let data = json!({
        "rate": grid.rate, "soundRate": made.rate, "length": grid.length(), "bars": bars, "parts": parts,
        "picture": { "columns": columns, "rows": ROWS, "lowest": LOWEST, "highest": HIGHEST, "quietest": FLOOR, "levels": LEVELS },
    });
    let left = Limits {
        sound: limits.sound.saturating_sub(sound),
        pictures: limits.pictures.saturating_sub(written(bytes)),
    };
    Shown { grid, severity: severities, data, left }
}

fn waves(grid: &ReportGrid, part: &ReportPart, left: Option<&[[f32; 2]]>, columns: usize) -> Value {
    let mut waves = json!({});
    let sides = ["a", "b"].into_iter().enumerate();
    let sides =
        sides.filter_map(|(side, name)| Some((name, Waveform::of(grid, side, part.sounds[side]?, columns))));
    let left = left.map(|left| ("d", Waveform::straight(grid, left, columns)));
    for (name, wave) in sides.chain(left) {
        let bytes: Vec<u8> = wave.columns.iter().map(|x| *x as u8).collect();
        waves[name] = json!({ "greatest": wave.peak, "data": BASE64.encode(&bytes) });
    }
    waves
}

fn spectra(spectrograph: &mut Spectrograph, grid: &ReportGrid, part: &ReportPart, columns: usize) -> Value {
    let mut spectra = json!({});
    for (side, name) in ["a", "b"].into_iter().enumerate() {
        if let Some(sound) = part.sounds[side] {
            spectra[name] = BASE64.encode(&spectrograph.of(grid, side, sound, columns)).into();
        }
    }
    spectra
}

fn passage(passage: &Passage) -> Value {
    let mut value = json!({ "from": passage.stretch.start, "to": passage.stretch.end });
    for lane in &passage.lanes {
        value[lane.name] = json!({ "level": lane.level, "flac": BASE64.encode(&lane.flac) });
    }
    value
}
