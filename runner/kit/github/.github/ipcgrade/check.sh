#!/bin/bash
# The workflow's step "Grade": the report and its annotations in the log, a summary of the job, the page ipcgrade.html, and the points as outputs of the step.
# The points are there only when all was judged (output `judged`): a grader that broke reports nothing to Classroom.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(cd "${GITHUB_WORKSPACE:-$here/../..}" && pwd -P) || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work" 2>/dev/null || sudo -n rm -rf "$work"' EXIT

bash "$here/grade.sh" "$top" "$work" github github-summary classroom html
status=$?
[ ! -e "$work/github" ] || cat "$work/github"
[ ! -e "$work/html" ] || cp "$work/html" "$top/ipcgrade.html"
[ ! -e "$work/github-summary" ] || cat "$work/github-summary" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
case $status in
0 | 1) { cat "$work/classroom" && echo "judged=true"; } >>"${GITHUB_OUTPUT:-/dev/null}" ;;
2) echo "::error title=The cases are wrong::No fault of the submission. No points were given or taken." ;;
*) echo "::error title=The grader broke::No fault of the submission. No points were given or taken: run the job again." ;;
esac
exit "$status"
