#!/bin/bash
# Grades SUBMISSION with the cases beside this file, as root where that is possible: then the student's programs run as another user.
#
# usage: grade.sh SUBMISSION FOLDER FORMAT...     the report in each FORMAT of `ipcgrade grade` becomes FOLDER/FORMAT
# Ends with 0 for full marks, 1 when points were lost. Anything else: nothing counts. 2: the cases are wrong. 3: the grader or the machine broke, twice.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
submission=$(cd "$1" && pwd -P) || exit 3
folder=$(cd "$2" && pwd -P) || exit 3
shift 2
. "$here/run.sh"

# Where there are no namespaces, modes are what keeps a student's program out: of the cases, and of the repository that holds them.
chmod go= "$here" "$submission" "$folder" || exit 3

# The cases lie in the repository of the student? They are no part of the submission.
case $here/ in
"$submission"/*)
    mkdir "$folder/submission" &&
        tar -C "$submission" --exclude=./.git --exclude="./${here#"$submission"/}" -cf - . |
        tar -C "$folder/submission" -xf - || exit 3
    submission=$folder/submission
    ;;
esac
cd "$submission" || exit 3

root=()
[ "$(id -u)" -eq 0 ] || ! sudo -n true 2>/dev/null || root=(sudo -n)
mapfile -t options <"$here/options"
for format; do
    options+=(--format "$format:$folder/$format")
done

formats=("$@")
grade() {
    local file
    for file in "${formats[@]}"; do
        rm -f "$folder/$file"
    done
    run "${root[@]}" "$here/built/bin/ipcgrade" grade --cases "$here/course/cases" "${options[@]}" .
}

grade
if [ "$status" -gt 2 ] && [ -z "$is_cut" ]; then
    echo "ipcgrade ended with status $status; it is tried once more." >&2
    grade
fi
[ "$status" -le 3 ] || status=3
exit "$status"
