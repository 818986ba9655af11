//! `takes`: any text is read as a take or refused at one of its lines; what was read is written as it is read, and its beginning
//! can be rendered.

use std::path::Path;

use chronus::live::replay::Replay;
use chronus::live::session::SessionConfig;
use chronus::live::take::Take;
use chronus::modules::spec::BLOCK;

/// Reads `data`.
pub fn takes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let take = match Take::read(&text) {
        Ok(take) => take,
        Err((line, why)) => {
            assert!(
                (1..=text.lines().count().max(1)).contains(&line) && !why.is_empty(),
                "{line} of {text:?}"
            );
            return;
        }
    };
    // NaN isn't itself, so what is compared are the texts.
    let once = take.written();
    let again = Take::read(&once).unwrap_or_else(|fault| panic!("{fault:?}: {once:?} of {text:?}"));
    assert_eq!(again.written(), once, "{text:?}");
    let config = SessionConfig {
        path: "no/such/folder/song.kdl".into(),
        outside: false,
        rate: take.rate,
        ends: take.ends,
        ..SessionConfig::default()
    };
    let Ok(mut replay) = Replay::new(take, Path::new("no/such/folder/song.take.kdl"), config) else { return };
    let mut block = [[0.0; 2]; BLOCK];
    let mut over = false;
    for _ in 0..32 {
        if replay.is_over(over) {
            break;
        }
        let Ok((count, rung_out)) = replay.block(&mut block) else { break };
        over = rung_out;
        assert!(
            count <= BLOCK && block[..count].as_flattened().iter().all(|sample| sample.is_finite()),
            "{text:?}"
        );
    }
}
