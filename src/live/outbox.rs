//! Orders on their way to the audio thread. While it has stopped taking them, the last of everything that lasts is kept.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::engine::orders::{Name, Order, Timed};
use crate::live::running::{Control, TOGETHER, WAITING};
use crate::live::take::What;

impl Control {
    /// Puts orders on their way; [`Control::flush`] sends them.
    pub(super) fn order(&mut self, orders: Vec<Order>, frame: u64, what: Option<What>) {
        self.number += 1;
        let number = self.number;
        self.changed = true;
        if frame > 0 {
            self.ahead.insert(number, orders.len());
        }
        if let Some(what) = what.filter(|_| self.take.is_some() && self.waiting.len() < WAITING) {
            self.waiting.push_back((number, what));
        }
        self.outbox.extend(orders.into_iter().map(|order| Timed { frame, number, order }));
    }

    /// Sends all orders to the audio thread, together as far as they fit.
    pub(super) fn flush(&mut self) {
        while !self.outbox.is_empty() {
            let count = self.outbox.len().min(TOGETHER);
            // The audio thread takes what is there at each block; only if it has stopped is there no room for so long, and
            // that is waited for only once.
            let patience = Instant::now();
            while self.end.orders.slots() < count
                && !self.stuck
                && patience.elapsed() < Duration::from_secs(1)
            {
                std::thread::sleep(Duration::from_millis(1));
                self.fetch();
            }
            let was_stuck = std::mem::replace(&mut self.stuck, self.end.orders.slots() < count);
            let Ok(chunk) = self.end.orders.write_chunk_uninit(count) else {
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
    Control(Name),
    Gate(Name),
    Playing,
    Tempo,
    Place,
    Loop,
    Track(usize),
    Mute(Name),
    Solo(Name),
    Level,
}

fn settled(order: &Order) -> Option<Settled> {
    match order {
        Order::Touch { control, .. } => Some(Settled::Control(*control)),
        Order::Gate { gate, .. } => Some(Settled::Gate(*gate)),
        Order::Start | Order::Stop => Some(Settled::Playing),
        Order::Tempo(_) => Some(Settled::Tempo),
        Order::Goto(_) => Some(Settled::Place),
        Order::Loop(_) => Some(Settled::Loop),
        Order::Track { slot, .. } => Some(Settled::Track(*slot)),
        Order::Mute(track, _) => Some(Settled::Mute(*track)),
        Order::Solo(track, _) => Some(Settled::Solo(*track)),
        Order::Level(_) => Some(Settled::Level),
        Order::FreeAll | Order::Deck { .. } | Order::Note { .. } | Order::Close { .. } | Order::Nothing => {
            None
        }
    }
}

/// Whether an order still means something when it is carried out late.
fn lasts(order: &Order) -> bool {
    !matches!(order, Order::Note { .. } | Order::Close { .. } | Order::Nothing)
}

/// Leaves out what has no use any more: notes, whose time has passed, and what a later order undoes. Gives how many orders
/// are left out, and the numbers of which none is left.
fn keep_latest(outbox: &mut Vec<Timed>) -> (u64, BTreeSet<u64>) {
    let before = outbox.len();
    let mut seen = BTreeSet::new();
    let mut gone = BTreeSet::new();
    let mut kept: Vec<Timed> = Vec::new();
    for timed in outbox.drain(..).rev() {
        // What hands everything back undoes what was put before it.
        let undone = settled(&timed.order).is_some_and(|what| !seen.insert(what));
        if lasts(&timed.order) && !undone {
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
    use crate::engine::orders::{Order, Timed};
    use crate::engine::overrides::Touch;

    #[test]
    fn the_last_of_everything_stays_in_its_order() {
        let touch = |control, value| Order::Touch { control, touch: Touch::Put(value) };
        let orders = [
            (1, touch(1, 0.1)),
            (2, touch(2, 0.2)),
            (2, touch(3, 0.2)),
            (3, Order::Close { instrument: 0, key: None }),
            (4, touch(1, 0.4)),
            (5, Order::Tempo(Some(90.0))),
            (6, Order::FreeAll),
            (7, touch(2, 0.7)),
            (8, Order::Tempo(None)),
        ];
        let mut outbox: Vec<Timed> =
            orders.into_iter().map(|(number, order)| Timed { frame: 0, number, order }).collect();
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
            let (control, touch) = ((number % 50) as u32, Touch::Put(number as f32));
            outbox.push(Timed { frame: 0, number, order: Order::Touch { control, touch } });
            if outbox.len() == 1_000 {
                lost += keep_latest(&mut outbox).0;
                assert_eq!(outbox.len(), 50);
            }
        }
        assert_eq!(lost + outbox.len() as u64, 100_000);
    }
}
