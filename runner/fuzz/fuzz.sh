#!/bin/bash
# Feeds broken input to the readers: make fuzz [ARGS=SECONDS]. With clang each runner/fuzz/X_fuzz.c is built as a libFuzzer target
# with sanitizers and runs for SECONDS (60); what it finds lies in BUILD/fuzzing/findings. Without clang only the seeds are read.
#
# usage: fuzz.sh BUILD [SECONDS]
set -eu
build=$1
seconds=${2:-60}
work=$build/fuzzing
seeds=$work/seeds
mkdir -p "$work/corpus" "$work/findings" "$seeds"
for file in fixtures/good-cases/*/*.yaml fixtures/bad-cases/*.yaml; do
    cp "$file" "$seeds/$(sha1sum "$file" | cut -c1-16)"
done

if ! command -v clang >/dev/null; then
    echo "clang is not there: the seeds are read once, nothing is fuzzed"
    "$build/fuzz/load_fuzz" "$seeds"/*
    exit
fi

sources=$(ls runner/base/*.c runner/calls/*.c runner/cases/*.c | grep -v '_test\.c$')
for target in runner/fuzz/*_fuzz.c; do
    name=$(basename "$target" .c)
    # shellcheck disable=SC2046,SC2086  # lists of words
    clang -std=c17 -D_GNU_SOURCE -DWITH_FUZZER -Irunner -g -O1 -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=all -o "$work/$name" "$target" $sources $(pkg-config --cflags --libs yaml-0.1 libpcre2-8)
    "$work/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$work/findings/" "$work/corpus" "$seeds"
done
