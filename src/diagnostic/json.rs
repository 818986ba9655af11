//! How a diagnostic looks to a program.

use serde_json::{Value, json};

use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::Sources;

/// `diagnostic` as one JSON object on one line.
///
/// `line`, `column`, `end_line` and `end_column` count from 1, columns in characters; `offset` and `length` are bytes.
/// They are null where the diagnostic is about the file as a whole. `used_in` are the lines that brought the file in, the
/// nearest first; the song itself has none. `fix` are edits that do what `help` says, in bytes from the start of their file.
pub fn object(diagnostic: &Diagnostic, sources: &Sources, file: &str) -> String {
    value(diagnostic, sources, file).to_string()
}

/// The same as a value.
pub fn value(diagnostic: &Diagnostic, sources: &Sources, file: &str) -> Value {
    let mut object = json!({
        "code": diagnostic.code.id,
        "severity": diagnostic.code.severity.word(),
        "message": diagnostic.message,
        "label": (!diagnostic.label.is_empty()).then_some(&diagnostic.label),
        "help": diagnostic.help,
        "fix": fix(diagnostic, sources),
        "file": file,
        "line": Value::Null,
        "column": Value::Null,
        "end_line": Value::Null,
        "end_column": Value::Null,
        "offset": Value::Null,
        "length": Value::Null,
        "used_in": [],
    });
    if let Some((span, source)) = diagnostic.span.and_then(|span| Some((span, sources.get(span.source)?))) {
        let (start, end) = (source.position(span.start as usize), source.position(span.end as usize));
        object["file"] = source.name().into();
        object["line"] = start.line.into();
        object["column"] = start.column.into();
        object["end_line"] = end.line.into();
        object["end_column"] = end.column.into();
        object["offset"] = span.start.into();
        object["length"] = span.len().into();
        let used = sources.chain(span.source).into_iter();
        object["used_in"] =
            used.map(|(file, at)| json!({ "file": file, "line": at.line, "column": at.column })).collect();
    }
    object
}

/// The edits of `diagnostic`.
fn fix(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Value> {
    let edits = diagnostic.fix.iter();
    let known = edits.filter_map(|edit| Some((edit, sources.get(edit.span.source)?.name())));
    known
        .map(|(edit, file)| {
            json!({ "file": file, "start": edit.span.start, "end": edit.span.end, "text": edit.text })
        })
        .collect()
}
