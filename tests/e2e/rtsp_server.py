"""A real RTSP server that plays one H.264 file to each visitor from its beginning.

Run by the Python of the system, which has GStreamer: `rtsp_server.py FILE PORT`. Says
`ready` when it listens.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[2])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f'( filesrc location="{sys.argv[1]}" ! qtdemux ! h264parse config-interval=1 '
    "! rtph264pay name=pay0 pt=96 )"
)
server.get_mount_points().add_factory("/gate", factory)
server.attach(None)
sys.stdout.write("ready\n")
sys.stdout.flush()
GLib.MainLoop().run()
