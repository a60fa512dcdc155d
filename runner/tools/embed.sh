#!/bin/bash
# Turns files into C: NAME.EXT becomes `const char html_NAME[]`, and `html_NAME_hash[]` is what a Content-Security-Policy names
# it by (CSP 3, "hash-source").
#
# usage: embed.sh FILE... >OUT.c
set -eu -o pipefail
for file; do
    name=$(basename "${file%.*}")
    echo "extern const char html_${name}[], html_${name}_hash[];"
    echo "const char html_${name}[] ="
    sed -e 's/[\\"]/\\&/g' -e 's/.*/    "&\\n"/' "$file"
    echo "    ;"
    hash=$(sha256sum <"$file" | cut -d ' ' -f 1 | tr a-f A-F | basenc --base16 -d | base64 -w 0)
    echo "const char html_${name}_hash[] = \"sha256-$hash\";"
done
