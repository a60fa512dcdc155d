#!/bin/bash
# Sourced. run COMMAND...: sets `status` to the command's, and `is_cut` to yes when a signal came; SIGTERM, SIGINT and SIGHUP to this shell are
# handed on at once, so that the grader can end what it has started. (A shell that waits in the foreground hears them only afterwards.)
child=
is_cut=
trap 'is_cut=yes; [ -z "$child" ] || kill -TERM "$child"' TERM INT HUP

run() {
    "$@" </dev/null &
    child=$!
    wait "$child"
    status=$?
    while [ "$status" -gt 128 ] && [ -n "$(jobs -pr)" ]; do
        wait "$child"
        status=$?
    done
    child=
}
