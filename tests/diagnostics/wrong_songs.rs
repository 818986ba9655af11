//! Songs as they go wrong in practice, with the exact text that is wanted.

use crate::fixes::help_helps;

/// What is said of `text`, all of whose help is tried; then what help leaves to the user.
fn said(text: &str) -> String {
    let mut said = crate::said(text);
    for open in help_helps(text, &[]) {
        said += &format!("no fix: {open}\n");
    }
    said
}

/// A song with several slips at once: all of them are said, in order, and nothing that only follows from them.
#[test]
fn several_slips_at_once() {
    insta::assert_snapshot!(said(
        r#"song "Night Drive" tempo=112 meter=4/4 bpm=90
instrument bass glide=50ms {
    sine osc frequency=.5
    sine wob freq=2 tune="5 st"
    route wob->osc.freq by="7st"
    route osc -> fliter -> out
}
track bass "X..o" notes="a1 h1"
track lead X...x...
"#
    ));
}

#[test]
fn a_brace_is_missing() {
    insta::assert_snapshot!(said(
        r#"song "Brace" bars=1
instrument bass {
    sine osc
    route osc -> out

instrument lead {
    sine osc
    route osc -> out
}
track bass X...
track lead x...
"#
    ));
}

#[test]
fn steps_without_quotes() {
    insta::assert_snapshot!(said(
        r"instrument kick {
    sine osc
    route osc -> out
}
track kick X..[xx] x(5,16,2) x:2/4
"
    ));
}

#[test]
fn a_note_with_a_sharp() {
    insta::assert_snapshot!(said(
        r"song bars=1
sine osc freq=c#4 octave=-.5
route osc -> out gain=-6dB
"
    ));
}

#[test]
fn columns_inside_escaped_steps() {
    insta::assert_snapshot!(said(
        "instrument kick {\n    sine osc\n    route osc -> out\n}\ntrack kick \"x\\u{2e}.o\"\n"
    ));
}

#[test]
fn a_loop_of_three() {
    insta::assert_snapshot!(said(
        r"song bars=1
sine a freq=1
sine b freq=2
sine c freq=3
route a -> b.tune by=1
route b -> c.tune by=1
route c -> a.tune by=1
route c -> out
"
    ));
}

#[test]
fn routes_gone_wrong() {
    insta::assert_snapshot!(said(
        r#"song bars=1
instrument bass {
    sine osc
    route osc -> out
}
track bass X...
sine lfo freq=5
sine tone freq=440
route lfo -> tone
route lfo -> tone.freq
route lfo -> tone.phase by=1
route lfo -> tone.out by=1
route lfo -> tone.frek by=1
route lfo -> bass.osc.freq by="2s"
route lfo -> bass.osk.freq by="2st"
route bass.osc -> out
route velocity -> tone.tune by=1
route tone => out
route tone -> -> out
route lfo -> lfo.tune -> out by=1
route tone -> out pan=2
"#
    ));
}

#[test]
fn tracks_gone_wrong() {
    insta::assert_snapshot!(said(
        r#"song key="a minor-pentatonic"
instrument pad {
    sine osc
    route osc -> out
}
track pad "x.*3 [xx x?101 {x} x~. ~" notes="6 a/c4 c5:moll 3:2/4"
track pad2 play=pad melody="a4c5 . X {2 [e4 d4]} f"
track pad3 play=pads vel="94 4"
track pad4 play=pad "x... | x..." length="1/8" chance=40
track pad5 play=pad pattern=fill grid=1/12
"#
    ));
}

#[test]
fn a_pasted_song_in_another_style() {
    insta::assert_snapshot!(said(
        "# bass line\nsong 'Bass' tempo=\u{201c}120\u{201d} loop=true\ninstrument bass\n{\n  tone sine\n}\n"
    ));
}

#[test]
fn things_written_at_the_wrong_place() {
    insta::assert_snapshot!(said(
        r#"song title="Misplaced" tempo="120bpm" bars="4" seed=-1
sine
route sine -> out
sine tone freq=A4 phase="90"
route tone, out
instrument bass {
    sine osc
    route osc -> out
    tempo 120
    track bass X...
}
track bass steps="X..."
tone sine freq=2
"#
    ));
}

/// Sections, automation and locks with most of what goes wrong in them.
#[test]
fn an_arranged_song() {
    insta::assert_snapshot!(said(
        r#"song "Arranged" tempo=120
instrument bass {
    saw osc
    ladder filter cutoff=300
    route osc -> filter -> out gain=0.5 id=exit
}
instrument lead like=bas voices=2
sum mix
route bass lead -> mix -> out
section verse bars=4 tempo=2000 key="a moll" {
    track bass "X..x" notes="1 5" {
        lock filter.cutof "200 . 900 ."
        lock cutoff "200"
        lock gain "1"
        lock filter.cutoff "200 . loud 90kHz [9]"
        lock osc.freq "200"
        lock exit.pan ". 1"
    }
    track drums X...
    automate bass.filter.cutof to=900
    automate bass.filter.cutoff to="90kHz" from="-6dB" curve=expo
    automate bass.osc.freq to=200
    automate filter.cutoff to=200
    automate mix to=1
    automate bass.exit.pan to=1
    automate bass.gain to=0 bars="4..2"
    automate tempo to=140 shape=sine
    automate tempo from=100
    sine wob freq=2
    lock filter.cutoff 2
}
section verse bars=2
section bridge
arrange vers verse*0 4 verse*2 out
"#
    ));
}

/// Instruments that start from others keep the places of their mistakes.
#[test]
fn a_line_that_comes_from_another_instrument() {
    insta::assert_snapshot!(said(
        r"instrument a {
    saw osc detun=5
    route osc -> out
}
instrument b like=a { saw osc octave=20; }
instrument c like=a { ladder osc; }
instrument d like=a {
    saw osc octave=1
    saw osc octave=2
}
track d x...
track a x...
track b x...
track c x...
"
    ));
}

#[test]
fn aliases_with_ranges() {
    insta::assert_snapshot!(said(
        r#"song bars=1
sine tone freq=440
route tone -> out gain=0.5 id=level
alias tone.pitch tone.freq min=500 max="2kHz"
alias tone.fine tone.tune min=2 max=1
alias tone.loud level.gain max=20
alias tone.side level.pan
alias tone.amp level.gain min=0 max="0dB"
alias tone.half tone.amp max=2
alias tone.soft tone.amp max=0.2
automate tone.amp to=3
"#
    ));
}

/// A slip in a kind is one even where the module is called by another kind.
#[test]
fn kinds_and_names_that_look_alike() {
    insta::assert_snapshot!(said(
        r"instrument bass {
    swa osc
    filter ladder
    oscillator osc2
    route osc -> ladder -> out
}
track bass X...
"
    ));
}
