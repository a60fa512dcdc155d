#!/bin/sh
# Runs a script of this project, or says that this checkout has none.
#
# usage: optional.sh SCRIPT [ARG...]
script=$1
shift
if [ ! -f "$script" ]; then
    echo "$script is not in this checkout: nothing to run" >&2
    exit 1
fi
exec "./$script" "$@"
