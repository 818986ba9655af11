//! What routes do to a signal on its way.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::listen::{hear, peak, plan};

fn tone(routes: &str) -> String {
    format!("song \"t\" tempo=120 bars=1 tail=0\nsine tone freq=\"1kHz\"\n{routes}\n")
}

/// The level of each side once everything has settled.
fn levels(text: &str) -> [f32; 2] {
    let (left, right) = hear(text);
    [peak(&left[24_000..48_000]), peak(&right[24_000..48_000])]
}

fn assert_levels(text: &str, wanted: [f32; 2]) {
    let heard = levels(text);
    for side in 0..2 {
        assert!((heard[side] - wanted[side]).abs() < 2e-3, "{heard:?} for {wanted:?}\n{text}");
    }
}

#[test]
fn gain_and_pan() {
    assert_levels(&tone("route tone -> out gain=0.5"), [0.5, 0.5]);
    assert_levels(&tone("route tone -> out gain=\"-6dB\""), [0.501, 0.501]);
    assert_levels(&tone("route tone -> out pan=0 gain=0.5"), [0.5, 0.5]);
    assert_levels(&tone("route tone -> out pan=1 gain=0.5"), [0.0, 0.5 * SQRT_2]);
    assert_levels(&tone("route tone -> out pan=-0.5 gain=0.5"), [0.653, 0.271]);
    // Once placed it is stereo, and stereo is balanced.
    assert_levels(&tone("sum a\nroute tone -> a pan=0 gain=0.5\nroute a -> out pan=0.5"), [0.25, 0.5]);
}

#[test]
fn cables_into_one_port_sum() {
    assert_levels(&tone("sum a\nsum b\nroute tone -> a b gain=0.25\nroute a b -> out"), [0.5, 0.5]);
}

#[test]
fn a_control_multiplies_a_cable() {
    assert_levels(&tone("knob level 0.4 min=0 max=1\nroute tone -> out vca=level"), [0.4, 0.4]);
}

#[test]
fn routes_move_parameters_by_their_depth() {
    let period = |text: &str| {
        let (left, _) = hear(text);
        let rises: Vec<usize> = (24_000..72_000).filter(|&i| left[i - 1] <= 0.0 && left[i] > 0.0).collect();
        (rises[rises.len() - 1] - rises[0]) as f32 / (rises.len() - 1) as f32
    };
    let moved = |by: &str| {
        format!(
            "song \"t\" tempo=120 bars=1 tail=0\nsine tone freq=\"500Hz\"\nknob up 0.5 min=0 max=1\nroute up -> tone.freq by={by}\nroute tone -> out\n"
        )
    };
    assert!((period(&moved("\"1oct\"")) - 96.0 / SQRT_2).abs() < 0.1);
    assert!((period(&moved("\"500Hz\"")) - 64.0).abs() < 0.1);
}

#[test]
fn a_note_moved_outside_its_range_is_held() {
    let text = "song \"t\" tempo=120 bars=1 tail=0\nsine tone freq=\"10kHz\"\nknob up 1 min=0 max=1\n\
                route up -> tone.freq by=\"8oct\"\nroute tone -> out\n";
    let (left, _) = hear(text);
    assert!(left.iter().all(|x| x.is_finite() && x.abs() <= 1.0));
}

#[test]
fn a_feedback_route_costs_a_block() {
    // An impulse of a gate loops a loop of one block at half its level.
    let text = "song \"t\" tempo=120 bars=1 tail=0\ninstrument tick {\n square osc freq=\"1Hz\" phase=0.25 \n decay env time=\"1ms\"\n \
                route osc -> out vca=env\n}\nsum mix\nroute tick -> mix\nroute mix -> mix gain=0.5 feedback=#true\n\
                route mix -> out\ntrack tick X...............\n";
    let (left, _) = hear(text);
    for block in 0..4 {
        let first = peak(&left[..64]);
        let heard = peak(&left[block * 64..(block + 1) * 64]);
        assert!(heard >= first * 0.9 / f32::from(1_u8 << block), "block {block}: {heard} of {first}");
    }
    let plain = text.replace("route mix -> mix gain=0.5 feedback=#true\n", "");
    let (dry, _) = hear(&plain);
    for i in 0..64 {
        let expected = dry[64 + i] + 0.5 * dry[i];
        assert!((left[64 + i] - expected).abs() < 1e-6, "{i}");
    }
}

#[test]
fn stereo_into_a_control_is_averaged() {
    let text = "song \"t\" tempo=120 bars=1 tail=0\nsine tone freq=\"1kHz\"\nknob one 1 min=0 max=1\nsum wide\n\
                route one -> wide pan=1\nvca level gain=0\nroute wide -> level.gain by=1\nroute tone -> level -> out\n";
    assert_levels(text, [FRAC_1_SQRT_2, FRAC_1_SQRT_2]);
}

#[test]
fn the_newest_note_of_an_instrument_is_read_from_outside() {
    let text = "song \"t\" tempo=120 bars=1 tail=0\ninstrument kick {\n sine osc\n route osc -> out gain=0\n}\n\
                sine tone freq=\"1kHz\"\nvca duck gain=0\nroute kick -> out\nroute kick.velocity -> duck.gain by=1\n\
                route tone -> duck -> out\ntrack kick X.......g.......\n";
    let (left, _) = hear(text);
    assert!((peak(&left[10_000..20_000]) - 1.0).abs() < 0.01);
    assert!((peak(&left[60_000..80_000]) - 0.3).abs() < 0.01);
}

#[test]
fn a_song_level_source_reaches_every_voice() {
    let text = "song \"t\" tempo=120 bars=1 tail=0\nknob amount 0.5 min=0 max=1\ninstrument a voices=3 {\n sine osc freq=\"1kHz\"\n \
                vca level gain=0\n route osc -> level -> out\n}\nroute amount -> a.level.gain by=0.5\nroute a -> out\n\
                track a X_______________ notes=\"c4/e4/g4\" length=1\n";
    assert_levels(text, [0.75, 0.75]);
}

#[test]
fn only_equal_shapes_share_lanes() {
    let text = "song \"t\" bars=1\ninstrument a {\n sine osc\n route osc -> out\n}\ninstrument b {\n sine osc\n route osc -> out\n}\n\
                instrument c {\n sine osc\n route osc -> out gain=0.5\n}\nroute a b c -> out\ntrack a x...\ntrack b x...\ntrack c x...\n";
    let widths: Vec<(usize, usize)> = plan(text)
        .voice_batches
        .iter()
        .map(|voice_batch| (voice_batch.width, voice_batch.voices.len()))
        .collect();
    assert_eq!(widths, [(4, 2), (1, 1)]);
}

#[test]
fn a_sidechain_hears_the_sound_until_something_is_routed_to_it() {
    // A tone at full scale, 20 dB over the threshold, limited to it or not.
    let with = |routes: &str| {
        tone(&format!(
            "sine quiet freq=\"300Hz\"\ncompressor comp threshold=\"-20dB\" ratio=100 knee=1 attack=\"1ms\"\n{routes}\nroute comp -> out"
        ))
    };
    let near = |text: &str, wanted: [f32; 2]| {
        let heard = levels(text);
        for side in 0..2 {
            assert!((heard[side] - wanted[side]).abs() < 0.02 * wanted[side] + 2e-3, "{heard:?}\n{text}");
        }
    };
    near(&with("route tone -> comp"), [0.105, 0.105]);
    near(&with("route tone -> comp\nroute quiet -> comp.sidechain gain=\"-60dB\""), [1.0, 1.0]);
    near(&with("route quiet -> comp gain=0.05\nroute tone -> comp.sidechain"), [0.005_24, 0.005_24]);
    // One side of a stereo sound or of a stereo sidechain turns both down.
    near(&with("route tone -> comp pan=1 gain=0.5\nroute quiet -> comp pan=-1 gain=0.005"), [0.001, 0.105]);
    near(
        &with(
            "route quiet -> comp gain=0.05\nroute tone -> comp.sidechain pan=1 gain=0.707\nroute quiet -> comp.sidechain pan=-1 gain=0.001",
        ),
        [0.005_24, 0.005_24],
    );
}
