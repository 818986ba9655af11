//! Commands on their way to the audio thread. While it has stopped taking them, the last of everything that lasts is kept.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::engine::commands::{EngineCommand, StableId, TimedCommand};
use crate::live::control_thread::{ControlThread, TOGETHER, WAITING};
use crate::live::take::TakeEvent;

impl ControlThread {
    /// Puts commands on their way; [`ControlThread::flush`] sends them.
    pub(super) fn command(&mut self, commands: Vec<EngineCommand>, frame: u64, what: Option<TakeEvent>) {
        self.number += 1;
        let number = self.number;
        self.changed = true;
        if frame > 0 {
            self.ahead.insert(number, commands.len());
        }
        if let Some(what) = what.filter(|_| self.take.is_some() && self.waiting.len() < WAITING) {
            self.waiting.push_back((number, what));
        }
        self.outbox.extend(commands.into_iter().map(|command| TimedCommand { frame, number, command }));
    }

    /// Sends all commands to the audio thread, together as far as they fit.
    pub(super) fn flush(&mut self) {
        while !self.outbox.is_empty() {
            let count = self.outbox.len().min(TOGETHER);
            // The audio thread takes what is there at each block; only if it has stopped is there no room for so long, and
            // that is waited for only once.
            let patience = Instant::now();
            while self.end.commands.slots() < count
                && !self.stuck
                && patience.elapsed() < Duration::from_secs(1)
            {
                std::thread::sleep(Duration::from_millis(1));
                self.fetch();
            }
            let was_stuck = std::mem::replace(&mut self.stuck, self.end.commands.slots() < count);
            let Ok(chunk) = self.end.commands.write_chunk_uninit(count) else {
                if !was_stuck {
                    let said = "the audio thread takes no orders: the last value of everything waits for it";
                    self.see(|view| view.warn(said.to_owned()));
                }
                self.keep_latest(was_stuck);
                return;
            };
            chunk.fill_from_iter(self.outbox.drain(..count));
        }
    }

    /// Lets what waits come to no more than lasts; not each time anew, so that a flood costs little.
    fn keep_latest(&mut self, again: bool) {
        if again && self.outbox.len() < 2 * self.outbox_kept + TOGETHER {
            return;
        }
        let (lost, gone) = keep_latest(&mut self.outbox);
        self.outbox_kept = self.outbox.len();
        self.waiting.retain(|(number, _)| !gone.contains(number));
        self.ahead.retain(|number, _| !gone.contains(number));
        gone.iter().for_each(|number| self.effects.lost(*number));
        self.see(|view| view.dropped += lost);
    }
}

/// What an order settles, so that a later one of the same undoes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Settled {
    Control(StableId),
    Gate(StableId),
    Playing,
    Tempo,
    Place,
    Loop,
    Track(usize),
    Mute(StableId),
    Solo(StableId),
    Level,
}

fn settled(command: &EngineCommand) -> Option<Settled> {
    match command {
        EngineCommand::Override { control, .. } => Some(Settled::Control(*control)),
        EngineCommand::Gate { gate, .. } => Some(Settled::Gate(*gate)),
        EngineCommand::Start | EngineCommand::Stop => Some(Settled::Playing),
        EngineCommand::Tempo(_) => Some(Settled::Tempo),
        EngineCommand::Goto(_) => Some(Settled::Place),
        EngineCommand::Loop(_) => Some(Settled::Loop),
        EngineCommand::Track { slot, .. } => Some(Settled::Track(*slot)),
        EngineCommand::Mute(track, _) => Some(Settled::Mute(*track)),
        EngineCommand::Solo(track, _) => Some(Settled::Solo(*track)),
        EngineCommand::Level(_) => Some(Settled::Level),
        EngineCommand::ReleaseAll
        | EngineCommand::Deck { .. }
        | EngineCommand::Note { .. }
        | EngineCommand::Close { .. }
        | EngineCommand::NoOp => None,
    }
}

/// Whether an order still means something when it is carried out late.
fn lasts(command: &EngineCommand) -> bool {
    !matches!(command, EngineCommand::Note { .. } | EngineCommand::Close { .. } | EngineCommand::NoOp)
}

/// Leaves out what has no use any more: notes, whose time has passed, and what a later order undoes. Gives how many commands
/// are left out, and the numbers of which none is left.
fn keep_latest(outbox: &mut Vec<TimedCommand>) -> (u64, BTreeSet<u64>) {
    let before = outbox.len();
    let mut seen = BTreeSet::new();
    let mut gone = BTreeSet::new();
    let mut kept: Vec<TimedCommand> = Vec::new();
    for timed in outbox.drain(..).rev() {
        // What hands everything back undoes what was put before it.
        let undone = settled(&timed.command).is_some_and(|what| !seen.insert(what));
        if lasts(&timed.command) && !undone {
            kept.push(timed);
        } else {
            gone.insert(timed.number);
        }
    }
    kept.reverse();
    for timed in &kept {
        gone.remove(&timed.number);
    }
    *outbox = kept;
    ((before - outbox.len()) as u64, gone)
}

#[cfg(test)]
mod tests {
    use super::keep_latest;
    use crate::engine::commands::{EngineCommand, TimedCommand};
    use crate::engine::overrides::OverrideAction;

    #[test]
    fn the_last_of_everything_stays_in_its_command() {
        let action = |control, value| EngineCommand::Override { control, action: OverrideAction::Set(value) };
        let commands = [
            (1, action(1, 0.1)),
            (2, action(2, 0.2)),
            (2, action(3, 0.2)),
            (3, EngineCommand::Close { instrument: 0, key: None }),
            (4, action(1, 0.4)),
            (5, EngineCommand::Tempo(Some(90.0))),
            (6, EngineCommand::ReleaseAll),
            (7, action(2, 0.7)),
            (8, EngineCommand::Tempo(None)),
        ];
        let mut outbox: Vec<TimedCommand> = commands
            .into_iter()
            .map(|(number, command)| TimedCommand { frame: 0, number, command })
            .collect();
        let (lost, gone) = keep_latest(&mut outbox);
        let kept: Vec<u64> = outbox.iter().map(|timed| timed.number).collect();
        assert_eq!(kept, [2, 4, 6, 7, 8]);
        assert_eq!((lost, gone.into_iter().collect::<Vec<_>>()), (4, vec![1, 3, 5]));
    }

    #[test]
    fn a_flood_comes_to_no_more_than_there_are_controls() {
        let mut outbox = Vec::new();
        let mut lost = 0;
        for number in 0..100_000 {
            let (control, action) = ((number % 50) as u32, OverrideAction::Set(number as f32));
            outbox.push(TimedCommand {
                frame: 0,
                number,
                command: EngineCommand::Override { control, action },
            });
            if outbox.len() == 1_000 {
                lost += keep_latest(&mut outbox).0;
                assert_eq!(outbox.len(), 50);
            }
        }
        assert_eq!(lost + outbox.len() as u64, 100_000);
    }
}
