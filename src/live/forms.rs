//! Other forms of the song that is played: one in which another control can be moved, one that begins afresh.

use crate::engine::orders::Order;
use crate::engine::overrides::Touch;
use crate::live::preparing::deck;
use crate::live::session::Session;
use crate::model::controls::Controls;
use crate::model::patch::Control;
use crate::model::song::Song;
use crate::plan::compile::Refusal;

impl Session {
    /// Has `song` played from the next bar on, or at once.
    fn take_song(&mut self, song: Song, at_bar: bool) -> Result<Order, Refusal> {
        let mut deck = deck(&self.stage, &song, &self.also, &mut self.register, &self.added, self.swing)?;
        self.decks += 1;
        deck.keep(&self.plan, [&self.song, &song], self.decks);
        deck.play_on(self.first_deck);
        self.plan = deck.plan().clone();
        self.controls = Controls::of(&song);
        self.song = song;
        Ok(Order::Deck { deck: Box::new(deck), at_bar })
    }

    /// Has the same song played in a form in which `control` can be moved.
    pub(super) fn make_movable(&mut self, control: Control) -> Result<Order, String> {
        self.also.insert(control);
        self.take_song(self.song.clone(), false).map_err(|why| {
            self.also.remove(&control);
            why.to_string()
        })
    }

    /// The same, and puts it to `value` at once.
    pub(super) fn put_movable(&mut self, control: Control, path: &str, value: f64) -> Result<Order, String> {
        let order = self.make_movable(control)?;
        let name = self.register.control(path);
        match order {
            Order::Deck { mut deck, at_bar } => {
                deck.put(name, Touch::Put(value as f32));
                Ok(Order::Deck { deck, at_bar })
            }
            other => Ok(other),
        }
    }

    /// The same song afresh: nothing rings, nothing is held.
    pub(super) fn afresh(&mut self) -> Result<Order, String> {
        let mut deck = deck(&self.stage, &self.song, &self.also, &mut self.register, &self.added, self.swing)
            .map_err(|why| why.to_string())?;
        self.decks += 1;
        deck.fresh(self.decks);
        deck.play_on(self.first_deck);
        for (path, value) in &self.put {
            deck.put(self.register.control(path), Touch::Put(*value as f32));
        }
        Ok(Order::Deck { deck: Box::new(deck), at_bar: false })
    }
}
