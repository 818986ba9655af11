//! Other forms of the song that is played: one in which another control can be moved, one that begins afresh.

use crate::engine::deck::Deck;
use crate::engine::orders::Order;
use crate::engine::overrides::Touch;
use crate::live::preparing::deck;
use crate::live::session::Session;
use crate::model::patch::Control;
use crate::plan::compile::Refusal;

impl Session {
    /// The song as it is played, ready to come in at once.
    fn form(&mut self) -> Result<Deck, Refusal> {
        let deck = deck(&self.stage, &self.song, &self.also, &mut self.register, &self.added, self.swing)?;
        self.decks += 1;
        Ok(deck)
    }

    /// The same song in a form in which `control` can be moved.
    fn movable(&mut self, control: Control) -> Result<Box<Deck>, String> {
        self.also.insert(control);
        let mut deck = self.form().map_err(|why| {
            self.also.remove(&control);
            why.to_string()
        })?;
        deck.keep(&self.plan, [&self.song; 2], self.decks);
        deck.play_on(self.first_deck);
        self.plan = deck.plan().clone();
        Ok(Box::new(deck))
    }

    /// Has the same song played in a form in which `control` can be moved.
    pub(super) fn make_movable(&mut self, control: Control) -> Result<Order, String> {
        Ok(Order::Deck { deck: self.movable(control)?, at_bar: false })
    }

    /// The same, and puts it to `value` at once.
    pub(super) fn put_movable(&mut self, control: Control, path: &str, value: f64) -> Result<Order, String> {
        let mut deck = self.movable(control)?;
        deck.put(self.register.control(path), Touch::Put(value as f32));
        Ok(Order::Deck { deck, at_bar: false })
    }

    /// The same song afresh: nothing rings, nothing is held.
    pub(super) fn afresh(&mut self) -> Result<Order, String> {
        let mut deck = self.form().map_err(|why| why.to_string())?;
        deck.fresh(self.decks);
        deck.play_on(self.first_deck);
        for (path, value) in &self.put {
            deck.put(self.register.control(path), Touch::Put(*value as f32));
        }
        Ok(Order::Deck { deck: Box::new(deck), at_bar: false })
    }
}
