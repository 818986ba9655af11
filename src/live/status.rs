//! What a running session tells of itself.

use serde_json::json;

use crate::live::running::Control;

impl Control {
    pub(super) fn engine_status(&self) -> serde_json::Value {
        let uptime = self.started.elapsed().as_secs_f64();
        let (rate, frame) = (self.session.stage().rate, self.end.clock.frame());
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
        let tracks = self.session.tracks();
        let tracks = tracks
            .into_iter()
            .map(|(id, instrument, _)| (self.session.is_heard(&id), id, instrument))
            .collect();
        let put = self.session.put().iter().map(|(path, value)| (path.clone(), *value)).collect();
        let title = self.session.song().title.clone();
        self.see(|view| {
            view.tracks = tracks;
            view.put = put;
            view.title = title;
        });
    }
}
