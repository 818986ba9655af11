//! What can be said to a performance: one row an address, from which messages are obeyed and `docs/osc.md` is written.

use crate::engine::orders::Order;
use crate::live::changes::Change;
use crate::live::heard::Heard;
use crate::live::session::Session;
use crate::live::{asked, controls, transport};
use crate::osc::message::Arg;

/// What is done about a message: what of its address comes after the row's, and its arguments. An error is told to the sender.
type Act = fn(&mut Session, &str, &[Arg], &mut Heard) -> Result<(), String>;

/// An address that is understood.
pub struct Command {
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

/// When a message with a time is read: before its time, so that its orders are there in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timing {
    /// Long enough before to be carried out on its frame.
    Exact,
    /// Shortly before: what it does waits for a bar.
    AtBar,
    /// When its time has come: it asks for what is so then, or keeps it.
    Due,
}

impl Command {
    /// The row that `address` belongs to, and what of the address it leaves open.
    pub(super) fn at(address: &str) -> Option<(&'static Self, &str)> {
        COMMANDS.iter().find_map(|command| match command.address.split_once('<') {
            None => (command.address == address).then_some((command, "")),
            Some((start, _)) => {
                address.strip_prefix(start).filter(|rest| !rest.is_empty()).map(|rest| (command, rest))
            }
        })
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
        Command { address: $address, args: $args, about: $about, timing: Timing::$timing, act: $act }
    };
}

/// Every row. The more special come before the more general.
pub static COMMANDS: &[Command] = &[
    command!(
        "/mod/<control>",
        "value",
        Exact,
        controls::set,
        "Takes over a control: `/mod/bass/filter/cutoff 800` is `bass.filter.cutoff` of the song. It is held in its range, goes there \
         in 20 ms, and what the song does with it is suspended. `/mod/<control>/auto` hands it back, `/mod/<module>/auto` all of a module's or of \
         an instrument's. Without a value it is answered with where the control stands."
    ),
    command!(
        "/gate/<id>",
        "switch or velocity 0…1, [note]",
        Exact,
        controls::gate,
        "Opens and closes a voice of an instrument, or the gate of a module of the top level that has one. A note is a name, a MIDI \
         number, or Hz above 127; without one it is c4, or where the instrument's `freq` is. A number as id is the instrument of that number. Closing without a note closes all that were opened."
    ),
    command!(
        "/note/<instrument>",
        "note, [velocity 0…1], [seconds]",
        Exact,
        controls::note,
        "A whole note: its gate closes by itself, after half a second unless said otherwise."
    ),
    command!(
        "/seq/add",
        "track, instrument, pattern, [base Hz], [filter Hz], [notes], or strings `key=value`",
        AtBar,
        transport::add,
        "A track of one step a sixteenth that loops beside the song from the next bar on, in place of one of the same name. Hits play \
         base Hz, or the notes in turn (names, MIDI numbers up to 127, or Hz: above that, or as `55.0` or `55Hz`); they set the voice's `freq` to that, its `amp` to `base_amp` (0.3) times velocity and its `filter.freq` to \
         `filter_freq` (1000) + `accent_boost` (1500) times (velocity - 0.5), where the instrument has such controls. What a hit says holds for \
         its note or until the next message to that control, and what a message says until the next hit; told of a control is what a message said. Keys: `base_freq` \
         `base_amp` `filter_freq` `accent_boost` `notes`, `gate_frac` (0.5): gates close at the end of the step in which that many steps are over; \
         `reverb_send` and `delay_send` (0) set the instrument's `send.reverb` and `send.delay`. A pattern that isn't of the language is read \
         sign by sign: `X` and `x` are hits, all others rests."
    ),
    command!(
        "/seq/remove",
        "track",
        AtBar,
        transport::remove,
        "Takes away a track that was added, at the next bar."
    ),
    command!("/seq/clear", "", AtBar, transport::clear, "Takes away all tracks that were added."),
    command!(
        "/seq/start",
        "",
        Exact,
        |session, _, _, heard| {
            session.change(Change::Playing(true));
            heard.orders.push(Order::Start);
            Ok(())
        },
        "Lets the song go on; from the start if it was over."
    ),
    command!(
        "/seq/stop",
        "",
        Exact,
        |session, _, _, heard| {
            session.change(Change::Playing(false));
            heard.orders.push(Order::Stop);
            Ok(())
        },
        "Lets the song stand, and closes all gates."
    ),
    command!(
        "/seq/bpm",
        "30…300",
        Exact,
        transport::tempo,
        "Quarter notes a minute, in place of the song's, at once and in phase. Note lengths of delays and LFOs go with it. `/seq/bpm/auto` hands it back."
    ),
    command!(
        "/seq/bpm/auto",
        "",
        Exact,
        |session, _, _, heard| {
            session.change(Change::Tempo(None));
            heard.orders.push(Order::Tempo(None));
            Ok(())
        },
        "Hands the tempo back to the song."
    ),
    command!(
        "/seq/swing",
        "0…0.6",
        AtBar,
        transport::swing,
        "The swing of added tracks; 0 is straight, 0.33 a triplet feel. The song's tracks keep their own."
    ),
    command!(
        "/seq/update/pattern",
        "track, pattern",
        AtBar,
        transport::update_pattern,
        "Another pattern for an added track, at the next bar. One that can't be read is refused, and the old one plays on."
    ),
    command!(
        "/seq/update/notes",
        "track, notes",
        AtBar,
        transport::update_notes,
        "Other notes for an added track, at the next bar."
    ),
    command!(
        "/seq/mute",
        "track, switch",
        Exact,
        transport::mute,
        "Whether a track of the song, or one that was added, rests."
    ),
    command!(
        "/seq/solo",
        "track, switch",
        Exact,
        transport::solo,
        "While any track is solo, only such are heard."
    ),
    command!("/seq/goto", "section or bar", Exact, transport::goto, "Goes on there at the next bar."),
    command!(
        "/seq/loop",
        "[first bar or section, [last]]",
        Exact,
        transport::round,
        "Plays some bars round and round; without arguments no more."
    ),
    command!(
        "/seq/status",
        "",
        Due,
        asked::song_status,
        "Answered with JSON: bpm, swing, playing, bar, beat, section, tracks."
    ),
    command!(
        "/engine/start",
        "",
        Exact,
        |_, _, _, heard| {
            heard.orders.push(Order::Level(1.0));
            Ok(())
        },
        "Turns the sound on again."
    ),
    command!(
        "/engine/stop",
        "",
        Exact,
        |_, _, _, heard| {
            heard.orders.push(Order::Level(0.0));
            Ok(())
        },
        "Fades all sound out. The song goes on unheard."
    ),
    command!(
        "/engine/panic",
        "",
        Due,
        |session, _, _, heard| {
            let order = session.afresh()?;
            heard.orders.push(order);
            Ok(())
        },
        "Closes all gates and cuts all tails."
    ),
    command!("/engine/auto", "", Exact, controls::free_all, "Hands every control back to the song."),
    command!(
        "/engine/status",
        "",
        Due,
        asked::engine_status,
        "Answered with JSON: rate, buffer, latency in ms, load, xruns, voices, late and refused messages, uptime."
    ),
    command!(
        "/engine/list",
        "[pattern]",
        Due,
        asked::list,
        "Answered with one `/engine/list` a control: address, type, least, greatest, default, unit, value; then `/engine/list/end` and their number."
    ),
    command!(
        "/engine/schema",
        "[anything]",
        Due,
        asked::schema,
        "Answered with `/engine/schema` part, parts, JSON: arrays of everything that can be set or said."
    ),
    command!(
        "/engine/record/start",
        "[name]",
        Due,
        asked::record,
        "Writes what is heard to a WAV beside the song. Plain names only; they may end in `.wav`."
    ),
    command!("/engine/record/stop", "", Due, asked::end_record, "Ends that."),
    command!("/engine/record/status", "", Due, asked::record_status, "Answered with JSON."),
    command!(
        "/pattern/save",
        "slot 1…128 or name, [title]",
        Due,
        asked::save,
        "Writes the song as it is now, overrides and added tracks and all, to a file beside it: `song.name.kdl`. The three versions before are kept; files written by hand are not replaced."
    ),
    command!(
        "/pattern/load",
        "slot or name, [immediate]",
        Due,
        asked::load,
        "Back to what was saved, at the next bar or at once. A slot of the program before, `slot_001.json` beside the song or in `patterns/slots`, is read where there is no other of that number."
    ),
    command!("/pattern/list", "", Due, asked::list_saved, "Answered with JSON."),
    command!(
        "/subscribe",
        "[port]",
        Due,
        asked::subscribe,
        "Pushes `/beat`, `/section`, `/level`, `/param` and blow-ups as `/error` to the sender for 30 s, until the next `/subscribe`."
    ),
    command!("/unsubscribe", "[port]", Due, asked::unsubscribe, "Ends that."),
    command!("/ping", "anything", Due, asked::ping, "Answered with `/pong` and the same arguments."),
];
