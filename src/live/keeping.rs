//! What is kept of a session that runs: its take, its recordings, what is saved and loaded.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::io::folder;
use crate::io::output::Output;
use crate::io::wav::{Format, WavWriter};
use crate::live::edits::Edit;
use crate::live::heard::Wish;
use crate::live::running::Control;
use crate::live::session::{is_plain_name, saved_path};
use crate::live::take::{Line, Take};

/// A take being written.
pub(super) struct Taking {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) failed: bool,
}

/// A recording being written.
pub(super) struct Recording {
    pub(super) path: PathBuf,
    pub(super) wav: WavWriter,
    pub(super) frames: u64,
}

impl Control {
    /// Writes into the take what has been carried out.
    pub(super) fn done(&mut self, number: u64, frame: u64) {
        let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == number) else { return };
        let Some((number, what)) = self.waiting.remove(place) else { return };
        let line = Line { frame, number, what }.written();
        self.write_take(&line);
    }

    pub(super) fn begin_take(&mut self, path: PathBuf, file: File, from: u64) {
        let stage = self.session.stage();
        let take = Take {
            rate: stage.rate,
            song: stage.path.display().to_string(),
            text: self.session.text().to_owned(),
            from,
            ends: stage.ends,
            lines: Vec::new(),
            end: None,
        };
        self.take = Some(Taking { path, file, failed: false });
        self.write_take(&take.heading());
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

    /// Writes something to a file.
    pub(super) fn act(&mut self, wish: Wish) -> Result<String, String> {
        let song = self.session.stage().path.clone();
        match wish {
            Wish::Record(name) => {
                if let Some(one) = &self.recording {
                    return Err(format!("{} is being recorded already", one.path.display()));
                }
                let name = name.unwrap_or_else(|| free_name(&song));
                let stem =
                    song.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                let path = song.with_file_name(format!("{stem}.{name}.wav"));
                if path.exists() {
                    return Err(format!("{} exists already", path.display()));
                }
                self.record(path.clone());
                match &self.recording {
                    Some(_) => Ok(format!("recording {}", path.display())),
                    None => Err(format!("{} can't be written", path.display())),
                }
            }
            Wish::EndRecord => self.end_recording(),
            Wish::Save(name, title) => {
                let path = saved_path(&song, &name);
                let text = self.session.saved(title.as_deref())?;
                let output = if path.exists() { Output::replace(&path) } else { Output::create(&path) };
                let written = output.and_then(|mut output| {
                    output.write_all(text.as_bytes())?;
                    output.finish()
                });
                written.map_err(|error| format!("{} can't be written: {error}", path.display()))?;
                Ok(format!("saved {}", path.display()))
            }
            _ => Ok(String::new()),
        }
    }

    /// Plays what was saved under `name`, at a frame, or at once if that is 0: nothing that was done since stays. Gives what
    /// has come of it, unless that is told later.
    pub(super) fn load(
        &mut self,
        name: &str,
        now: bool,
        frame: u64,
        asked: (&'static str, Option<SocketAddr>),
    ) -> Option<Result<String, String>> {
        let path = saved_path(&self.session.stage().path, name);
        match folder::open(&path) {
            Ok(text) => self.edit_at_once(Edit {
                text,
                at_bar: !now,
                fresh: true,
                frame,
                path,
                asked: Some(asked),
                number: 0,
            }),
            Err(_) => Some(Err(format!("nothing is saved as `{name}`"))),
        }
    }

    pub(super) fn record(&mut self, path: PathBuf) {
        let rate = self.session.stage().rate;
        match Output::create(&path).and_then(|output| WavWriter::new(output, rate, Format::Float32, 0)) {
            Ok(wav) => {
                while self.end.record.pop().is_ok() {}
                self.recording = Some(Recording { path, wav, frames: 0 });
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
        let written = recording.wav.push(first).and_then(|()| recording.wav.push(second));
        recording.frames += slots as u64;
        chunk.commit_all();
        if let Err(error) = written {
            let path = recording.path.display().to_string();
            self.end.clock.recording.store(false, Ordering::Release);
            // What there is of it is finished as far as the disk lets it.
            let rest = self.recording.take().map(|recording| recording.wav.finish());
            let kept = matches!(rest, Some(Ok(())));
            let rest = if kept { "what was recorded is kept" } else { "it is lost" };
            self.see(|view| view.warn(format!("{path} can't be written any more ({error}): {rest}")));
        }
    }

    pub(super) fn end_recording(&mut self) -> Result<String, String> {
        self.end.clock.recording.store(false, Ordering::Release);
        self.write_recording();
        let Some(Recording { path, wav, frames }) = self.recording.take() else {
            return Err("nothing is being recorded".to_owned());
        };
        let seconds = frames as f64 / f64::from(self.session.stage().rate);
        wav.finish().map_err(|error| format!("{} can't be written: {error}", path.display()))?;
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
        let end = self.end.clock.frame() + crate::modules::spec::BLOCK as u64;
        // What was never due was heard in its turn all the same: what came later may go by it.
        for (number, what) in std::mem::take(&mut self.waiting) {
            self.write_take(&Line { frame: end, number, what }.written());
        }
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
