#!/bin/bash
# Looks at the sources without running them. Each check is run, whatever the others said.
#
# usage: lint.sh [CHECK...]     (make lint sets CC and FLAGS, the flags that the compiler gets)
set -u
read -r -a flags <<<"${FLAGS:-}"
cc=${CC:-cc}
jobs=$(nproc)

mapfile -t sources < <(find runner -name '*.c' | LC_ALL=C sort)
mapfile -t headers < <(find runner -name '*.h' | LC_ALL=C sort)
mapfile -t program_sources < <(printf '%s\n' "${sources[@]}" | grep -v '_test\.c$')
mapfile -t scripts < <(find runner .ci -type f \( -name '*.sh' -o -name run \) | LC_ALL=C sort)

lint_format() {
    local file status=0
    for file in "${sources[@]}" "${headers[@]}"; do
        clang-format --dry-run -Werror "$file" 2>/dev/null || { echo "$file: not in the house format" && status=1; }
    done
    [ $status -eq 0 ] || echo "make format mends this"
    return $status
}

lint_lengths() {
    runner/tools/lengths.sh "${program_sources[@]}"
}

lint_headers() { # each compiles alone, twice
    local header status=0
    for header in "${headers[@]}"; do
        printf '#include "%s"\n#include "%s"\n' "${header#runner/}" "${header#runner/}" |
            "$cc" "${flags[@]}" -fsyntax-only -x c - || { echo "$header: does not compile alone" && status=1; }
    done
    return $status
}

lint_rooms() { # no room includes from a room above it (DESIGN: rooms, ground floor first)
    awk '
    BEGIN {
        split("base:0 calls:1 result:1 cases:2 trace:2 sandbox:2 inspect:2 judge:3 report:3 store:3 commands:4", pairs, " ")
        for (i in pairs) { split(pairs[i], pair, ":"); floor[pair[1]] = pair[2] }
    }
    /^#include "/ {
        split($2, to, /["\/]/); split(FILENAME, from, "/")
        if (to[2] in floor && from[2] in floor && to[2] != from[2] && floor[to[2]] >= floor[from[2]]) {
            print FILENAME ":" FNR ": " from[2] "/ may not name " to[2] "/"; bad = 1
        }
    }
    END { exit bad }' "${program_sources[@]}" "${headers[@]}"
}

lint_sleeps() { # nothing in the runner waits for time to pass
    ! grep -nE '\b(sleep|usleep|nanosleep|clock_nanosleep|sched_yield)[[:space:]]*\(' "${program_sources[@]}"
}

lint_paths() { # nothing names the machine that it was written on, or leaves work behind
    ! git grep -nIE '/(work|root|home/[a-z]+|tmp/bash_jobs)/|\b(TODO|FIXME|XXX)\b' -- . ':!runner/tools/lint.sh'
}

lint_tidy() { # one file at a time: with several, clang-tidy 14 takes each va_list for uninitialised
    printf '%s\0' "${sources[@]}" |
        xargs -0 -P "$jobs" -I '{}' clang-tidy --quiet '{}' -- "${flags[@]}" 2>/dev/null
}

lint_cppcheck() {
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=runner/tools/cppcheck.txt -j "$jobs" -I runner "${sources[@]}"
}

lint_scripts() {
    local script
    for script in "${scripts[@]}"; do
        "$(head -n 1 "$script" | sed 's|.*/||')" -n "$script" || return 1
    done
}

checks=("$@")
[ $# -gt 0 ] || checks=(format lengths headers rooms sleeps paths scripts cppcheck tidy)
failed=()
for check in "${checks[@]}"; do
    echo "== $check"
    "lint_$check" || failed+=("$check")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
echo "lint: clean"
