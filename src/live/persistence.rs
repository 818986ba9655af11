//! What is kept of a session that runs: its take, its recordings, what is saved and loaded.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::io::file_kind::WAV;
use crate::io::folder;
use crate::io::output_claims::Outputs;
use crate::io::recording::{FramesRefused, WavRecorder};
use crate::live::control_thread::ControlThread;
use crate::live::edits::PendingEdit;
use crate::live::old_slots::old_slot;
use crate::live::outcome::HostRequest;
use crate::live::session::{is_plain_name, saved_path};
use crate::live::slots;
use crate::live::take::{Take, TakeEvent, TakeLine};

/// A take being written.
pub(super) struct TakeWriter {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) failed: bool,
    /// The number of the text since which each file that songs use is as it is.
    pub(super) used_from: BTreeMap<String, u64>,
}

/// A recording being written.
pub(super) struct LiveRecording {
    pub(super) path: PathBuf,
    pub(super) recorder: WavRecorder,
    pub(super) frames: u64,
}

impl ControlThread {
    /// Takes note of what has been carried out, and writes it into the take.
    pub(super) fn done(&mut self, number: u64, frame: u64) {
        let mut told = None;
        if self.effects.took(number, &mut self.session) {
            // What comes of messages after it depends on it, so it has its place among them.
            self.number += 1;
            told = Some(self.number);
            self.changed = true;
        }
        let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == number) else { return };
        let Some((number, what)) = self.waiting.remove(place) else { return };
        if let TakeEvent::Song { at_bar: true, .. } = what {
            // It is reported once it has come in, or never if another one comes after it meanwhile.
            let line = TakeLine { frame, number, told: Some(0), what };
            self.coming.push(line);
            self.overtake();
            return;
        }
        let line = TakeLine { frame, number, told, what }.written();
        self.write_take(&line);
    }

    /// The song that the order of this number has brought has come in: it is reported from now on.
    pub(super) fn came(&mut self, number: u64) {
        if !self.effects.came(number, &mut self.session) {
            return;
        }
        self.number += 1;
        if let Some(place) = self.coming.iter().position(|line| line.number == number) {
            let line = self.coming.remove(place);
            self.write_take(&TakeLine { told: Some(self.number), ..line }.written());
        }
        self.overtake();
        self.see(|view| view.songs += 1);
        self.show();
    }

    /// Writes the lines of songs that never come in, because another one has come after them.
    fn overtake(&mut self) {
        let (coming, overtaken) =
            std::mem::take(&mut self.coming).into_iter().partition(|line| self.effects.is_song(line.number));
        self.coming = coming;
        let overtaken: Vec<TakeLine> = overtaken;
        overtaken.iter().for_each(|line| self.write_take(&line.written()));
    }

    pub(super) fn begin_take(&mut self, path: PathBuf, file: File, from: u64) {
        let config = self.session.config();
        let take = Take {
            rate: config.rate,
            song: config.path.display().to_string(),
            text: self.session.text().to_owned(),
            from,
            ends: config.ends,
            lines: Vec::new(),
            used: Vec::new(),
            end: None,
        };
        self.take = Some(TakeWriter { path, file, failed: false, used_from: BTreeMap::new() });
        self.write_take(&take.heading());
        self.take_used(0);
    }

    pub(super) fn write_take(&mut self, text: &str) {
        let Some(taking) = &mut self.take else { return };
        // Each line by itself, so that what was written stays whatever happens next.
        let written = taking.file.write_all(text.as_bytes()).and_then(|()| taking.file.flush());
        if let Err(error) = written
            && !std::mem::replace(&mut taking.failed, true)
        {
            let said = format!("the take {} can't be written any more: {error}", taking.path.display());
            self.see(|view| view.warn(said));
        }
    }

    /// What may be written: nothing that is read, or being written, for what is played.
    fn outputs(&self) -> Outputs {
        let mut outputs = Outputs::default();
        outputs.reads(self.session.read());
        outputs.reads(self.take.iter().map(|take| &take.path));
        outputs.reads(self.recording.iter().map(|recording| &recording.path));
        outputs
    }

    /// Writes something to a file.
    pub(super) fn act(&mut self, wish: HostRequest) -> Result<String, String> {
        let song = self.session.config().path.clone();
        match wish {
            HostRequest::Record(name) => {
                if let Some(one) = &self.recording {
                    return Err(format!("{} is being recorded already", one.path.display()));
                }
                let name = name.unwrap_or_else(|| free_name(&song));
                let stem =
                    song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                let path = song.with_file_name(format!("{stem}.{name}.wav"));
                self.outputs().claim_new(&path, WAV).map_err(|why| why.to_string())?;
                self.record(path.clone());
                match &self.recording {
                    Some(_) => Ok(format!("recording {}", path.display())),
                    None => Err(format!("{} can't be written", path.display())),
                }
            }
            HostRequest::EndRecord => self.end_recording(),
            HostRequest::Save(name, title) => {
                let path = saved_path(&song, &name);
                let text = self.session.saved(title.as_deref())?;
                slots::save(&path, &text, &mut self.outputs())?;
                Ok(format!("saved {}", path.display()))
            }
            _ => Ok(String::new()),
        }
    }

    /// Plays what was saved under `name`: nothing that was done since stays. Gives what has come of it, unless that is reported
    /// later.
    pub(super) fn load(
        &mut self,
        name: &str,
        now: bool,
        asked: (&'static str, Option<SocketAddr>),
    ) -> Option<Result<String, String>> {
        let path = saved_path(&self.session.config().path, name);
        match folder::open(&path) {
            Ok(text) => self.edit_at_once(PendingEdit {
                text,
                at_bar: !now,
                fresh: true,
                path,
                asked: Some(asked),
                number: 0,
            }),
            Err(_) => Some(self.load_old(name)),
        }
    }

    /// The same for a slot of the program before, whose parameters and tracks are put in place by messages.
    fn load_old(&mut self, name: &str) -> Result<String, String> {
        let slot = old_slot(&self.session.config().path, name);
        let slot = slot.unwrap_or_else(|| Err(format!("nothing is saved as `{name}`")))?;
        let mut left = Vec::new();
        for message in slot.messages {
            let address = message.address.clone();
            let answers = self.hear(message, None);
            left.extend(answers.iter().any(|answer| answer.address == "/error").then_some(address));
        }
        let said = format!("{} is in place", slot.path.display());
        Ok(if left.is_empty() {
            said
        } else {
            format!("{said}; left out, as there is no such thing here: {}", left.join(", "))
        })
    }

    pub(super) fn record(&mut self, path: PathBuf) {
        let rate = self.session.config().rate;
        match WavRecorder::begin(&path, rate) {
            Ok(recorder) => {
                while self.end.record.pop().is_ok() {}
                self.recording = Some(LiveRecording { path, recorder, frames: 0 });
                self.end.clock.lost.store(0, Ordering::Relaxed);
                self.end.clock.recording.store(true, Ordering::Release);
            }
            Err(error) => self.see(|view| view.warn(format!("{} can't be written: {error}", path.display()))),
        }
    }

    pub(super) fn write_recording(&mut self) {
        let Some(recording) = &mut self.recording else { return };
        let slots = self.end.record.slots();
        let Ok(chunk) = self.end.record.read_chunk(slots) else { return };
        let (first, second) = chunk.as_slices();
        let frames = [first, second].concat();
        chunk.commit_all();
        let said = recording.recorder.said();
        let written =
            if frames.is_empty() { recording.recorder.goes_on() } else { recording.recorder.push(frames) };
        match written {
            Ok(()) => recording.frames += slots as u64,
            Err(FramesRefused::Late) => {
                self.end.clock.lost.fetch_add(slots as u64, Ordering::Relaxed);
            }
            Err(FramesRefused::Ended) => {
                self.end.clock.recording.store(false, Ordering::Release);
                if let Err(why) = self.end_recording() {
                    self.see(|view| view.warn(why));
                }
                return;
            }
        }
        if let Some(said) = said {
            self.see(|view| view.say(said));
        }
    }

    pub(super) fn end_recording(&mut self) -> Result<String, String> {
        if self.end.clock.recording.swap(false, Ordering::AcqRel) {
            self.write_recording();
        }
        let Some(LiveRecording { path, recorder, frames }) = self.recording.take() else {
            return Err("nothing is being recorded".to_owned());
        };
        let seconds = frames as f64 / f64::from(self.session.config().rate);
        recorder.finish().map_err(|error| {
            format!("{} can't be written any more ({error}): what was recorded is kept", path.display())
        })?;
        if frames == 0 {
            return Ok(format!("nothing was recorded to {}", path.display()));
        }
        Ok(format!("recorded {seconds:.1} s to {}", path.display()))
    }

    pub(super) fn finish(&mut self) {
        self.fetch();
        if self.recording.is_some() {
            match self.end_recording() {
                Ok(said) => self.see(|view| view.say(said)),
                Err(why) => self.see(|view| view.warn(why)),
            }
        }
        for line in std::mem::take(&mut self.coming) {
            self.write_take(&line.written());
        }
        let end = self.end.clock.frame() + crate::modules::spec::BLOCK as u64;
        // What was never due was heard in its turn all the same: what came later may go by it.
        for (number, what) in std::mem::take(&mut self.waiting) {
            let told = self.effects.is_ahead(number).then_some(self.number + 1);
            self.write_take(&TakeLine { frame: end, number, told, what }.written());
        }
        self.keep_used();
        self.write_take(&format!("end {end}\n"));
    }
}

/// The names under which something is kept beside `song`.
pub(super) fn saved(song: &Path) -> Vec<String> {
    let stem = song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = song.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let file = entry.ok()?.file_name().into_string().ok()?;
        let name = file.strip_prefix(&stem)?.strip_prefix('.')?.strip_suffix(".kdl")?;
        is_plain_name(name).then(|| name.to_owned())
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

/// A name for a recording that no file has yet.
fn free_name(song: &Path) -> String {
    let stem = song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let free = |name: &String| !song.with_file_name(format!("{stem}.{name}.wav")).exists();
    (1..10_000)
        .map(|number| format!("recording-{number}"))
        .find(free)
        .unwrap_or_else(|| "recording".to_owned())
}
