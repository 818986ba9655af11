//! The song's outline: its start, its end, its tail, and that it never depends on how it is computed.

use std::sync::Arc;

use chronus::plan::compiled_plan::Signal;
use chronus::plan::content::Content;

use crate::listen::{RATE, hear, peak, plan, play};

const HUM: &str = "sine hum freq=\"220Hz\"\nroute hum -> out gain=0.5\n";

#[test]
fn the_length_is_exact() {
    let (left, right) = hear(&format!("song \"t\" tempo=120 bars=3 tail=0\n{HUM}"));
    assert_eq!((left.len(), right.len()), (3 * 96_000, 3 * 96_000));
    // A bar at 131 isn't a whole number of frames: the end is the nearest one.
    let (left, _) = hear(&format!("song \"t\" tempo=131 bars=7 tail=0\n{HUM}"));
    assert_eq!(left.len(), (7.0 * 4.0 * 60.0 / 131.0 * f64::from(RATE)).round() as usize);
}

#[test]
fn sources_start_and_stop_without_a_click() {
    let text = "song \"t\" tempo=120 bars=1\nsquare hum freq=\"50Hz\"\nroute hum -> out gain=0.5\n";
    let (left, _) = hear(text);
    assert!(left[0].abs() < 0.01, "{}", left[0]);
    let end = 96_000;
    assert!(peak(&left[end + 1_000..]) == 0.0);
    // The fade of 20 ms ends at 0: its last millisecond is quiet.
    assert!(peak(&left[end + 912..end + 960]) < 0.03);
}

#[test]
fn a_tail_rings_out_and_ends_half_a_second_later() {
    let (left, _) = hear(&format!("song \"t\" tempo=120 bars=1\n{HUM}"));
    // 20 ms of fade, of which the last bit is under -90 dB, then half a second.
    assert!((left.len() as i64 - (96_000 + 960 + 24_000)).abs() < 16, "{}", left.len());
}

#[test]
fn a_tail_is_faded_at_its_limit() {
    let text = "song \"t\" tempo=120 bars=1 tail=\"300ms\"\ninstrument a {\n sine osc\n adsr env sustain=1 release=\"8s\"\n \
                route osc -> out vca=env\n}\nroute a -> out\ntrack a X_______________\n";
    let (left, _) = hear(text);
    assert_eq!(left.len(), 96_000 + 14_400);
    assert!(peak(&left[96_000..100_000]) > 0.5);
    assert!(peak(&left[left.len() - 48..]) < 0.06);
}

#[test]
fn a_song_without_anything_to_hear_is_silence() {
    let (left, right) = hear("song \"t\" tempo=120 bars=1 tail=0\n");
    assert!(left.iter().chain(&right).all(|x| x.to_bits() == 0));
    assert_eq!(left.len(), 96_000);
}

const BAND: &str = "song \"t\" tempo=120 bars=2 seed=4\n\
    instrument a voices=5 {\n saw osc\n lowpass tone cutoff=\"900Hz\"\n lfo sway rate=\"3Hz\"\n adsr env release=\"300ms\"\n \
    route sway -> tone.cutoff by=\"1oct\"\n route osc -> tone -> out vca=env gain=0.2\n}\n\
    instrument b voices=2 {\n saw osc\n lowpass tone cutoff=\"400Hz\"\n lfo sway rate=\"2Hz\"\n adsr env release=\"100ms\"\n \
    route sway -> tone.cutoff by=\"2oct\"\n route osc -> tone -> out vca=env gain=0.3\n}\n\
    route a -> out pan=-0.3\nroute b -> out pan=0.4\n\
    track a \"x.xx.x.x\" notes=\"c4/e4 d4 g3/b3/d4\"\ntrack b \"x...x.x.\" notes=\"c2 e2\"\n";

#[test]
fn a_lane_sounds_as_it_does_alone() {
    // The two instruments share lanes; without the other, each is the same to the bit.
    let alone = |id: &str| {
        let other = if id == "a" { "b" } else { "a" };
        BAND.replace(&format!("track {other} "), &format!("track {other} mute=#true "))
    };
    let both = play(&plan(BAND));
    let (a, b) = (play(&plan(&alone("a"))), play(&plan(&alone("b"))));
    let frames = a.0.len().min(b.0.len()).min(both.0.len());
    for i in 0..frames {
        assert_eq!((a.0[i] + b.0[i]).to_bits(), both.0[i].to_bits(), "left at {i}");
        assert_eq!((a.1[i] + b.1[i]).to_bits(), both.1[i].to_bits(), "right at {i}");
    }
}

#[test]
fn rendering_twice_gives_the_same_bits() {
    let plan = plan(BAND);
    let bits = |(left, right): (Vec<f32>, Vec<f32>)| -> Vec<u32> {
        left.iter().chain(&right).map(|x| x.to_bits()).collect()
    };
    assert_eq!(bits(play(&plan)), bits(play(&Arc::clone(&plan))));
}

#[test]
fn an_edit_changes_the_content_hashes_downstream_of_it_only() {
    let hashes = |text: &str| {
        let plan = plan(text);
        let content = Content::new(&plan);
        let voices: Vec<_> = plan
            .voices
            .iter()
            .map(|voice| {
                content.signal(Signal {
                    buffer: plan.voice_batches[voice.voice_batch].outs[0],
                    lane: voice.lane,
                })
            })
            .collect();
        (voices, content.song(&plan))
    };
    let (before, song) = hashes(BAND);
    let (after, edited) = hashes(&BAND.replace("400Hz", "401Hz"));
    assert_eq!(before[..5], after[..5]);
    assert_ne!(before[5], after[5]);
    assert_ne!(before[6], after[6]);
    assert_ne!(song, edited);
    // A second module somewhere else changes no voice.
    let (after, _) = hashes(&format!("{BAND}sine more freq=a4\nroute more -> out gain=0.1\n"));
    assert_eq!(before, after);
    // Neither does a comment or the order of two lines that don't depend on each other.
    assert_eq!(hashes(&format!("// hello\n{BAND}")).1, song);
}
