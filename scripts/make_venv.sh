#!/bin/sh
# Make a virtual environment in $1 with the best Python there is, or say what is missing.
set -eu
venv=$1

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
# Old interpreters end up here too, so this must be a program that Python 2 can read.
supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }
complete() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

found="" incomplete=""
for python in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3 python /usr/bin/python3}; do
    command -v "$python" >/dev/null 2>&1 || continue
    has=$(version "$python") || continue # for instance a shim of pyenv without its version
    found="$found $python=$has"
    supported "$python" || continue
    if ! complete "$python"; then
        incomplete="$python"
        continue
    fi
    echo "Making $venv with Python $has ($(command -v "$python"))."
    rm -rf "$venv"
    exec "$python" -m venv "$venv"
done

if [ -n "$incomplete" ]; then
    echo "$incomplete cannot make a virtual environment: its ensurepip module is missing." >&2
    echo "On Debian and Ubuntu: apt install python3-venv. Then type the same command again." >&2
elif [ -n "$found" ]; then
    echo "Offprint needs Python 3.11, 3.12, 3.13 or 3.14, and found only:$found." >&2
    echo "Install one of them, or name it: make run PYTHON=/path/to/python3.12" >&2
else
    echo "Offprint needs Python 3.11, 3.12, 3.13 or 3.14, and found no Python at all." >&2
    echo "Install one of them, or name it: make run PYTHON=/path/to/python3.12" >&2
fi
exit 1
