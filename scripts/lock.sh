#!/bin/sh
# Write the locks from pyproject.toml. What is pinned stays, unless the arguments say otherwise:
# --upgrade for everything, --upgrade-package NAME for one.
set -eu
if ! command -v uv >/dev/null 2>&1; then
    echo "The locks are written by uv: python3 -m pip install uv, then type the same again." >&2
    exit 1
fi
export UV_CUSTOM_COMPILE_COMMAND="make lock" # what the locks' first lines name

# --universal: one lock for every Python and system; --fork-strategy fewest: and one release each.
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
compile "$@" pyproject.toml --output-file requirements.txt
# The image serves whatever provider it is told to, so it has every extra; the tests try them too.
compile "$@" pyproject.toml --all-extras --constraints requirements.txt --output-file requirements-image.txt
compile "$@" pyproject.toml --all-extras --group dev --constraints requirements-image.txt \
    --output-file requirements-dev.txt
