#!/bin/sh
# Walks "A student's walk" of README.md with an installed ipcgrade, and compares what is printed with what is written there, byte for byte; where an ordinary user may have no namespaces, but for the number of the first process.
#
# usage: student_walk.sh TOP STAGE      in an empty folder. TOP: this checkout; STAGE: what `make install DESTDIR=STAGE` has made.
#   Status 0: it is as written; 1: the difference is printed (< README.md, > seen).
set -eu
top=$1
stage=$(cd "$2" && pwd)
program=$(find "$stage" -path '*/bin/ipcgrade')
handout=$(find "$stage" -type d -path '*/share/ipcgrade/student')
export HOME="$PWD" PATH="${program%/*}:/usr/bin:/bin" LANG=C.UTF-8 LANGUAGE=en COLUMNS=80
unset LC_ALL LC_CTYPE MAKEFLAGS MAKELEVEL CASES IPCGRADE IPCGRADE_CASES

# The two blocks of that section, each a file. Within a block, empty lines are part of it.
awk '/^## / { on = $0 == "## A student'\''s walk"; inside = 0 }
     !on { next }
     /^    / { if (!inside) block++; else while (empty-- > 0) print "" >"written" block
               inside = 1; empty = 0; print substr($0, 5) >"written" block; next }
     /^$/ { empty++; next }
     { inside = 0; empty = 0 }' "$top/README.md"

git init -q handout
cp -r "$handout/." handout
(cd handout && git add -A && git -c user.name=I -c user.email=i@localhost commit -qm Handout)

# What make itself says of a check that fails goes to standard error, and is not told.
sed -n 's/^\$ //p' written1 >commands
while IFS= read -r line; do
    echo "\$ $line"
    eval "$line" 2>>said || true
done <commands >seen1

# The program is saved behind the first report, and behind the second one.
cp "$top/fixtures/reference/pipe_hello.c" .
mkfifo ../box
sed -n 1p ../written2 >../seen2
make watch ONLY=pipe_hello >../box 2>>../said &
reports=0
while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in *'cases passed') reports=$((reports + 1)) ;; *) continue ;; esac
    case $reports in
    1) sed -i '/^\t\tclose(ends\[1\]);/d' pipe_hello.c ;;
    2) sed -i 's/^\t\tprint_all/\t\tclose(ends[1]);\n&/' pipe_hello.c ;;
    3) break ;;
    esac
done <../box >>../seen2
kill $! # make hands it on
wait $! || true

cd ..
# README.md shows a sandbox with numbers of its own. Where an ordinary user has none they are the machine's, and counted from the first one.
count_from_first() {
    awk '{ rest = $0; line = ""
           while (match(rest, /(pid |waitpid\(|child )[0-9]+/)) {
               word = substr(rest, RSTART, RLENGTH); number = word; sub(/.*[^0-9]/, "", number)
               if (first == "") first = number
               line = line substr(rest, 1, RSTART - 1) substr(word, 1, length(word) - length(number)) number - first
               rest = substr(rest, RSTART + RLENGTH) }
           print line rest }' "$1" >"$1.counted" && mv "$1.counted" "$1"
}
for text in written1 seen1 written2 seen2; do
    [ "$(id -u)" -eq 0 ] || unshare --user --pid --fork true 2>/dev/null || count_from_first "$text"
done
diff written1 seen1 && diff written2 seen2 || { cat said && exit 1; }
