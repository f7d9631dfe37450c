#!/bin/sh
# Make this clone ready: Debian packages where we may, .venv, pinned Python packages.
# Usage: scripts/prepare.sh (run|test|lint|packages). Does nothing, quickly, the second time.
set -eu
cd "$(dirname "$0")/.."
goal="${1:-run}"
venv=.venv
stamp="$venv/.tps-installed"

say() { printf '%s\n' "$*" >&2; }

# --- Debian packages -----------------------------------------------------------------------------

has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$1"; }

has_chromium() {
    [ -x "${TPS_CHROMIUM:-/usr/bin/chromium}" ] || command -v chromium >/dev/null 2>&1
}

missing_packages() {
    [ "$(uname)" = Linux ] || return 0
    has_library libpango-1.0.so.0 || echo libpango-1.0-0
    has_library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
    has_library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
    case "$goal" in test | packages) has_chromium || echo chromium ;; esac
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then sudo=''
    elif sudo -n true 2>/dev/null; then sudo='sudo -n'
    else return 1; fi
    say "Installation des paquets Debian : $*…"
    log="$(mktemp)"
    # The lists of packages may be missing or old: they are fetched when the first try fails.
    if $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null ||
        { $sudo apt-get update -qq >"$log" 2>&1 </dev/null &&
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; }
    then rm -f "$log"; return 0; fi
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

ensure_packages() {
    missing="$(missing_packages | tr '\n' ' ')"
    [ -z "$missing" ] && return 0
    # shellcheck disable=SC2086 -- one word for each package
    install_packages $missing && return 0
    say "Il manque des paquets du système ; installez-les : sudo apt install $missing"
    [ -z "${CI:-}" ]
}

# --- Python --------------------------------------------------------------------------------------

find_python() {
    # First among 3.11 and 3.12: every package has a wheel for them.
    for limit in '(3, 13)' '(4,)'; do
        for name in ${PYTHON:-python3 python3.12 python3.11 python3.13 python3.14 /usr/bin/python3}; do
            test="import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < $limit)"
            if "$name" -c "$test" 2>/dev/null; then
                echo "$name"
                return 0
            fi
        done
    done
    return 1
}

require_python() {
    if ! python="$(find_python)"; then
        if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            install_packages python3-venv && python="$(find_python)" && return 0
            say 'Il manque le module venv de Python ; installez-le : sudo apt install python3-venv'
        else
            say 'TPS demande Python 3.11 ou plus récent ; installez-le, par exemple : sudo apt install python3 python3-venv'
        fi
        exit 1
    fi
}

ensure_venv() {
    wanted="$(cat requirements.txt requirements-dev.txt | cksum)"
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return 0; fi
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        require_python
        say "Création de $venv avec $("$python" --version)…"
        "$python" -m venv --clear "$venv"
    fi
    say 'Installation des paquets Python (une minute ou deux, la première fois)…'
    if ! "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check -r requirements-dev.txt; then
        say 'Les paquets Python n’ont pas pu être installés : voyez le message ci-dessus.'
        exit 1
    fi
    printf '%s' "$wanted" >"$stamp"
}

# A busy port is said before anything is installed or started.
if [ "$goal" = run ]; then
    if [ -x "$venv/bin/python" ]; then checker="$venv/bin/python"; else require_python; checker="$python"; fi
    "$checker" tps/port.py
fi
ensure_packages
[ "$goal" = packages ] || ensure_venv
