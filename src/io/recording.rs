//! A recording while it is made: a WAV file under its own name that is whole at any moment, whatever ends the program.
//!
//! A thread of its own writes, because a disk may take its time. Once a second it puts the samples on the disk, then a header that
//! counts them. So a kill, a crash or a power cut loses at most the last second.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::engine::block_loop::Frame;
use crate::io::output_file::OutputFile;
use crate::io::unfinished::UnfinishedEntry;
use crate::io::wav::{WavFormat, WavWriter, most_frames};

/// How often samples and header are put on the disk.
const SETTLE: Duration = Duration::from_secs(1);
/// Pieces of sound that can wait for the disk: about a minute.
const WAITING: usize = 16_384;
/// How recordings are stored: nothing that is heard is over full scale there.
const FORMAT: WavFormat = WavFormat::Float32;

/// A recording.
pub struct WavRecorder {
    frames: SyncSender<Vec<Frame>>,
    said: Receiver<String>,
    thread: JoinHandle<io::Result<()>>,
}

/// Why frames weren't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramesRefused {
    /// The disk is a minute late: these frames are lost.
    Late,
    /// The recording has ended by an error, which [`WavRecorder::finish`] gives.
    Ended,
}

impl WavRecorder {
    /// Begins a recording at `path`, which must not exist, of `rate` frames a second.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn begin(path: &Path, rate: u32) -> io::Result<Self> {
        Self::of_files(path, rate, most_frames(FORMAT))
    }

    /// A recording that goes on in another file after `most` frames.
    fn of_files(path: &Path, rate: u32, most: u64) -> io::Result<Self> {
        let (frames, receive) = sync_channel(WAITING);
        let (say, said) = channel();
        let file = RecordedFile::create(path, rate)?;
        let files = RecordingFiles { path: path.to_path_buf(), rate, most, number: 1, file, say };
        let thread =
            std::thread::Builder::new().name("recorder".to_owned()).spawn(move || files.write(&receive))?;
        Ok(Self { frames, said, thread })
    }

    /// Takes the next frames.
    ///
    /// # Errors
    /// Why it didn't.
    pub fn push(&self, frames: Vec<Frame>) -> Result<(), FramesRefused> {
        self.frames.try_send(frames).map_err(|error| match error {
            TrySendError::Full(_) => FramesRefused::Late,
            TrySendError::Disconnected(_) => FramesRefused::Ended,
        })
    }

    /// Whether it still writes.
    ///
    /// # Errors
    /// [`FramesRefused::Ended`] if it doesn't.
    pub fn goes_on(&self) -> Result<(), FramesRefused> {
        if self.thread.is_finished() { Err(FramesRefused::Ended) } else { Ok(()) }
    }

    /// The next thing that there is to say of it.
    pub fn said(&self) -> Option<String> {
        self.said.try_recv().ok()
    }

    /// Ends it. A recording without a frame leaves no file.
    ///
    /// # Errors
    /// Why the end of it could not be written; what was written before is whole.
    pub fn finish(self) -> io::Result<()> {
        drop(self.frames);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes it broke down")))
    }
}

/// The files of a recording: one, unless it is longer than a WAV file can be.
struct RecordingFiles {
    path: PathBuf,
    rate: u32,
    /// The most frames of a file.
    most: u64,
    number: u32,
    file: RecordedFile,
    say: Sender<String>,
}

impl RecordingFiles {
    /// Writes what arrives until nobody sends any more.
    fn write(mut self, frames: &Receiver<Vec<Frame>>) -> io::Result<()> {
        let written = self.until_the_end(frames);
        if let Err(error) = written {
            self.file.save();
            return Err(error);
        }
        self.file.finish()
    }

    fn until_the_end(&mut self, frames: &Receiver<Vec<Frame>>) -> io::Result<()> {
        let mut settled = Instant::now();
        loop {
            match frames.recv_timeout(SETTLE.saturating_sub(settled.elapsed())) {
                Ok(frames) => self.push(&frames)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if settled.elapsed() >= SETTLE {
                self.file.settle()?;
                settled = Instant::now();
            }
        }
    }

    fn push(&mut self, mut frames: &[Frame]) -> io::Result<()> {
        while !frames.is_empty() {
            let room = self.most - self.file.frames;
            let (now, later) = frames.split_at(frames.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            self.file.push(now)?;
            if !later.is_empty() {
                self.next_file()?;
            }
            frames = later;
        }
        Ok(())
    }

    fn next_file(&mut self) -> io::Result<()> {
        self.number += 1;
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let path = self.path.with_file_name(format!("{stem}-{}.wav", self.number));
        let next = RecordedFile::create(&path, self.rate)?;
        std::mem::replace(&mut self.file, next).finish()?;
        // Who doesn't listen any more needs no news.
        drop(
            self.say.send(format!("a WAV file can't be longer: the recording goes on in {}", path.display())),
        );
        Ok(())
    }
}

/// One file of a recording.
struct RecordedFile {
    wav: WavWriter,
    /// The file, unless it is a device or a pipe.
    path: Option<PathBuf>,
    frames: u64,
    settled: u64,
    /// What tells the next start of chronus that this one didn't end.
    entry: Option<UnfinishedEntry>,
}

impl RecordedFile {
    fn create(path: &Path, rate: u32) -> io::Result<Self> {
        let stream = path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir());
        let (wav, entry) = if stream {
            (
                WavWriter::new(
                    OutputFile::Stream(std::fs::File::options().write(true).open(path)?),
                    rate,
                    FORMAT,
                    0,
                )?,
                None,
            )
        } else {
            // Where nothing can be noted, the recording is made all the same.
            let entry = UnfinishedEntry::of(path).ok();
            match WavWriter::under_its_name(path, rate, FORMAT) {
                Ok(wav) => (wav, entry),
                Err(why) => {
                    entry.into_iter().for_each(UnfinishedEntry::remove);
                    return Err(why);
                }
            }
        };
        Ok(Self { wav, path: (!stream).then(|| path.to_path_buf()), frames: 0, settled: 0, entry })
    }

    fn push(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.wav.push(frames)?;
        self.frames += frames.len() as u64;
        Ok(())
    }

    fn settle(&mut self) -> io::Result<()> {
        if self.settled == self.frames {
            return Ok(());
        }
        self.wav.settle()?;
        self.settled = self.frames;
        Ok(())
    }

    /// After an error: counts what could be written.
    fn save(mut self) {
        // Nothing is left to try.
        drop(self.wav.seal());
        self.over();
    }

    fn finish(mut self) -> io::Result<()> {
        if self.frames == 0 {
            if let Some(path) = &self.path {
                std::fs::remove_file(path)?;
            }
        } else {
            self.wav.settle()?;
        }
        self.over();
        Ok(())
    }

    fn over(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WavRecorder;
    use crate::engine::block_loop::Frame;
    use std::time::{Duration, Instant};

    fn read(path: &std::path::Path) -> Vec<f32> {
        let mut reader = hound::WavReader::open(path).unwrap();
        reader.samples::<f32>().map(Result::unwrap).collect()
    }

    #[test]
    fn it_is_whole_while_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("night.wav");
        let recorder = WavRecorder::begin(&path, 48_000).unwrap();
        assert!(read(&path).is_empty(), "from its first moment on");
        let frames: Vec<Frame> = (0..1_000).map(|i| [i as f32, -(i as f32)]).collect();
        recorder.push(frames.clone()).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while read(&path).is_empty() {
            assert!(Instant::now() < until, "not settled");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(read(&path), frames.as_flattened());
        recorder.push(vec![[7.0, 8.0]]).unwrap();
        recorder.finish().unwrap();
        assert_eq!(read(&path)[2_000..], [7.0, 8.0]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        assert!(WavRecorder::begin(&path, 48_000).is_err(), "it never replaces a file");
    }

    #[test]
    fn what_is_too_long_goes_on_in_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("night.wav");
        let recorder = WavRecorder::of_files(&path, 48_000, 100).unwrap();
        let frames: Vec<Frame> = (0..250).map(|i| [i as f32, 0.0]).collect();
        recorder.push(frames.clone()).unwrap();
        let said: Vec<String> = recorder.said.iter().take(2).collect();
        assert!(said[1].ends_with("night-3.wav"), "{said:?}");
        recorder.finish().unwrap();
        let all: Vec<f32> = ["night", "night-2", "night-3"]
            .iter()
            .flat_map(|name| read(&path.with_file_name(format!("{name}.wav"))))
            .collect();
        assert_eq!(all, frames.as_flattened());
    }

    #[test]
    fn nothing_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("night.wav");
        WavRecorder::begin(&path, 48_000).unwrap().finish().unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    }
}
