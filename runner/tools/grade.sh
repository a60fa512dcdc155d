#!/bin/sh
# Runs `ipcgrade grade` and says in words what its exit status means, since make shows only a number.
#
# usage: grade.sh PROGRAM SUBMISSION [ARG...]
program=$1
submission=$2
shift 2

# Not every shell opens the ~ in `make grade SUBMISSION=~/kim`.
case $submission in "~/"*) submission=$HOME/${submission#??} ;; esac

"$program" grade "$@" -- "$submission"
status=$?
case $status in
0) ;;
1) echo "ipcgrade: exit status 1: points were lost" >&2 ;;
2) echo "ipcgrade: exit status 2: wrong usage or a wrong case" >&2 ;;
3) echo "ipcgrade: exit status 3: the grader or the machine broke; no fault of the submission" >&2 ;;
*) echo "ipcgrade: exit status $status" >&2 ;;
esac
exit $status
