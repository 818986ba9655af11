//! Other forms of the song that is played: one in which another control can be moved, one that begins afresh.

use crate::engine::commands::EngineCommand;
use crate::engine::deck::Deck;
use crate::live::preparing::deck;
use crate::live::session::Session;
use crate::live::waiting::SessionState;
use crate::model::patch::ControlId;
use crate::plan::compile::Refusal;

impl Session {
    /// The song as it is played, ready to come in at once.
    fn form(&mut self) -> Result<Deck, Refusal> {
        let mut deck =
            deck(&self.config, &self.song, &self.also, &mut self.register, &self.added, self.swing)?;
        self.decks += 1;
        deck.count(self.decks, self.first_deck);
        Ok(deck)
    }

    /// The control at a path of the song that is reported, if it has one that can't be moved yet.
    fn fixed(&self, path: &str) -> Option<ControlId> {
        let control = self.controls.at(path)?.control;
        let known = self.plan.controls.iter().any(|driven| driven.control == control);
        (!known).then_some(control)
    }

    /// The song that is reported in a form in which `control` can be moved.
    fn movable(&mut self, control: ControlId) -> Result<Box<Deck>, String> {
        self.also.insert(control);
        let mut deck = self.form().map_err(|why| {
            self.also.remove(&control);
            why.to_string()
        })?;
        deck.keep(self.decks - 1, &self.plan, [&self.song; 2]);
        self.plan = deck.plan().clone();
        Ok(Box::new(deck))
    }

    /// Has the same song played in a form in which the control at `path` can be moved, and lets one that waits for its bar wait in
    /// such a form, if they can't be as they are.
    pub(super) fn make_movable(&mut self, path: &str) -> Result<Vec<EngineCommand>, String> {
        self.as_heard(|session| {
            let mut commands = Vec::new();
            if let Some(control) = session.fixed(path) {
                commands.push(EngineCommand::Deck { deck: session.movable(control)?, at_bar: false });
            }
            let next = session.with_next_if_any(|next| next.fixed(path));
            if !commands.is_empty() || next.flatten().is_some() {
                commands.extend(session.next_form(next.flatten())?);
            }
            Ok(commands)
        })
    }

    /// The song that waits for its bar in another form, which goes on with the last form of the song that is heard.
    fn next_form(&mut self, control: Option<ControlId>) -> Result<Option<EngineCommand>, String> {
        let overtaken = self.overtaken.iter().map(|one| (one.decks, one.plan.clone(), one.song.clone()));
        let mut heard: Vec<_> = overtaken.collect();
        heard.push((self.decks, self.plan.clone(), self.song.clone()));
        let form = self.with_next_if_any(|next| {
            let (before, before_plan) = (next.decks, next.plan.clone());
            next.also.extend(control);
            let mut deck = next.form().map_err(|why| {
                next.also.retain(|other| Some(*other) != control);
                why.to_string()
            })?;
            for (decks, plan, song) in &heard {
                deck.keep(*decks, plan, [song, &next.song]);
            }
            deck.keep(before, &before_plan, [&next.song; 2]);
            next.announce(&mut deck);
            next.plan = deck.plan().clone();
            Ok(EngineCommand::Deck { deck: Box::new(deck), at_bar: true })
        });
        form.transpose()
    }

    /// The same song afresh: nothing rings, nothing is held.
    pub(super) fn afresh(&mut self) -> Result<Vec<EngineCommand>, String> {
        let deck = self.form().map_err(|why| why.to_string())?;
        self.plan = deck.plan().clone();
        let next = self.next_form(None)?;
        Ok(std::iter::once(EngineCommand::Deck { deck: Box::new(deck), at_bar: false }).chain(next).collect())
    }

    /// Does something to the song that is heard, whichever the session reports just now.
    fn as_heard<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let other = if self.is_next { self.other.take() } else { None };
        let Some(mut other) = other else { return act(self) };
        self.exchange(&mut other);
        (self.other, self.is_next) = (Some(other), false);
        let done = act(self);
        let mut other = self.other.take();
        other.iter_mut().for_each(|other: &mut Box<SessionState>| self.exchange(other));
        (self.other, self.is_next) = (other, true);
        done
    }

    /// Does something to the song that waits, if one does.
    fn with_next_if_any<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.has_next().then(|| self.with_next(act))
    }
}
