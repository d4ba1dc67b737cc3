"""How much teaches the layout, in full and in the tiny form."""

from __future__ import annotations

from training.layout.fit import LayoutSettings

MODEL_ID = "layout@1"
LONG_SIDE_PX = 640
"""Default longer side of the input."""
FULL = LayoutSettings(minutes=40.0)
TINY = LayoutSettings(minutes=3.0, steps=12, batch=6, size_px=(160, 128))
