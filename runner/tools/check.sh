#!/bin/bash
# Runs Check programs one after the other, goes on after failures, and ends with the line
# "N passed, N failed", which counts single checks, not programs.
#
# usage: check.sh [--no-leaks='PROGRAM...'] PROGRAM...
#   UNDER='valgrind ...' puts a command before each program. --no-leaks names programs whose processes
#   are traced: LeakSanitizer refuses to work there.
# The counts come from Check's TAP log, which is written whatever a program prints and says. Check has no word for what could
# not be tried here (only root can, or a tool is not there): it passes, and is told by itself above the last line.
set -u
LC_ALL=C
# Where the programs and the agent lie, absolute, for tests that change their directory.
IPCGRADE_BUILD=$(realpath "${BUILD:-build}")
export LC_ALL IPCGRADE_BUILD

# A safety net for a program that hangs outside of any of its checks (those have Check's own limit). What multiplies
# Check's limits, since everything is slower under a sanitizer or Valgrind, multiplies this one too.
limit_seconds=${LIMIT_SECONDS:-$((2700 * ${CK_TIMEOUT_MULTIPLIER:-1}))}
# The same for a single check that sets no limit of its own. Check would take 4 seconds, which a busy machine passes.
export CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-60}
passed=0
failed=0
bad_programs=
no_leaks=
running=
case ${1:-} in --no-leaks=*) no_leaks=${1#--no-leaks=} && shift ;; esac

# In a process group of its own (timeout sees to that): Check answers SIGTERM by a signal to its whole group, which would
# end this script, and make, with it.
run_program() { # PROGRAM LOG
    local asan=${ASAN_OPTIONS:-}
    case " $no_leaks " in *" $1 "*) asan=$asan:detect_leaks=0 ;; esac
    ASAN_OPTIONS=$asan CK_TAP_LOG_FILE_NAME=$2 timeout --kill-after=10 \
        "$limit_seconds" ${UNDER:-} "$1" </dev/null &
    running=$!
    wait "$running"
}

# A group of its own does not hear the terminal's Ctrl-C.
stop() {
    [ -n "$running" ] && kill -TERM "$running" 2>/dev/null
    exit 130
}

count_checks() { # PROGRAM LOG STATUS
    local good bad
    good=$(grep -c '^ok ' "$2")
    bad=$(grep -c '^not ok ' "$2")
    # A program that failed without saying which check, or never came to its plan, counts as one failure.
    if [ "$bad" -eq 0 ] && { [ "$3" -ne 0 ] || ! grep -q '^1\.\.' "$2"; }; then
        echo "$1: ended with status $3 and no failing check"
        bad=1
    fi
    [ "$3" -eq 124 ] && echo "$1: stopped by the safety limit of $limit_seconds seconds"
    if [ "$bad" -gt 0 ]; then
        bad_programs="$bad_programs ${1##*/}"
        { echo "${1##*/}:"; grep -A12 '^not ok ' "$2"; } >>"$told"
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

# By what was wanted: one want can be that of many checks (test_skipped() in base/run_test.h).
tell_skipped() {
    [ -s "$IPCGRADE_SKIPPED" ] || return
    echo "passed only because they were skipped: $(grep -c . "$IPCGRADE_SKIPPED")"
    sed 's/.* (\(.*\))$/\1/' "$IPCGRADE_SKIPPED" | sort | uniq -c
}

log=$(mktemp)
told=$(mktemp)
IPCGRADE_SKIPPED=$(mktemp)
export IPCGRADE_SKIPPED
trap 'rm -f "$log" "$told" "$IPCGRADE_SKIPPED"' EXIT
trap stop INT TERM HUP
if [ $# -eq 0 ]; then
    echo "no test program matches TESTS"
    failed=1
fi
for program in "$@"; do
    : >"$log"
    run_program "$program" "$log"
    count_checks "$program" "$log" $?
done

# Once more below all else: the end is what a log of a long run is read from.
[ -n "$bad_programs" ] && cut -c 1-600 "$told" && echo "failed:$bad_programs"
tell_skipped
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
