#!/bin/sh
# A real RTSP server for the tests of live cameras, from the distribution; nothing to do
# where it is there.
set -eu
if /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null \
  && command -v gst-inspect-1.0 >/dev/null 2>&1 \
  && gst-inspect-1.0 --exists h264parse && gst-inspect-1.0 --exists rtph264pay; then
  exit 0
fi
as_root=
if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
$as_root apt-get install -y -q --no-install-recommends python3-gi gstreamer1.0-tools \
  gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
  gstreamer1.0-plugins-bad
