//! Slips of people who come from other programs and languages: the help leads to what they meant.

use crate::checked;
use crate::fixes_applied::{Texts, apply, check, fix};

/// More mistakes than any of these songs has.
const ROUNDS: usize = 12;

/// `song` with the fixes of its diagnostics applied one after another, until there is nothing left to say.
pub(crate) fn mended(song: &str) -> String {
    let mut now: Texts = vec![("song.kdl".to_owned(), song.to_owned())];
    for _ in 0..ROUNDS {
        let (diagnostics, sources) = check(&now);
        let Some(first) = diagnostics.first() else { break };
        let fix = fix(first, &sources, &now);
        if fix.is_empty() {
            return format!(
                "{}: {}\n{}",
                first.code.id,
                first.message,
                first.help.as_deref().unwrap_or_default()
            );
        }
        now = apply(&now, &[fix]);
    }
    now[0].1.clone()
}

/// Each song ends with a wrong line, which is mended to the right one.
pub(crate) fn all_mended(song: &str, lines: &[(&str, &str)]) {
    for (wrong, right) in lines {
        let (wrong, right) = (format!("{song}{wrong}\n"), format!("{song}{right}\n"));
        assert_eq!(mended(&wrong), right, "\nfrom:\n{wrong}");
        assert!(checked(&right, &[]).0.is_empty(), "{right}");
    }
}

/// What is said of `song`, message and help.
pub(crate) fn told(song: &str) -> String {
    let (diagnostics, _) = checked(song, &[]);
    let line = |d: &chronus::diagnostic::report::Diagnostic| {
        format!("{}; {}\n", d.message, d.help.as_deref().unwrap_or("no help"))
    };
    diagnostics.iter().map(line).collect()
}

pub(crate) const BASS: &str = "instrument bass voices=4 { sine osc; route osc -> out; }\n";

pub(crate) fn with_bass(lines: &[(&str, &str)]) {
    all_mended(BASS, lines);
}

#[test]
fn orders_of_sections() {
    let song = format!(
        "{BASS}section one bars=1 {{ track bass X...; }}\nsection two bars=1 {{ track bass x...; }}\n"
    );
    let lines = [
        ("arrange one *2 two", "arrange one*2 two"),
        ("arrange 2*one two", "arrange one*2 two"),
        ("arrange (one two)*2", "arrange one two one two"),
        ("arrange [one two]*2", "arrange one two one two"),
        ("arrange one two * 2", "arrange one two*2"),
        ("arrange one, two, one", "arrange one two one"),
        ("arrange one x2 two", "arrange one*2 two"),
        ("arrange one 2 two", "arrange one*2 two"),
        ("arrange 2 one two", "arrange one*2 two"),
        ("arrange one!2 two", "arrange one*2 two"),
        ("arrange one -> two", "arrange one two"),
        ("arrange \"one two\"", "arrange one two"),
    ];
    all_mended(&song, &lines);
}

#[test]
fn arrows_of_routes() {
    let song = "song bars=1\nsine a freq=440\ndelay d time=0.2\n";
    let lines = [
        ("route out <- d <- a", "route a -> d -> out"),
        ("route a --> d --> out", "route a -> d -> out"),
        ("route a-->d-->out", "route a -> d -> out"),
        ("route a → d → out", "route a -> d -> out"),
        ("route a→d→out", "route a -> d -> out"),
        ("route a > d > out", "route a -> d -> out"),
        ("route a >> d >> out", "route a -> d -> out"),
        ("route a to d to out", "route a -> d -> out"),
        ("route a => d => out gain=0.5", "route a -> d -> out gain=0.5"),
        ("route a=>d=>out gain=0.5", "route a -> d -> out gain=0.5"),
        ("route out <= d <= a", "route a -> d -> out"),
        ("route a->d->out", "route a -> d -> out"),
        ("route a - d - out", "route a -> d -> out"),
    ];
    all_mended(song, &lines);
}

#[test]
fn values_beyond_their_limits() {
    let song = "song bars=1\n";
    let with = |line: &str| format!("{line}; route a -> out");
    for (wrong, right) in [
        ("sine a freq=440 phase=\"150%\"", "sine a freq=440 phase=\"100%\""),
        ("sine a freq=440 phase=1.5", "sine a freq=440 phase=1"),
        ("sine a freq=440 phase=50", "sine a freq=440 phase=\"50%\""),
        ("sine a freq=440 octave=\"200st\"", "sine a freq=440 octave=\"96st\""),
        ("sine a freq=\"90kHz\"", "sine a freq=\"24kHz\""),
        ("sine a freq=440 octave=inf", "sine a freq=440"),
    ] {
        all_mended(song, &[(&with(wrong), &with(right))]);
    }
    let song = "sine a freq=440\nroute a -> out\n";
    let lines = [
        ("song bars=1 accent=1.1", "song bars=1 accent=1"),
        ("song bars=1 hit=60", "song bars=1 hit=\"60%\""),
        ("song bars=1 tempo=\"120bpm\"", "song bars=1 tempo=120"),
        ("song bars=\"4 bars\"", "song bars=4"),
        ("song bars=1; render rate=\"48kHz\"", "song bars=1; render rate=48000"),
        ("song bars=1; render rate=\"44.1kHz\"", "song bars=1; render rate=44100"),
        ("song bars=1; render rate=\"48000Hz\"", "song bars=1; render rate=48000"),
        ("song bars=1; render rate=48", "song bars=1; render rate=48000"),
        ("song bars=1; render rate=44.1", "song bars=1; render rate=44100"),
        ("song bars=1; render bits=\"24bit\"", "song bars=1; render bits=24"),
        ("song bars=1; render bits=32", "song bars=1; render bits=\"32f\""),
    ];
    all_mended(song, &lines);
    let lines = [
        ("track bass X... gain=\"30dB\"", "track bass X... gain=\"24.08dB\""),
        ("track bass X... chance=40", "track bass X... chance=\"40%\""),
    ];
    with_bass(&lines);
}

#[test]
fn words_that_are_no_values() {
    let lines = [
        ("track bass X... mute=true", "track bass X... mute=#true"),
        ("track bass X... mute=True", "track bass X... mute=#true"),
        ("track bass X... mute=\"true\"", "track bass X... mute=#true"),
        ("track bass X... mute=yes", "track bass X... mute=#true"),
        ("track bass X... mute=1", "track bass X... mute=#true"),
        ("track bass X... mute=no", "track bass X... mute=#false"),
        ("track bass X... gain=inf", "track bass X..."),
        ("track bass X... gain=null", "track bass X..."),
        ("track bass X... gain=nan", "track bass X..."),
        ("track bass X... gain=-inf mute=#true", "track bass X... gain=0 mute=#true"),
    ];
    with_bass(&lines);
}

#[test]
fn texts_of_kdl_1() {
    let lines = [
        ("track bass r\"X...\"", "track bass \"X...\""),
        ("track bass X... notes=r#\"c4 e4\"#", "track bass X... notes=\"c4 e4\""),
    ];
    with_bass(&lines);
    all_mended(BASS, &[("track bass X...; song r\"C:\\new\"", "track bass X...; song #\"C:\\new\"#")]);
}

#[test]
fn steps_of_elsewhere() {
    let lines = [
        ("track bass \"x?0.4 x..\"", "track bass \"x?40 x..\""),
        ("track bass \"x?.5 x..\"", "track bass \"x?50 x..\""),
        ("track bass \"x? x..\"", "track bass \"x?50 x..\""),
        ("track bass \"x?200 x..\"", "track bass \"x?100 x..\""),
        ("track bass \"x*2.5...\"", "track bass \"x*3...\""),
        ("track bass \"x*0.5...\"", "track bass \"x:1/2...\""),
        ("track bass \"x*99...\"", "track bass \"x*64...\""),
        ("track bass \"x:4...\"", "track bass \"x:4/4...\""),
        ("track bass \"x:0.25...\"", "track bass \"x:4/4...\""),
        ("track bass <X .>...", "track bass \"<X .>...\""),
        ("track bass <X .>... X...", "track bass \"<X .>... X...\""),
        ("track bass X... <X .> gain=0.5", "track bass \"X... <X .>\" gain=0.5"),
        ("pattern p <X .>...; track bass pattern=p", "pattern p \"<X .>...\"; track bass pattern=p"),
    ];
    with_bass(&lines);
}

#[test]
fn pitches_of_elsewhere() {
    let lines = [
        ("track bass X... notes=\"c\"", "track bass X... notes=\"c4\""),
        ("track bass X... notes=\"C4 Eb4\"", "track bass X... notes=\"c4 eb4\""),
        ("track bass X... notes=\"c4, e4\"", "track bass X... notes=\"c4 e4\""),
        ("track bass X... notes=\"c4,e4,g4\"", "track bass X... notes=\"c4 e4 g4\""),
        ("track bass X... notes=\"c4:7\"", "track bass X... notes=\"c4:dom7\""),
        ("track bass melody=\"c4:7 . . .\"", "track bass melody=\"c4:dom7 . . .\""),
        ("track bass melody=\"c4:m7 . . .\"", "track bass melody=\"c4:min7 . . .\""),
        ("track bass X... notes=\"c4m7\"", "track bass X... notes=\"c4:min7\""),
        ("track bass X... notes=\"Am7\"", "track bass X... notes=\"a4:min7\""),
        ("track bass X... notes=\"d3:min7/f3\"", "track bass X... notes=\"f3/a3/c4/d4\""),
        ("track bass melody=\"d3:min7/f3 . .\"", "track bass melody=\"f3/a3/c4/d4 . .\""),
        ("track bass X... notes=\"g2/c4:maj\"", "track bass X... notes=\"g2/c4/e4/g4\""),
        ("track bass X... notes=\"60 64\"", "track bass X... notes=\"c4 e4\""),
        ("track bass X... notes=\"h3 cis4\"", "track bass X... notes=\"b3 c#4\""),
    ];
    with_bass(&lines);
    let song = format!("song key=\"c major\"\n{BASS}");
    let lines = [
        ("track bass X... notes=\"1 15\"", "track bass X... notes=\"1 1''\""),
        ("track bass X... notes=\"8 8, 9\"", "track bass X... notes=\"1' 1 2'\""),
        ("track bass X... notes=\"1/3/8\"", "track bass X... notes=\"1/3/1'\""),
        ("track bass X... notes=\"8:maj\"", "track bass X... notes=\"1':maj\""),
        ("track bass X... notes=\"0 2\"", "track bass X... notes=\"1 2\""),
        ("track bass X... notes=\"60\"", "track bass X... notes=\"c4\""),
    ];
    all_mended(&song, &lines);
    assert!(told(&format!("{BASS}track bass X... notes=c\n")).ends_with("write `c4`: `c4` is middle c\n"));
}

#[test]
fn lanes_of_elsewhere() {
    let lines = [
        ("track bass X.X. vel=\"10\"", "track bass X.X. vel=\"9\""),
        ("track bass X.X. vel=\"127 64\"", "track bass X.X. vel=\"9 5\""),
        ("track bass X.X. vel=\"0.5 1.0\"", "track bass X.X. vel=\"5 9\""),
        ("track bass X.X. vel=\"9464\"", "track bass X.X. vel=\"9 4 6 4\""),
        ("track bass X.X. vel=\"9, 4\"", "track bass X.X. vel=\"9 4\""),
        ("track bass X.X. nudge=\"10, 20\"", "track bass X.X. nudge=\"10 20\""),
    ];
    with_bass(&lines);
    let song = "instrument bass { saw osc; ladder filter; route osc -> filter -> out; }\n";
    let lines = [
        (
            "track bass X... { lock filter.cutoff \"300, 400\"; }",
            "track bass X... { lock filter.cutoff \"300 400\"; }",
        ),
        (
            "track bass X... { lock filter.cutoff \"300,400,500\"; }",
            "track bass X... { lock filter.cutoff \"300 400 500\"; }",
        ),
        (
            "track bass X... { lock filter.cutoff \"2,5kHz\"; }",
            "track bass X... { lock filter.cutoff \"2.5kHz\"; }",
        ),
    ];
    all_mended(song, &lines);
}

#[test]
fn aliases_in_any_order() {
    for song in [
        "song bars=1\nalias b a\nalias a tone.freq\nsine tone freq=440\nroute tone -> out\n",
        "song bars=1\nalias x.y z.w max=500\nalias z.w tone.freq max=880\nsine tone freq=440\nroute tone -> out\n",
        "song bars=1\nalias loud level.gain\nsine tone freq=440\nroute tone -> out id=level\n",
        "song bars=1\nalias c b\nalias d c\nalias b a\nalias a tone.freq\nautomate d to=880\nsine tone freq=440\nroute tone -> out\n",
        "instrument i { alias b a; alias a o.freq; sine o freq=100; route o -> out; }\nalias c i.b\ntrack i X...\nautomate c to=200\n",
    ] {
        assert_eq!(told(song), "", "{song}");
    }
    let circle = "song bars=1\nalias a b\nalias b c\nalias c a\nsine tone freq=440\nroute tone -> out\n";
    assert_eq!(checked(circle, &[]).0.len(), 1, "{}", told(circle));
    assert!(told(circle).starts_with("`b` stands for itself in the end;"), "{}", told(circle));
    // Ranges follow, whatever comes first.
    let narrow =
        "song bars=1\nalias b a max=900\nalias a tone.freq max=880\nsine tone freq=440\nroute tone -> out\n";
    assert!(told(narrow).contains("not 900 Hz"), "{}", told(narrow));
}

/// A reversed chain of aliases takes no longer than one in order.
#[test]
fn many_aliases_in_reverse() {
    let mut song = String::from("song bars=1\nsine tone freq=440\nroute tone -> out\n");
    for n in (1..2_000).rev() {
        song.push_str(&format!("alias a{n} a{}\n", n - 1));
    }
    song.push_str("alias a0 tone.freq\n");
    assert_eq!(told(&song), "");
}

#[test]
fn tracks_without_a_name() {
    let lines = [
        ("track \"X...\"", "track bass \"X...\""),
        ("track X...X...", "track bass X...X..."),
        ("track play=bass X...", "track play=bass bass X..."),
        ("track", "track bass X..."),
        ("track play=bass melody=\"c4 d4\"", "track bass play=bass melody=\"c4 d4\""),
        ("track bass X...; track \"x...\"", "track bass X...; track bass2 play=bass \"x...\""),
        (
            "track one play=bass X...; track play=bass \"x...\"",
            "track one play=bass X...; track play=bass bass \"x...\"",
        ),
    ];
    for (at, line) in lines.iter().enumerate() {
        // A track with nothing but a name still lacks its steps.
        if at != 3 {
            with_bass(&[*line]);
        }
    }
    let song = format!("{BASS}instrument lead {{ saw osc; route osc -> out; }}\n");
    all_mended(&song, &[("track bass X...; track X.X.", "track bass X...; track lead X.X.")]);
    assert!(told("track X...\n").contains("no name"), "{}", told("track X...\n"));
}

#[test]
fn gains_belong_to_routes() {
    let song = format!("song bars=1\n{BASS}sum mix\ntrack bass X...\n");
    let lines = [
        (
            "route bass -> mix -> out; automate mix.gain to=0",
            "route bass -> mix -> out id=mix-out; automate mix-out.gain to=0",
        ),
        (
            "route bass -> mix -> out gain=0.5; set mix.volume 0.25",
            "route bass -> mix -> out gain=0.5 id=mix-out; set mix-out.gain 0.25",
        ),
        (
            "route bass -> mix -> out id=main; automate mix.level to=0",
            "route bass -> mix -> out id=main; automate main.gain to=0",
        ),
        (
            "route bass -> mix -> out; automate mix.pan to=1",
            "route bass -> mix -> out id=mix-out pan=0; automate mix-out.pan to=1",
        ),
    ];
    all_mended(&song, &lines);
}

#[test]
fn what_an_instrument_of_the_library_has() {
    let of = |line: &str| {
        told(&format!(
            "song bars=1\nuse \"std/kit\" kick\nuse \"std/acid\" saw\ntrack kick X...\ntrack saw X...\n{line}\n"
        ))
    };
    assert!(
        of("set kick.decay 0.5")
            .contains("it has `kick.drop.time`, `kick.long.time`, `kick.short.time`, `kick.tap.time`,"),
        "{}",
        of("set kick.decay 0.5")
    );
    assert!(of("set saw.resonance 0.5").contains("did you mean `saw.filter.resonance`?"));
    assert!(of("set saw.cutof 500").contains("did you mean `saw.cutoff`?"), "{}", of("set saw.cutof 500"));
    assert!(of("set saw.filter 0.5").contains("`saw.filter.cutoff`, `saw.filter.resonance`"));
    assert!(
        of("automate saw.frobnicate to=1").contains("it has `saw.cutoff`,"),
        "{}",
        of("automate saw.frobnicate to=1")
    );
}

/// Instruments that are there for others to start from need no track.
#[test]
fn bases_need_no_track() {
    let song = "song bars=1\ninstrument base { saw osc; route osc -> out; }\ninstrument dark like=base { saw osc octave=-1; }\n";
    assert_eq!(told(&format!("{song}track dark X...\n")), "");
    let unplayed = told(&format!("{song}sine a freq=440\nroute a -> out\n"));
    assert_eq!(unplayed.lines().count(), 1, "{unplayed}");
    assert!(unplayed.starts_with("no track plays `dark`"), "{unplayed}");
}

#[test]
fn units_that_other_programs_leave_out() {
    let song = format!("song bars=1\n{BASS}track bass X...\n");
    let with = |line: &str| format!("route bass -> fx -> out; {line}");
    for (wrong, right) in [
        ("limiter fx ceiling=-1", "limiter fx ceiling=\"-1dB\""),
        ("compressor fx threshold=-20 ratio=4", "compressor fx threshold=\"-20dB\" ratio=4"),
        ("delay fx time=250", "delay fx time=\"250ms\""),
        ("delay fx time=0.25 feedback=\"50\"", "delay fx time=0.25 feedback=\"50%\""),
        ("delay fx time=0.25 feedback=50", "delay fx time=0.25 feedback=\"50%\""),
    ] {
        all_mended(&song, &[(&with(wrong), &with(right))]);
    }
    let lines = [
        ("track bass X... gain=-6", "track bass X... gain=\"-6dB\""),
        ("track bass X... gain=\"-6\"", "track bass X... gain=\"-6dB\""),
        ("track bass X... swing=0.6", "track bass X... swing=60"),
        ("track bass X... grid=\"16th\"", "track bass X... grid=\"1/16\""),
        ("track bass X... grid=\"8n\"", "track bass X... grid=\"1/8\""),
    ];
    with_bass(&lines);
}

#[test]
fn words_of_other_programs() {
    let song = format!("song bars=1\n{BASS}track bass X...\n");
    let with = |line: &str| format!("route bass -> fx -> out; {line}");
    for (wrong, right) in [
        ("lowpass fx freq=800", "lowpass fx cutoff=800"),
        ("filter fx cutoff=800", "lowpass fx cutoff=800"),
        ("FreeVerb fx size=0.8", "reverb fx size=0.8"),
        ("eq fx", "eq3 fx"),
    ] {
        all_mended(&song, &[(&with(wrong), &with(right))]);
    }
    let lines = [
        ("route bass -> master", "route bass -> out"),
        ("set bass.gain=0.5", "set bass.gain 0.5"),
        ("bass.gain = 0.5", "set bass.gain 0.5"),
    ];
    all_mended(&song, &lines);
    all_mended(
        "song bars=1\n",
        &[("SinOsc osc freq=440; route osc -> out", "sine osc freq=440; route osc -> out")],
    );
    all_mended("song bars=1\n", &[("sine osc 440; route osc -> out", "sine osc freq=440; route osc -> out")]);
    let song =
        "instrument i { adsr env a=0.01 d=0.1 s=0.5 r=0.2; saw o; route o -> out vca=env; }\ntrack i X...\n";
    assert_eq!(
        mended(song),
        song.replace(" a=", " attack=")
            .replace(" d=", " decay=")
            .replace(" s=", " sustain=")
            .replace(" r=", " release=")
    );
    assert_eq!(mended("track kick X...\n"), "use \"std/kit\" kick\ntrack kick X...\n");
    assert!(told("tempo=120\n").contains("`song tempo=120`"), "{}", told("tempo=120\n"));
    assert!(
        told(&format!("song bars=1\n{BASS}track bass X...\nroute bass -> reverb -> out\n"))
            .contains("`reverb` is a kind")
    );
}

#[test]
fn steps_of_tidal() {
    let lines = [
        ("track bass \"~ x ~ x\"", "track bass \". x . x\""),
        ("track bass \"x@3 x\"", "track bass \"x__ x\""),
        ("track bass \"x/2 x\"", "track bass \"x:2/2 x\""),
        ("track bass \"x!3 .\"", "track bass \"{3 x} .\""),
        ("track bass \"[x .]!2\"", "track bass \"{2 [x .]}\""),
        ("track bass \"bd . sn .\"", "track bass \"x . x .\""),
        ("track bass {4 x.}", "track bass \"{4 x.}\""),
        ("track bass X... {4 x.} gain=0.5", "track bass \"X... {4 x.}\" gain=0.5"),
        ("track bass \"c4 e4 . g4\"", "track bass melody=\"c4 e4 . g4\""),
        ("track bass notes=\"c4 e4\"", "track bass melody=\"c4 e4\""),
        ("track bass X... notes=[c4, e4]", "track bass X... notes=\"c4 e4\""),
        ("track bass = \"X...\"", "track bass \"X...\""),
    ];
    with_bass(&lines);
}
