//! The heat strip: parts over bars, coloured by how much they differ.

use std::fmt::Write;

use crate::report::facts::ReportComparison;
use crate::report::html_escape::escaped;
use crate::report::report_grid::ReportGrid;

/// Steps of colour, without that of a bar that is identical.
const STEPS: f32 = 9.0;

/// The step of colour of a severity: 0 only for what is identical.
fn step(severity: f32) -> u32 {
    if severity <= 0.0 { 0 } else { (severity * STEPS).ceil().clamp(1.0, STEPS) as u32 }
}

/// Every so many bars have their names shown.
fn named(bars: usize) -> usize {
    match bars {
        0..=24 => 1,
        25..=96 => 4,
        _ => 8,
    }
}

/// The strip as a table.
pub(crate) fn strip(
    comparison: &ReportComparison,
    grid: &ReportGrid,
    severity: &[Vec<f32>],
    number: usize,
) -> String {
    let mut text = format!(
        "<div class=\"strip\"><table class=\"heat\" data-of=\"{number}\" aria-label=\"Where it differs: parts by bars\">\n<thead>\n"
    );
    if grid.cells.iter().any(|cell| !cell.section.is_empty()) {
        text.push_str("<tr class=\"sections\"><td></td>");
        for run in grid.cells.chunk_by(|one, other| one.section == other.section) {
            let name = escaped(&run[0].section);
            let _ = write!(
                text,
                "<th scope=\"colgroup\" colspan=\"{}\" title=\"{name}\"><span>{name}</span></th>",
                run.len()
            );
        }
        text.push_str("</tr>\n");
    }
    text.push_str("<tr class=\"bars\"><td></td>");
    let every = named(grid.cells.len());
    for (bar, cell) in grid.cells.iter().enumerate() {
        let name = if bar % every == 0 { escaped(&cell.name) } else { String::new() };
        let _ = write!(text, "<th scope=\"col\"><span>{name}</span></th>");
    }
    text.push_str("</tr>\n</thead>\n<tbody>\n");
    for (part, severity) in comparison.parts.iter().zip(severity) {
        let id = escaped(&part.id);
        let _ = write!(text, "<tr><th scope=\"row\" title=\"{id}\"><span>{id}</span></th>");
        for severity in severity {
            let _ = write!(text, "<td class=\"s{}\"></td>", step(*severity));
        }
        text.push_str("</tr>\n");
    }
    if !comparison.identical.is_empty() {
        let count = comparison.identical.len();
        let _ = writeln!(
            text,
            "<tr class=\"same\"><th scope=\"row\"><span>{count} identical</span></th><td colspan=\"{}\" title=\"{names}\"><span>{names}</span></td></tr>",
            grid.cells.len().max(1),
            names = escaped(&comparison.identical.join(", ")),
        );
    }
    text.push_str("</tbody></table></div>\n");
    text
}
