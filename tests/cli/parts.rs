//! `chronus render` of some instruments, some bars, and stems.

use std::fs;
use std::path::Path;

use super::{chronus, folder, stderr, stdout};

/// A mix of two instruments, a drone and the return of an effect, with a master chain of two.
const BAND: &str = r#"song tempo=120 bars=4 seed=3
instrument bass { saw osc; ladder tone cutoff="400Hz"; adsr env release="30ms"
    route osc -> tone -> out vca=env; }
instrument hat { noise hiss; decay env time="60ms"
    route hiss -> out vca=env; }
sine drone freq="110Hz"
delay echo time="1/8"
sum mix
highpass low cutoff="30Hz"
limiter master ceiling="-1dB"
route bass drone -> mix gain=0.3
route hat -> mix pan=0.5 gain=0.2
route bass -> echo
route echo -> mix gain=0.2
route mix -> low -> master -> out
track bass notes="a1 c2" "X.x. x..x"
track hat "x.xx"
"#;

fn song(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::write(folder.join("song.kdl"), BAND).unwrap();
    folder
}

fn samples(path: &Path) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().samples::<f32>().map(Result::unwrap).collect()
}

/// Renders `song.kdl` in `folder` as floats.
fn render(folder: &Path, args: &[&str]) -> Vec<f32> {
    let output = chronus(folder, &[&["render", "song.kdl", "-o", "out.wav", "--bits", "32f"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    samples(&folder.join("out.wav"))
}

fn level(samples: &[f32]) -> f64 {
    let power: f64 = samples.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    10.0 * libm::log10((power / samples.len() as f64).max(1e-20))
}

#[test]
fn stems_sum_to_the_mix() {
    let folder = song("stems");
    let args = ["render", "song.kdl", "-o", "whole.wav", "--stems", "stems", "--bits", "32f"];
    let output = chronus(&folder, &args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<&str> = stdout(&output).lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["whole.wav", "stems/bass.wav", "stems/drone.wav", "stems/hat.wav", "stems/echo.wav"]);
    let stems: Vec<Vec<f32>> = names[1..].iter().map(|name| samples(&folder.join(name))).collect();
    let whole = samples(&folder.join("whole.wav"));
    assert!(stems.iter().all(|stem| stem.len() == whole.len() && level(stem) > -60.0));
    // The mix before its master chain: the same song without it.
    let bare = BAND.replace("route mix -> low -> master -> out", "route mix -> out");
    let bare = bare.replace("highpass low cutoff=\"30Hz\"\nlimiter master ceiling=\"-1dB\"\n", "");
    fs::write(folder.join("song.kdl"), bare).unwrap();
    let mix = render(&folder, &[]);
    let both = whole.len().min(mix.len());
    let missing: Vec<f32> =
        (0..both).map(|i| mix[i] - stems.iter().map(|stem| stem[i]).sum::<f32>()).collect();
    assert!(level(&missing) < -120.0 && level(&mix) > -40.0, "{} under {}", level(&missing), level(&mix));
}

#[test]
fn stems_fade_with_the_mix_at_the_limit_of_the_tail() {
    let folder = folder("stems-fade");
    let text = "song tempo=120 bars=1 tail=\"500ms\"\ninstrument k { sine osc; decay env time=\"100ms\"; route osc -> out vca=env; }\n\
                reverb hall time=\"30s\" damp=0\nsum bus\nroute k -> hall -> bus\nroute k -> bus\nroute bus -> out\n\
                track k \"X... .... .... ....\"\n";
    fs::write(folder.join("song.kdl"), text).unwrap();
    let mix = render(&folder, &["--stems", "stems"]);
    let [hall, dry] = ["hall", "k"].map(|name| samples(&folder.join(format!("stems/{name}.wav"))));
    let missing: Vec<f32> = (0..mix.len()).map(|i| mix[i] - hall[i] - dry[i]).collect();
    let last = mix.len() - 2 * 960..;
    assert!(level(&mix[last.clone()]) > -60.0, "it still rings: {}", level(&mix[last.clone()]));
    assert!(level(&missing[last.clone()]) < -120.0, "{}", level(&missing[last]));
    // An excerpt ends on its frame, and so do its stems.
    let part = render(&folder, &["--to", "1", "--stems", "stems"]);
    let hall = samples(&folder.join("stems/hall.wav"));
    assert_eq!(hall.len(), part.len());
    assert!(level(&hall[hall.len() - 96..]) > -60.0);
}

#[test]
fn solo_goes_on_feeding_sidechains() {
    let folder = folder("solo-sidechain");
    let text = |key: &str| {
        format!(
            "song tempo=120 bars=1 tail=0\ninstrument kick {{ sine osc freq=60; decay env time=\"200ms\"; route osc -> out vca=env; }}\n\
             instrument bass {{ saw osc; adsr env sustain=1; route osc -> out vca=env gain=0.3; }}\n\
             compressor duck threshold=\"-40dB\" ratio=100\nroute bass -> duck -> out\nroute kick -> out\n{key}\n\
             track kick \"X... .... X... ....\"\ntrack bass X_______________ notes=a2\n"
        )
    };
    let solo = |key: &str, args: &[&str]| {
        fs::write(folder.join("song.kdl"), text(key)).unwrap();
        render(&folder, args)
    };
    for key in [
        "route kick -> duck.sidechain",
        // Through something that only keys.
        "highpass thin cutoff=\"20Hz\"\nroute kick -> thin\nroute thin -> duck.sidechain",
    ] {
        let bass = solo(key, &["--solo", "bass"]);
        let kick = solo(key, &["--mute", "bass"]);
        let both = solo(key, &[]);
        let worst = (0..both.len()).map(|i| (both[i] - bass[i] - kick[i]).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "{key}: the bass alone ducks as it does in the mix, but for {worst}");
        assert_eq!(solo(key, &["--solo", "bass", "--mute", "kick"]), bass);
    }
    // Nobody hears the kick.
    let silent = solo("route kick -> duck.sidechain", &["--mute", "bass", "--solo", "bass"]);
    assert!(silent.iter().all(|x| *x == 0.0));
}

#[test]
fn stems_need_no_other_file() {
    let folder = song("only-stems");
    let output = chronus(&folder, &["render", "song.kdl", "--stems", "a/b", "--mute", "hat", "--quiet"]);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "", ""));
    let mut names: Vec<_> =
        fs::read_dir(folder.join("a/b")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["bass.wav", "drone.wav", "echo.wav"]);
}

#[test]
fn an_excerpt_is_that_part_of_the_whole() {
    let folder = song("excerpt");
    let whole = render(&folder, &[]);
    // A bar is two seconds.
    let bar = 2 * 2 * 48_000;
    for jobs in ["1", "3"] {
        let part = render(&folder, &["--from", "2", "--to", "3", "--jobs", jobs]);
        assert_eq!(part.len(), 2 * bar);
        assert!(part.iter().zip(&whole[bar..]).all(|(a, b)| a.to_bits() == b.to_bits()));
        let end = render(&folder, &["--from", "4", "--jobs", jobs]);
        assert!(end.iter().eq(&whole[3 * bar..]));
    }
}

#[test]
fn an_excerpt_may_be_a_section() {
    let folder = folder("sections");
    let text = "song tempo=120 tail=0\ninstrument a { sine osc; route osc -> out gain=0.5; }\n\
                section intro bars=1 { track a x; }\nsection verse bars=2 { track a \"x.x.\" notes=\"e4 g4\"; }\n\
                arrange intro verse intro verse\n";
    fs::write(folder.join("song.kdl"), text).unwrap();
    let whole = render(&folder, &[]);
    let bar = 2 * 2 * 48_000;
    assert_eq!(whole.len(), 6 * bar);
    let verse = render(&folder, &["--from", "verse", "--to", "verse"]);
    assert_eq!(verse, &whole[bar..3 * bar]);
    // The first intro that ends after bar 2 is the second one.
    let middle = render(&folder, &["--from", "2", "--to", "intro"]);
    assert_eq!(middle, &whole[bar..4 * bar]);
    let output = chronus(&folder, &["render", "song.kdl", "-o", "out.wav", "--from", "vrese"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `verse`?"), "{}", stderr(&output));
}

#[test]
fn solo_and_mute_are_each_others_rest() {
    let folder = song("solo");
    let whole = render(&folder, &["--to", "4"]);
    let bass = render(&folder, &["--solo", "bass", "--to", "4"]);
    let rest = render(&folder, &["--mute", "bass,drone", "--to", "4"]);
    let hat = render(&folder, &["--solo", "hat", "--to", "4"]);
    assert!(rest.iter().zip(&hat).all(|(a, b)| a == b), "what isn't bass or drone is the hat");
    assert!(level(&bass) > level(&hat) && level(&whole) > level(&bass));
    let silence = render(&folder, &["--solo", "bass", "--mute", "bass", "--to", "4"]);
    assert!(silence.iter().all(|x| *x == 0.0));
}

#[test]
fn what_is_not_there_is_told() {
    let folder = song("no-part");
    for (args, code, help) in [
        (["--mute", "bas"], "no-such-part", "did you mean `bass`?"),
        (["--solo", "xylophone"], "no-such-part", "the song has bass, hat, drone, echo, mix, low, master"),
        (["--from", "5"], "no-such-place", "the song has the bars 1 to 4"),
        (["--to", "0"], "no-such-place", "the song has the bars 1 to 4"),
        (["--from", "verse"], "no-such-place", "name a section, or a bar from 1 to 4"),
    ] {
        let output = chronus(&folder, &[&["render", "song.kdl", "-o", "out.wav"], &args[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = stderr(&output);
        assert!(said.contains(code) && said.contains(help), "{said}");
    }
    let both = ["render", "song.kdl", "-o", "out.wav", "--from", "3", "--to", "2"];
    let output = chronus(&folder, &both);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("ends before"), "{}", stderr(&output));
    let nothing = chronus(&folder, &["render", "song.kdl", "--stems", "s", "--mute", "bass,hat,drone,echo"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("no-stems"), "{}", stderr(&nothing));
    assert_eq!(chronus(&folder, &["render", "song.kdl"]).status.code(), Some(2));
    assert!(!folder.join("out.wav").exists());
}
