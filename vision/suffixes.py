"""How the names of footage end; what a file is, its first bytes tell."""

from __future__ import annotations

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".avi", ".ts", ".mts", ".m2ts", ".3gp", ".webm"}
)
PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
FOOTAGE_SUFFIXES = VIDEO_SUFFIXES | PHOTO_SUFFIXES
