//! What a running session reports itself.

use serde_json::json;

use crate::live::control_thread::ControlThread;
use crate::live::view::{OverrideView, TrackView};

impl ControlThread {
    pub(super) fn engine_status(&self) -> serde_json::Value {
        let uptime = self.started.elapsed().as_secs_f64();
        let (rate, frame) = (self.session.config().rate, self.end.clock.frame());
        let voices: usize = self.session.song().instruments.iter().map(|one| one.voices).sum();
        self.see(|view| view.engine_status(rate, frame, voices, uptime))
    }

    pub(super) fn song_status(&self) -> serde_json::Value {
        let tracks: Vec<_> = self.session.tracks().into_iter().map(|(id, instrument, added)| {
            json!({"track": id, "instrument": instrument, "added": added, "heard": self.session.is_heard(&id)})
        }).collect();
        let swing = self.session.swing();
        let title = self.session.song().title.clone();
        self.see(|view| {
            json!({
                "title": title, "bpm": view.beat.tempo, "swing": swing, "playing": view.beat.playing, "bar": view.beat.bar,
                "beat": view.beat.beat, "section": view.section, "over": view.over, "tracks": tracks,
            })
        })
    }

    /// Shows what is played.
    pub(super) fn show(&self) {
        let session = &self.session;
        let rows: Vec<TrackView> = session
            .tracks()
            .into_iter()
            .map(|(id, instrument, added)| {
                let (heard, muted, solo) =
                    (session.is_heard(&id), session.is_muted(&id), session.is_solo(&id));
                let lanes = if added {
                    session.added_lane(&id, self.begun.get(&id).copied().unwrap_or(0.0)).into_iter().collect()
                } else {
                    session.lanes(&id)
                };
                TrackView { id, instrument, heard, muted, solo, added, lanes }
            })
            .collect();
        let put = session.put().iter().map(|(own, &value)| {
            let mut names = session.names_of(own).into_iter().map(str::to_owned);
            let path = names.next().unwrap_or_else(|| own.clone());
            let facts = session.controls().at(&path).map(|named| named.facts);
            let spoken = facts.map_or_else(|| value.to_string(), |facts| facts.unit.spoken(value));
            let range = facts.map_or((value, value), |facts| facts.range);
            OverrideView { path, others: names.collect(), value, spoken, range }
        });
        let put = put.collect();
        let song = session.song();
        let timeline = &session.plan().timeline;
        let sections = timeline.spans.iter().map(|span| (song.sections[span.section].id.clone(), span.bar));
        // What has no end has no parts that could be gone to.
        let sections = if song.endless { Vec::new() } else { sections.collect() };
        let bars = timeline.bars();
        let inside = |bar: &u32, (from, to): (u64, u64)| {
            timeline.bar(*bar).is_some_and(|start| (from..to).contains(&timeline.frame(start)))
        };
        let loop_range = session.loop_range.and_then(|part| {
            let first = (1..=bars).find(|bar| inside(bar, part))?;
            Some((first, (first..=bars).take_while(|bar| inside(bar, part)).last()?))
        });
        self.see(|view| {
            view.levels =
                song.instruments.iter().map(|one| (one.id.clone(), view.level_of(&one.id))).collect();
            view.tracks = rows;
            view.stand(put);
            view.title.clone_from(&song.title);
            view.sections = sections;
            view.bars = if song.endless { 0 } else { bars };
            view.tempo_put = session.tempo.is_some();
            view.loop_range = loop_range;
        });
    }
}
