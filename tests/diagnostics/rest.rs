//! Fixes that come to rest: each leads to a song that passes, in one round for each mistake.

use crate::meant::{BASS, all_mended, mended, told, with_bass};

const LOCKED: &str = "instrument bass { sine osc; knob bite 1 max=4; route osc -> out vca=bite; }\n";

#[test]
fn brackets_that_do_not_match() {
    let lines = [
        // The wrong one of two kinds.
        ("track bass \"[x x> ...\"", "track bass \"[x x] ...\""),
        ("track bass \"<x . ] ...\"", "track bass \"<x . > ...\""),
        ("track bass \"{4 x]\"", "track bass \"{4 x}\""),
        ("track bass \"[<x . } x} ...\"", "track bass \"[<x . > x] ...\""),
        // One too many, inside a pair and after it.
        ("track bass \"[x> x] ...\"", "track bass \"[x x] ...\""),
        ("track bass \"[x x]> ...\"", "track bass \"[x x] ...\""),
        // One too few: the next bracket outside ends it.
        ("track bass \"[x <x . ] ...\"", "track bass \"[x <x . >] ...\""),
        ("track bass \"[{2 x\"", "track bass \"[{2 x}]\""),
        ("track bass X... vel=\"{2 5> 9\"", "track bass X... vel=\"{2 5} 9\""),
        ("track bass X... vel=\"{2 <5 6} 9\"", "track bass X... vel=\"{2 <5 6>} 9\""),
    ];
    with_bass(&lines);
    let lines = [
        ("{4 1} {4 2->}} {4 0}", "{4 1} {4 2} {4 0}"),
        ("{4 .} <{2 3>}} .", "{4 .} <{2 3}> ."),
        ("{4 . <2 3} 1", "{4 . <2 3>} 1"),
    ];
    for (wrong, right) in lines {
        let line = |lane: &str| format!("{LOCKED}track bass X... {{ lock bite \"{lane}\"; }}\n");
        let now = mended(&line(wrong));
        assert_eq!(now, line(right), "{wrong}");
    }
}

#[test]
fn orders_with_what_is_no_section() {
    let song = format!(
        "{BASS}section one bars=1 {{ track bass X...; }}\nsection two bars=1 {{ track bass x...; }}\n"
    );
    let unknown = |name: &str| {
        format!("unknown-id: there is no section called `{name}`\nwrite `section {name} bars=4 {{ … }}`")
    };
    for (order, name) in [
        ("one -6dB two", "-6dB"),
        ("-6dB one", "-6dB"),
        ("one \"-6dB\" two", "-6dB"),
        ("one 2 \"null\" two", "null"),
    ] {
        assert_eq!(mended(&format!("{song}arrange {order}\n")), unknown(name), "{order}");
    }
}

#[test]
fn aliases_without_room() {
    let song = "song bars=1\nsine a freq=440\nroute a -> out gain=0.5 id=loud\n";
    let lines = [
        ("alias level loud.gain min=0 max=0.0", "alias level loud.gain min=0"),
        ("alias level loud.gain min=0.0 max=0", "alias level loud.gain min=0.0"),
        ("alias level loud.gain min=16 max=\"16\"", "alias level loud.gain"),
        ("alias level loud.gain min=0.9 max=\"0.1\"", "alias level loud.gain min=0.1 max=0.9"),
    ];
    all_mended(song, &lines);
    // Printed, c4 is rounded up.
    let lines = [
        ("alias pitch a.freq min=300 max=500", "alias pitch a.freq min=\"261.63Hz\" max=500"),
        ("alias pitch a.freq min=20 max=200", "alias pitch a.freq min=20 max=\"261.63Hz\""),
    ];
    all_mended("song bars=1\nsine a freq=c4\nroute a -> out\n", &lines);
}

#[test]
fn of_a_chain_that_nothing_hears_only_the_end_is_told() {
    let song = "song bars=1\nsine a freq=440\nsine b freq=5\nlowpass c cutoff=800\ndelay d time=0.2\n\
                sum e\nroute b -> a.freq by=\"1oct\"\nroute a -> c -> d -> e\n";
    let told_of = |line: &str| told(&format!("{song}{line}\n"));
    assert_eq!(told_of(""), "`e` never reaches `out`; write `route e -> out`, or take it out\n");
    // One that hears itself has no end: it is reported by its first.
    let circle = "`c` never reaches `out`; write `route c -> out`, or take it out\n";
    assert_eq!(told_of("route e -> c gain=0.1 feedback=#true"), circle);
    assert_eq!(mended(song), format!("{song}route e -> out\n"));
    // Each that leads nowhere is one of its own.
    assert_eq!(told_of("sine f freq=1").lines().count(), 2);
}

#[test]
fn an_instrument_may_be_called_as_steps_are() {
    let song = "instrument x516 { sine osc; route osc -> out; }\n";
    all_mended(song, &[("track \"X...\"", "track x516 \"X...\"")]);
    assert_eq!(told(&format!("{song}track x516 \"X...\"\n")), "");
}

#[test]
fn settings_among_steps() {
    let song = format!("{BASS}pattern groove X..x\n");
    let lines = [
        ("track bass pattern groove", "track bass pattern=groove"),
        ("track bass pattern \"groove\"", "track bass pattern=\"groove\""),
        ("track bass groove", "track bass pattern=groove"),
        ("track bass \"groove\"", "track bass pattern=\"groove\""),
    ];
    all_mended(&song, &lines);
    let lines = [
        ("track bass X... notes \"c4 e4\"", "track bass X... notes=\"c4 e4\""),
        ("track bass X... gain 0.5", "track bass X... gain=0.5"),
        ("track bass X... gain: 0.5", "track bass X... gain=0.5"),
    ];
    with_bass(&lines);
}
