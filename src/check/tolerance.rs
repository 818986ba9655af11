//! A file that only says how far sounds may be apart: the `test` line of a song by itself.

use crate::check::context::Context;
use crate::check::fields::NodeMeaning;
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::names;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::SourceId;
use crate::model::tolerance::Tolerance;
use crate::syntax::reader::read;
use crate::syntax::vocabulary::NodeScope;

/// Reads `text`, which is `source`. Anything but one `test` line is reported; `None` if anything was.
pub fn tolerance(source: SourceId, text: &str) -> (Option<Tolerance>, Vec<Diagnostic>) {
    let mut bag = Bag::default();
    let nodes = read(source, text, &mut bag);
    let mut cx = Context::new(bag);
    for node in &nodes {
        match cx.meaning(node, NodeScope::Song) {
            Some(NodeMeaning::Form(form)) if form.name == "test" => {}
            Some(_) => {
                let what = format!("{} has no meaning in a file of tolerances", quoted(&node.name.text));
                let help = "write a line such as `test residual=\"-60dB\"`, and nothing else";
                let said = Diagnostic::new(&names::MISPLACED, node.name.span, what);
                cx.report(said.label("not a tolerance").help(help));
            }
            None => {}
        }
    }
    let tolerance = cx.tolerance(&nodes);
    let fine = !cx.bag.has_errors();
    (fine.then_some(tolerance), cx.bag.into_sorted())
}

#[cfg(test)]
mod tests {
    use super::tolerance;
    use crate::diagnostic::span::SourceId;

    #[test]
    fn limits_are_read_in_their_units() {
        let text = "test residual=\"-60dB\" loudness=\"0.5dB\" onsets=\"2ms\"";
        let (read, said) = tolerance(SourceId(0), text);
        let read = read.unwrap();
        assert!(said.is_empty() && read.is_given());
        assert!((read.residual.unwrap() + 60.0).abs() < 1e-9 && (read.loudness.unwrap() - 0.5).abs() < 1e-9);
        assert_eq!((read.onsets, read.length, read.bands), (Some(0.002), None, None));
    }

    #[test]
    fn songs_are_no_tolerances() {
        for text in ["song", "sine a freq=1", "test residual=2", "test volume=\"1dB\"", "test\ntest"] {
            let (read, said) = tolerance(SourceId(0), text);
            assert!(read.is_none() && said.len() == 1, "{text}: {said:?}");
        }
    }
}
