#!/bin/bash
# Lengths of functions and files against the house limits: functions none over 60 lines, median at most 15,
# 90th percentile at most 40; files at most 400 lines.
#
# usage: lengths.sh FILE.c...
set -u
status=0
tools=$(dirname "$0")

complain() {
    echo "$*"
    status=1
}

lengths=$(awk -f "$tools/lengths.awk" "$@" | sort -n)
count=$(grep -c . <<<"$lengths")
[ "$count" -gt 0 ] || exit 0
at_percent() { # PERCENT -> the length that so many of the functions do not exceed
    sed -n "$(((count * $1 + 99) / 100))p" <<<"$lengths" | cut -d' ' -f1
}
median=$(at_percent 50)
p90=$(at_percent 90)
echo "functions: $count, median $median lines, 90th percentile $p90, longest $(tail -n 1 <<<"$lengths")"

[ "$median" -le 15 ] || complain "the median is over 15 lines"
[ "$p90" -le 40 ] || complain "the 90th percentile is over 40 lines"
while read -r length where; do
    [ "$length" -le 60 ] || complain "$where: function of $length lines (limit 60)"
done <<<"$lengths"
for file in "$@"; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || complain "$file: $lines lines (limit 400)"
done
exit $status
