#!/bin/sh
# GDAL's programs for the tests of /ogc, from the distribution; nothing to do where they
# are there.
set -eu
if command -v ogrinfo >/dev/null 2>&1 && command -v ogr2ogr >/dev/null 2>&1; then
  exit 0
fi
as_root=
if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
$as_root apt-get install -y -q --no-install-recommends gdal-bin
