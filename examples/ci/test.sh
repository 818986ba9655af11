#!/bin/sh
# The same for any other machine: 0 if all songs sound as they should, 1 if one doesn't, 2 if one could not be tested.
# Where chronus isn't on the path it is built out of the checkout that $CHRONUS names, by default this folder.
set -eu
if ! command -v chronus >/dev/null 2>&1; then
    cargo install --path "${CHRONUS:-.}" --locked || exit 2
    PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
fi
chronus check songs/*.kdl
chronus test songs --report report.html
