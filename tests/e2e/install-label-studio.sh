#!/bin/sh
# A real Label Studio for the tests of reviews, from PyPI, in an environment of its own
# (about 1 GB, it needs other versions than we do); nothing to do where it is there.
set -eu
cd "$(dirname "$0")/../.."
version=1.23.2
if [ -e ".venv-studio/.ready-$version" ]; then
  exit 0
fi
"${PYTHON:-python3}" -m venv .venv-studio
.venv-studio/bin/python -m pip --disable-pip-version-check install --quiet \
  "label-studio==$version"
touch ".venv-studio/.ready-$version"
