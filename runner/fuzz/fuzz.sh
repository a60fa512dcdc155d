#!/bin/bash
# Feeds broken input to whatever reads or prints what is not ours: make fuzz [ARGS='SECONDS [TARGET...]']
#
# usage: fuzz.sh BUILD [SECONDS [TARGET...]]
#
# With clang each runner/fuzz/X_fuzz.c is built as a libFuzzer target with sanitizers and runs for SECONDS (60); it begins with runner/fuzz/seeds/X and with
# what earlier runs have learnt, and what it finds lies in BUILD/fuzzing/findings. Without clang the seeds are read once.
set -eu
build=$1
seconds=${2:-60}
shift; [ $# -eq 0 ] || shift
known=$(cd runner/fuzz && ls -- *_fuzz.c | sed 's/_fuzz\.c$//')
targets=${*:-$known}

[[ $seconds =~ ^[1-9][0-9]{0,8}$ ]] ||
    { echo "fuzz: '$seconds': how many seconds each target runs is wanted, as in ARGS='60 load'" >&2; exit 2; }
for target in $targets; do
    grep -qxF -e "$target" <<<"$known" || { echo "fuzz: there is no target '$target'; they are: $(xargs <<<"$known")" >&2; exit 2; }
done
work=$build/fuzzing
objects=$work/build

# The loader's seeds are the cases that are there already.
seeds_of() { # TARGET
    mkdir -p "$work/seeds/$1" "$work/corpus/$1" "$work/findings"
    for file in runner/fuzz/seeds/"$1"/* $([ "$1" = load ] && echo fixtures/good-cases/*/*.yaml fixtures/bad-cases/*.yaml) \
        $([ "$1" = assignment ] && echo cases/assignment.yaml); do
        [ ! -f "$file" ] || cp "$file" "$work/seeds/$1/$(sha1sum "$file" | cut -c1-16)"
    done
}

if ! command -v clang >/dev/null; then
    echo "clang is not there: the seeds are read once, nothing is fuzzed"
    for target in $targets; do
        seeds_of "$target"
        "$build/fuzz/${target}_fuzz" "$work/seeds/$target"/*
    done
    exit
fi

# The whole library again, as libFuzzer watches it.
export CC=clang CFLAGS='-g -O1 -fsanitize=fuzzer-no-link' CPPFLAGS=-DWITH_FUZZER
${MAKE:-make} -j"$(nproc)" BUILD="$objects" SANITIZE=address,undefined WERROR=no DEPS=no "$objects/libipcgrade.a" \
    $(printf "$objects/fuzz/%s_fuzz.o " $targets)

export IPCGRADE_VICTIM=$build/fuzz/victim # as any program is built
status=0
for target in $targets; do
    seeds_of "$target"
    # shellcheck disable=SC2046  # a list of words
    clang -g -fsanitize=fuzzer,address,undefined -o "$work/${target}_fuzz" "$objects/fuzz/${target}_fuzz.o" "$objects/libipcgrade.a" \
        $(pkg-config --libs yaml-0.1 jansson libseccomp libdw smartcols libpcre2-8 libxml-2.0) -ldl
    echo "== $target"
    # What libdw leaks of a broken file is not ours, nor is a loop of its own: the grader reads files in a process apart.
    own=-len_control=0 leaks=1 # a recipe of few bytes makes empty results
    [ "$target" = image ] && own='-fork=1 -ignore_timeouts=1' leaks=0
    # shellcheck disable=SC2086  # a list of words
    ASAN_OPTIONS=detect_leaks=$leaks "$work/${target}_fuzz" $own -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$work/findings/$target-" "$work/corpus/$target" "$work/seeds/$target" 2>"$work/$target.log" || {
        # It ends with 70 for a timeout that it was to ignore.
        tail -n 3 "$work/$target.log" | grep -aq 'oom/timeout/crash: 0/[0-9]*/0 ' || status=1
    }
    [ "$target" != image ] || grep -a '^#[0-9]*: cov' "$work/$target.log" | tail -n 1
    grep -a -E '^(==[0-9]+==ERROR|SUMMARY|fuzz: |stat::(number_of_executed_units|average_exec_per_sec))|deadly signal' "$work/$target.log" || :
done
exit $status
