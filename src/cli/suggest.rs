//! Which word was meant on the command line.

/// A hint behind "there is no …": the word of `known` that `word` is most likely a slip of, else what lists them all.
pub(super) fn hint<'a>(word: &str, known: impl Iterator<Item = &'a str>, lists: &str) -> String {
    let near = known.map(|known| (strsim::osa_distance(word, known), known)).min_by_key(|(far, _)| *far);
    match near {
        Some((far, near)) if far <= word.chars().count() / 2 => format!("; did you mean `{near}`?"),
        _ => format!("; `{lists}` lists them"),
    }
}
