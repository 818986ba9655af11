//! `sounds`: any bytes are decoded as a sound file or refused, and what was decoded is played, forwards and in a loop.

use chronus::check::decode::each;
use chronus::check::song_files::{FileRefusal, SongFiles};

use super::parts::{checked, heard};

/// Samples that are decoded at most: a file of a few bytes can stand for hours.
const MOST: usize = 1 << 19;

/// One sound file beside the song.
struct One<'a>(&'a [u8]);

impl SongFiles for One<'_> {
    fn text(&mut self, _: &str) -> Result<String, FileRefusal> {
        Err(FileRefusal::Sound)
    }

    fn bytes(&mut self, _: &str, _: u64) -> Result<Vec<u8>, FileRefusal> {
        Ok(self.0.to_vec())
    }
}

/// Decodes `data`.
pub fn sounds(data: &[u8]) {
    let (mut channels, mut samples, mut finite) = (0, 0, true);
    let rate = each(data.to_vec(), MOST, |planes| {
        assert!((1..=2).contains(&planes.len()) && (channels == 0 || channels == planes.len()));
        assert!(planes.iter().all(|plane| plane.len() == planes[0].len()));
        channels = planes.len();
        samples += planes.iter().map(Vec::len).sum::<usize>();
        finite &= planes.iter().flatten().all(|sample| sample.is_finite());
    });
    assert!(samples <= MOST);
    let rate = match rate {
        Ok(rate) => rate,
        Err(fault) => {
            assert!(!fault.diagnostic("it.wav").message.is_empty());
            return;
        }
    };
    assert!(samples > 0 && finite && (1..=768_000).contains(&rate));
    let song = "song \"sounds\" bars=1\n\
        sampler a file=\"it.wav\" tune=-7\nsampler b file=\"it.wav\" loop=#true loop-from=0.25 loop-to=0.5 reverse=#true\n\
        lfo clock freq=20\nroute clock -> a.gate\nroute clock -> b.gate\nroute a b -> out gain=0.1\n";
    if let Some(song) = checked(song, &mut One(data)) {
        heard(&song, 16);
    }
}
