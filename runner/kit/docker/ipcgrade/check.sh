#!/bin/bash
# What the container runs: grades /submission, with further arguments of `ipcgrade grade`, and ends as that does.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
mapfile -t options <"$here/options"
exec "$here/built/bin/ipcgrade" grade --cases "$here/course/cases" "${options[@]}" "$@" "${IPCGRADE_SUBMISSION:-/submission}"
