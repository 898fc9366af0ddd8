#!/bin/sh
# Install what the lock $2 names with the interpreter $1, quietly; where it fails, say what to do.
# Every file must have the hash that the lock holds. uv does it where it is there, else pip.
set -eu

# uv reads none of pip's own variables.
with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    if [ -n "${PIP_FIND_LINKS:-}" ]; then
        UV_FIND_LINKS=${UV_FIND_LINKS:-$(echo "$PIP_FIND_LINKS" | tr -s ' ' ',')} && export UV_FIND_LINKS
    fi
    if [ -n "${PIP_INDEX_URL:-}" ]; then
        UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$PIP_INDEX_URL} && export UV_DEFAULT_INDEX
    fi
    uv pip install --quiet --python "$1" ${PIP_NO_INDEX:+--no-index} --require-hashes -r "$2" && return
    echo "uv could not install them; the reason stands above. Now pip tries." >&2
    return 1
}

with_pip() {
    # uv makes virtual environments without it.
    [ -e "$(dirname "$1")/pip" ] || "$1" -m ensurepip >/dev/null || return 1
    "$1" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
}

echo "Installing what $2 names (once; half a minute or so)."
if ! with_uv "$1" "$2" && ! with_pip "$1" "$2"; then
    echo "The packages in $2 could not be installed; the reason stands above." >&2
    echo "Without a network: fill a folder with pip download -r $2 where there is one, then type" >&2
    echo "the same again with PIP_NO_INDEX=1 PIP_FIND_LINKS=/that/folder before it." >&2
    exit 1
fi
