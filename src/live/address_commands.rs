//! What can be said to a performance: one row an address, from which messages are obeyed and `docs/osc.md` is written.

use crate::engine::commands::EngineCommand;
use crate::live::changes::StateChange;
use crate::live::outcome::Outcome;
use crate::live::session::Session;
use crate::live::{controls, queries, transport};
use crate::osc::message::Arg;

/// What is done about a message: what of its address comes after the row's, and its arguments. An error is reported to the sender.
type Act = fn(&mut Session, &str, &[Arg], &mut Outcome) -> Result<(), String>;

/// An address that is understood.
pub struct AddressCommand {
    /// As it is written in the reference: from `<` on it is whatever the song has.
    pub address: &'static str,
    /// Its arguments, as they are written in the reference.
    pub args: &'static str,
    /// What it does.
    pub about: &'static str,
    /// When it is read if its message has a time.
    pub(super) timing: Timing,
    pub(super) act: Act,
}

/// When a message with a time is read: before its time, so that its commands are there in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timing {
    /// Long enough before to be carried out on its frame.
    Exact,
    /// Shortly before: what it does waits for a bar.
    AtBar,
    /// When its time has come: it asks for what is so then, or keeps it.
    Due,
}

impl AddressCommand {
    /// The row that `address` belongs to, and what of the address it leaves open.
    pub(super) fn at(address: &str) -> Option<(&'static Self, &str)> {
        COMMANDS.iter().find_map(|command| match command.address.split_once('<') {
            None => (command.address == address).then_some((command, "")),
            Some((start, _)) => {
                address.strip_prefix(start).filter(|rest| !rest.is_empty()).map(|rest| (command, rest))
            }
        })
    }

    /// Whether what it does waits for a bar, and so meets the song that is played from there on.
    pub(super) fn waits(&self) -> bool {
        self.timing == Timing::AtBar || self.address == "/seq/goto"
    }

    /// The most arguments that it takes: as many as the reference names, any number where it says so.
    fn most(&self) -> usize {
        match self.args {
            "" => 0,
            args if args.contains(ANYTHING) || args.contains(KEYS) => usize::MAX,
            args => args.split(", ").count(),
        }
    }

    /// The arguments with which it acts on `args`; nothing if a button was let go.
    ///
    /// # Errors
    /// If there are more than it takes.
    pub(super) fn taken<'a>(&self, args: &'a [Arg]) -> Result<Option<&'a [Arg]>, String> {
        match (self.most(), args) {
            (most, args) if args.len() <= most => Ok(Some(args)),
            (0, args) => Ok(button(args)?.then_some(&[])),
            (_, _) => Err(format!("too many arguments: it takes {}", self.args)),
        }
    }
}

/// What the reference calls arguments of any kind and number.
const ANYTHING: &str = "anything";
/// What it calls arguments that carry their names.
const KEYS: &str = "`key=value`";

/// Whether a button was pressed, for addresses that take no arguments: buttons of control surfaces send a number, which is 0
/// when they are let go.
///
/// # Errors
/// If the arguments are none of a button.
pub(super) fn button(args: &[Arg]) -> Result<bool, String> {
    match args {
        [] => Ok(true),
        [arg] => arg.switch().ok_or_else(|| "it takes no arguments, or one switch".to_owned()),
        _ => Err("too many arguments: it takes none".to_owned()),
    }
}

macro_rules! command {
    ($address:literal, $args:literal, $timing:ident, $act:expr, $about:literal) => {
        AddressCommand { address: $address, args: $args, about: $about, timing: Timing::$timing, act: $act }
    };
}

/// Every row. The more special come before the more general.
pub static COMMANDS: &[AddressCommand] = &[
    command!(
        "/mod/<control>",
        "value",
        Exact,
        controls::set,
        "Overrides a control: `/mod/bass/filter/cutoff 800` moves `bass.filter.cutoff` of the song. The value is \
         clamped to the control's range and reached in 20 ms; automation and locks of the control are suspended. \
         `/mod/<control>/auto` hands it back to the song, `/mod/<module>/auto` all controls of a module or an \
         instrument. Without a value, the answer is the current value."
    ),
    command!(
        "/gate/<id>",
        "switch or velocity 0…1, [note]",
        Exact,
        controls::gate,
        "Opens and closes a voice of an instrument, or the gate of a top-level module that has one. A note is a \
         name, a MIDI number, or Hz above 127; the default is c4, or the instrument's `freq` if it has one. A \
         number as id counts instruments. Closing without a note closes all notes opened here."
    ),
    command!(
        "/note/<instrument>",
        "note, [velocity 0…1], [seconds]",
        Exact,
        controls::note,
        "Plays a whole note. Its gate closes after the given time, by default half a second."
    ),
    command!(
        "/seq/add",
        "track, instrument, pattern, [base Hz], [filter Hz], [notes], or strings `key=value`",
        AtBar,
        transport::add,
        "Adds a track that loops beside the song from the next bar, one sixteenth per step, and replaces an added \
         track of the same name. Hits play base Hz, or the notes in turn: names, MIDI numbers up to 127, or Hz \
         (numbers above 127, `55.0`, `55Hz`). Each hit sets the voice's `freq` to its pitch, `amp` to `base_amp` \
         (0.3) times velocity, and `filter.freq` to `filter_freq` (1000) + `accent_boost` (1500) times (velocity - \
         0.5), if the instrument has these controls. A value set by a hit lasts for its note or until the next \
         message to that control; a value set by a message lasts until the next hit, and is the one that is \
         reported. Keys: `base_freq` `base_amp` `filter_freq` `accent_boost` `notes`; `gate_frac` (0.5), the gate \
         length in steps, rounded up to whole steps; `reverb_send` and `delay_send` (0) set the instrument's \
         `send.reverb` and `send.delay`. A pattern that isn't valid in the song language is read character by \
         character: `X` and `x` are hits, all others rests."
    ),
    command!("/seq/remove", "track", AtBar, transport::remove, "Removes an added track at the next bar."),
    command!("/seq/clear", "", AtBar, transport::clear, "Removes all added tracks."),
    command!(
        "/seq/start",
        "",
        Exact,
        |session, _, _, outcome| {
            session.change(StateChange::Playing(true));
            outcome.commands.push(EngineCommand::Start);
            Ok(())
        },
        "Continues the song, or starts it again if it was over."
    ),
    command!(
        "/seq/stop",
        "",
        Exact,
        |session, _, _, outcome| {
            session.change(StateChange::Playing(false));
            outcome.commands.push(EngineCommand::Stop);
            Ok(())
        },
        "Pauses the song and closes all gates."
    ),
    command!(
        "/seq/bpm",
        "30…300",
        Exact,
        transport::tempo,
        "Overrides the song's tempo, in BPM (quarter notes per minute), at once and in phase. Delays and LFOs with \
         note lengths follow. `/seq/bpm/auto` hands the tempo back."
    ),
    command!(
        "/seq/bpm/auto",
        "",
        Exact,
        |session, _, _, outcome| {
            session.change(StateChange::Tempo(None));
            outcome.commands.push(EngineCommand::Tempo(None));
            Ok(())
        },
        "Hands the tempo back to the song."
    ),
    command!(
        "/seq/swing",
        "0…0.6",
        AtBar,
        transport::swing,
        "Sets the swing of added tracks: 0 is straight, 0.33 a triplet feel. The song's tracks keep their own."
    ),
    command!(
        "/seq/update/pattern",
        "track, pattern",
        AtBar,
        transport::update_pattern,
        "Changes the pattern of an added track at the next bar. A pattern that can't be read is refused, and the \
         old one continues."
    ),
    command!(
        "/seq/update/notes",
        "track, notes",
        AtBar,
        transport::update_notes,
        "Changes the notes of an added track at the next bar."
    ),
    command!(
        "/seq/mute",
        "track, switch",
        Exact,
        transport::mute,
        "Mutes or unmutes a track of the song or an added track."
    ),
    command!(
        "/seq/solo",
        "track, switch",
        Exact,
        transport::solo,
        "Solos a track, or ends that. While any track is solo, only solo tracks play."
    ),
    command!("/seq/goto", "section or bar", Exact, transport::goto, "Jumps there at the next bar."),
    command!(
        "/seq/loop",
        "[first bar or section, [last]]",
        Exact,
        transport::loop_range,
        "Loops a range of bars or sections; without arguments it ends the loop."
    ),
    command!(
        "/seq/status",
        "",
        Due,
        queries::song_status,
        "The answer is JSON: bpm, swing, playing, bar, beat, section, tracks."
    ),
    command!(
        "/engine/start",
        "",
        Exact,
        |_, _, _, outcome| {
            outcome.commands.push(EngineCommand::Level(1.0));
            Ok(())
        },
        "Turns the sound on again."
    ),
    command!(
        "/engine/stop",
        "",
        Exact,
        |_, _, _, outcome| {
            outcome.commands.push(EngineCommand::Level(0.0));
            Ok(())
        },
        "Fades out all sound. The song continues silently."
    ),
    command!(
        "/engine/panic",
        "",
        Due,
        |session, _, _, outcome| {
            outcome.commands.extend(session.afresh()?);
            Ok(())
        },
        "Closes all gates and cuts all tails."
    ),
    command!("/engine/auto", "", Exact, controls::free_all, "Hands every control back to the song."),
    command!(
        "/engine/status",
        "",
        Due,
        queries::engine_status,
        "The answer is JSON: rate, buffer, latency in ms, load, xruns, voices, late and refused messages, uptime."
    ),
    command!(
        "/engine/list",
        "[pattern]",
        Due,
        queries::list,
        "The answer is one `/engine/list` for each control: address, type, minimum, maximum, default, unit, value; \
         then `/engine/list/end` with their number."
    ),
    command!(
        "/engine/schema",
        "[anything]",
        Due,
        queries::schema,
        "The answer is `/engine/schema` part, parts, JSON: arrays of everything that can be set or reported."
    ),
    command!(
        "/engine/record/start",
        "[name]",
        Due,
        queries::record,
        "Records the output to a WAV beside the song. The name has no folder; it may end in `.wav`."
    ),
    command!("/engine/record/stop", "", Due, queries::end_record, "Ends the recording."),
    command!("/engine/record/status", "", Due, queries::record_status, "The answer is JSON."),
    command!(
        "/pattern/save",
        "slot 1…128 or name, [title]",
        Due,
        queries::save,
        "Writes the song as it is now, with overrides and added tracks, to a file beside it: `song.name.kdl`. The \
         three previous versions are kept; files written by hand are not replaced."
    ),
    command!(
        "/pattern/load",
        "slot or name, [immediate]",
        Due,
        queries::load,
        "Returns to a saved version, at the next bar or at once. If there is none with this number, reads a slot \
         of the Python predecessor: `slot_001.json` beside the song or in `patterns/slots`."
    ),
    command!("/pattern/list", "", Due, queries::list_saved, "The answer is JSON."),
    command!(
        "/subscribe",
        "[port]",
        Due,
        queries::subscribe,
        "Sends `/beat`, `/section`, `/level`, `/param`, and `/error` for modules that blow up, to the sender for \
         30 s. Send it again to renew."
    ),
    command!("/unsubscribe", "[port]", Due, queries::unsubscribe, "Ends the subscription."),
    command!("/ping", "anything", Due, queries::ping, "The answer is `/pong` with the same arguments."),
];
