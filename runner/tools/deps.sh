#!/bin/sh
# Finds what a fresh machine lacks, says what will be installed, and installs it.
#
# usage: deps.sh [--present] SET...     SET is a column of the table below: grade, check, lint, ...
#   DEPS=no, or no rights to install: prints the one line to type instead. --present only looks.
#   Status 0: everything is there. 3: something is missing and was not installed.
set -u

# How to find it, its name, the Debian package, and who needs it.
needs() {
    cat <<'END'
compiler  CC           gcc               grade
headers   stdlib.h     libc6-dev         grade
tool      make         make              grade
tool      pkg-config   pkg-config        grade
tool      msgfmt       gettext           grade
module    yaml-0.1     libyaml-dev       grade
module    jansson      libjansson-dev    grade
module    libseccomp   libseccomp-dev    grade
module    libdw        libdw-dev         grade
module    smartcols    libsmartcols-dev  grade
module    libpcre2-8   libpcre2-dev      grade
module    libxml-2.0   libxml2-dev       grade
module    check        check             check
tool      c++          g++               check
tool      strace       strace            check
tool      python3      python3           check
python    jsonschema   python3-jsonschema check
python    yaml         python3-yaml      check
tool      xmllint      libxml2-utils     check
tool      prove        perl              check
tool      cmark-gfm    cmark-gfm         check
tool      zip          zip               check
tool      unzip        unzip             check
tool      clang-tidy   clang-tidy        lint
tool      clang-format clang-format      lint
tool      cppcheck     cppcheck          lint
tool      valgrind     valgrind          valgrind
tool      strace       strace            bench
tool      bwrap        bubblewrap        bench
END
}

cc=${CC:-cc}
pkg_config=${PKG_CONFIG:-pkg-config}

has() { # KIND NAME
    case $1 in
    compiler) command -v ${cc%% *} >/dev/null 2>&1 ;;
    headers) echo "#include <$2>" | $cc -E - >/dev/null 2>&1 ;;
    tool) command -v "$2" >/dev/null 2>&1 ;;
    module) $pkg_config --exists "$2" >/dev/null 2>&1 ;;
    # Debian's own may stand behind another python3.
    python) python3 -c "import $2" >/dev/null 2>&1 || /usr/bin/python3 -c "import $2" >/dev/null 2>&1 ;;
    esac
}

find_missing() { # SET... -> lines "KIND NAME PACKAGE"
    needs | while read -r kind name package set; do
        case " $* " in *" $set "*) ;; *) continue ;; esac
        [ "$kind" = compiler ] && name=$cc && [ "${cc##*clang*}" = "" ] && package=clang
        has "$kind" "$name" || echo "$kind $name $package"
    done
}

packages_of() { # lines "KIND NAME PACKAGE" -> the packages, each once
    echo "$1" | awk '!seen[$3]++ { printf "%s%s", (n++ ? " " : ""), $3 }'
}

# Prints the prefix that gives the rights ("" for root); fails if there is none.
find_rights() {
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo >/dev/null 2>&1 || return 1
    if sudo -n true 2>/dev/null || [ -t 0 ]; then
        echo sudo
    else
        return 1
    fi
}

print_line() { # PACKAGES
    install="apt-get update && apt-get install -y --no-install-recommends $1"
    echo "Type this line, then make again:"
    if [ "$(id -u)" -eq 0 ]; then
        echo "  $install"
    elif command -v sudo >/dev/null 2>&1; then
        echo "  sudo sh -c '$install'"
    else
        echo "  su - -c '$install'"
    fi
}

install_packages() { # RIGHTS PACKAGES
    # The variable is set behind sudo, which would not let it through.
    set -- "$1 env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3" "$2"
    log=$(mktemp) || return 1
    $1 update >"$log" && $1 install -y --no-install-recommends $2 >>"$log"
    status=$?
    [ $status -eq 0 ] || tail -n 20 "$log"
    rm -f "$log"
    return $status
}

only_look=no
[ "${1:-}" = --present ] && only_look=yes && shift
[ $# -gt 0 ] || { echo "usage: deps.sh [--present] SET..." >&2; exit 2; }

# What the program needs, everything that is built needs.
missing=$(find_missing grade "$@")
[ -n "$missing" ] || exit 0
packages=$(packages_of "$missing")

exec >&2
echo "Missing on this machine:"
echo "$missing" | awk '{ printf "  %-9s %-14s package %s\n", $1, $2, $3 }'

if ! command -v apt-get >/dev/null 2>&1; then
    echo "There is no apt-get here. Install these packages, or what they are called on this system:"
    echo "  $packages"
    exit 3
fi
if [ "${DEPS:-yes}" = no ] || [ "$only_look" = yes ] || ! rights=$(find_rights); then
    [ "${rights+set}" = set ] && echo "Nothing was installed: you are not root, and sudo is not there or not for you."
    print_line "$packages"
    exit 3
fi

echo "Will be installed${rights:+ with $rights}: $packages"
echo "This takes a minute or two ..."
if ! install_packages "$rights" "$packages" </dev/null; then
    echo "The installation failed (see above)."
    print_line "$packages"
    exit 3
fi
missing=$(find_missing grade "$@")
[ -z "$missing" ] && exit 0
echo "Installed, and still not found:"
echo "$missing" | awk '{ printf "  %-9s %-14s package %s\n", $1, $2, $3 }'
exit 3
