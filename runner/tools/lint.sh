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
mapfile -t test_sources < <(printf '%s\n' "${sources[@]}" | grep '_test\.c$')
mapfile -t scripts < <(find runner .ci -type f \( -name '*.sh' -o -name run -o -name run_autograder \) | LC_ALL=C sort)

lint_format() {
    local file status=0
    for file in "${sources[@]}" "${headers[@]}"; do
        clang-format --dry-run -Werror "$file" 2>/dev/null || { echo "$file: not in the house format" && status=1; }
    done
    [ $status -eq 0 ] || echo "make format mends this"
    return $status
}

lint_lengths() { # of tests only the files: their functions are begun by macros
    local status=0
    runner/tools/lengths.sh "${program_sources[@]}" || status=1
    wc -l "${test_sources[@]}" "${headers[@]}" |
        awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines (limit 400)"; bad = 1 } END { exit bad }' || status=1
    return $status
}

lint_headers() { # each compiles alone, twice
    local header status=0
    for header in "${headers[@]}"; do
        printf '#include "%s"\n#include "%s"\n' "${header#runner/}" "${header#runner/}" |
            "$cc" "${flags[@]}" -fsyntax-only -x c - || { echo "$header: does not compile alone" && status=1; }
    done
    return $status
}

lint_rooms() { # no room includes from a room that it may not name (the arrows point one way); tests may, and X_test.h with them
    local room_headers
    mapfile -t room_headers < <(printf '%s\n' "${headers[@]}" | grep -v '_test\.h$')
    awk '
    BEGIN {
        may["base"] = ""; may["calls"] = may["result"] = "base"
        may["agent"] = may["cases"] = may["inspect"] = "base calls"
        may["sandbox"] = "base calls"; may["trace"] = "base calls agent probe"; may["probe"] = ""
        may["report"] = "base result"
        may["diagnosis"] = "base calls trace inspect"
        may["rules"] = "base calls trace inspect diagnosis"
        may["judge"] = "base calls agent cases trace sandbox inspect diagnosis rules result"
    }
    /^#include "[a-z]+\// {
        split($2, to, /["\/]/); split(FILENAME, from, "/")
        if (from[2] in may && from[2] != to[2] && index(" " may[from[2]] " ", " " to[2] " ") == 0) {
            print FILENAME ":" FNR ": " from[2] "/ may not name " to[2] "/"; bad = 1
        }
    }
    END { exit bad }' "${program_sources[@]}" "${room_headers[@]}"
}

lint_sleeps() { # nothing in the runner waits for time to pass
    ! grep -nE '\b(sleep|usleep|nanosleep|clock_nanosleep|sched_yield)[[:space:]]*\(' "${program_sources[@]}"
}

lint_paths() { # nothing names the folder or the home that it was written in, lies beside the rooms, or leaves work behind
    local home=${HOME:-/nowhere} top
    top=$(git ls-files | cut -d/ -f1 | grep -v '^\.' | LC_ALL=C sort -u | xargs)
    if [ "$top" != "LICENSE Makefile README.md cases fixtures runner student" ]; then
        echo "on the top level there is: $top"
        return 1
    fi
    ! git grep -nI -e "$PWD" -e "\(^\|[^a-z]\)${home%/}/" -- . &&
        ! git grep -nIE '\b(TO''DO|FIX''ME)\b' -- .
}

# One file at a time: with several, clang-tidy 14 takes each va_list for uninitialised.
run_tidy() { # CHECKS FILE...
    local checks=$1
    shift
    [ $# -gt 0 ] || return 0
    printf '%s\0' "$@" |
        xargs -0 -r -P "$jobs" -I '{}' clang-tidy --quiet --checks="$checks" '{}' -- "${flags[@]}" 2>/dev/null
}

lint_tidy() { # a failing ck_assert leaves the function and the process, which looks like a leak
    local status=0
    run_tidy '' "${program_sources[@]}" || status=1
    run_tidy '-clang-analyzer-unix.Malloc' "${test_sources[@]}" || status=1
    return $status
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
