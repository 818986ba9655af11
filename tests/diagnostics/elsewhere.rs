//! More slips of people who come from other programs: comments, settings, automation, keys, lengths and notes as those write them.

use crate::meant::{BASS, all_mended, mended, told, with_bass};

#[test]
fn comments_of_other_languages() {
    let lines = [
        ("track bass X...\n-- a comment", "track bass X...\n// a comment"),
        ("track bass X...\n% a comment", "track bass X...\n// a comment"),
        ("track bass X...\n;; a comment", "track bass X...\n// a comment"),
        ("track bass X...\nREM a comment", "track bass X...\n// a comment"),
        ("track bass X...\n' a comment", "track bass X...\n// a comment"),
        ("track bass X... -- a comment", "track bass X... // a comment"),
        ("track bass X... % a comment", "track bass X... // a comment"),
        ("<!-- a comment -->\ntrack bass X...", "/* a comment */\ntrack bass X..."),
        ("{- a comment -}\ntrack bass X...", "/* a comment */\ntrack bass X..."),
        ("(* a comment *)\ntrack bass X...", "/* a comment */\ntrack bass X..."),
    ];
    with_bass(&lines);
    // Two rests are two rests.
    assert_eq!(told(&format!("{BASS}track bass X- -- x- grid=\"1/2\"\n")), "");
}

#[test]
fn settings_of_other_languages() {
    let lines = [
        ("track bass X...; song tempo: 100", "track bass X...; song tempo=100"),
        ("track bass X...; song tempo 100", "track bass X...; song tempo=100"),
        ("track bass X...; song \"A\" bpm 100", "track bass X...; song \"A\" tempo=100"),
        ("track bass X...; song name=\"A\"", "track bass X...; song \"A\""),
    ];
    with_bass(&lines);
    let lines = [
        ("instrument lead like: bass; track lead X...", "instrument lead like=bass; track lead X..."),
        (
            "instrument lead = { saw o; route o -> out; }; track lead X...",
            "instrument lead { saw o; route o -> out; }; track lead X...",
        ),
    ];
    all_mended(&format!("{BASS}track bass X...\n"), &lines);
    let song = "song bars=1\nsine a freq=440\nroute a -> b -> out\n";
    let lines = [
        ("lowpass b cutoff: 800", "lowpass b cutoff=800"),
        ("lowpass b cutoff:800", "lowpass b cutoff=800"),
        ("lowpass b freq: 800", "lowpass b cutoff=800"),
    ];
    all_mended(song, &lines);
    let song = format!("{BASS}track bass X...\n");
    assert_eq!(mended(&format!("{song}tempo: 100\n")).lines().next(), Some("song tempo=100"));
    assert_eq!(mended(&format!("{song}use_bpm 100\n")).lines().next(), Some("song tempo=100"));
    assert!(told(&format!("{song}let x = 4\n")).contains("no variables"));
}

#[test]
fn automation_of_other_programs() {
    let song = format!("song bars=4\n{BASS}track bass X...\n");
    let lines = [
        ("automate bass.gain 0 0.5", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain 0 -> 0.5", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain 0->0.5", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain 0..0.5", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain from 0 to 0.5", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain \"0 0.5\"", "automate bass.gain from=0 to=0.5"),
        ("automate bass.gain \"-6dB\" 0.5", "automate bass.gain from=\"-6dB\" to=0.5"),
        ("automate bass.gain 0.5", "automate bass.gain to=0.5"),
        ("automate bass.gain=0.5", "automate bass.gain to=0.5"),
        ("automate bass.gain from=0 0.5 bars=2", "automate bass.gain from=0 to=0.5 bars=2"),
        ("automate bass.gain 0 0.5 bars=1-4", "automate bass.gain from=0 to=0.5 bars=\"1..4\""),
        ("automate bass.gain to=0.5 bars=\"2-3\"", "automate bass.gain to=0.5 bars=\"2..3\""),
        ("automate bass.gain to=0.5 bars=\"2 to 3\"", "automate bass.gain to=0.5 bars=\"2..3\""),
        ("automate bass.gain to=0.5 bars=2:3", "automate bass.gain to=0.5 bars=\"2..3\""),
        ("automate bass.gain to=0.5 bars=\"2,3\"", "automate bass.gain to=0.5 bars=\"2..3\""),
    ];
    all_mended(&song, &lines);
}

#[test]
fn keys_meters_and_lengths_of_elsewhere() {
    let song = format!("{BASS}track bass X...\n");
    let lines = [
        ("song key=Am", "song key=\"a minor\""),
        ("song key=C", "song key=\"c major\""),
        ("song key=F#m", "song key=\"f# minor\""),
        ("song key=\"Bb\"", "song key=\"bb major\""),
        ("song key=\"h moll\"", "song key=\"b minor\""),
        ("song key=\"a minor pentatonic\"", "song key=\"a minor-pentatonic\""),
        ("song meter=3", "song meter=\"3/4\""),
        ("song meter=\"6:8\"", "song meter=\"6/8\""),
        ("song meter=[7, 8]", "song meter=\"7/8\""),
    ];
    all_mended(&song, &lines);
    let song = format!("song bars=1\n{BASS}track bass X...\n");
    let with = |line: &str| format!("route bass -> fx -> out; {line}");
    for (wrong, right) in [
        ("delay fx time=\"1/8 dotted\"", "delay fx time=\"1/8.\""),
        ("delay fx time=\"dotted 1/8\"", "delay fx time=\"1/8.\""),
        ("delay fx time=\"1/4 triplet\"", "delay fx time=\"1/4t\""),
        ("delay fx time=\"8n\"", "delay fx time=\"1/8\""),
        ("delay fx time=quarter", "delay fx time=\"1/4\""),
        ("delay fx time=\"1 beat\"", "delay fx time=\"1/4\""),
        ("delay fx time=\"0.5 beats\"", "delay fx time=\"1/8\""),
        ("lowpass fx cutoff=\"2,000Hz\"", "lowpass fx cutoff=\"2000Hz\""),
    ] {
        all_mended(&song, &[(&with(wrong), &with(right))]);
    }
    let lines = [
        ("track bass X... length=\"1/8\"", "track bass X... length=2"),
        ("track bass X... length=1/32", "track bass X... length=0.5"),
        ("track bass X... length=\"1/8\" grid=\"1/8\"", "track bass X... length=1 grid=\"1/8\""),
        ("track bass X... length=\"250ms\"", "track bass X... length=2"),
        ("track bass X... vel=0.8", "track bass X... vel=\"7\""),
        ("track bass X... vel=100", "track bass X... vel=\"7\""),
        ("track bass X... vel=9", "track bass X... vel=\"9\""),
    ];
    with_bass(&lines);
}

#[test]
fn gains_and_places_of_elsewhere() {
    let song = format!("song bars=1\n{BASS}track bass X...\n");
    let lines = [
        ("route bass -> out pan=L30", "route bass -> out pan=-0.3"),
        ("route bass -> out pan=\"30R\"", "route bass -> out pan=0.3"),
        ("route bass -> out pan=left", "route bass -> out pan=-1"),
        ("route bass -> out pan=center", "route bass -> out pan=0"),
        ("route bass -> out gain=\"50%\"", "route bass -> out gain=0.5"),
        ("route bass -> out gain=\"-3dBFS\"", "route bass -> out gain=\"-3dB\""),
        ("route bass -> out gain=half", "route bass -> out gain=0.5"),
    ];
    all_mended(&song, &lines);
    assert!(told(&format!("{song}route bass -> out gain=\"-inf dB\"\n")).contains("write `gain=0`"));
}

#[test]
fn routes_of_elsewhere() {
    let song = "song bars=1\nsine a freq=440\ndelay d time=0.2\n";
    let lines = [
        ("route a | d | out", "route a -> d -> out"),
        ("route a . d . out", "route a -> d -> out"),
        ("route a : d : out", "route a -> d -> out"),
        ("route a:d:out", "route a -> d -> out"),
        ("route a :: d :: out", "route a -> d -> out"),
        ("route a » d » out", "route a -> d -> out"),
        ("route \"a -> d -> out\"", "route a -> d -> out"),
        ("route \"a->d->out\" gain=0.5", "route a -> d -> out gain=0.5"),
        ("route a -> (d) -> out", "route a -> d -> out"),
    ];
    all_mended(song, &lines);
    let song = "song bars=1\nsine a freq=440\nsine b freq=330\n";
    all_mended(
        song,
        &[("route a + b -> out", "route a b -> out"), ("route a & b -> out", "route a b -> out")],
    );
}

#[test]
fn steps_of_other_programs() {
    let lines = [
        ("track bass \"x(3 8)\"", "track bass \"x(3,8)\""),
        ("track bass x(3 8)", "track bass \"x(3,8)\""),
        ("track bass \"x(3/8)\"", "track bass \"x(3,8)\""),
        ("track bass \"x(3:8)\"", "track bass \"x(3,8)\""),
        ("track bass \"x(3,8\"", "track bass \"x(3,8)\""),
        ("track bass \"(3,8)\"", "track bass \"x(3,8)\""),
        ("track bass \"E(3,8)\"", "track bass \"x(3,8)\""),
        ("track bass \"(x x)*2 x..\"", "track bass \"[x x]*2 x..\""),
        ("track bass melody=\"(c4 e4) g4 . .\"", "track bass melody=\"[c4 e4] g4 . .\""),
        ("track bass \"1000 1010\"", "track bass \"x... x.x.\""),
        ("track bass \"#...#...\"", "track bass \"x...x...\""),
        ("track bass \"x%50 x..\"", "track bass \"x?50 x..\""),
        ("track bass X . x .", "track bass \"X . x .\""),
        ("track bass pattern=\"x.x.\"", "track bass \"x.x.\""),
    ];
    with_bass(&lines);
}

#[test]
fn notes_of_other_programs() {
    let lines = [
        ("track bass X... notes=[\"c4\", \"e4\"]", "track bass X... notes=\"c4 e4\""),
        ("track bass X... notes=\":c3 :e3\"", "track bass X... notes=\"c3 e3\""),
        ("track bass X... notes=\"c4+e4+g4\"", "track bass X... notes=\"c4/e4/g4\""),
        ("track bass X... notes=\"do re mi\"", "track bass X... notes=\"c4 d4 e4\""),
        ("track bass X... notes=\"^f4 b4\"", "track bass X... notes=\"f#4 b4\""),
        ("track bass melody=\"c'4 d'8 fis''\"", "track bass melody=\"c4 d4 f#5\""),
        ("track bass melody=\"c4 r4 e4 z\"", "track bass melody=\"c4 . e4 .\""),
        ("track bass melody=\"C-4 --- D#4 ===\"", "track bass melody=\"c4 . d#4 .\""),
        ("track bass melody=\"c3@3 e3\"", "track bass melody=\"c3__ e3\""),
    ];
    with_bass(&lines);
    let song = format!("song key=\"c major\"\n{BASS}");
    all_mended(
        &song,
        &[("track bass X... notes=\"I IV V\"", "track bass X... notes=\"1/3/5 4/6/1' 5/7/2'\"")],
    );
}
