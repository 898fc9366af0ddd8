#!/bin/sh
# Install what the file $2 names with the interpreter $1, quietly; where it fails, say what to do.
set -eu
echo "Installing what $2 names (once; half a minute or so)."
if ! "$1" -m pip install --quiet --disable-pip-version-check --prefer-binary -r "$2"; then
    echo "The packages in $2 could not be installed; the reason stands above." >&2
    echo "Without a network: PIP_FIND_LINKS=/folder/with/wheels make run" >&2
    exit 1
fi
