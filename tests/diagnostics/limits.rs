//! Limits as the reference writes them can be set, in every unit.

use chronus::diagnostic::codes::values;
use chronus::dsp::math::decibels;
use chronus::modules::TABLE;
use chronus::modules::spec::{LATE, Options};
use chronus::syntax::vocabulary::{FORMS, NodeScope, Takes};
use chronus::units::number::short_number;
use chronus::units::unit::Unit;

use crate::checked;

/// `limit` in every way in which the reference, a message or a musician would write it.
fn written(unit: Unit, limit: f64) -> Vec<String> {
    let mut all = vec![short_number(limit), format!("{limit}"), unit.written(limit)];
    let mut also = |number: f64, sign: &str| all.push(format!("\"{}{sign}\"", short_number(number)));
    match unit {
        Unit::Hertz => {
            also(limit, "Hz");
            also(limit / 1_000.0, "kHz");
        }
        Unit::Seconds => {
            also(limit, "s");
            also(limit * 1_000.0, "ms");
        }
        // The reference gives whole dB beside the gain.
        Unit::Gain if limit > 0.0 => {
            also(libm::round(decibels(limit)), "dB");
        }
        Unit::Share => also(limit * 100.0, "%"),
        Unit::Octaves | Unit::Semitones | Unit::Cents => {
            let octaves = limit / unit.per_octave().unwrap();
            also(octaves, "oct");
            also(octaves * 12.0, "st");
            also(octaves * 1_200.0, "ct");
        }
        Unit::Gain | Unit::Number => {}
    }
    all
}

/// The lines of `lines` that are out of range, with what is said of them.
fn refused(before: &str, lines: &[String], after: &str) -> Vec<String> {
    let song = format!("{before}{}\n{after}", lines.join("\n"));
    let (diagnostics, sources) = checked(&song, &[]);
    let said = diagnostics
        .iter()
        .filter(|d| d.code.id == values::OUT_OF_RANGE.id || d.code.id == values::BAD_VALUE.id);
    said.map(|d| {
        let at = d.span.map_or(0, |span| span.start as usize);
        let source = sources.get(d.span.unwrap().source).unwrap();
        format!("{}: {}", song.lines().nth(source.position(at).line - 1).unwrap_or_default(), d.message)
    })
    .collect()
}

#[test]
fn limits_of_modules_are_accepted_as_they_are_written() {
    let mut lines = Vec::new();
    let mut beyond = Vec::new();
    for spec in TABLE {
        let settings = spec.settings.iter().filter(|setting| setting.name != LATE);
        let amounts = settings.filter_map(|setting| match setting.options {
            Options::Amount { unit, min, max, .. } => Some((setting.name, unit, min, max)),
            _ => None,
        });
        let params = spec.params.iter().map(|param| (param.name, param.unit, param.min, param.max));
        for (name, unit, min, max) in params.chain(amounts) {
            for text in [min, max].into_iter().flat_map(|limit| written(unit, limit)) {
                lines.push(format!("{} m{} {name}={text}", spec.kind, lines.len()));
            }
            beyond.push(format!("{} b{} {name}={}", spec.kind, beyond.len(), max * 1.001 + 0.001));
        }
    }
    assert!(lines.len() > 1_000);
    let after = "route m0 -> out\n}\ntrack i X...\n";
    // In parts: of one song not all diagnostics are said.
    let mut all = Vec::new();
    for part in lines.chunks(200) {
        all.extend(refused("instrument i {\n", part, after));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    let mut over = 0;
    for part in beyond.chunks(200) {
        over += refused("instrument i {\n", part, after).len();
    }
    assert_eq!(over, beyond.len());
}

#[test]
fn limits_of_nodes_are_accepted_as_they_are_written() {
    let mut lines = Vec::new();
    for form in FORMS.iter().filter(|form| form.scopes.contains(&NodeScope::Song)) {
        for prop in form.props {
            let texts: Vec<String> = match prop.takes {
                Takes::Amount(unit, min, max) => {
                    [min, max].into_iter().flat_map(|limit| written(unit, limit)).collect()
                }
                Takes::Percent(min, max) => [min, max]
                    .into_iter()
                    .flat_map(|limit| [short_number(limit), format!("\"{limit}%\"")])
                    .collect(),
                Takes::Whole(min, max) => vec![min.to_string(), max.to_string()],
                _ => Vec::new(),
            };
            let args: Vec<&str> = form.args.iter().map(|_| "0").collect();
            lines.extend(
                texts
                    .into_iter()
                    .map(|text| format!("{} {} {}={text}", form.name, args.join(" "), prop.name)),
            );
        }
    }
    assert!(lines.len() > 60);
    for line in lines {
        let all = refused("", std::slice::from_ref(&line), "");
        assert!(all.iter().all(|said| !said.contains(" can be ")), "{}", all.join("\n"));
    }
}
