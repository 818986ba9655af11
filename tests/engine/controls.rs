//! Controls by their paths, and aliases that stand for them.

use chronus::check::song::check;
use chronus::diagnostic::span::SourceId;
use chronus::model::controls::{Controls, Gated};
use chronus::model::patch::ParameterBase;
use chronus::model::song::Song;
use chronus::units::unit::Unit;

use crate::listen::hear;

const SONG: &str = "song bars=1 tempo=120\n\
    instrument a voices=2 glide=\"1/8\" {\n saw osc\n lowpass tone cutoff=\"2kHz\"\n adsr env\n knob bite 0.5\n \
    route osc -> tone -> out vca=env gain=0.5 id=level\n route bite -> tone.cutoff by=\"1oct\" id=bend\n \
    alias loud level.gain min=0 max=1\n alias tone.bright tone.cutoff min=\"1kHz\"\n}\n\
    adsr swell\nlfo slow rate=\"1/2\"\nroute slow -> a.loud by=0.1 vca=swell\nalias b.loud a.loud max=0.8\nalias b.bright a.tone.bright\n\
    alias mixed.first slow.rate\nalias mixed.second a.pan\ntrack a x...\n";

fn song(text: &str) -> Song {
    let checked = check(SourceId::default(), text);
    checked.song.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

#[test]
fn every_control_has_its_path_its_range_and_its_place() {
    let controls = Controls::of(&song(SONG));
    let paths: Vec<&str> = controls.all().iter().map(|named| named.path.as_str()).collect();
    let wanted = "swell.attack swell.decay swell.sustain swell.release slow.rate a.gain a.pan a.glide a.osc.freq a.osc.octave \
        a.osc.tune a.tone.cutoff a.tone.q a.env.attack a.env.decay a.env.sustain a.env.release a.bite a.level.gain a.bend.gain \
        a.bend.by b.loud b.bright mixed.first mixed.second a.loud a.tone.bright";
    assert_eq!(paths, wanted.split_whitespace().collect::<Vec<_>>());
    let facts = |path: &str| {
        let named = controls.at(path).unwrap_or_else(|| panic!("{path}"));
        (named.facts.unit, named.facts.range, named.facts.default(120.0), named.control.is_of_voice())
    };
    assert_eq!(facts("slow.rate"), (Unit::Hertz, (0.0001, 1_000.0), Some(1.0), false));
    assert_eq!(facts("a.glide"), (Unit::Seconds, (0.0, 60.0), Some(0.25), false));
    assert_eq!(facts("a.bite"), (Unit::Number, (0.0, 1.0), Some(0.5), true));
    assert_eq!(facts("a.level.gain"), (Unit::Gain, (-16.0, 16.0), Some(0.5), true));
    assert_eq!(facts("a.bend.by"), (Unit::Octaves, (-20.0, 20.0), Some(1.0), true));
    // A second name of a second name is no wider than the first.
    assert_eq!(facts("b.loud"), (Unit::Gain, (0.0, 0.8), Some(0.5), true));
    assert_eq!(facts("b.bright"), (Unit::Hertz, (1_000.0, 20_000.0), Some(2_000.0), true));
    let follows = controls.at("a.osc.freq").map(|named| (named.facts.declared, named.facts.default(120.0)));
    assert_eq!(follows, Some((ParameterBase::Follow, None)));
    assert!(controls.at("a").is_none() && controls.at("a.level.pan").is_none());
}

#[test]
fn gates_are_found() {
    let song = song(SONG);
    assert_eq!(song.gate_at("a"), Some(Gated::Instrument(0)));
    assert_eq!(song.gate_at("swell"), Some(Gated::Module(0)));
    // All that begins with `b` leads into one instrument; what begins with `mixed` doesn't.
    assert_eq!(song.gate_at("b"), Some(Gated::Instrument(0)));
    assert_eq!(song.gate_at("mixed"), None);
}

#[test]
fn an_alias_of_a_route_does_what_the_route_does() {
    let text = |moves: &str| {
        format!(
            "song bars=1\ninstrument a {{\n saw osc\n route osc -> out gain=0.2 id=level\n alias loud level.gain min=0\n}}\n\
             sine wave freq=3\nknob much 0.3\nroute a -> out gain=0.5 id=send\nalias a.send send.gain min=0 max=1\nalias amp send.gain\n{moves}"
        )
    };
    for (alias, own) in [
        ("route wave -> a.send by=0.2\n", "route wave -> send.gain by=0.2\n"),
        ("route wave -> amp by=0.2\n", "route wave -> send.gain by=0.2\n"),
        ("route wave -> a.loud by=0.2\n", "route wave -> a.level.gain by=0.2\n"),
        ("automate a.send to=1\n", "automate send.gain to=1\n"),
        ("automate a.loud to=1\n", "automate a.level.gain to=1\n"),
    ] {
        let track = "track a \"X_x.\" {\n lock loud \"0.1 . 0.3\"\n}\n";
        let other = "track a \"X_x.\" {\n lock level.gain \"0.1 . 0.3\"\n}\n";
        let (heard, wanted) =
            (hear(&text(&format!("{alias}{track}"))), hear(&text(&format!("{own}{other}"))));
        assert!(heard == wanted, "{alias} and {own}");
        assert!(heard != hear(&text(track)), "{alias} moves nothing");
    }
}
