//! The rows of the screen: each a line of text with its styles.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::cli::screen::scene::{Scene, SceneTrack};
use crate::diagnostic::quote::printable;
use crate::io::stats::{Priority, StreamStats};
use crate::live::octave_bands::shown;
use crate::live::step_grid::StepMark;
use crate::live::view::OverrideView;

/// Eighths of a cell from the left, and from below.
const ACROSS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const UP: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Cells of an instrument's meter.
const METER: usize = 8;
/// Cells of a track's name, at the most.
const NAME: usize = 14;

pub(super) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

pub(super) fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// `text` in as many cells as `width`: cut, or filled up with blanks.
pub(super) fn fit(text: &str, width: usize) -> String {
    let shown: Vec<char> = printable(text).chars().collect();
    if shown.len() <= width {
        let mut line: String = shown.into_iter().collect();
        line.extend(std::iter::repeat_n(' ', width - line.chars().count()));
        return line;
    }
    let mut line: String = shown[..width.saturating_sub(1)].iter().collect();
    if width > 0 {
        line.push('…');
    }
    line
}

/// A bar of `width` cells that is full at 1.
fn across(share: f32, width: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * width as f32 * 8.0).round() as usize;
    (0..width).map(|cell| ACROSS[eighths.saturating_sub(cell * 8).min(8)]).collect()
}

/// Green, yellow from -6 dB on, red from 0 dB on.
fn loud(level: f32) -> Style {
    Style::new().fg(match level {
        level if level >= 1.0 => Color::Red,
        level if level >= 0.5 => Color::Yellow,
        _ => Color::Green,
    })
}

/// The song, where it is, and how fast.
pub(super) fn heading(scene: &Scene, width: usize) -> Line<'static> {
    let state = match (scene.over, scene.playing) {
        (true, _) => "over",
        (_, true) => "playing",
        (_, false) => "stopped",
    };
    let section =
        if scene.section.is_empty() { String::new() } else { format!("{}  ", printable(&scene.section)) };
    let bars = if scene.bars > 0 { format!(" of {}", scene.bars) } else { String::new() };
    let place =
        format!("{state}  {section}bar {}{bars}, beat {}  {:.1} bpm ", scene.bar, scene.beat, scene.tempo);
    let title = if scene.title.is_empty() { "untitled" } else { &scene.title };
    let room = width.saturating_sub(place.chars().count() + 2);
    Line::from(vec![Span::styled(format!(" {} ", fit(title, room)), bold()), Span::raw(place)])
}

/// How loud all that is heard is, and its bands.
pub(super) fn levels(scene: &Scene, width: usize) -> Line<'static> {
    let peak = scene.peak[0].max(scene.peak[1]);
    let bands: String = scene.bands.iter().map(|band| UP[(shown(*band) * 8.0).round() as usize]).collect();
    let number =
        if peak > 1e-3 { format!("{:6.1} dB", 20.0 * libm::log10f(peak)) } else { "     -   ".to_owned() };
    let tail = format!(" {number}  {bands} ");
    let room = width.saturating_sub(tail.chars().count() + 5);
    let (left, right) = (room / 2, room - room / 2 - room.min(1));
    Line::from(vec![
        Span::styled(" out ", dim()),
        Span::styled(across(shown(scene.peak[0]), left), loud(scene.peak[0])),
        Span::raw(if room > 0 { " " } else { "" }),
        Span::styled(across(shown(scene.peak[1]), right), loud(scene.peak[1])),
        Span::raw(tail),
    ])
}

/// A rule with a word on it, and with another at its end if there is room.
pub(super) fn rule(word: &str, end: &str, width: usize) -> Line<'static> {
    let word = fit(word, word.chars().count().min(width.saturating_sub(4)));
    let rest = width.saturating_sub(word.chars().count() + 4);
    let end = if end.is_empty() { String::new() } else { format!(" {} ──", printable(end)) };
    let end = if end.chars().count() < rest { end } else { String::new() };
    let line = "─".repeat(rest - end.chars().count());
    Line::styled(format!("── {word} {line}{end}"), dim())
}

/// A track: its name, whether it is heard, its steps, how loud its instrument is.
pub(super) fn track(track: &SceneTrack, chosen: bool, width: usize) -> Line<'static> {
    let name = if track.id == track.instrument {
        track.id.clone()
    } else {
        format!("{} ({})", track.id, track.instrument)
    };
    let style = if track.heard { Style::new() } else { dim() };
    let mut spans = vec![
        Span::raw(if chosen { " > " } else { "   " }),
        Span::styled(fit(&name, NAME.min(width.saturating_sub(6))), style),
        Span::styled(if track.muted { " M" } else { "  " }, Style::new().fg(Color::Red)),
        Span::styled(if track.solo { "S " } else { "  " }, Style::new().fg(Color::Yellow)),
    ];
    let used = 3 + NAME + 4;
    let meter = if width >= used + METER + 8 { METER + 2 } else { 0 };
    let room = width.saturating_sub(used + meter);
    let mut taken = 0;
    if let Some(bar) = &track.bar {
        // Blanks between groups of four, where there is room for them.
        let spaced = bar.marks.len() + bar.marks.len().saturating_sub(1) / 4 <= room;
        for (place, mark) in bar.marks.iter().enumerate() {
            if spaced && place > 0 && place % 4 == 0 {
                spans.push(Span::raw(" "));
                taken += 1;
            }
            if taken == room {
                break;
            }
            let mut style = if track.heard { step(*mark) } else { dim() };
            if bar.now == Some(place) {
                style = style.add_modifier(Modifier::REVERSED);
            }
            spans.push(Span::styled(mark.sign().to_string(), style));
            taken += 1;
        }
    }
    if meter > 0 {
        spans.push(Span::raw(" ".repeat(room - taken + 1)));
        spans.push(Span::styled(across(shown(track.level), METER), loud(track.level)));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

fn step(mark: StepMark) -> Style {
    match mark {
        StepMark::Rest => dim(),
        StepMark::Hold => Style::new(),
        StepMark::Hit(velocity) if velocity > 0.9 => bold().fg(Color::Cyan),
        StepMark::Hit(_) => Style::new().fg(Color::Cyan),
    }
}

/// A control that was moved: the path that was used, its own if that is another, where in its range it stands, its value.
pub(super) fn knob(put: &OverrideView, width: usize) -> Line<'static> {
    let (least, most) = put.range;
    let share = if most > least {
        // Over decades as the ear has it.
        if least > 0.0 && most / least >= 20.0 {
            libm::log(put.value / least) / libm::log(most / least)
        } else {
            (put.value - least) / (most - least)
        }
    } else {
        0.0
    };
    let value = format!(" {:>10} ", put.spoken);
    let path =
        (width.saturating_sub(value.chars().count()) / 2).min(if put.others.is_empty() { 30 } else { 44 });
    let room = width.saturating_sub(path + value.chars().count() + 4);
    // Cut where there is no room for both.
    let name = fit(&put.path, put.path.chars().count().min(path));
    let own = put.others.first().map(|own| format!(" = {own}")).unwrap_or_default();
    let own = fit(&own, path - name.chars().count());
    let at = (share.clamp(0.0, 1.0) * room.saturating_sub(1) as f64).round() as usize;
    let line: String = (0..room).map(|cell| if cell == at { '●' } else { '─' }).collect();
    Line::from(vec![
        Span::raw("   "),
        Span::raw(name),
        Span::styled(own, dim()),
        Span::raw(" "),
        Span::styled(line, Style::new().fg(Color::Cyan)),
        Span::raw(value),
    ])
}

/// How the engine does.
pub(super) fn stats(scene: &Scene, width: usize) -> Line<'static> {
    let device = scene.stats.map(|stats| {
        let StreamStats { load, load_peak, xruns, latency_ms, priority, .. } = stats;
        let (load, most) = (load * 100.0, load_peak * 100.0);
        let priority = if priority == Priority::Refused { ", no real time" } else { "" };
        format!("load {load:.0} % (most {most:.0})  xruns {xruns}  latency {latency_ms:.1} ms{priority}  ")
    });
    let dropped = if scene.dropped > 0 { format!("  dropped {}", scene.dropped) } else { String::new() };
    let (heard, refused, late) = (scene.messages, scene.refused, scene.late);
    let text =
        format!(" {}heard {heard}  refused {refused}  late {late}{dropped}", device.unwrap_or_default());
    let bad = scene.stats.is_some_and(|stats| stats.xruns > 0 || stats.load > 0.8);
    Line::styled(fit(&text, width), if bad { Style::new().fg(Color::Red) } else { dim() })
}
