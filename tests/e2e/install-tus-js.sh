#!/bin/sh
# A real tus client for the tests of uploads: Node from the distribution, the client by
# npm into a folder that git ignores; nothing to do where they are there.
set -eu
cd "$(dirname "$0")/tus-js"
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  as_root=
  if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -q
  $as_root apt-get install -y -q --no-install-recommends nodejs npm
fi
if [ -d node_modules/tus-js-client ]; then
  exit 0
fi
npm install --no-package-lock --no-audit --no-fund --loglevel=error
