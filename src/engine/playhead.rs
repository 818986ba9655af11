//! Where in the song the engine is, while it may be played faster, slower, or from somewhere else.

/// A stretch of time in which the song goes on evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playhead {
    /// The frame of the engine at which it begins.
    pub from: u64,
    /// The frame of the song there.
    pub song: f64,
    /// Frames of the song a frame: 1 as written, 0 while it stands.
    pub speed: f64,
}

impl Playhead {
    /// As written, from the first frame on.
    pub const START: Self = Self { from: 0, song: 0.0, speed: 1.0 };

    /// The frame of the song at a frame of the engine.
    pub fn at(&self, frame: u64) -> f64 {
        // Both are whole numbers while the speed is 1, so nothing is rounded.
        self.song + frame.saturating_sub(self.from) as f64 * self.speed
    }

    /// The first frame of the engine at which the song has come to `song`; `None` if it never does.
    pub fn when(&self, song: f64) -> Option<u64> {
        let left = song - self.song;
        if left <= 0.0 {
            return Some(self.from);
        }
        (self.speed > 0.0).then(|| self.from + libm::ceil(left / self.speed - 1e-6) as u64)
    }
}

/// The last places and those to come, by when they begin.
#[derive(Clone, Debug)]
pub(super) struct Playheads {
    all: Vec<Playhead>,
}

/// Places that can lie between the frame that is heard and the one that is decided.
const MOST: usize = 64;

impl Playheads {
    pub(super) fn new(first: Playhead) -> Self {
        let mut all = Vec::with_capacity(MOST);
        all.push(first);
        Self { all }
    }

    /// Goes on from `place`. If there are too many, the newest makes room.
    pub(super) fn push(&mut self, place: Playhead) {
        let full = self.all.len() == MOST;
        match self.all.last_mut() {
            Some(last) if full || last.from == place.from => *last = place,
            _ => self.all.push(place),
        }
    }

    /// Counts what begins before `frame` as so much earlier in the song, as a song is counted that is shorter up to there.
    pub(super) fn shift(&mut self, earlier: f64, frame: u64) {
        for place in self.all.iter_mut().take_while(|place| place.from < frame) {
            place.song -= earlier;
        }
    }

    /// Forgets what is over at `frame`.
    pub(super) fn forget(&mut self, frame: u64) {
        let over = self.all.iter().skip(1).take_while(|place| place.from <= frame).count();
        self.all.drain(..over);
    }

    /// The place that holds at `frame`.
    pub(super) fn at(&self, frame: u64) -> Playhead {
        let held = self.all.iter().rev().find(|place| place.from <= frame);
        held.or(self.all.first()).copied().unwrap_or(Playhead::START)
    }

    /// The newest.
    pub(super) fn last(&self) -> Playhead {
        self.all.last().copied().unwrap_or(Playhead::START)
    }
}

#[cfg(test)]
mod tests {
    use super::{Playhead, Playheads};

    #[test]
    fn a_place_goes_on_at_its_speed() {
        let place = Playhead { from: 100, song: 50.0, speed: 2.0 };
        assert_eq!((place.at(100), place.at(103)), (50.0, 56.0));
        assert_eq!((place.when(56.0), place.when(55.0), place.when(40.0)), (Some(103), Some(103), Some(100)));
        assert_eq!(Playhead { speed: 0.0, ..place }.when(51.0), None);
        assert_eq!(Playhead::START.when(12_345.0), Some(12_345));
    }

    #[test]
    fn the_place_that_holds_is_found() {
        let mut places = Playheads::new(Playhead::START);
        places.push(Playhead { from: 10, song: 0.0, speed: 1.0 });
        places.push(Playhead { from: 20, song: 500.0, speed: 0.5 });
        assert_eq!(places.at(5).at(5), 5.0);
        assert_eq!(places.at(15).at(15), 5.0);
        assert_eq!(places.at(24).at(24), 502.0);
        places.forget(21);
        assert_eq!(places.at(24).at(24), 502.0);
        assert_eq!(places.last().from, 20);
    }
}
