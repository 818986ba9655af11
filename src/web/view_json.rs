//! What is seen of the session, as JSON: the same words as the answers of `/engine/status` and `/seq/status` where they tell the same.

use serde_json::{Map, Value, json};

use crate::live::step_grid::GridBar;
use crate::live::view::{OverrideView, TrackView, View};
use crate::model::controls::address;

/// Log lines that are sent: a flood of refusals is a line each.
const LINES: usize = 40;

/// Everything that is seen now.
pub fn state(view: &View) -> Map<String, Value> {
    let bars: Vec<Option<GridBar>> = view.tracks.iter().map(|row| view.bar(row)).collect();
    let track = |(row, bar): (&TrackView, &Option<GridBar>)| {
        let marks: String = bar.iter().flat_map(|bar| &bar.marks).map(|mark| mark.sign()).collect();
        json!({
            "track": row.id, "instrument": row.instrument, "added": row.added, "heard": row.heard, "muted": row.muted,
            "solo": row.solo, "marks": marks,
        })
    };
    let tracks: Vec<Value> = view.tracks.iter().zip(&bars).map(track).collect();
    let lit: Vec<Value> = bars
        .iter()
        .map(|bar| json!(bar.as_ref().filter(|_| view.beat.moves).and_then(|bar| bar.now)))
        .collect();
    let sections: Vec<Value> =
        view.sections.iter().map(|(name, bar)| json!({ "section": name, "bar": bar })).collect();
    let levels: Vec<Value> =
        view.levels.iter().map(|(id, peak)| json!({ "instrument": id, "level": short(*peak) })).collect();
    // A control that has second names is reported under each of its names.
    let names = |put: &OverrideView| -> Vec<Value> {
        let names = std::iter::once(&put.path).chain(&put.others);
        names
            .map(|path| json!({ "address": address(path), "value": put.value, "spoken": put.spoken }))
            .collect()
    };
    let put: Vec<Value> = view.put.iter().flat_map(names).collect();
    let log: Vec<&String> = view.log.iter().skip(view.log.len().saturating_sub(LINES)).collect();
    let stats = view.stats.as_ref();
    let here = view.here.as_ref();
    let state = json!({
        "title": view.title, "playing": view.beat.playing, "over": view.over, "bpm": view.beat.tempo, "bpm_put": view.tempo_put,
        "bar": view.beat.bar, "bars": view.bars, "beat": view.beat.beat, "beats": here.map(|here| here.meter.beats),
        "section": view.section, "span": here.map(|here| here.span), "sections": sections,
        "loop": view.loop_range.map(|(first, last)| [first, last]),
        "tracks": tracks, "lit": lit, "put": put,
        "out": view.peak.map(short), "levels": levels, "bands": view.bands.map(short),
        "load": stats.map(|stats| short(stats.load)), "xruns": stats.map(|stats| stats.xruns),
        "latency_ms": stats.map(|stats| short(stats.latency_ms)),
        "messages": view.messages, "messages_refused": view.refused, "messages_late": view.late, "dropped": view.dropped,
        "errors": view.errors, "flaw": view.flaw(), "songs": view.songs, "said": view.said, "news": log,
    });
    match state {
        Value::Object(state) => state,
        _ => Map::new(),
    }
}

/// A level with as many digits as an eye can use.
fn short(level: f32) -> f64 {
    let level = if level.is_finite() { f64::from(level) } else { 0.0 };
    (level * 1e4).round() / 1e4
}

/// What of `now` isn't as it was in `before`.
pub fn changes(before: &Map<String, Value>, now: &Map<String, Value>) -> Map<String, Value> {
    let new = now.iter().filter(|(name, value)| before.get(*name) != Some(value));
    new.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{changes, short, state};
    use crate::live::view::View;

    #[test]
    fn only_what_changes_is_told() {
        let mut view = View::default();
        let before = state(&view);
        assert!(changes(&before, &state(&view)).is_empty());
        view.say("so".to_owned());
        let new = changes(&before, &state(&view));
        assert_eq!(json!(new), json!({ "said": 1, "news": ["so"] }));
    }

    #[test]
    fn levels_are_short_numbers() {
        assert_eq!([0.123_456, f32::NAN, f32::INFINITY].map(short), [0.1235, 0.0, 0.0]);
    }
}
