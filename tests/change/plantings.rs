//! Faults planted in real songs: each is named with its stems, its words and its line.

use std::collections::BTreeMap;

use crate::rig::{Beside, Pair, pair, replaced, root, song, sounds};

struct Planting {
    song: &'static str,
    from: &'static str,
    to: &'static str,
    /// The stems that have causes; none stands for all.
    stems: &'static [&'static str],
    says: &'static str,
    /// What is played otherwise.
    plays: &'static [&'static str],
}

const PLANTINGS: &[Planting] = &[
    Planting {
        song: "first-light",
        from: "cutoff=\"180Hz\"",
        to: "cutoff=\"175Hz\"",
        stems: &["bass"],
        says: "bass.filter.cutoff 180Hz -> 175Hz",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "route bass -> mix gain=\"-4dB\"",
        to: "route bass -> mix gain=\"-4.3dB\"",
        stems: &["bass"],
        says: "route bass -> mix, gain -4dB -> -4.3dB",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "....X..g....X.xx {7",
        to: "....X.......X.xx {7",
        stems: &["snare", "hall"],
        says: "track snare, bar 16 step 8: g -> .",
        plays: &["snare: 1 note fewer, bar 16 beat 2.77"],
    },
    Planting {
        song: "first-light",
        from: "x.xgX.x.........",
        to: "x.xgX.x...x.....",
        stems: &["hat"],
        says: "track hat, bar 24 step 11: . -> x",
        plays: &["hat: 1 note more, bar 24 beat 3.5"],
    },
    Planting {
        song: "first-light",
        from: "X...X...X..xX.x. {3 X...X...X...X...} X...X...X...X.xx",
        to: "X...X...X..gX.x. {3 X...X...X...X...} X...X...X...X.xx",
        stems: &["kick"],
        says: "track kick, bar 12 step 12: x -> g",
        plays: &["kick: 1 note has another velocity, bar 12 beat 3.77"],
    },
    Planting {
        song: "first-light",
        from: "seed=7",
        to: "seed=8",
        stems: &[],
        says: "song.seed 7 -> 8",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "pan=0.25",
        to: "pan=-0.25",
        stems: &["hat"],
        says: "route hat -> mix, pan 0.25 -> -0.25",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "detune=\"16ct\"",
        to: "detune=\"21ct\"",
        stems: &["pad", "hall"],
        says: "pad.osc.detune 16ct -> 21ct",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "tempo=112",
        to: "tempo=113",
        stems: &[],
        says: "song.tempo 112 -> 113",
        plays: &[],
    },
    Planting {
        song: "first-light",
        from: "route bell -> echo gain=\"-5dB\"\n",
        to: "",
        stems: &["echo", "hall"],
        says: "route bell -> echo was taken out",
        plays: &[],
    },
    Planting {
        song: "offcut",
        from: "route dark -> tone.cutoff by=\"4oct\"",
        to: "route dark -> tone.cutoff by=\"3oct\"",
        stems: &["chop", "chirp", "echo"],
        says: "chop: route dark -> tone.cutoff, by 4oct -> 3oct",
        plays: &[],
    },
    Planting {
        song: "undertow",
        from: "arrange dawn roll break roll flood break flood ebb",
        to: "arrange dawn roll break roll flood break flood break ebb",
        stems: &[],
        says: "arrange, place 8: break was added",
        plays: &[],
    },
    Planting {
        song: "undertow",
        from: "\"x.x.x.x.x.x.x.x.\" \"x.x.x.x.x.x.x.xx\"\n\n",
        to: "\"x.x.x.x.x.x.x.x.\" \"x.x.x.x.x.x.x.xg\"\n\n",
        stems: &["glue"],
        says: "pattern amen-hat, bar 2 step 16: x -> g",
        plays: &["hat: 16 notes have other velocities, bars 18 to 52"],
    },
    Planting {
        song: "undertow",
        from: "door.cutoff from=\"250Hz\" to=\"2.2kHz\"",
        to: "door.cutoff from=\"250Hz\" to=\"2.1kHz\"",
        stems: &["door"],
        says: "roll: automate door.cutoff, to 2.2kHz -> 2.1kHz",
        plays: &[],
    },
    Planting {
        song: "undertow",
        from: "notes=\"c5 ab4 eb5 f5 g4 bb4\" chance=0.9",
        to: "notes=\"c5 ab4 e5 f5 g4 bb4\" chance=0.9",
        stems: &["tines", "thin", "hall"],
        says: "dawn: track tines, notes, place 3: eb5 -> e5",
        plays: &["tines: 7 notes have other pitches, bars 1 to 16"],
    },
];

/// What is wrong with what is said of a planting, if anything is.
fn faults(planting: &Planting) -> Vec<String> {
    let old = song(planting.song);
    let new = replaced(&old, planting.from, planting.to);
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let mut faults = Vec::new();
    let mut expect = |what: &str, said: &dyn std::fmt::Debug, meant: &dyn std::fmt::Debug| {
        let (said, meant) = (format!("{said:?}"), format!("{meant:?}"));
        if said != meant {
            faults.push(format!("{} {}: {what}: said {said}, meant {meant}", planting.song, planting.to));
        }
    };
    let said = pair.said();
    let stems: Vec<&str> = said.iter().map(|(id, _)| id.as_str()).collect();
    let all: Vec<&str> = pair.comparison.effects.stems.iter().map(|stem| stem.id.as_str()).collect();
    expect("stems", &stems, if planting.stems.is_empty() { &all } else { &planting.stems });
    for (_, causes) in &said {
        expect("words", causes, &[planting.says]);
    }
    let plays: Vec<&str> = pair.comparison.events.iter().map(|sentence| sentence.text.as_str()).collect();
    if !planting.says.starts_with("arrange") {
        expect("notes", &plays, &planting.plays);
    }
    let at = old.find(planting.from).unwrap();
    let differs = planting.from.bytes().zip(planting.to.bytes()).take_while(|(a, b)| a == b).count();
    let line = old[..at + differs].matches('\n').count() + 1;
    let change = &pair.comparison.changes[0];
    expect("line", &pair.line(change.place().unwrap()), &line);
    faults
}

#[test]
fn plantings_are_named() {
    let all: Vec<String> = PLANTINGS.iter().flat_map(faults).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// The causes of stem `id`, in words.
fn causes(pair: &Pair, id: &str) -> Vec<String> {
    pair.said().into_iter().find(|(stem, _)| stem == id).map(|(_, causes)| causes).unwrap_or_default()
}

#[test]
fn a_sign_is_pointed_at_alone() {
    let old = song("first-light");
    let new = replaced(&old, "x.xgX.x.........", "x.xgX.x...x.....");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    let change = &pair.comparison.changes[0];
    assert_eq!(pair.sources.text(change.old.unwrap()), ".");
    assert_eq!(pair.sources.text(change.new.unwrap()), "x");
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("."), Some("x")));
}

#[test]
fn a_nudge_moves_one_step() {
    let with = |nudge: &str| {
        let nudge = format!("X___\" nudge=\"{nudge}\" notes");
        let text = "song bars=2\ninstrument a { saw osc; route osc -> out }\ntrack a \"X___ X___ X___ X___\" notes=\"c4\"\n";
        replaced(text, "X___\" notes", &nudge)
    };
    let pair = pair(
        (&with("0 . ".replace(". ", "0 0 0").as_str()), &Beside::default()),
        (&with("0 0 10 0"), &Beside::default()),
    );
    // Four places against four: one of them is another, and nothing is struck on its step.
    assert_eq!(pair.sentences(&[0]), ["track a, nudge, place 3: 0 -> 10"]);
    let eight = |nudge: &str| with(&format!("0 0 0 0 {nudge} 0 0 0"));
    let pair = crate::rig::pair((&eight("0"), &Beside::default()), (&eight("10"), &Beside::default()));
    assert_eq!(causes(&pair, "a"), ["track a, nudge, place 5: 0 -> 10"]);
    let text = &pair.comparison.events[0].text;
    assert_eq!(text, "a: 4 notes later by 12.5ms, bars 1 to 2");
}

#[test]
fn a_module_put_in_between_is_named_with_its_route() {
    let old = song("first-light");
    let new = replaced(&old, "route bell -> echo gain", "route bell -> thin -> echo gain");
    let new = replaced(&new, "pingpong echo", "highpass thin cutoff=\"500Hz\"\npingpong echo");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let both = ["route bell -> echo became bell -> thin -> echo", "thin was added"];
    assert_eq!(causes(&pair, "echo"), both);
    assert_eq!(causes(&pair, "hall"), both);
    assert_eq!(causes(&pair, "kick"), [""; 0]);
}

#[test]
fn a_kind_in_place_of_another_is_named_with_what_it_lost() {
    let old = song("first-light");
    let from = "ladder filter cutoff=\"180Hz\" resonance=0.55 drive=\"3dB\"";
    let new = replaced(&old, from, "lowpass filter cutoff=\"180Hz\"");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let said = causes(&pair, "bass");
    assert!(said.contains(&"bass.filter ladder -> lowpass".to_owned()), "{said:?}");
    assert_eq!(pair.said().len(), 1, "{:?}", pair.said());
}

#[test]
fn the_master_chain_is_of_the_mix_alone() {
    let old = song("first-light");
    let new = replaced(&old, "ceiling=\"-1dB\"", "ceiling=\"-2dB\"");
    let new = replaced(&new, "cutoff=\"180Hz\"", "cutoff=\"175Hz\"");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let alone = pair.comparison.effects.of_the_mix_alone();
    assert_eq!(pair.sentences(&alone), ["master.ceiling -1dB -> -2dB"]);
    assert_eq!(causes(&pair, "bass"), ["bass.filter.cutoff 180Hz -> 175Hz"]);
    assert_eq!(pair.said().len(), 1);
}

#[test]
fn a_used_file_is_pointed_into() {
    let song = "use \"./kit.kdl\" boom=kick tick\ntrack boom \"X...\"\ntrack tick \"..x.\"\n";
    let kit = "instrument kick { sine osc freq=\"50Hz\"; route osc -> out }\n\
               instrument tick { noise hiss; route hiss -> out gain=\"-6dB\" }\n";
    let beside = |kit: &str| Beside(BTreeMap::from([("kit.kdl".to_owned(), kit.as_bytes().to_vec())]));
    let other = replaced(kit, "50Hz", "48Hz");
    let pair = pair((song, &beside(kit)), (song, &beside(&other)));
    pair.hold_together();
    assert_eq!(pair.said(), [("boom".to_owned(), vec!["kick.osc.freq 50Hz -> 48Hz".to_owned()])]);
    let span = pair.comparison.changes[0].new.unwrap();
    assert_eq!(pair.sources.get(span.source).unwrap().name(), "kit.kdl");
    assert_eq!(pair.sources.text(span), "\"48Hz\"");
}

#[test]
fn other_samples_are_a_change() {
    let text = song("offcut");
    let tone = std::fs::read(root().join("tests/sounds/tone.flac")).unwrap();
    let other = Beside(BTreeMap::from([("sounds/record.flac".to_owned(), tone)]));
    let new = replaced(&text, "tempo=86", "tempo=86 a4=440");
    let new = replaced(&new, "deep \"X... ..x. ..x. .x..\"", "deep \"X... ..x. ..x. .x.x\"");
    let pair = pair((&text, &sounds()), (&new, &other));
    pair.hold_together();
    let chop = causes(&pair, "chop");
    assert_eq!(chop, ["sounds/record.flac has other samples"]);
    let change = pair.comparison.changes.last().unwrap();
    assert_eq!(pair.sources.text(change.new.unwrap()), "\"./sounds/record.flac\"");
    // That `a4` stands where it stood anyway is heard nowhere.
    assert_eq!(pair.sentences(&pair.comparison.unheard()), ["song.a4 440 was added"]);
    assert_eq!(causes(&pair, "deep"), ["hook: track deep, bar 1 step 16: . -> x"]);
}

#[test]
fn two_edits_name_their_own() {
    let old = song("first-light");
    let new = replaced(&old, "cutoff=\"180Hz\"", "cutoff=\"175Hz\"");
    let new = replaced(&new, "edge cutoff=\"7.5kHz\"", "edge cutoff=\"7kHz\"");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let said = pair.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(causes(&pair, "bass"), ["bass.filter.cutoff 180Hz -> 175Hz"]);
    assert_eq!(causes(&pair, "hat"), ["hat.edge.cutoff 7.5kHz -> 7kHz"]);
}

#[test]
fn an_instrument_that_comes_in_is_another_stem() {
    let old = song("first-light");
    let new = replaced(
        &old,
        "pingpong echo",
        "instrument rim { triangle wood freq=\"830Hz\"; decay env time=\"28ms\"; route wood -> out vca=env }\npingpong echo",
    );
    let new = replaced(&new, "route kick -> mix", "route rim -> mix gain=\"-9dB\"\nroute kick -> mix");
    let new = format!("{new}track rim \"..x.\"\n");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let rim = pair.comparison.effects.stems.iter().find(|stem| stem.id == "rim").unwrap();
    assert_eq!(rim.heard.hashes[0], None);
    let said = causes(&pair, "rim");
    assert_eq!(said, ["instrument rim was added", "route rim -> mix was added", "track rim was added"]);
}
