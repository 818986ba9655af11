//! What the audio thread tells, and what is heard: taken note of as it comes.

use crate::engine::commands::{Beat, EngineReport, StableId};
use crate::engine::guard::Fault;
use crate::live::control_thread::ControlThread;
use crate::live::step_grid::StepLane;
use crate::live::subscribers::OUT;
use crate::live::view::SectionView;
use crate::plan::compiled_plan::Plan;

impl ControlThread {
    /// Hears what the audio thread tells.
    pub(super) fn fetch(&mut self) {
        while let Ok(report) = self.end.reports.pop() {
            match report {
                EngineReport::Done { number, frame } => {
                    self.ahead.remove(&number);
                    self.done(number, frame);
                }
                EngineReport::Came { number } => self.came(number),
                EngineReport::Dropped { number } => {
                    self.ahead.remove(&number);
                    if self.effects.is_song(number) {
                        self.session.give_up();
                    }
                    self.effects.lost(number);
                    self.waiting.retain(|(waiting, _)| *waiting != number);
                    self.see(|view| view.dropped += 1);
                }
                EngineReport::Beat(beat) => self.beat(beat),
                EngineReport::Level { peak, .. } => {
                    self.loud(OUT, peak[0].max(peak[1]));
                    self.see(|view| view.out(peak));
                }
                EngineReport::Heard { instrument, peak } => {
                    if let Some(id) = self.session.instrument_named(instrument).map(str::to_owned) {
                        self.loud(&id, peak);
                        self.see(|view| view.level(&id, peak));
                    }
                }
                EngineReport::Begun { track, quarters } => self.begun(track, quarters),
                EngineReport::Over { .. } => self.see(|view| view.over = true),
                EngineReport::Sounds => self.see(|view| view.over = false),
                EngineReport::Led { control, value, number } => self.led(control, value, number),
                EngineReport::Fault { plan, fault } => self.broke_down(&plan, fault),
                EngineReport::Deck(deck) => drop(deck),
                EngineReport::Note(note) => drop(note),
                EngineReport::Loop(track) => drop(track),
            }
        }
    }

    fn loud(&mut self, id: &str, peak: f32) {
        match self.levels.get_mut(id) {
            Some(level) => *level = level.max(peak),
            None => drop(self.levels.insert(id.to_owned(), peak)),
        }
    }

    /// Something has blown up, and is held: it is shown to whoever plays and sent to subscribers.
    fn broke_down(&mut self, plan: &Plan, fault: Fault) {
        let (name, words) = (fault.name(&plan.paths), fault.words(&plan.paths));
        let text = format!("{words}; {}", fault.help());
        if let Some(port) = &self.port {
            self.subscribers.fault(port, name, &text);
        }
        self.see(|view| view.warn(text));
    }

    fn beat(&mut self, beat: Beat) {
        let spans = &self.session.plan().timeline.spans;
        let here = beat.span.and_then(|span| {
            let one = spans.get(span)?;
            Some(SectionView { span, section: one.section, first: one.bar, meter: one.meter })
        });
        let section = here.as_ref().and_then(|here| self.session.song().sections.get(here.section));
        let section = section.map(|section| section.id.clone()).unwrap_or_default();
        if let Some(port) = &self.port {
            self.subscribers.beat(port, &beat, &section);
        }
        self.see(|view| {
            view.over &= !beat.playing;
            view.beat = beat;
            view.told = Some(std::time::Instant::now());
            view.meter = here.as_ref().map(|here| here.meter).or(view.meter);
            view.here = here;
            view.section = section;
        });
    }

    /// A hit has led a control somewhere, after the order of this number.
    fn led(&mut self, control: StableId, value: f32, number: u64) {
        let Some(path) = self.session.control_named(control) else { return };
        // What was said of it since comes after the hit.
        if self.moved.get(path).is_none_or(|moved| *moved <= number) {
            self.changed |= self.session.lead(control, value);
        }
    }

    /// A track that was added has begun: since when is needed to show its steps.
    fn begun(&mut self, track: StableId, quarters: f64) {
        let Some(id) = self.session.track_named(track).map(str::to_owned) else { return };
        self.begun.insert(id.clone(), quarters);
        let place = |lane: &mut StepLane| lane.origin = quarters;
        self.see(|view| {
            let rows = view.tracks.iter_mut().filter(|row| row.added && row.id == id);
            rows.flat_map(|row| &mut row.lanes).for_each(place);
        });
    }

    /// Looks at what is heard.
    pub(super) fn look(&mut self) {
        let slots = self.end.seen.slots();
        if let Ok(chunk) = self.end.seen.read_chunk(slots) {
            let (first, second) = chunk.as_slices();
            self.bands.push(first);
            self.bands.push(second);
            chunk.commit_all();
        }
    }
}
