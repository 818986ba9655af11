//! `chronus play`: plays a song through the speakers, with hands on it.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::check::library::PREFIX;
use crate::cli::input::{Loaded, load, load_rig};
use crate::cli::output::{FAILED, FINE, SONG_AT_FAULT, diagnostics, line, note, report_alone};
use crate::cli::page_address::{PAGE, PageAddress, place};
use crate::cli::play_watcher::{Granted, PlayWatcher};
use crate::cli::screen::terminal::Screen;
use crate::cli::unwritable::{refused, unwritable};
use crate::diagnostic::codes::{playing, rendering};
use crate::diagnostic::quote::{printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::SourceText;
use crate::diagnostic::span::SourceId;
use crate::io::file_kind::{TAKE, WAV};
use crate::io::output_claims::Outputs;
use crate::io::port::{OscPort, PortRefused, RECEIVE_BUFFER};
use crate::io::speaker::{Ask, Speaker};
use crate::io::unfinished::{CutOff, cut_off};
use crate::live::audio::ends;
use crate::live::control_thread::{ThreadCommand, ThreadOptions, start};
use crate::live::session::{Session, SessionConfig};
use crate::osc::message::{Arg, Message};
use crate::web::server::Listener;

/// Where OSC is heard unless something else is asked for.
const OSC: &str = "127.0.0.1:5005";
/// Where displays of old listen.
const VIZ: &str = "127.0.0.1:5006";

/// Play a song, and let people and programs take hold of it while it plays.
///
/// Listens for OSC, follows the song's file as it is edited, and stops by Ctrl-C. The exit code is 0 if it was played, 1 if the song
/// has errors, 2 if it can't be played.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Play {
    /// The song; without one, `std/rig`: voices and effects that play what comes by OSC.
    #[arg(value_name = "FILE")]
    song: Option<PathBuf>,

    /// Start at a bar, counted from 1, or at a section.
    #[arg(long, value_name = "BAR|SECTION")]
    from: Option<String>,

    /// Play it round and round: all of it, or what `--from` names if that is a section.
    #[arg(long = "loop")]
    loop_range: bool,

    /// Stay when the song is over, for what comes by OSC.
    #[arg(long)]
    stay: bool,

    /// Tracks that rest, with commas between them.
    #[arg(long, value_name = "TRACKS", value_delimiter = ',')]
    mute: Vec<String>,

    /// Tracks that alone are heard, with commas between them.
    #[arg(long, value_name = "TRACKS", value_delimiter = ',')]
    solo: Vec<String>,

    /// Where OSC is heard.
    #[arg(long, value_name = "HOST:PORT", default_value = OSC)]
    osc: SocketAddr,

    /// Hear no OSC.
    #[arg(long)]
    no_osc: bool,

    /// Serve a page to play on, for browsers, and OSCQuery for programs.
    #[arg(long, value_name = "HOST:PORT", num_args = 0..=1, default_missing_value = PAGE, value_parser = place)]
    web: Option<PageAddress>,

    /// Push levels ten times a second to 127.0.0.1:5006, for displays.
    #[arg(long)]
    viz: bool,

    /// Write everything that is done to this file as it happens: `chronus render --take` renders it again.
    #[arg(long, value_name = "FILE")]
    take: Option<PathBuf>,

    /// Record what is heard.
    #[arg(long, value_name = "OUT.wav")]
    record: Option<PathBuf>,

    /// Follow the song's file and those that it uses as they are edited; this is so unless `--no-watch` is said.
    #[arg(long, overrides_with = "no_watch")]
    watch: bool,

    /// Don't follow the song's files.
    #[arg(long, overrides_with = "watch")]
    no_watch: bool,

    /// The host to play through, as `chronus devices` lists them.
    #[arg(long)]
    host: Option<String>,

    /// The device to play on.
    #[arg(long)]
    device: Option<String>,

    /// Frames a second; by default what the device likes best.
    #[arg(long, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    rate: Option<u32>,

    /// Frames the device asks for at a time; fewer are heard sooner.
    #[arg(long, value_parser = clap::value_parser!(u32).range(16..=8_192))]
    buffer: Option<u32>,

    /// Let the song use files outside of its folder.
    #[arg(long)]
    allow_outside: bool,

    /// Print plain lines instead of a screen.
    #[arg(long)]
    headless: bool,
}

impl Play {
    /// Whether it says what to play.
    pub(super) fn names_a_song(&self) -> bool {
        self.song.is_some()
    }

    pub(super) fn run(self) -> u8 {
        let rig = load_rig(self.song.as_deref());
        let from_library = rig.is_some();
        let song = self.song.as_deref().unwrap_or_else(|| Path::new(""));
        let loaded = rig.unwrap_or_else(|| load(song, self.allow_outside));
        // What is kept of a rig lies in the folder in which it is played.
        let path = if from_library { beside(&loaded.name) } else { song.to_owned() };
        diagnostics(&loaded);
        let Loaded { song: Some(song), sources, readable, name, .. } = loaded else {
            return if loaded.readable { SONG_AT_FAULT } else { FAILED };
        };
        debug_assert!(readable, "a song was read");
        let text = sources.get(SourceId::default()).map_or("", SourceText::text).to_owned();
        let listener = match self.web.as_ref().map(PageAddress::open).transpose() {
            Ok(listener) => listener,
            Err(said) => return fail(&said),
        };
        let ask = Ask {
            host: self.host.clone(),
            device: self.device.clone(),
            rate: self.rate.or(song.output_settings.rate),
            buffer: self.buffer,
        };
        let speaker = match Speaker::find(&ask) {
            // What a song wishes for its file is no more than a wish here.
            Err(_) if self.rate.is_none() && ask.rate.is_some() => Speaker::find(&Ask { rate: None, ..ask }),
            found => found,
        };
        let speaker = match speaker {
            Ok(speaker) => speaker,
            Err(error) => return fail(&error.diagnostic()),
        };
        let ends = song.sections.iter().any(|section| !section.tracks.is_empty());
        let played = Played { text, path, name, ends, follows: !from_library };
        match self.play(played, speaker, listener) {
            Ok(()) => FINE,
            Err(said) => fail(&said),
        }
    }

    /// Opens the port that OSC is heard on.
    fn port(&self) -> Result<Option<OscPort>, Diagnostic> {
        if self.no_osc {
            return Ok(None);
        }
        let port = OscPort::open(self.osc, RECEIVE_BUFFER).map_err(|refused| {
            Diagnostic::of_file(
                &playing::PORT_TAKEN,
                format!("OSC can't be heard at {}: {}", self.osc, why(&refused)),
            )
            .help("choose another with `--osc 127.0.0.1:PORT`, or none with `--no-osc`")
        })?;
        let open = match self.osc.ip() {
            IpAddr::V4(ip) => !ip.is_loopback(),
            IpAddr::V6(ip) => !ip.is_loopback(),
        };
        if open {
            let heard = port.address().unwrap_or(self.osc);
            note(&format!("anybody on the network can play this song: OSC is heard at {heard}"));
        }
        Ok(Some(port))
    }

    fn play(self, played: Played, speaker: Speaker, listener: Option<Listener>) -> Result<(), Diagnostic> {
        let Played { text, path, name, ends: has_tracks, follows } = played;
        let port = self.port()?;
        let heard = port.as_ref().and_then(|port| port.address().ok());
        let config = SessionConfig {
            path,
            outside: self.allow_outside,
            rate: speaker.rate(),
            ends: !self.loop_range && !self.stay && has_tracks,
            keeps: self.take.is_some(),
            ..SessionConfig::default()
        };
        let (session, mut performance) = Session::begin(config, &text).map_err(|unplayable| {
            let first = unplayable.diagnostics.into_iter().find(Diagnostic::is_error);
            first.unwrap_or_else(|| {
                Diagnostic::of_file(&rendering::NOT_COMPILED, "the song can't be played".to_owned())
            })
        })?;
        let nowhere = |why: String| Diagnostic::of_file(&playing::NO_SUCH_PLACE, why);
        let part = self.from.as_deref().map(|from| session.part(from)).transpose().map_err(nowhere)?;
        let from = part.map_or(0, |(from, _)| from);
        if from > 0 {
            performance.start_at(from);
        }
        let known: Vec<String> = session.tracks().into_iter().map(|(id, ..)| id).collect();
        if let Some(stranger) = self.mute.iter().chain(&self.solo).find(|id| !known.contains(id)) {
            let message = format!("the song has no track {}", quoted(stranger));
            return Err(Diagnostic::of_file(&playing::NO_SUCH_PLACE, message).help(if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            }));
        }
        let mut outputs = Outputs::default();
        outputs.reads(session.read());
        if let Some(path) = &self.record {
            let place = outputs.claim_new(path, WAV).map_err(|why| refused(&why))?;
            // Whether its folder may be written shows before anything is heard.
            place.open().map(drop).map_err(|error| unwritable(path, &error))?;
        }
        let take = match &self.take {
            None => None,
            Some(path) => {
                let place = outputs.claim_new(path, TAKE).map_err(|why| refused(&why))?;
                let file = place.open_new().map_err(|error| unwritable(path, &error))?;
                Some((path.clone(), file))
            }
        };
        let bars = session.plan().timeline.bars();
        let latency = performance.latency();
        let rate = speaker.rate();
        let (audio, control) = ends(performance, rate);
        let cut_off = cut_off();
        let running = ThreadOptions {
            port,
            watch: follows && (self.watch || !self.no_watch),
            take,
            record: self.record.clone(),
            warnings: cut_off.iter().map(cut_off_words).collect(),
            viz: VIZ.parse().ok().filter(|_| self.viz),
            from,
        };
        let name = format!("{name} on {}, {} Hz", speaker.name(), speaker.rate());
        let thread = start(session, control, running);
        for message in self.first_messages(bars) {
            drop(thread.say.send(ThreadCommand::Message(message)));
        }
        let granted = Granted { buffer: speaker.buffer(), rate: self.rate, asked: self.buffer.is_some() };
        let playing = match speaker.start(Box::new(audio)) {
            Ok(playing) => playing,
            Err(error) => {
                // It takes away what it has begun to record.
                thread.end();
                return Err(error.diagnostic());
            }
        };
        let server =
            listener.map(|listener| listener.serve(thread.say.clone(), Arc::clone(&thread.view), heard));
        let osc = heard.map(|heard| format!("OSC at {heard}"));
        let page = server.as_ref().map(|server| format!("page at http://{}", server.address));
        let places: Vec<String> = osc.into_iter().chain(page).collect();
        let wanted = !self.headless && Screen::is_possible();
        let screen = if wanted { Screen::open(places.join(", ")).ok() } else { None };
        if screen.is_none() {
            line(&format!("playing {name}"));
            places.iter().for_each(|place| line(place));
        }
        let stays = self.loop_range || self.stay || !has_tracks;
        PlayWatcher { playing, thread, stays, latency, rate, cut_off, granted: Some(granted) }.over(screen);
        Ok(())
    }

    /// What is asked for on the command line, as messages, so that it is in the take.
    fn first_messages(&self, bars: u32) -> Vec<Message> {
        let mut messages = Vec::new();
        let switch =
            |address: &str, id: &String| Message::new(address, [Arg::from(id.as_str()), Arg::Bool(true)]);
        messages.extend(self.mute.iter().map(|id| switch("/seq/mute", id)));
        messages.extend(self.solo.iter().map(|id| switch("/seq/solo", id)));
        if self.loop_range {
            let named = self.from.as_deref().filter(|from| from.parse::<u32>().is_err());
            let args =
                named.map_or_else(|| vec![Arg::Int(1), Arg::Int(bars as i32)], |name| vec![Arg::from(name)]);
            messages.push(Message::new("/seq/loop", args));
        }
        messages
    }
}

/// What is played.
struct Played {
    text: String,
    /// Where it lies; what is kept of it lies beside that.
    path: PathBuf,
    /// What it is called.
    name: String,
    /// Whether it ends by itself.
    ends: bool,
    /// Whether there is a file that can be edited.
    follows: bool,
}

/// The file of the working folder beside which what is kept of a rig lies: `rig.kdl` for `std/rig`.
fn beside(rig: &str) -> PathBuf {
    PathBuf::from(format!("{}.kdl", rig.trim_start_matches(PREFIX)))
}

/// What is said of a recording that a killed program has left.
fn cut_off_words(CutOff { path, milliseconds, .. }: &CutOff) -> String {
    let name = printable(&path.display().to_string()).into_owned();
    match milliseconds {
        Some(time) => {
            format!("the recording {name} was cut off: {:.1} s of it are whole", *time as f64 / 1_000.0)
        }
        None => format!("the recording {name} was cut off, and is no WAV file any more"),
    }
}

/// Why a port can't be had.
pub(super) fn why(refused: &PortRefused) -> String {
    match refused {
        PortRefused::Taken => "another program listens there".to_owned(),
        PortRefused::NoSuchAddress => "this machine has no such address".to_owned(),
        PortRefused::Forbidden => "ports below 1024 belong to the system".to_owned(),
        PortRefused::Other(error) => error.to_string(),
    }
}

fn fail(said: &Diagnostic) -> u8 {
    report_alone(said);
    FAILED
}
