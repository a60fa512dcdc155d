#!/bin/bash
# Plays the whole suite N times on machines that are busy in several ways, in pieces: make soak [N=10000] [K=100] [SECONDS=0] [LOOPS=2] [MODES=] [PIECE=120]
#
# usage: soak.sh BUILD [N [K [SECONDS [LOOPS [MODES [PIECE]]]]]]
#   N rounds of all cases with the reference, K rounds of all rows of the matrix, shared out to the modes, which are gone round, PIECE seconds each. Stops after SECONDS (0: at the
#   end) or at Ctrl-C, and goes on when it is called again. What was reached counts only for the same programs and cases; the table at the end tells it.
#   LOOPS processes of a mode's load. MODES: some of the modes only (MODES='one disk'), else all.
set -eu
build=$1
rounds=${2:-10000}
variants=${3:-100}
seconds=${4:-0}
loops=${5:-2}
wanted=${6:-}
piece=${7:-120}

# NAME LOWEST VALUE EXAMPLE
need_number() {
    [[ $3 =~ ^(0|[1-9][0-9]{0,8})$ && $3 -ge $2 ]] ||
        { echo "soak: $1=$3: a number from $2 is wanted, as in $1=$4" >&2; exit 2; }
}
need_number N 0 "$rounds" 10000
need_number K 0 "$variants" 100
need_number SECONDS 0 "$seconds" 600
need_number LOOPS 1 "$loops" 2
need_number PIECE 1 "$piece" 120

# name      cores  niceness  load      clock     (cores: so many of the first, which plays and load share; 0: all. niceness of the plays; the load has ours. stepped: bench/preload/stepped.c)
modes='
busy        0      0         cores     told
one         1      0         cores     told
two         2      0         cores     told
low         0      19        cores     told
disk        0      0         disk      told
memory      0      0         memory    told
forks       0      0         forks     told
switches    0      0         switches  told
stepped     0      0         cores     stepped
all-on-one  1      19        all       stepped
'

# Whatever a verdict hangs on: the grader (soak holds all of it), the agent, the probe, the cases, the programs' sources.
version=$({
    cat "$build/bench/soak" "$build/ipcgrade-agent" "$build/ipcgrade-probe.so" fixtures/matrix.tsv
    find cases fixtures/reference fixtures/broken fixtures/unusual -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
} | sha256sum | cut -c1-12)
state=$build/soak/$version
log=$state/log
mkdir -p "$state"
work=$(mktemp -d "$build/soak/work-XXXXXX")

started=
trap 'kill -KILL $started 2>/dev/null || :; rm -rf "$work"' EXIT
trap : INT TERM # soak hears Ctrl-C itself

chosen=$(awk -v wanted="$wanted" 'NF == 5 && (wanted == "" || index(" " wanted " ", " " $1 " "))' <<<"$modes")
for name in $wanted; do
    grep -q "^$name " <<<"$chosen" || { echo "soak: there is no mode '$name'; they are: $(awk 'NF == 5 { print $1 }' <<<"$modes" | xargs)" >&2; exit 2; }
done
count=$(wc -l <<<"$chosen")
cores=$(taskset -cp $$ | sed 's/.*: *//' | tr , '\n' | awk -F- '{ for (core = $1; core <= $NF; core++) print core }') # "0-2,5", one a line
share=$(((rounds + count - 1) / count))
variant_share=$(((variants + count - 1) / count))

first_cores() { # COUNT, 0: all; where there are fewer, those
    if [ "$1" = 0 ]; then echo "$cores"; else head -n "$1" <<<"$cores"; fi | paste -sd,
}

play() { # MODE CORES NICENESS LOAD CLOCK SECONDS; as soak.c
    local pin preload='' status=0
    pin="taskset -c $(first_cores "$2")"
    [ "$5" = told ] || preload=$PWD/$build/bench/preload/stepped.so
    [ "$build" = "${build#/}" ] || preload=${preload#"$PWD/"}
    $pin "$build/bench/burden" "$4" "$loops" "$work" &
    started=$!
    LD_PRELOAD=$preload $pin nice -n "$3" "$build/bench/soak" "$build" "$state" "$1" "$share" "$variant_share" "$6" || status=$?
    kill -0 "$started" 2>/dev/null || { echo "soak: the load of $1 has ended" >&2; status=3; }
    kill -KILL "$started" 2>/dev/null || :
    wait "$started" 2>/dev/null || :
    started=
    return $status
}

tell() {
    awk -F '\t' '
    ($1 == "done" || $1 == "changed") && !seen[$2]++ { order[++count] = $2 }
    $1 == "done" { rounds[$2, $3] = $4 + 0; plays[$2, $3] = $5 }
    $1 == "changed" { changes[$2]++; all++ }
    END {
        printf "%-12s %18s %18s %10s %8s\n", "mode", "suite, rounds", "variants, rounds", "plays", "changed"
        for (i = 1; i <= count; i++) {
            mode = order[i]
            both = plays[mode, "reference"] + plays[mode, "variants"]
            printf "%-12s %18d %18d %10d %8d\n", mode, rounds[mode, "reference"], rounds[mode, "variants"], both, changes[mode]
            suite += rounds[mode, "reference"]; variants += rounds[mode, "variants"]; sum += both
        }
        printf "%-12s %18d %18d %10d %8d\n", "all", suite, variants, sum, all + 0
    }' "$log"
    awk -F '\t' '$1 == "changed"' "$log"
}

echo "$count modes, $loops processes of load each, on $(nproc) cores; load average $(cut -d' ' -f1-3 /proc/loadavg); $state"
end=$((seconds > 0 ? SECONDS + seconds : 0))
worst=0
is_over=
until [ -n "$is_over" ]; do
    is_over=yes
    while read -r mode of niceness load clock; do
        status=0
        left=$piece
        [ "$end" -eq 0 ] || left=$((end - SECONDS < piece ? end - SECONDS : piece))
        [ "$left" -gt 0 ] || { echo "stopped before the end; the same command goes on"; is_over=yes; break; }
        play "$mode" "$of" "$niceness" "$load" "$clock" "$left" </dev/null || status=$?
        case $status in
            0 | 1) ;;              # all rounds are played; 1: a verdict has changed
            4 | 5) is_over= ;;     # its time was over first; 5: a verdict has changed
            6 | 7) is_over=yes; echo "stopped before the end; the same command goes on"; break ;; # it was asked to end
            *) exit "$status" ;;
        esac
        [ $((status & 1)) = 0 ] || worst=1
    done <<<"$chosen"
done
tell
exit $worst
