#!/bin/sh
# The same for any other machine: 0 if all songs sound as they should, 1 if one doesn't, 2 if one could not be tested.
set -eu
chronus check songs/*.kdl
chronus test songs --report report.html
