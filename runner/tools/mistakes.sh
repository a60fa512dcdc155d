#!/bin/bash
# Puts the table of mistakes, which build/bench/mistakes prints, between the two marks of fixtures/README.md: make mistakes
set -eu
page=fixtures/README.md
table=$(mktemp)
trap 'rm -f "$table" "$page.new"' EXIT
"$1/bench/mistakes" "$1" >"$table"
awk -v table="$table" '
    /^<!-- mistakes: end -->$/ { while ((getline line < table) > 0) print line; print ""; skip = 0 }
    !skip { print }
    /^<!-- mistakes: begin -->$/ { skip = 1 }' "$page" >"$page.new"
mv "$page.new" "$page"
