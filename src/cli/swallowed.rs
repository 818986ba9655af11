//! Options that took a song for their own value: `--stems song.kdl`.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, Command};

/// How the line should go, where an option before the song took it and then none was left. Where a song isn't `needed`, only what is
/// there was one: what is yet to be written is none. `command` is the whole command line.
pub(super) fn tip(command: &Command, args: &[OsString], needed: bool) -> Option<String> {
    let words: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap_or("…")).collect();
    let command = command.find_subcommand(words.get(1)?)?;
    let option = |word: &str| {
        command.get_arguments().find(|arg| {
            let long = arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
            let short = arg.get_short().is_some_and(|short| word == format!("-{short}"));
            (long || short) && arg.get_action().takes_values()
        })
    };
    // A take is no song, however it ends.
    let named = |name: &str| !name.is_empty() && name.rsplit_once('.').is_none_or(|(_, end)| end != "take");
    let song =
        |word: &str| word.strip_suffix(".kdl").is_some_and(named) && (needed || Path::new(word).is_file());
    let at =
        (2..words.len().saturating_sub(1)).find(|at| option(words[*at]).is_some() && song(words[at + 1]))?;
    let value = option(words[at]).map(placeholder)?;
    let (option, song) = (words[at], words[at + 1]);
    let line = [&["chronus"], &words[1..=at], &[value.as_str(), song], &words[at + 2..]].concat().join(" ");
    Some(format!("`{option}` is followed by a {value}, so it took `{song}`: write `{line}`"))
}

/// What stands for the value of `arg`, such as a folder of its name.
fn placeholder(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    names.first().map_or_else(|| "VALUE".to_owned(), ToString::to_string)
}
