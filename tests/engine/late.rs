//! What lags is met by what is played with it: nothing opens before its frame, wherever latency stands on the way.

use crate::listen::{hear, peak};

/// A bar at 120: where the one note begins.
const BAR: usize = 96_000;

/// A song of two bars in which `hit` plays at the start of the second one.
fn song(lines: &str) -> String {
    format!(
        "song \"t\" bars=2 tempo=120 tail=0\n{lines}\ntrack hit \"................\" \"X...............\"\n"
    )
}

/// Nothing before the note, and something within `frames` of it.
#[track_caller]
fn opens(lines: &str, frames: usize) {
    let (left, _) = hear(&song(lines));
    assert_eq!(peak(&left[..BAR]), 0.0, "before the note: {lines}");
    assert!(peak(&left[BAR..BAR + frames]) > 1e-3, "nothing in {frames} frames: {lines}");
}

#[test]
fn what_multiplies_a_path_is_as_late_as_the_path() {
    let voice = |inside: &str| {
        format!("instrument hit {{\n noise n\n distortion d\n decay e time=\"50ms\"\n{inside}\n}}")
    };
    for inside in [
        "route n -> d -> out vca=e",
        "route n -> d -> out gain=0 id=amp\nroute e -> amp.gain by=1",
        "vca amp gain=0\nroute e -> amp.gain by=1\nroute n -> d -> amp -> out",
        "ring r\nroute n -> d -> r -> out\nroute e -> r.carrier",
        "knob level 0\nroute e -> level by=1\nroute n -> d -> out vca=level",
        "sum both\nroute n -> both\nroute n -> d -> both\nroute both -> out vca=e",
        "fold f\nlimiter l\nroute n -> d -> f -> l -> out vca=e",
        // No envelope: the gate opens the voice.
        "distortion twice oversample=\"x4\"\nroute n -> d -> twice -> out",
    ] {
        opens(&voice(inside), 8);
    }
    // What multiplies lags more than what is multiplied.
    opens(&voice("route e -> d\nroute n -> out vca=d"), 96);
    // At the top level: a gate opens what a source outputs all the time.
    let top = "instrument hit {\n noise n\n route n -> out\n}\nnoise hiss\ndistortion d\ndecay e time=\"50ms\"\n\
               route hit.gate -> e.gate\nroute hit -> out gain=0\n";
    for lines in [
        "route hiss -> d -> out vca=e",
        "route hiss -> d -> out gain=0 id=amp\nroute e -> amp.gain by=1",
        "limiter l\nsum bus\nroute hiss -> l -> d -> bus\nroute hiss -> bus\nroute bus -> out vca=e",
    ] {
        opens(&format!("{top}{lines}"), 8);
    }
    // An instrument as a whole: its gain, and one that lags.
    let whole = "instrument hit gain=0 {\n noise n\n distortion d\n adsr a attack=0 sustain=1\n route n -> d -> out vca=a\n}\n\
                 decay e time=\"50ms\"\nroute hit.gate -> e.gate\nroute hit -> out\n";
    opens(&format!("{whole}route e -> hit.gain by=1"), 8);
    opens(&format!("{whole}distortion f\nroute e -> f\nroute f -> hit.gain by=1"), 96);
}

#[test]
fn a_sidechain_is_as_late_as_what_it_turns_down() {
    // The gate lets the noise through from the key's first frame on, and not before, whichever of both lags.
    let rig = "instrument hit {\n square o freq=\"1Hz\"\n adsr a attack=0 sustain=1\n route o -> out vca=a\n}\nnoise hiss\n\
               distortion d\nnoisegate g attack=0\nroute g -> out\n";
    opens(&format!("{rig}route hiss -> d -> g\nroute hit -> g.sidechain"), 8);
    opens(&format!("{rig}route hiss -> g\nroute hit -> d -> g.sidechain"), 96);
}

#[test]
fn the_library_s_drums_leave_the_section_before_them_alone() {
    let quiet = "X...............";
    for (file, drum) in [("std/909", "kick"), ("std/909", "rim"), ("std/808", "kick"), ("std/kit", "snare")] {
        let text = format!(
            "song \"t\" tempo=120 tail=0\nuse \"{file}\" hit={drum}\nsection a bars=1 {{\n track hit \"{quiet}\"\n}}\n\
             section b bars=1 {{\n track hit \"{quiet}\"\n}}\narrange a b\n"
        );
        let (left, _) = hear(&text);
        assert!(peak(&left[BAR - 480..BAR]) < 1e-4, "{file} {drum}: {}", peak(&left[BAR - 480..BAR]));
        assert!(peak(&left[BAR..BAR + 480]) > 0.05, "{file} {drum}");
    }
}

#[test]
fn automation_behind_latency_is_on_its_frame() {
    let text = "song \"t\" bars=2 tempo=120 tail=0\nsquare tone freq=\"100Hz\"\ndistortion d drive=1\n\
                route tone -> d -> out id=main\nautomate main.gain from=0 to=0 bars=2\n";
    let (left, _) = hear(text);
    assert!(peak(&left[BAR - 960..BAR - 480]) > 0.5);
    assert_eq!(peak(&left[BAR..]), 0.0);
    // A gain that stands is the same at any time.
    let (plain, _) = hear(&text.replace("automate main.gain from=0 to=0 bars=2", ""));
    assert!(left[..BAR - 480].iter().zip(&plain).all(|(a, b)| a == b));
}

#[test]
fn voices_sleep_by_what_is_heard_after_all_that_follows() {
    // Under -90 dBFS after 8.7 s of its 12.
    let text = |after: &str| {
        format!(
            "song \"t\" tempo=60 bars=4 tail=0\ninstrument a {{\n sine osc\n decay e time=\"12s\" curve=8\n route osc -> out vca=e\n}}\n\
             {after}\ntrack a \"X...............\" \"................\" \"................\" \"................\" notes=\"a3\"\n"
        )
    };
    let end = |text: &str| {
        let (left, _) = hear(text);
        let last = left.iter().rposition(|x| x.abs() > 1e-9).unwrap_or(0);
        (last, peak(&left[last - 100..=last]))
    };
    let (plain, level) = end(&text("route a -> out"));
    assert!((1e-5..1e-4).contains(&level), "asleep at -90 dBFS: {level}");
    for after in [
        "vca boost gain=16\nvca more gain=16\nroute a -> boost -> more -> out gain=0.5",
        "distortion fuzz drive=\"60dB\"\nroute a -> fuzz -> out gain=0.1",
        "compressor squeeze makeup=16\nsum bus\nroute a -> squeeze -> bus gain=8\nroute bus -> out",
        "route a -> out gain=0 id=loud\nautomate loud.gain to=16 bars=1",
        "peak bell freq=\"220Hz\" gain=\"24dB\"\nroute a -> bell -> out gain=10",
    ] {
        let (last, level) = end(&text(after));
        assert!(last > plain + 24_000, "{after}: {last}, not after {plain}");
        assert!(level < 1e-4, "{after}: ends at {level}");
    }
    // What only turns it down changes nothing.
    assert_eq!(end(&text("route a -> out gain=0.5")).0, plain);
}
