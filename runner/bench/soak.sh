#!/bin/bash
# Plays the whole suite N times beside busy loops, in pieces: make soak [N=1000] [K=10] [SECONDS=600] [LOOPS=2]
#
# usage: soak.sh BUILD [N [K [SECONDS [LOOPS]]]]
#   N rounds of all cases with the reference, K rounds of all rows of the matrix; stops after SECONDS (0: at the end) or at Ctrl-C,
#   and goes on when it is called again. What was reached counts only for the same programs, cases and number of busy loops.
set -eu
build=$1
rounds=${2:-1000}
variants=${3:-10}
seconds=${4:-0}
loops=${5:-2}

# Whatever a verdict hangs on: the grader (soak holds all of it), the agent, the cases, the programs' sources.
version=$({
    cat "$build/bench/soak" "$build/ipcgrade-agent" fixtures/matrix.tsv
    find cases fixtures/reference fixtures/broken fixtures/unusual -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
} | sha256sum | cut -c1-12)
state=$build/soak/$version-beside-$loops
mkdir -p "$state"

started=
# shellcheck disable=SC2064,SC2086  # a list of numbers
trap 'kill $started 2>/dev/null || :' EXIT
trap : INT TERM # soak hears Ctrl-C itself

me=$$
for _ in $(seq "$loops"); do
    # It looks now and then whether we are still there, should nobody end it.
    ( trap - INT TERM EXIT
      while kill -0 "$me" 2>/dev/null; do for ((i = 0; i < 200000; i++)); do :; done; done ) &
    started="$started $!"
done

echo "beside $loops busy loops on $(nproc) cores; load average $(cut -d' ' -f1-3 /proc/loadavg)"
status=0
"$build/bench/soak" "$build" "$state" "$rounds" "$variants" "$seconds" || status=$?
exit $status
