//! What displays show of a session: its tracks, which of them are heard, their steps.

use crate::engine::commands::StableId;
use crate::live::session::Session;
use crate::live::step_grid::StepLane;

impl Session {
    /// Whether a track is heard: it isn't muted, or it is solo where any is.
    pub fn is_heard(&self, track: &str) -> bool {
        if self.solo.is_empty() { !self.is_muted(track) } else { self.is_solo(track) }
    }

    /// The tracks of the song and those that were added: their names, their instruments, whether they were added.
    pub fn tracks(&self) -> Vec<(String, String, bool)> {
        let mut tracks: Vec<(String, String, bool)> = Vec::new();
        for track in self.song.sections.iter().flat_map(|section| &section.tracks) {
            if !tracks.iter().any(|(id, ..)| *id == track.id) {
                tracks.push((track.id.clone(), self.song.instruments[track.instrument].id.clone(), false));
            }
        }
        let added = self.listed.iter().flatten();
        tracks.extend(added.map(|added| (added.id.clone(), added.instrument.clone(), true)));
        tracks
    }

    /// Whether a track is muted.
    pub fn is_muted(&self, track: &str) -> bool {
        self.muted.get(track).copied().unwrap_or(false)
    }

    /// Whether a track is solo.
    pub fn is_solo(&self, track: &str) -> bool {
        self.solo.contains(track)
    }

    /// What a track of the song plays, section by section.
    pub fn lanes(&self, track: &str) -> Vec<StepLane> {
        let sections = self.song.sections.iter().enumerate();
        let lanes = sections.filter_map(|(section, one)| {
            let track = one.tracks.iter().find(|one| one.id == track)?;
            let (cells, step) = (track.steps.cells.clone(), track.grid.quarters());
            Some(StepLane { section: Some(section), cells, step, origin: 0.0 })
        });
        lanes.collect()
    }

    /// What a track plays that was added, and that has begun at a quarter note of the performance.
    pub fn added_lane(&self, track: &str, origin: f64) -> Option<StepLane> {
        let added = self.listed.iter().flatten().find(|added| added.id == track)?;
        Some(added.lane(origin))
    }

    /// Every name of the control whose own path this is: the one under which it was moved last, its own, then its second
    /// names.
    pub fn names_of(&self, path: &str) -> Vec<&str> {
        let Some(control) = self.controls.at(path).map(|named| named.control) else { return Vec::new() };
        let all = self.controls.all().iter().filter(|named| named.control == control);
        let mut names: Vec<&str> = all.map(|named| named.path.as_str()).collect();
        let by = self.by.get(path).and_then(|by| names.iter().position(|name| name == by)).unwrap_or(0);
        names[..=by].rotate_right(1);
        names
    }

    /// The own path of the control that has a number.
    pub fn control_named(&self, number: StableId) -> Option<&str> {
        self.register.control_named(number)
    }

    /// The instrument that has a number.
    pub fn instrument_named(&self, number: StableId) -> Option<&str> {
        self.register.instrument_named(number)
    }

    /// The track that has a number.
    pub fn track_named(&self, number: StableId) -> Option<&str> {
        self.register.track_named(number)
    }
}
