#!/bin/sh
# A real PostgreSQL for the tests of the store, from the distribution; nothing to do where
# it is there. No cluster is made: the tests make their own.
set -eu
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  exit 0
fi
as_root=
if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
$as_root apt-get install -y -q --no-install-recommends postgresql
