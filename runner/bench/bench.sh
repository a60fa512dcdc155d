#!/bin/bash
# Ratios against strace, bubblewrap and bare runs: make bench [ARGS=RUNS]. Figures are for people; no test looks at them.
#
# usage: bench.sh BUILD [RUNS]
#
# What is compared runs in turns, one of each per run, so that a change of the machine's speed meets all of them; ratios are taken within a run. Everything is
# pinned to one core unless a title says otherwise, as a worker of the grader is with its case.
set -eu
build=$1
runs=${2:-7}
case $runs in '' | *[!0-9]* | 0*) echo "usage: bench.sh BUILD [RUNS]" >&2; exit 2 ;; esac

PATH=$PATH:/usr/sbin:/sbin
bench=$build/bench
core=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
pin="taskset -c $core"
calls=$("$bench/traced" -c)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
raw=$work/raw
used=$work/used

ours="tracer, as in a case"
pipe_rounds=5000 # four traced calls each: below the 50,000 reads and writes of a task that the tracer sees in full
getppid_rounds=1000000
cpu_rounds=100000000

# One figure: WRAPPER is what stands before the load, words apart by blanks. Beside it the processor time of all its processes, the tracer included, over the rounds.
measure() { # RUN NAME LOAD ROUNDS PIN WRAPPER
    TIMEFORMAT='%U %S'
    # shellcheck disable=SC2086
    if ! { time $5 $6 "$bench/load" "$3" "$4" >"$work/figure" 2>"$work/said"; } 2>"$work/times"; then
        cat "$work/said" >&2
        echo "bench: $2 failed" >&2
        exit 1
    fi
    printf '%s\t%s\t%s\n' "$1" "$2" "$(cat "$work/figure")" >>"$raw"
    awk -v run="$1" -v name="$2" -v rounds="$4" '{ printf "%s\t%s\t%.3f\n", run, name, ($1 + $2) * 1e9 / rounds }' "$work/times" >>"$used"
}

# A trace that did not come to its findings would be too fast.
findings_have_come() {
    grep -q '^findings: ' "$work/lines" || { echo "bench: a trace has ended without findings" >&2; exit 1; }
}

# A script, from its beginning to its end: what a person waits for.
script() { # RUN NAME WRAPPER SCRIPT
    TIMEFORMAT='%R'
    # shellcheck disable=SC2086
    { time $pin $3 sh -c "$4" >/dev/null 2>"$work/said"; } 2>"$work/times" || { cat "$work/said" >&2; exit 1; }
    printf '%s\t%s\t%s\n' "$1" "$2" "$(awk '{ print $1 * 1e9 }' "$work/times")" >>"$raw"
}

scripts() { # SCRIPT
    : >"$raw"
    for run in $(seq "$runs"); do
        script "$run" "untraced" "" "$1"
        script "$run" "ipcgrade trace, with its findings" "$build/ipcgrade trace --output $work/lines --" "$1"
        findings_have_come
        script "$run" "strace -f --seccomp-bpf, same calls" "strace -f --seccomp-bpf -o /dev/null -e trace=$calls" "$1"
    done
}

# All ways to trace, RUNS times in turns.
compare() { # LOAD ROUNDS PIN
    : >"$raw"
    : >"$used"
    for run in $(seq "$runs"); do
        measure "$run" "untraced" "$1" "$2" "$3" ""
        measure "$run" "tracer, events only" "$1" "$2" "$3" "$bench/traced -b"
        measure "$run" "$ours" "$1" "$2" "$3" "$bench/traced"
        measure "$run" "ipcgrade trace, with its findings" "$1" "$2" "$3" "$build/ipcgrade trace --output $work/lines --"
        findings_have_come
        measure "$run" "ipcgrade trace --quiet" "$1" "$2" "$3" "$build/ipcgrade trace --quiet --output $work/lines --"
        findings_have_come
        measure "$run" "strace -f --seccomp-bpf, same calls" "$1" "$2" "$3" \
            "strace -f --seccomp-bpf -o /dev/null -e trace=$calls"
    done
}

table() { # TITLE BASE OURS UNIT [FILE]
    awk -f runner/bench/rows.awk -v title="$1" -v base="$2" -v ours="$3" -v unit="$4" "${5:-$raw}"
}

load_now() { cut -d' ' -f1-3 /proc/loadavg; }

echo "$(nproc) cores, Linux $(uname -r), $(strace --version | head -n 1), $(bwrap --version)"
echo "load average before: $(load_now) (much above 0: others are at work, and the figures are as noisy as min and max say)"
echo

compare cpu $cpu_rounds "$pin"
table "CPU-bound loop, a round (its untraced row is also the noise of this machine)" untraced "$ours" ns
compare getppid $getppid_rounds "$pin"
table "getppid loop (a call that nobody traces), a call" untraced "$ours" ns
compare pipe $pipe_rounds "$pin"
table "Pipe round trip between two processes" untraced "$ours" us
table "The same, as processor time of all processes together (other load matters less)" untraced "$ours" us "$used"
compare pipe $pipe_rounds ""
table "The same, not pinned" untraced "$ours" us

scripts 'i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i + 1)); done'
table "A shell script that starts 100 programs, all of it" untraced "ipcgrade trace, with its findings" ms
scripts 'i=0; while [ $i -lt 30 ]; do echo hello | tr a-z A-Z | cat; i=$((i + 1)); done'
table "A shell script of 30 pipelines of three, all of it" untraced "ipcgrade trace, with its findings" ms

# Each of its rounds is short, and single starts vary more than the means above.
if bwrap --unshare-user --unshare-net --ro-bind / / /bin/true 2>/dev/null; then
    $pin "$bench/starts" $((runs * 10)) >"$raw"
else
    echo "bubblewrap cannot make a sandbox on this machine: it is left out"
    $pin "$bench/starts" $((runs * 10)) without-bwrap >"$raw"
fi
table "Starting /bin/true (user, mount, pid, IPC, network and UTS namespaces)" "fork and exec" "our sandbox" ms

$pin "$bench/suite" "$build" "$runs"
echo "load average after: $(load_now)"
