//! Where what is on the screen: as much of everything as there is room for.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;

use crate::cli::screen::keys::HELP;
use crate::cli::screen::rows;
use crate::cli::screen::scene::Scene;
use crate::diagnostic::printer::{Style as Diagnostics, graphical_within};
use crate::diagnostic::quote::printable;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;

/// Rows of controls that were moved, at the most.
const KNOBS: usize = 5;
/// Rows of news that there should be, and below how many rows of all there need be none: there tracks come first.
const LOG: usize = 3;
const SMALL: usize = 20;
/// Rows that an error needs at least: what is wrong, where, and the line.
const ERROR: usize = 6;

/// What of the screen is the user's: it outlasts scenes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScreenState {
    /// The track that keys mean.
    pub(crate) track: usize,
    /// The first track that is seen.
    pub(crate) first: usize,
    /// Where it can be reached, as it is shown.
    pub(crate) places: String,
}

/// Draws it all.
pub(crate) fn draw(frame: &mut Frame, scene: &Scene, choice: &mut ScreenState) {
    let area = frame.area();
    let (width, height) = (area.width as usize, area.height as usize);
    let mut lines: Vec<Line> = vec![rows::heading(scene, width), rows::levels(scene, width)];
    let bottom = 2;
    let mut room = height.saturating_sub(lines.len() + bottom);
    // An error comes first, then tracks, then what was moved and what happened.
    let spare = match scene.unplayable {
        Some(_) => ERROR.min(room / 2) + 1,
        None if height < SMALL => 0,
        None => LOG + 1,
    };
    let tracks = scene.tracks.len().min(room.saturating_sub(1 + spare)).max(room.min(1));
    room = room.saturating_sub(tracks + 1);
    let knobs = scene.put.len().min(KNOBS).min(room.saturating_sub(spare.max(LOG + 1) + 1));
    if knobs > 0 {
        room = room.saturating_sub(knobs + 1);
    }
    let log = log(scene, width, room.saturating_sub(1));
    lines.push(rows::rule(&heading_of_tracks(scene, tracks), &choice.places, width));
    choice.track = choice.track.min(scene.tracks.len().saturating_sub(1));
    choice.first = choice.first.min(choice.track).max((choice.track + 1).saturating_sub(tracks));
    // After a screen has grown again, no row stays free while there is a track to show.
    choice.first = choice.first.min(scene.tracks.len().saturating_sub(tracks));
    let seen = scene.tracks.iter().enumerate().skip(choice.first).take(tracks);
    lines.extend(seen.map(|(place, track)| rows::track(track, place == choice.track, width)));
    if knobs > 0 {
        lines.push(rows::rule("moved", "", width));
        lines.extend(scene.put.iter().take(knobs).map(|put| rows::knob(put, width)));
    }
    if room > 1 {
        lines.push(rows::rule("news", "", width));
        let first = if scene.unplayable.is_some() { 0 } else { log.len().saturating_sub(room - 1) };
        lines.extend(log.into_iter().skip(first).take(room - 1));
    }
    lines.truncate(height.saturating_sub(bottom));
    for (row, line) in lines.into_iter().enumerate() {
        put(frame, row, line);
    }
    if height > bottom {
        put(frame, height - 2, rows::stats(scene, width));
    }
    if height > 0 {
        put(frame, height - 1, Line::styled(rows::fit(HELP, width), rows::dim()));
    }
}

fn put(frame: &mut Frame, row: usize, line: Line) {
    let area = frame.area();
    frame.render_widget(line, Rect { x: area.x, y: area.y + row as u16, width: area.width, height: 1 });
}

fn heading_of_tracks(scene: &Scene, seen: usize) -> String {
    match scene.tracks.len() {
        0 => "no tracks".to_owned(),
        count if count > seen => format!("tracks, {seen} of {count}"),
        _ => "tracks".to_owned(),
    }
}

/// What happened last; as long as an edit can't be played, what is wrong with it, in `rows` rows.
fn log(scene: &Scene, width: usize, rows: usize) -> Vec<Line<'static>> {
    let Some(unplayable) = &scene.unplayable else {
        return scene.log.iter().map(|line| Line::raw(rows::fit(&format!(" {line}"), width))).collect();
    };
    let errors = unplayable.diagnostics.iter().filter(|one| one.is_error());
    let drawn: Vec<String> = errors
        .map(|one| {
            let whole = graphical_within(one, &unplayable.sources, Diagnostics::Plain, width);
            // Where it has no room, the place, what is wrong, and the line.
            if whole.lines().count() <= rows { whole } else { short(one, &unplayable.sources, width) }
        })
        .collect();
    let text = drawn.join("\n");
    text.lines().map(|line| Line::styled(rows::fit(line, width), Style::new().fg(Color::Red))).collect()
}

/// An error in few rows: where it is, what is wrong, its line with what is meant underlined.
fn short(error: &Diagnostic, sources: &Sources, width: usize) -> String {
    let message = printable(&error.message).into_owned();
    let Some(span) = error.span else { return message };
    let Some(source) = sources.get(span.source) else { return message };
    let place = source.position(span.start as usize);
    let line = source.text().lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
    let name = source.name().rsplit('/').next().unwrap_or_default();
    let wrapped =
        textwrap::fill(&format!("{name}:{}:{}: {message}", place.line, place.column), width.max(20));
    // Scrolled so that what is meant is seen.
    let before = place.column.saturating_sub(1);
    let cut = before.saturating_sub(width / 2);
    let shown: String = line.chars().skip(cut).take(width.saturating_sub(2)).collect();
    let count = source
        .text()
        .get(span.start as usize..span.end as usize)
        .map_or(1, |text| text.lines().next().unwrap_or_default().chars().count().max(1));
    let under = "^".repeat(count.min(width.saturating_sub(before - cut + 2)));
    format!("{wrapped}\n  {shown}\n  {}{under}", " ".repeat(before - cut))
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use std::sync::Arc;

    use super::{HELP, ScreenState, Sources, draw};
    use crate::check::song::check_with;
    use crate::check::song_files::Nowhere;
    use crate::cli::screen::scene::{Scene, SceneTrack};
    use crate::diagnostic::source::SourceText;
    use crate::io::stats::{Priority, StreamStats};
    use crate::live::session::Unplayable;
    use crate::live::step_grid::{GridBar, StepMark};
    use crate::live::used::UsedFiles;
    use crate::live::view::OverrideView;

    fn scene(tracks: usize) -> Scene {
        let bar = |place: usize| GridBar {
            marks: (0..16)
                .map(|step| match step % (place + 2) {
                    0 => StepMark::Hit(1.0),
                    1 if place > 1 => StepMark::Hit(0.4),
                    2 => StepMark::Hold,
                    _ => StepMark::Rest,
                })
                .collect(),
            now: Some(5),
        };
        let track = |place: usize| SceneTrack {
            id: format!("track{place}"),
            instrument: if place == 1 { "a-very-long-name".to_owned() } else { format!("track{place}") },
            heard: place != 2,
            muted: place == 2,
            solo: place == 3,
            bar: (place != 4).then(|| bar(place)),
            level: 0.7 / (place + 1) as f32,
        };
        Scene {
            title: "First Light".to_owned(),
            section: "verse".to_owned(),
            bar: 9,
            bars: 32,
            beat: 2,
            tempo: 122.0,
            playing: true,
            peak: [0.5, 0.25],
            bands: [0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.0],
            tracks: (0..tracks).map(track).collect(),
            put: vec![
                OverrideView {
                    path: "voice1.freq".to_owned(),
                    others: vec!["bass.filter.cutoff".to_owned(), "sine1.freq".to_owned()],
                    value: 800.0,
                    spoken: "800 Hz".to_owned(),
                    range: (20.0, 20_000.0),
                },
                OverrideView {
                    path: "pad.gain".to_owned(),
                    others: Vec::new(),
                    value: 0.25,
                    spoken: "0.25".to_owned(),
                    range: (0.0, 1.0),
                },
            ],
            stats: Some(StreamStats {
                callbacks: 1,
                frames: 1,
                xruns: 0,
                late: 0,
                load: 0.043,
                load_peak: 0.09,
                buffer: 256,
                latency_ms: 8.0,
                priority: Priority::Refused,
                restarts: 0,
            }),
            messages: 12,
            log: vec!["song.kdl comes in at the next bar".to_owned(), "recording song.one.wav".to_owned()],
            ..Scene::default()
        }
    }

    fn drawn(scene: &Scene, choice: &mut ScreenState, [width, height]: [u16; 2]) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, scene, choice)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let row =
            |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(row).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn all_is_seen_at_eighty_by_twenty_four() {
        let mut choice =
            ScreenState { track: 1, places: "OSC at 127.0.0.1:5005".to_owned(), ..ScreenState::default() };
        insta::assert_snapshot!(drawn(&scene(6), &mut choice, [80, 24]));
    }

    #[test]
    fn the_chosen_track_is_always_seen() {
        let scene = scene(60);
        let mut choice = ScreenState::default();
        for track in (0..60).chain((0..60).rev()) {
            choice.track = track;
            let seen = drawn(&scene, &mut choice, [80, 24]);
            assert!(seen.contains(&format!(" > track{track}")), "{track}\n{seen}");
        }
        choice.track = 1_000;
        assert!(drawn(&scene, &mut choice, [80, 24]).contains(" > track59"));
    }

    #[test]
    fn every_track_is_seen_for_which_there_is_room() {
        let seen = |text: &str| (0..60).filter(|track| text.contains(&format!(" track{track} "))).count();
        let scene = Scene { put: Vec::new(), ..scene(6) };
        let mut choice = ScreenState { track: 5, ..ScreenState::default() };
        // Two rows above, a rule, two below.
        for (height, tracks) in [(6, 1), (8, 3), (10, 5), (11, 6), (24, 6), (7, 2), (9, 4), (30, 6)] {
            let text = drawn(&scene, &mut choice, [60, height]);
            assert_eq!(seen(&text), tracks, "{height}\n{text}");
        }
    }

    #[test]
    fn an_error_has_its_line_and_its_text() {
        let text = "song bars=1\ninstrument a {\n    sow osc\n    route osc -> out\n}\ntrack a \"X...\"\n";
        let mut sources = Sources::default();
        let id = sources.add(SourceText::new("/home/somebody/music/a-long-folder/song.kdl", text));
        let checked = check_with(&mut sources, id, &mut Nowhere);
        let unplayable =
            Arc::new(Unplayable { sources, diagnostics: checked.diagnostics, used: UsedFiles::default() });
        let scene = Scene { unplayable: Some(unplayable), ..scene(6) };
        for size in [[60, 24], [60, 16], [60, 12], [80, 24]] {
            let text = drawn(&scene, &mut ScreenState::default(), size);
            assert!(text.contains("song.kdl:3:5") || text.contains(":3:5"), "{size:?}\n{text}");
            assert!(text.contains("sow osc"), "{size:?}\n{text}");
        }
    }

    #[test]
    fn any_size_will_do() {
        let empty = Scene::default();
        for width in [1, 2, 5, 9, 20, 33, 40, 80, 300] {
            for height in [1, 2, 3, 4, 5, 7, 10, 24, 100] {
                for scene in [&empty, &scene(3), &scene(40)] {
                    let text = drawn(scene, &mut ScreenState::default(), [width, height]);
                    // The last row says what can be done, as far as it fits.
                    let last = text.split('\n').nth(height as usize - 1).unwrap_or_default();
                    let help: String = HELP.chars().take(width as usize - 1).collect();
                    assert!(last.starts_with(help.trim_end()), "{width} {height}\n{text}");
                }
            }
        }
    }
}
