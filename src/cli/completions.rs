//! `chronus completions`: what a shell needs to complete command lines.

use clap::{Args, ValueEnum};
use clap_complete::{Generator, Shell, generate};

use crate::cli::output::{FINE, text};

/// Print what a shell needs to complete chronus command lines.
///
/// For bash: `chronus completions bash > ~/.local/share/bash-completion/completions/chronus`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(&self, command: &mut clap::Command) -> u8 {
        let shell = match self.shell {
            Known::Bash => Shell::Bash,
            Known::Zsh => Shell::Zsh,
            Known::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generated(shell, command, &mut script);
        let script = with_addresses(self.shell, &String::from_utf8_lossy(&script));
        text(&script);
        FINE
    }
}

fn generated(shell: impl Generator, command: &mut clap::Command, script: &mut Vec<u8>) {
    let name = command.get_name().to_owned();
    generate(shell, command, name, script);
}

/// The script, completing addresses as well: those of the engine that plays at that moment, if one does.
fn with_addresses(shell: Known, script: &str) -> String {
    match shell {
        Known::Bash => {
            let script = script.replace("COMPREPLY=($(compgen -f \"${cur}\"))", "_chronus_files \"${cur}\"");
            format!("{BASH_FILES}{script}{BASH}")
        }
        Known::Fish => format!("{script}{FISH}"),
        Known::Zsh => {
            let (head, rest) = script.split_once("\n_chronus() {").unwrap_or((script, ""));
            let ours = |line: &str| line.contains("':address -- ") || line.contains("'::pattern -- ");
            let lines = rest.lines().map(|line| {
                let line = if ours(line) {
                    line.replace(":_default", ":_chronus_addresses")
                } else {
                    line.to_owned()
                };
                line + "\n"
            });
            format!("{head}{ZSH}\n_chronus() {{{}", lines.collect::<String>())
        }
    }
}

// What a shell completes is data: names of files and what a port has answered are compared and quoted, and never expanded,
// split or evaluated. `compgen -W` expands its words, so it gets none of them.

const BASH_FILES: &str = r#"# Files for an option, quoted as words of a command line.
_chronus_files() {
    local found quote=yes
    compopt -o filenames 2>/dev/null && quote=
    COMPREPLY=()
    while IFS= read -r found; do
        [[ $quote ]] && printf -v found %q "$found"
        COMPREPLY+=("$found")
    done < <(compgen -f -- "$1")
}

"#;

const BASH: &str = r#"
_chronus_with_addresses() {
    local cur="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" to=() found
    _chronus "$@"
    case " ${COMP_WORDS[*]:0:COMP_CWORD} " in
        *" osc "*"send "* | *" osc "*"list "* | *" osc "*"watch "*)
            if [[ ( -z $cur || $cur == /* ) && $before != /* ]]; then
                [[ $COMP_LINE =~ --to[=\ ]+([^ ]+) ]] && to=(--to "${BASH_REMATCH[1]}")
                COMPREPLY=()
                while IFS= read -r found; do
                    [[ $found == "$cur"* ]] || continue
                    printf -v found %q "$found"
                    COMPREPLY+=("$found")
                done < <(chronus osc list --format=addresses --timeout=0.15 "${to[@]}" 2>/dev/null)
            fi
            ;;
    esac
}
complete -F _chronus_with_addresses -o bashdefault -o default chronus
"#;

const ZSH: &str = r#"
_chronus_addresses() {
    local -a found to match
    [[ $BUFFER =~ '--to[= ]+([^ ]+)' ]] && to=(--to "$match[1]")
    found=(${(f)"$(chronus osc list --format=addresses --timeout=0.15 "${to[@]}" 2>/dev/null)"})
    compadd -a found
}
"#;

const FISH: &str = r#"
function __fish_chronus_addresses
    set -l to (string match -gr -- '--to[= ]+(\S+)' (commandline -cp))
    chronus osc list --format=addresses --timeout=0.15 (test -n "$to"; and printf '%s\n' --to $to) 2>/dev/null
end
complete -c chronus -n "__fish_chronus_using_subcommand osc; and __fish_seen_subcommand_from send list watch" -f -a "(__fish_chronus_addresses)"
"#;
